import { assessSubAccount } from '../../lambda/accounts/assess-account.ts';
import { type SubAccount, subAccounts } from '../../lambda/margin/book/account.ts';
import { type TradeOrder, traded } from '../../lambda/margin/book/trade.ts';
import { type Price, textOf } from '../../lambda/margin/number/decimal.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { type Assessment, renderSubAccount } from './assess-document.ts';
import { snapshotOf } from './document.ts';
import { type AccountOrder, OrderError } from './orders.ts';

export interface WhatIf {
  /** One per sub-account that trades, in the order of `after`. */
  readonly before: readonly Assessment[];
  readonly after: readonly Assessment[];
  readonly orders: readonly RenderedOrder[];
  readonly faults: readonly string[];
}

type RenderedOrder = ReturnType<typeof renderOrder>;

interface Trading {
  readonly before: SubAccount;
  after: SubAccount;
}

export function whatIf(evidence: Evidence, orders: readonly AccountOrder[]): WhatIf {
  const { snapshot, faults } = snapshotOf(evidence);
  const books = new Map<string, Trading[]>();
  const trading = new Set<Trading>();
  const rendered = orders.map(({ accountId, order }, index) => {
    const place = orders.length === 1 ? 'the order' : `order ${index}`;
    const account = accountFor(evidence, accountId, place);
    const held = books.get(account.accountId) ?? tradingsOf(account, place);
    books.set(account.accountId, held);
    const each = heldFor(held, order);
    trading.add(each);
    const trade = traded(each.after, order, snapshot);
    if (!trade.ok) throw new OrderError(`${place}: ${trade.reason.detail}`);
    each.after = trade.value.after;
    return renderOrder(each.before, order, trade.value.price);
  });
  const assessed = (subAccount: SubAccount) =>
    renderSubAccount(assessSubAccount(subAccount, snapshot), snapshot);
  return {
    before: [...trading].map(({ before }) => assessed(before)),
    after: [...trading].map(({ after }) => assessed(after)),
    orders: rendered,
    faults: faults.map(({ detail }) => detail),
  };
}

function accountFor(
  { accounts }: Evidence,
  accountId: string | undefined,
  place: string,
): AccountRows {
  const [only, ...others] = accounts;
  if (accountId === undefined && others.length > 0) {
    throw new OrderError(
      `${place}: accountId is missing, and the document has ${accounts.length} accounts`,
    );
  }
  const found =
    accountId === undefined ? only : accounts.find((each) => each.accountId === accountId);
  if (found !== undefined) return found;
  throw new OrderError(`${place}: there is no account ${accountId ?? 'in the document'}`);
}

function tradingsOf({ accountId, rows }: AccountRows, place: string): Trading[] {
  const read = readAccount(accountId, rows);
  if (!read.ok)
    throw new OrderError(`${place}: ${read.reasons.map(({ detail }) => detail).join('; ')}`);
  return subAccounts(read.account).map((before) => ({ before, after: before }));
}

function heldFor(held: readonly Trading[], order: TradeOrder): Trading {
  const [cross, ...isolated] = held;
  if (cross === undefined) throw new RangeError('the account has no cross book');
  if (order.kind === 'spot') return cross;
  const { instrument, label } = order;
  const isFor = ({ before }: Trading) =>
    before.positions.some((each) => each.instrument === instrument && each.label === label);
  return isolated.find(isFor) ?? cross;
}

function renderOrder({ account, isolated }: SubAccount, order: TradeOrder, at: Price) {
  const { accountId } = account;
  const { side } = order;
  const market =
    order.kind === 'spot'
      ? { asset: order.asset }
      : { instrument: order.instrument, open: order.isOpen };
  return {
    accountId,
    ...(isolated === undefined ? {} : { position: isolated }),
    ...market,
    side,
    quantity: textOf(order.quantity),
    price: textOf(at),
  };
}
