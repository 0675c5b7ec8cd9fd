/** A sub-account after a plan's orders, filled at the mark or with costs. */

import { type MarginFigures, marginFiguresOf } from '../assess/assess.ts';
import type { Position, SubAccount } from '../book/account.ts';
import type { Book } from '../book/book.ts';
import { buildBook } from '../book/build-book.ts';
import { NOTHING_OPEN, type TradeOrder, traded } from '../book/trade.ts';
import type { Policy } from '../market/policy.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  asRatio,
  isNegative,
  isZero,
  larger,
  NO_AMOUNT,
  NO_QUANTITY,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  ratio,
  smaller,
  subtract,
  times,
  UNIT_PRICE,
  worth,
  worthOf,
} from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Closable } from './closable.ts';

/** Contracts or units. */
export type Closed = ReadonlyMap<Closable, Quantity>;

export interface Tried {
  /** `targetOf` + LB */
  readonly required: Amount;
  /** S = required − B */
  readonly shortfall: Amount;
  /** S + band·MM: below 0 the plan does more than needed. */
  readonly shortOfBand: Amount;
  /** In the numeraire, to buy back loans. */
  readonly cash: Amount;
}

/** Lowest sale price ÷ mark, whatever the impact. */
export const LEAST_SHARE = ratio('0.000001');

/** c + a·√x: cost of trading a notional x, as a fraction. The root is in float64. */
export function costRate({ trading, unitValue }: Closable, quantity: Quantity): Ratio {
  if (isZero(trading.impact)) return trading.unitCost;
  const root = Math.sqrt(approximately(worthOf(quantity, unitValue)));
  return add(trading.unitCost, times(trading.impact, asRatio(root)));
}

export function priceAtCost(closable: Closable, quantity: Quantity): Price {
  const rate = costRate(closable, quantity);
  const share = closable.side === 'buy' ? add(ONE, rate) : larger(subtract(ONE, rate), LEAST_SHARE);
  return times(closable.referencePrice, share);
}

export class Trial {
  private readonly subAccount: SubAccount;
  private readonly snapshot: Snapshot;
  private untouched: Tried | undefined;
  private found: Book | undefined;

  /** Cancels open orders. */
  constructor(subAccount: SubAccount, snapshot: Snapshot) {
    this.subAccount = { ...subAccount, positions: subAccount.positions.map(withoutOrders) };
    this.snapshot = snapshot;
  }

  /** @param at 'mark' leaves out costs. */
  after(closed: Closed, at: 'mark' | 'cost'): Tried {
    if (closed.size > 0) return this.computed(this.filled(closed, at));
    this.untouched ??= this.computed(this.subAccount);
    return this.untouched;
  }

  filled(closed: Closed, at: 'mark' | 'cost'): SubAccount {
    let after = this.subAccount;
    for (const [closable, quantity] of closed) {
      if (isZero(quantity)) continue;
      const price = at === 'mark' ? closable.referencePrice : priceAtCost(closable, quantity);
      for (const order of this.tradesOf(closable, quantity)) {
        const trade = traded(after, { ...order, price }, this.snapshot);
        if (!trade.ok) throw new Error(`${closable.market}: a held quantity cannot be traded`);
        after = trade.value.after;
      }
    }
    return after;
  }

  private computed(after: SubAccount): Tried {
    const { policy } = this.snapshot;
    const book = after === this.subAccount ? this.book : this.bookOf(after);
    const figures = marginFiguresOf(book, policy);
    const { marginBalance, maintenanceRequirement, latencyBuffer } = figures;
    const { liquidationTargetBand: band } = policy;
    const required = add(targetOf(figures, policy), latencyBuffer);
    const shortfall = subtract(required, marginBalance);
    const shortOfBand = add(shortfall, times(maintenanceRequirement, band));
    return { required, shortfall, shortOfBand, cash: cashOf(after, policy.numeraire) };
  }

  get book(): Book {
    this.found ??= this.bookOf(this.subAccount);
    return this.found;
  }

  /** Closing in one risk factor may count for less, or more, in another. */
  get isJoint(): boolean {
    return !isZero(this.snapshot.policy.jointShockWeight) || this.book.crosses.length > 0;
  }

  private bookOf(subAccount: SubAccount): Book {
    const built = buildBook(subAccount, this.snapshot);
    if (built.ok) return built.book;
    throw new Error(`${subAccount.account.accountId}: no plan, as its book cannot be built`);
  }

  private *tradesOf(closable: Closable, quantity: Quantity): Generator<TradeOrder> {
    const { kind, market, side } = closable;
    if (kind !== 'position') {
      yield { kind: 'spot', asset: market, side, quantity };
      return;
    }
    let left = quantity;
    for (const row of this.subAccount.positions) {
      if (row.instrument !== market || !isReducing(row, side)) continue;
      const part = smaller(left, absolute(row.quantity));
      if (isZero(part)) return;
      left = subtract(left, part);
      yield {
        kind: 'instrument',
        instrument: market,
        label: row.label,
        side,
        quantity: part,
        isOpen: false,
      };
    }
  }
}

const withoutOrders = (position: Position): Position => ({ ...position, ...NOTHING_OPEN });

const isReducing = ({ quantity }: Position, side: Closable['side']): boolean =>
  !isZero(quantity) && isNegative(quantity) === (side === 'buy');

function cashOf({ balances }: SubAccount, numeraire: string): Amount {
  const held = balances.find(
    ({ asset, location }) => asset === numeraire && location === undefined,
  );
  return held === undefined ? NO_AMOUNT : worth(held.amount, UNIT_PRICE);
}

/**
 * κ·MM; at least the initial requirement if the policy calls there, or it would be called again.
 */
function targetOf(
  { initialRequirement, maintenanceRequirement }: MarginFigures,
  policy: Policy,
): Amount {
  const target = times(maintenanceRequirement, policy.liquidationTargetMultiplier);
  return policy.callAt === 'initial' ? larger(target, initialRequirement) : target;
}

export const NOTHING_CLOSED: Closed = new Map();

export function closedMore(before: Closed, more: Closed): Closed {
  const closed = new Map(before);
  for (const [closable, quantity] of more) {
    closed.set(closable, add(closed.get(closable) ?? NO_QUANTITY, quantity));
  }
  return closed;
}
