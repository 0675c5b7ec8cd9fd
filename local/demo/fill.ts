/**
 * Executes a plan's orders against account rows and books. Orders are reduce-only: they never
 * change the sign of a holding. Each fills as far as its book allows at its limit price.
 */
import {
  type Amount,
  absolute,
  add,
  approximately,
  isPositive,
  isZero,
  NO_AMOUNT,
  negate,
  type Price,
  price,
  type Quantity,
  quantity,
  ratio,
  subtract,
  textOf,
  times,
  unitsOf,
  worth,
} from '../../lambda/margin/number/decimal.ts';
import type { AccountRow } from '../aws/rows.ts';
import { type Displacement, displacementAt, pushed } from './book/displacement.ts';
import { matchAgainst, unitsWithin } from './book/order-book.ts';
import { type Clearing, madeBy } from './clearing.ts';
import { Ledger, quantityOf, type Scope } from './ledger.ts';
import { DEMO_LIQUIDITY } from './market.ts';
import { noWorse, type Reduction, reducing, wholeLots } from './reduce.ts';
import type { Order, VenueMarket } from './venue-market.ts';

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
  /** USD lost against the exogenous price. */
  readonly costUsd: number;
}

export interface Situation {
  readonly rows: readonly AccountRow[];
  readonly market: VenueMarket;
  readonly displacement: Displacement;
  readonly timeMs: number;
}

export interface Instructions extends Scope {
  readonly cancelOpenOrders: readonly string[];
  readonly orders: readonly Order[];
}

export interface Fill extends Change {
  readonly trades: readonly Trade[];
  readonly displacement: Displacement;
  /** With the remaining quantities. */
  readonly left: readonly Order[];
}

const FEE = ratio(DEMO_LIQUIDITY.fee);

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

interface Take {
  /** Has the sign of the holding. */
  readonly closed: Quantity;
  readonly price: Price;
  readonly isShort: boolean;
}

class Execution {
  readonly ledger: Ledger;
  readonly trades: Trade[] = [];
  displacement: Displacement;
  private readonly situation: Situation;
  private readonly accountId: string;

  constructor(situation: Situation, { accountId, position }: Scope) {
    const { rows, displacement } = situation;
    this.ledger = new Ledger(rows, { accountId, position });
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

  /** @returns the rest if the book was too thin */
  execute(order: Order): Order[] {
    let wanted = quantity(order.quantity);
    for (const row of this.rowsFor(order)) {
      const held = quantityOf(row, heldIn(order));
      const take = this.take({ held, wanted, order });
      if (take === undefined) continue;
      wanted = subtract(wanted, absolute(take.closed));
      if (!isZero(take.closed)) this.book(row, { order, held, take });
      if (take.isShort) return [{ ...order, quantity: textOf(wanted) }];
    }
    return [];
  }

  private rowsFor({ kind, market }: Order): AccountRow[] {
    if (kind === 'position') return this.ledger.positionsIn(market);
    const balance = this.ledger.balanceOf(market);
    return balance === undefined ? [] : [balance];
  }

  /** Moves the book's price. */
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
    const { averagePrice, moved } = matchAgainst(book, { side: order.side, units });
    if (units > 0) this.displacement = pushed(this.displacement, { pool, timeMs, moved });
    const closed = isPositive(held) ? taken : negate(taken);
    return { closed, price: noWorse(averagePrice, order), isShort };
  }

  private book(row: AccountRow, { order, held, take }: Booking): void {
    const { contractSize } = this.situation.market.traded(order);
    const units = unitsOf(take.closed, quantity(contractSize));
    const isPosition = order.kind === 'position';
    this.ledger.set({ ...row, [heldIn(order)]: textOf(subtract(held, take.closed)) });
    const proceeds = worth(units, take.price);
    const cost = isPosition ? worth(units, price(String(row.entryPrice))) : NO_AMOUNT;
    const gained = subtract(proceeds, cost);
    this.ledger.receive(subtract(gained, this.charge(order, { units, price: take.price })));
    this.ledger.clear('makers', negate(proceeds));
    const name = `${isPosition ? 'instrument' : 'asset'}/${order.market}`;
    this.ledger.clearing = madeBy(this.ledger.clearing, name, take.closed);
    this.ledger.removeIfEmpty(row.item);
  }

  /** @returns fee and liquidation fee on the trade's notional */
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

const heldIn = ({ kind }: Order): 'quantity' | 'amount' =>
  kind === 'position' ? 'quantity' : 'amount';

interface Booking {
  readonly order: Order;
  readonly held: Quantity;
  readonly take: Take;
}
