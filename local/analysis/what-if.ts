import { type AssessedSubAccount, assessSubAccount } from '../../lambda/accounts/assess-account.ts';
import { type SubAccount, subAccounts } from '../../lambda/margin/book/account.ts';
import { type TradeOrder, traded } from '../../lambda/margin/book/trade.ts';
import { type Price, textOf } from '../../lambda/margin/number/decimal.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { type Assessment, renderSubAccount } from './assess-document.ts';
import { snapshotOf } from './document.ts';
import { type AccountOrder, OrderError } from './orders.ts';
import { acceptanceFor, type TradeAcceptance } from './trade-acceptance.ts';

export interface WhatIf {
  /** One per sub-account that trades, in the order of `after`. */
  readonly before: readonly Assessment[];
  readonly after: readonly Assessment[];
  readonly orders: readonly RenderedOrder[];
  /** One per sub-account that trades, in the same order. */
  readonly acceptance: readonly TradeAcceptance[];
  readonly faults: readonly string[];
}

type RenderedOrder = ReturnType<typeof renderOrder>;

interface Trading {
  readonly before: SubAccount;
  after: SubAccount;
  readonly orders: TradeOrder[];
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
    each.orders.push(order);
    return renderOrder(each.before, order, trade.value.price);
  });
  const assessed = [...trading].map(({ before, after, orders: own }) => {
    const [was, is] = [before, after].map((each) => assessSubAccount(each, snapshot)) as [
      AssessedSubAccount,
      AssessedSubAccount,
    ];
    return { was, is, acceptance: acceptanceFor({ before, orders: own, snapshot, was, is }) };
  });
  return {
    before: assessed.map(({ was }) => renderSubAccount(was, snapshot)),
    after: assessed.map(({ is }) => renderSubAccount(is, snapshot)),
    orders: rendered,
    acceptance: assessed.map(({ acceptance }) => acceptance),
    faults: faults.map(({ detail }) => detail),
  };
}

/** @throws OrderError if the account is not named, or not there */
export function accountFor(
  { accounts }: Pick<Evidence, 'accounts'>,
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
  return subAccounts(read.account).map((before) => ({
    before,
    after: before,
    orders: [],
  }));
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
