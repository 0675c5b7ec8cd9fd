/**
 * What an order plan, or a payment, makes of an account's rows. Everything is reduce-only: what is
 * no longer there is not traded, and no position or balance changes its sign. Fills are at the
 * current mark, less or plus fee and slippage.
 */
import type { Message } from '../../lambda/contract/messages.ts';
import {
  type Amount,
  absolute,
  add,
  amount,
  isNegative,
  isPositive,
  NO_AMOUNT,
  negate,
  type Price,
  price,
  type Quantity,
  quantity,
  ratio,
  smaller,
  subtract,
  textOf,
  times,
  unitsOf,
  worth,
} from '../../lambda/margin/decimal.ts';
import type { AccountRow } from '../rows.ts';
import type { Prices } from './feeds.ts';
import { Ledger, quantityOf, type Scope } from './ledger.ts';
import { DEMO_ASSETS, DEMO_INSTRUMENTS, DEMO_LIQUIDITY, type DemoInstrument } from './market.ts';

export type PlanMessage = Extract<Message, { type: 'liquidation.ordered' }>;
type Order = PlanMessage['plan']['orders'][number];

export interface Fill {
  readonly written: readonly AccountRow[];
  readonly removed: readonly AccountRow[];
  /** What was traded. */
  readonly notional: Amount;
  readonly absorbed: Amount;
}

export interface Payment extends Scope {
  readonly amount: string;
}

const COST = add(ratio(DEMO_LIQUIDITY.fee), ratio(DEMO_LIQUIDITY.slippage));

export function pay(rows: readonly AccountRow[], payment: Payment): Fill {
  const ledger = new Ledger(rows, payment);
  ledger.receive(amount(payment.amount));
  return fillOf(ledger, NO_AMOUNT);
}

export function fillPlan(
  { rows, prices }: { readonly rows: readonly AccountRow[]; readonly prices: Prices },
  message: PlanMessage,
): Fill {
  const execution = new Execution(new Ledger(rows, message), prices);
  for (const instrument of message.plan.cancelOpenOrders) execution.cancelOpenOrders(instrument);
  for (const order of message.plan.orders) execution.execute(order);
  return fillOf(execution.ledger, execution.notional);
}

const fillOf = (ledger: Ledger, notional: Amount): Fill => ({
  written: ledger.written(),
  removed: ledger.removed(),
  notional,
  absorbed: ledger.absorbed,
});

class Execution {
  readonly ledger: Ledger;
  notional: Amount = NO_AMOUNT;
  private readonly prices: Prices;

  constructor(ledger: Ledger, prices: Prices) {
    this.ledger = ledger;
    this.prices = prices;
  }

  cancelOpenOrders(instrument: string): void {
    for (const row of this.ledger.positionsIn(instrument)) {
      this.ledger.set({ ...row, openBuyQuantity: '0', openSellQuantity: '0' });
      this.ledger.removeIfEmpty(row.item);
    }
  }

  execute(order: Order): void {
    if (order.kind === 'position') this.close(order);
    else this.trade(order);
  }

  private close(order: Order): void {
    let left = quantity(order.quantity);
    for (const row of this.ledger.positionsIn(order.market)) {
      const closed = reducing({ held: quantityOf(row, 'quantity'), wanted: left, order });
      if (closed === undefined) continue;
      left = subtract(left, absolute(closed));
      this.closePart(row, closed);
    }
  }

  private closePart(row: AccountRow, closed: Quantity): void {
    const { contractSize, markFeed } = DEMO_INSTRUMENTS[row.instrument as DemoInstrument];
    const mark = price(this.prices[markFeed]);
    const units = unitsOf(closed, quantity(contractSize));
    const profit = worth(units, subtract(mark, price(String(row.entryPrice))));
    const left = subtract(quantityOf(row, 'quantity'), closed);
    this.ledger.set({ ...row, quantity: textOf(left) });
    this.ledger.receive(subtract(profit, this.costOf(units, mark)));
    this.ledger.removeIfEmpty(row.item);
  }

  /** Sells collateral, or buys back a loan. */
  private trade(order: Order): void {
    const row = this.ledger.balanceOf(order.market);
    if (row === undefined) return;
    const held = quantityOf(row, 'amount');
    const traded = reducing({ held, wanted: quantity(order.quantity), order });
    if (traded === undefined) return;
    const mark = price(this.prices[DEMO_ASSETS[order.market as keyof typeof DEMO_ASSETS].feed]);
    this.ledger.set({ ...row, amount: textOf(subtract(held, traded)) });
    this.ledger.receive(subtract(worth(traded, mark), this.costOf(traded, mark)));
    this.ledger.removeIfEmpty(row.item);
  }

  private costOf(units: Quantity, mark: Price): Amount {
    const notional = worth(absolute(units), mark);
    this.notional = add(this.notional, notional);
    return times(notional, COST);
  }
}

interface Reduction {
  readonly held: Quantity;
  readonly wanted: Quantity;
  readonly order: Order;
}

/**
 * What of a holding an order closes, with the sign of the holding: selling reduces what is above
 * zero and buying what is below, and neither goes beyond zero. Undefined when that is nothing.
 */
function reducing({ held, wanted, order }: Reduction): Quantity | undefined {
  const isReducing = order.side === 'sell' ? isPositive(held) : isNegative(held);
  if (!isReducing || !isPositive(wanted)) return undefined;
  const closed = smaller(wanted, absolute(held));
  return isPositive(held) ? closed : negate(closed);
}
