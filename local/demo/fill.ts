/**
 * What the orders of a plan make of an account's rows, and of the books that they trade on.
 * Everything is reduce-only: what is no longer there is not traded, and no position or balance
 * changes its sign. An order is filled as far as its book gives at its limit price; what is left of it
 * comes back.
 */
import type { Message } from '../../lambda/contract/messages.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  isBelow,
  isNegative,
  isPositive,
  isZero,
  larger,
  NO_QUANTITY,
  negate,
  type Price,
  price,
  type Quantity,
  quantity,
  ratio,
  ratioOfCount,
  smaller,
  subtract,
  textOf,
  times,
  unitsOf,
  worth,
} from '../../lambda/margin/decimal.ts';
import type { AccountRow } from '../rows.ts';
import { type Displacement, displacementAt, pushed } from './book/displacement.ts';
import { sweep, unitsWithin } from './book/order-book.ts';
import { type Clearing, madeBy } from './clearing.ts';
import { type IsolatedLoss, Ledger, quantityOf, type Scope } from './ledger.ts';
import { DEMO_LIQUIDITY } from './market.ts';

export type PlanMessage = Extract<Message, { type: 'liquidation.ordered' }>;
export type Order = PlanMessage['plan']['orders'][number];

/** What something trades as. */
export interface Traded {
  readonly feed: string;
  /** Whose book it trades on. */
  readonly pool: string;
  readonly contractSize: string;
  readonly lotSize: string;
}

export interface VenueMarket {
  traded(order: Pick<Order, 'kind' | 'market'>): Traded;
  /** Exogenous, USD a unit. */
  priceAt(feed: string, timeMs: number): number;
  /** USD on each side within 1 %. */
  depthAt(pool: string, timeMs: number): number;
}

/** What an account's rows become. */
export interface Change {
  readonly written: readonly AccountRow[];
  readonly removed: readonly AccountRow[];
  readonly clearing: Clearing;
}

export interface Trade {
  readonly timeMs: number;
  readonly accountId: string;
  readonly market: string;
  readonly side: Order['side'];
  readonly quantity: Quantity;
  readonly price: Price;
  readonly notional: Amount;
  /** USD that it brought less, or cost more, than at the exogenous price. */
  readonly costUsd: number;
}

export interface Situation {
  readonly rows: readonly AccountRow[];
  readonly market: VenueMarket;
  readonly displacement: Displacement;
  readonly timeMs: number;
  readonly isolatedLoss?: IsolatedLoss | undefined;
}

/** What is to be done, the first time or again. */
export interface Instructions extends Scope {
  readonly cancelOpenOrders: readonly string[];
  readonly orders: readonly Order[];
}

export interface Fill extends Change {
  readonly trades: readonly Trade[];
  readonly displacement: Displacement;
  /** What the books did not give, with the quantity that is left of each order. */
  readonly left: readonly Order[];
}

const FEE = ratio(DEMO_LIQUIDITY.fee);
const PRICE_PLACES = 6;

export function fillOrders(situation: Situation, instructions: Instructions): Fill {
  const execution = new Execution(situation, instructions);
  for (const each of instructions.cancelOpenOrders) execution.cancelOpenOrders(each);
  const left = instructions.orders.flatMap((order) => execution.execute(order));
  const { ledger, trades, displacement } = execution;
  return { ...changeOf(ledger), trades, displacement, left };
}

export const changeOf = (ledger: Ledger): Change => ({
  written: ledger.written(),
  removed: ledger.removed(),
  clearing: ledger.clearing,
});

/** What of a holding an order may close, and how much of that the book gives. */
interface Take {
  /** With the sign of the holding. */
  readonly closed: Quantity;
  readonly price: Price;
  /** The book gave less than was wanted. */
  readonly isShort: boolean;
}

class Execution {
  readonly ledger: Ledger;
  readonly trades: Trade[] = [];
  displacement: Displacement;
  private readonly situation: Situation;
  private readonly accountId: string;

  constructor(situation: Situation, { accountId, position }: Scope) {
    const { rows, isolatedLoss, displacement } = situation;
    this.ledger = new Ledger(rows, { accountId, position, isolatedLoss });
    this.displacement = displacement;
    this.situation = situation;
    this.accountId = accountId;
  }

  cancelOpenOrders(instrument: string): void {
    for (const row of this.ledger.positionsIn(instrument)) {
      this.ledger.set({ ...row, openBuyQuantity: '0', openSellQuantity: '0' });
      this.ledger.removeIfEmpty(row.item);
    }
  }

  /** @returns what is left of the order, when the book did not give all of it. */
  execute(order: Order): Order[] {
    const isPosition = order.kind === 'position';
    const balance = isPosition ? undefined : this.ledger.balanceOf(order.market);
    const rows = isPosition ? this.ledger.positionsIn(order.market) : balance ? [balance] : [];
    let wanted = quantity(order.quantity);
    for (const row of rows) {
      const held = quantityOf(row, isPosition ? 'quantity' : 'amount');
      const take = this.take({ held, wanted, order });
      if (take === undefined) continue;
      wanted = subtract(wanted, absolute(take.closed));
      if (!isZero(take.closed)) this.book(row, { order, held, take });
      if (take.isShort) return [{ ...order, quantity: textOf(wanted) }];
    }
    return [];
  }

  /** From the book, which it moves. */
  private take({ held, wanted, order }: Reduction): Take | undefined {
    const { market, timeMs } = this.situation;
    const { feed, pool, contractSize, lotSize } = market.traded(order);
    const target = reducing({ held, wanted, order }, lotSize);
    if (target === undefined) return undefined;
    const displaced = displacementAt(this.displacement, { pool, timeMs });
    const mid = market.priceAt(feed, timeMs) * (1 + displaced);
    const book = { mid, depthUsd: market.depthAt(pool, timeMs) };
    const limit = order.limitPrice === undefined ? undefined : Number(order.limitPrice);
    const size = Number(contractSize);
    const most = unitsWithin(book, { side: order.side, limit }) / size;
    const isShort = approximately(target) > most;
    const taken = isShort ? wholeLots(most, lotSize) : target;
    const units = approximately(taken) * size;
    const { averagePrice, moved } = sweep(book, { side: order.side, units });
    if (units > 0) this.displacement = pushed(this.displacement, { pool, timeMs, moved });
    const closed = isPositive(held) ? taken : negate(taken);
    return { closed, price: noWorse(averagePrice, order), isShort };
  }

  private book(row: AccountRow, { order, held, take }: Booking): void {
    const { contractSize } = this.situation.market.traded(order);
    const units = unitsOf(take.closed, quantity(contractSize));
    const isPosition = order.kind === 'position';
    const entry = isPosition ? price(String(row.entryPrice)) : undefined;
    const left = textOf(subtract(held, take.closed));
    this.ledger.set({ ...row, [isPosition ? 'quantity' : 'amount']: left });
    const proceeds = worth(units, take.price);
    const gained = entry === undefined ? proceeds : worth(units, subtract(take.price, entry));
    this.ledger.receive(subtract(gained, this.charge(order, { units, price: take.price })));
    this.ledger.clear('makers', negate(proceeds));
    const name = `${isPosition ? 'instrument' : 'asset'}/${order.market}`;
    this.ledger.clearing = madeBy(this.ledger.clearing, name, take.closed);
    this.ledger.removeIfEmpty(row.item);
  }

  /** Fee and liquidation fee, of the notional. */
  private charge(order: Order, { units, price: at }: { units: Quantity; price: Price }): Amount {
    const { market, timeMs } = this.situation;
    const notional = worth(absolute(units), at);
    const fee = times(notional, FEE);
    const liquidationFee = times(notional, ratio(order.liquidationFee ?? '0'));
    this.ledger.clear('fees', fee);
    this.ledger.clear('fund', liquidationFee);
    const exogenous = market.priceAt(market.traded(order).feed, timeMs);
    const costUsd = approximately(units) * (exogenous - approximately(at));
    const { market: name, side } = order;
    const { accountId } = this;
    this.trades.push({
      ...{ timeMs, accountId, market: name, side, notional, costUsd, price: at },
      quantity: absolute(units),
    });
    return add(fee, liquidationFee);
  }
}

interface Reduction {
  readonly held: Quantity;
  readonly wanted: Quantity;
  readonly order: Order;
}

interface Booking {
  readonly order: Order;
  readonly held: Quantity;
  readonly take: Take;
}

/**
 * What of a holding an order closes: selling reduces what is above zero and buying what is below,
 * neither goes beyond zero, and what leaves something is whole lots. Undefined when that is nothing.
 */
function reducing({ held, wanted, order }: Reduction, lotSize: string): Quantity | undefined {
  const isReducing = order.side === 'sell' ? isPositive(held) : isNegative(held);
  if (!isReducing) return undefined;
  const all = absolute(held);
  const closed = isBelow(wanted, all) ? wholeLots(approximately(wanted), lotSize) : all;
  return isPositive(closed) ? closed : undefined;
}

/** Rounding of a float64 must not cost a lot. */
const LOT_SLACK = 1e-6;

function wholeLots(contracts: number, lotSize: string): Quantity {
  const lots = Math.floor(contracts / Number(lotSize) + LOT_SLACK);
  return lots <= 0 ? NO_QUANTITY : times(quantity(lotSize), ratioOfCount(lots));
}

/** An average of prices within the limit, whatever its last place. */
function noWorse(averagePrice: number, { side, limitPrice }: Order): Price {
  const average = price(averagePrice.toFixed(PRICE_PLACES));
  if (limitPrice === undefined) return average;
  const limit = price(limitPrice);
  return side === 'sell' ? larger(average, limit) : smaller(average, limit);
}
