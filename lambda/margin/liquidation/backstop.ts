/**
 * A backstop takes all positions whole where the margin balance is below a share of maintenance,
 *
 *     B < below·ℓ·MM,
 *
 * at the believed prices, open orders cancelled. It pays the mark, or the bankruptcy price of each
 * position, at which the position uses up its share of the margin balance.
 */
import { marginFiguresOf } from '../assess/assess.ts';
import type { SubAccount } from '../book/account.ts';
import { marketsWithOrders } from '../book/trade.ts';
import type { Backstop } from '../market/backstop.ts';
import {
  isAtLeast,
  isPositive,
  NO_QUANTITY,
  ratio,
  roundDown,
  subtract,
  textOf,
  times,
  worthOf,
} from '../number/decimal.ts';
import { PLAN_ORDERS_MAX } from '../number/limits.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Closable, closablesOf, largestFirst } from './closable.ts';
import type { Deleveraged, Order, Plan } from './order-plan.ts';
import { type Breach, bankruptcyPriceOf, maintenanceByInstrument } from './order-price.ts';
import { Trial } from './trial.ts';

interface Input {
  readonly snapshot: Snapshot;
  readonly rules: Backstop;
  readonly deleveraged?: Deleveraged | undefined;
}

/** Undefined if the margin balance is not so low, or no position can be handed over. */
export function backstopPlan(
  subAccount: SubAccount,
  { snapshot, rules, deleveraged = new Map() }: Input,
): Plan | undefined {
  const { policy } = snapshot;
  const { book } = new Trial(subAccount, snapshot);
  const figures = marginFiguresOf(book, policy);
  const maintenance = times(figures.maintenanceRequirement, policy.liquidationMultiplier);
  if (isAtLeast(figures.marginBalance, times(maintenance, rules.below))) return undefined;
  const isPortfolio = subAccount.account.marginModel === 'portfolio';
  const byInstrument = maintenanceByInstrument(book.positions, isPortfolio);
  const orders = closablesOf(book, { isIsolated: true, policy })
    .flatMap((closable) => leftOf(closable, deleveraged))
    .sort(largestFirst)
    .map((closable) => orderOf(closable, { breach: { ...figures, byInstrument }, rules }));
  if (orders.length === 0) return undefined;
  const isCut = orders.length > PLAN_ORDERS_MAX;
  const plan: Plan = {
    cancelOpenOrders: marketsWithOrders(subAccount),
    orders: orders.slice(0, PLAN_ORDERS_MAX),
    scope: isCut ? 'partial' : 'whole',
    why: isCut ? `${whyOf(rules)}: ${largestOf(orders.length)}` : whyOf(rules),
    carriedOver: [],
  };
  return deleveraged.size === 0 ? plan : { ...plan, deleveraged };
}

function leftOf(closable: Closable, deleveraged: Deleveraged): Closable[] {
  const held = subtract(closable.held, deleveraged.get(closable.market) ?? NO_QUANTITY);
  return isPositive(held) ? [{ ...closable, held }] : [];
}

/** Without costs and fees. */
function orderOf(
  closable: Closable,
  { breach, rules }: { readonly breach: Breach; readonly rules: Backstop },
): Order {
  const { kind, market, side, held, referencePrice, unitValue } = closable;
  const bankruptcyPrice = bankruptcyPriceOf(closable, breach);
  const limitPrice = rules.price === 'bankruptcy' ? bankruptcyPrice : undefined;
  return {
    ...{ kind, market, side, quantity: held, referencePrice },
    notional: worthOf(held, unitValue),
    limitPrice: limitPrice ?? (isPositive(referencePrice) ? referencePrice : undefined),
    bankruptcyPrice,
    taker: 'backstop',
  };
}

const largestOf = (count: number): string =>
  `the largest ${PLAN_ORDERS_MAX} of ${count} positions; the next generation of the plan continues`;

const HUNDRED = ratio('100');
const PERCENT_PLACES = 4;

const whyOf = ({ below, price }: Backstop): string =>
  `the margin balance is below ${textOf(roundDown(times(below, HUNDRED), PERCENT_PLACES))} % of the liquidation line without ` +
  `its buffer: the backstop takes all positions at ${PRICES[price]}`;

const PRICES = { mark: 'the mark', bankruptcy: 'the bankruptcy price' } as const;
