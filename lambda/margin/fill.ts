/** A sub-account after the orders of a plan: filled at the reference prices, and paid for. */
import type { Balance, Position, SubAccount } from './account.ts';
import { assessBook } from './assess.ts';
import type { Book } from './book.ts';
import {
  add,
  contractsOf,
  isNegative,
  NO_QUANTITY,
  type Quantity,
  quantity,
  subtract,
  times,
  UNIT_PRICE,
  worth,
  worthOf,
} from './decimal.ts';
import type { Policy } from './market.ts';
import type { Order } from './plan.ts';

interface Filling {
  readonly book: Book;
  readonly orders: readonly Order[];
  readonly policy: Policy;
}

/**
 * What is left of each position is entered anew at the mark, and the rest of the equity is cash:
 * trading at the mark changes what is held, and equity by its cost alone. An option that is left keeps
 * its value, and a balance that lies elsewhere stays there.
 */
export function filled(subAccount: SubAccount, { book, orders, policy }: Filling): SubAccount {
  const tradedIn = (kind: Order['kind'][], market: string): Quantity =>
    orders.find((order) => kind.includes(order.kind) && order.market === market)?.quantity ??
    NO_QUANTITY;
  let cash = assessBook(book, policy).equity.point;
  const open = book.positions.filter(({ terms }) => terms.kind !== 'settled');
  const positions = open.map(({ terms, quantity: held }): Position => {
    const traded = tradedIn(['position'], terms.instrument);
    cash = subtract(cash, times(worthOf(traded, terms.contractValue), terms.trading.unitCost));
    const left = reduced(held, traded);
    if (terms.kind === 'option') {
      cash = subtract(cash, times(worthOf(left, terms.contractValue), terms.settlement.rate));
    }
    return {
      instrument: terms.instrument,
      quantity: left,
      entryPrice: terms.quoted.price.price,
      openBuyQuantity: NO_QUANTITY,
      openSellQuantity: NO_QUANTITY,
      openOrderCount: 0,
    };
  });
  const balances = book.holdings.map(({ terms, amount, lies }): Balance => {
    const traded = lies === undefined ? tradedIn(['collateral', 'loan'], terms.asset) : NO_QUANTITY;
    const left = reduced(amount, traded);
    const cost = times(worth(traded, terms.price), terms.trading.unitCost);
    cash = subtract(subtract(cash, cost), worth(left, terms.price));
    return { asset: terms.asset, amount: left, ...lies };
  });
  const numeraire: Balance = { asset: policy.numeraire, amount: contractsOf(cash, ONE_UNIT) };
  return { account: subAccount.account, balances: [numeraire, ...balances], positions };
}

const ONE_UNIT = worth(quantity('1'), UNIT_PRICE);

/** Toward zero. */
const reduced = (held: Quantity, traded: Quantity): Quantity =>
  isNegative(held) ? add(held, traded) : subtract(held, traded);
