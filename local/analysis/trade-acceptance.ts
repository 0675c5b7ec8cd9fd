/** Whether the orders of one sub-account would be accepted, and how much of them at most. */
import { type AssessedSubAccount, assessSubAccount } from '../../lambda/accounts/assess-account.ts';
import type { SubAccount } from '../../lambda/margin/book/account.ts';
import { type TradeOrder, traded } from '../../lambda/margin/book/trade.ts';
import { lotOf } from '../../lambda/margin/market/trading.ts';
import {
  approximately,
  isZero,
  multipleDown,
  type Quantity,
  type Ratio,
  ratioBetween,
  ratioOfCount,
  roundDown,
  textOf,
  times,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { acceptanceOfTrade, mostAccepted } from './acceptance.ts';

export interface TradeAcceptance {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly isAccepted: boolean;
  readonly why: string;
  /** The most that would be accepted, in whole lots. */
  readonly most: {
    /** Of all orders alike; rounded down. */
    readonly fraction: string;
    /** One per order, in their order. */
    readonly quantities: readonly string[];
  };
}

interface Traded {
  readonly before: SubAccount;
  readonly orders: readonly TradeOrder[];
  readonly snapshot: Snapshot;
  readonly was: AssessedSubAccount;
  readonly is: AssessedSubAccount;
}

export function acceptanceFor({ before, orders, snapshot, was, is }: Traded): TradeAcceptance {
  const { accountId, position } = was;
  const whole = acceptanceOfTrade(was.outcome, is.outcome);
  const scaled = new ScaledOrders(orders, snapshot);
  const isAccepted = (steps: number): boolean => {
    const after = afterAll(before, scaled.at(steps), snapshot);
    if (after === undefined) return false;
    return acceptanceOfTrade(was.outcome, assessSubAccount(after, snapshot).outcome).isAccepted;
  };
  const quantities = whole.isAccepted
    ? orders.map(({ quantity }) => quantity)
    : scaled.quantitiesAt(mostAccepted(scaled.steps, isAccepted));
  return {
    accountId,
    ...(position === undefined ? {} : { position }),
    ...whole,
    most: {
      fraction: textOf(fractionOf(quantities, orders)),
      quantities: quantities.map(textOf),
    },
  };
}

const FRACTION_PLACES = 6;

/** The largest among the orders: whole lots make the others less. */
function fractionOf(quantities: readonly Quantity[], orders: readonly TradeOrder[]): Ratio {
  const fractions = quantities.map((each, index) => {
    const asked = orders[index]?.quantity ?? each;
    return isZero(asked) ? ZERO : ratioBetween(each, asked);
  });
  const largest = fractions.reduce(
    (one, other) => (approximately(other) > approximately(one) ? other : one),
    ZERO,
  );
  return roundDown(largest, FRACTION_PLACES);
}

function afterAll(
  before: SubAccount,
  orders: readonly TradeOrder[],
  snapshot: Snapshot,
): SubAccount | undefined {
  let after = before;
  for (const order of orders) {
    const trade = traded(after, order, snapshot);
    if (!trade.ok) return undefined;
    after = trade.value.after;
  }
  return after;
}

const MILLION = 1_000_000;
/** Beyond it a count of lots has no exact float64. */
const COUNT_MAX = 2 ** 50;

/** Orders made smaller alike: one order by its lots, several by millionths in whole lots. */
class ScaledOrders {
  private readonly orders: readonly TradeOrder[];
  private readonly lots: readonly Quantity[];
  readonly steps: number;

  constructor(orders: readonly TradeOrder[], { instruments, assets }: Snapshot) {
    this.orders = orders;
    this.lots = orders.map((order) => {
      const terms =
        order.kind === 'spot' ? assets.get(order.asset) : instruments.get(order.instrument);
      return lotOf(terms?.ok ? terms.value.trading : {});
    });
    this.steps = this.countOfLots() ?? MILLION;
  }

  /** Of a single order. */
  private countOfLots(): number | undefined {
    const [order, ...others] = this.orders;
    const [lot] = this.lots;
    if (order === undefined || lot === undefined || others.length > 0) return undefined;
    const count = Math.floor(approximately(ratioBetween(order.quantity, lot)) + 1e-9);
    return count <= COUNT_MAX ? count : undefined;
  }

  quantitiesAt(steps: number): Quantity[] {
    const share =
      this.steps === 0 ? ZERO : ratioBetween(ratioOfCount(steps), ratioOfCount(this.steps));
    return this.orders.map(({ quantity }, index) => {
      const lot = this.lots[index] as Quantity;
      const isCounted = this.orders.length === 1 && this.steps !== MILLION;
      return isCounted
        ? times(lot, ratioOfCount(steps))
        : multipleDown(times(quantity, share), lot);
    });
  }

  at(steps: number): TradeOrder[] {
    const quantities = this.quantitiesAt(steps);
    return this.orders.flatMap((order, index) => {
      const quantity = quantities[index] as Quantity;
      return isZero(quantity) ? [] : [{ ...order, quantity }];
    });
  }
}
