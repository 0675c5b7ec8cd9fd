/** The inverse of reading an assessment document. */

import { textOf } from '../margin/number/decimal.ts';
import { positionItem } from '../rows/item-keys.ts';
import { type AccountRows, keyText, type RawRow } from '../rows/raw-row.ts';
import type { Evidence } from './evidence.ts';
import { writeRemembered } from './recorded-feed.ts';
import { writeMeasured } from './recorded-measured.ts';

export function writeDocument(evidence: Evidence): Record<string, unknown> {
  const { marketRows } = evidence;
  const byId = (kind: string) =>
    Object.fromEntries(
      marketRows.filter((row) => row.kind === kind).map((row) => [keyText(row.id), unkeyed(row)]),
    );
  const [policy] = Object.values(byId('policy'));
  const quotes = marketRows.filter(({ kind }) => kind === 'quote');
  const oddQuotes = quotes.filter((row) => !isPlainQuote(row));
  const previous = [...evidence.previousPrices].map(([feed, at]) => [
    feed,
    at && writeRemembered(at),
  ]);
  const volatilities = [...evidence.volatilities].map(([feed, measured]) => {
    return [feed, measured === null ? null : writeMeasured(measured)];
  });
  return {
    asOf: evidence.asOf,
    gapSeconds: evidence.gapSeconds,
    ...(evidence.outage === undefined ? {} : { outage: evidence.outage }),
    previousPrices: Object.fromEntries(previous),
    volatilities: Object.fromEntries(volatilities),
    feedClasses: Object.fromEntries(evidence.feedClasses),
    policy,
    assets: byId('asset'),
    locations: byId('location'),
    instruments: byId('instrument'),
    risk: byId('risk'),
    quotes: quotes.filter(isPlainQuote).map(({ kind: _kind, id, ...row }) => {
      const [feed, source] = keyText(id).split('#');
      return { feed, source, ...row };
    }),
    ...(oddQuotes.length === 0 ? {} : { marketRows: oddQuotes }),
    accounts: evidence.accounts.map(writeAccount),
    ...(evidence.rowsDiffer ? { rowsDiffer: true } : {}),
    ...writeCapacity(evidence.capacity),
    ...writeDeleveragings(evidence.deleveragings),
  };
}

function writeDeleveragings(deleveragings: Evidence['deleveragings'] = []) {
  if (deleveragings.length === 0) return {};
  return {
    handovers: deleveragings.map(
      ({ price, quantity, amount, counterparties, ...deleveraging }) => ({
        ...deleveraging,
        price: textOf(price),
        quantity: textOf(quantity),
        amount: textOf(amount),
        counterparties: counterparties.map((each) => ({
          ...each,
          quantity: textOf(each.quantity),
          score: textOf(each.score),
        })),
      }),
    ),
  };
}

function writeCapacity(capacity: Evidence['capacity']) {
  if (capacity === undefined || capacity.size === 0) return {};
  return { room: Object.fromEntries([...capacity].map(([key, left]) => [key, textOf(left)])) };
}

/** Other quotes are kept as raw rows. */
const isPlainQuote = (row: RawRow): boolean =>
  keyText(row.id).split('#').length === 2 && !('feed' in row) && !('source' in row);

const unkeyed = ({ kind: _kind, id: _id, ...row }: RawRow): RawRow => row;

/** Keeps an unreadable account's rows unchanged, so that a replay refuses it again. */
export function writeAccount({
  accountId,
  rows,
  isUnreadable = false,
}: AccountRows): Record<string, unknown> {
  const bare = rows.map(({ accountId: _accountId, ...row }) => row);
  if (isUnreadable) return { accountId, rows: bare };
  const ofKind = (kind: string) =>
    bare
      .filter(({ item }) => keyText(item).split('#')[0] === kind)
      .map(({ item, ...row }) => ({ item: keyText(item), row }));
  const [profile] = ofKind('profile');
  return {
    accountId,
    ...(profile === undefined ? {} : { profile: profile.row }),
    balances: ofKind('balance').map(({ row }) => row),
    positions: ofKind('position').map(({ item, row }) => {
      const label = item.slice(positionItem(row, undefined).length + 1);
      return label === '' ? row : { ...row, label };
    }),
  };
}
