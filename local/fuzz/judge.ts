/** Holds what a check decides against what the independent reader says of the rows. */
import type { Item } from '../../lambda/aws/attribute-values.ts';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { exactOf, isSame } from './exact.ts';
import { placeOf, textIn } from './items.ts';
import type { Market, Needs } from './needs.ts';
import { needsOf } from './needs.ts';
import type { DecidedAccount, DecidedSubAccount } from './path.ts';
import { type Verdict, verdictOn } from './reader.ts';
import { isId } from './rules.ts';

const positionOf = ({ assessed }: DecidedSubAccount): string => assessed.position ?? '';

export const levelOf = ({ assessed: { outcome } }: DecidedSubAccount): string =>
  outcome.certainty === 'indeterminate' ? 'indeterminate' : outcome.level;

/** Whatever the rows are: cases stay open, messages can be sent, both screenings agree. */
export function* generalFaults(decided: DecidedAccount): Generator<string> {
  for (const each of decided.subAccounts) {
    yield* each.faults;
    if (levelOf(each) === 'indeterminate') yield* lostCase(each);
    const { outcome } = each.assessed;
    if (decided.isCleared && !(levelOf(each) === 'healthy' && outcome.certainty === 'certain')) {
      yield `the screening cleared an account that is ${levelOf(each)}`;
    }
  }
}

/** "The open case keeps its level, amount, deadline and plan." */
function* lostCase({ before, after, assessed }: DecidedSubAccount): Generator<string> {
  if (!after.isIndeterminate) yield 'an indeterminate account is not said to be so';
  if (JSON.stringify(before.open) !== JSON.stringify(after.open)) {
    yield `the open case of ${assessed.name} changed while it was indeterminate`;
  }
}

/** An account with one row changed, in a sound market. */
export function* accountFaults(of: {
  readonly decided: DecidedAccount;
  readonly items: readonly Item[];
  readonly market: Market;
}): Generator<string> {
  yield* generalFaults(of.decided);
  const bad = of.items.filter((item) => !verdictOn('accounts', item).isReadable);
  const reading = readAccount(of.decided.rows.accountId, of.decided.rows.rows);
  if (bad.length > 0) {
    yield* unreadableFaults(of.decided, bad);
    return;
  }
  if (!reading.ok) {
    yield `a readable row was refused: ${reading.reasons[0]?.detail}`;
    return;
  }
  yield* misreadFaults(of.items, reading);
  yield* unknownFaults(of);
}

function* unreadableFaults(decided: DecidedAccount, bad: readonly Item[]): Generator<string> {
  const places = bad.map((item) => placeOf('accounts', item));
  const verdict = verdictOn('accounts', bad[0] as Item);
  const why = verdict.isReadable ? '' : verdict.why;
  const isSaid = ({ assessed: { outcome } }: DecidedSubAccount) =>
    outcome.reasons.some(({ subject }) => places.some((place) => place.startsWith(subject)));
  const holders = new Set(bad.map(holderOf));
  const known = decided.subAccounts.find(
    (each) => holders.has(positionOf(each)) && levelOf(each) !== 'indeterminate',
  );
  if (decided.isCleared) yield `an unreadable row (${why}) was cleared as healthy`;
  else if (known !== undefined) {
    yield `an unreadable row (${why}) left ${known.assessed.name} ${levelOf(known)}`;
  }
  if (!decided.subAccounts.some(isSaid)) yield `no reason names the unreadable row (${why})`;
}

/** The isolated position that a row names, or the cross book. */
function holderOf(item: Item): string {
  const [kind, ...names] = (textIn(item, 'item') ?? '').split('#');
  const margin = Object.hasOwn(item, 'isolatedMargin') ? item.isolatedMargin : undefined;
  const isIsolated = margin !== undefined && margin.NULL === undefined;
  const isNamed = names.length > 0 && names.length <= 2 && names.every(isId);
  return kind === 'position' && isIsolated && isNamed ? names.join('#') : '';
}

const DECIMALS = [
  'amount',
  'quantity',
  'entryPrice',
  'isolatedMargin',
  'openBuyQuantity',
  'openSellQuantity',
] as const;

/** A row that was left out, or a number that was read as another one. */
function* misreadFaults(
  items: readonly Item[],
  { account }: Extract<ReturnType<typeof readAccount>, { ok: true }>,
): Generator<string> {
  const read = new Map<string, object>([
    ...account.balances.map((each) => [balanceKey(each), each] as const),
    ...account.positions.map((each) => [positionKey(each), each] as const),
  ]);
  for (const item of items) {
    const key = textIn(item, 'item') ?? '';
    if (key === 'profile') continue;
    const row = read.get(key) as Read | undefined;
    if (row === undefined) yield `the row ${key} was left out`;
    else yield* DECIMALS.flatMap((name) => misreadFault(name, { item, row }) ?? []);
  }
}

type Read = Readonly<Record<string, unknown>>;

function misreadFault(
  name: string,
  { item, row }: { readonly item: Item; readonly row: Read },
): string | undefined {
  const text = Object.hasOwn(item, name) ? (item[name]?.N ?? item[name]?.S) : undefined;
  const [written, used] = [exactOf(text ?? ''), row[name]];
  if (written === undefined || used === undefined || isUnreadEntry(name, row)) return undefined;
  const kept = exactOf(textOf(used as never));
  const isKept = kept !== undefined && isSame(kept, written);
  return isKept ? undefined : `${name} was read as ${used}`;
}

const isUnreadEntry = (name: string, row: Readonly<Record<string, unknown>>): boolean =>
  name === 'entryPrice' && exactOf(textOf(row.quantity as never))?.digits === 0n;

const balanceKey = ({ asset, location }: { asset: string; location?: string | undefined }) =>
  location === undefined ? `balance#${asset}` : `balance#${asset}@${location}`;

const positionKey = (of: { instrument: string; label?: string | undefined }) =>
  of.label === undefined ? `position#${of.instrument}` : `position#${of.instrument}#${of.label}`;

/** A sub-account that holds what the market does not have. */
function* unknownFaults(of: {
  readonly decided: DecidedAccount;
  readonly items: readonly Item[];
  readonly market: Market;
}): Generator<string> {
  const needs = needsOf(of.items, of.market);
  for (const each of of.decided.subAccounts) {
    const rows = needs.get(positionOf(each))?.rows ?? new Set<string>();
    const unknown = [...rows].find((place) => !of.market.has(place));
    if (unknown === undefined || levelOf(each) === 'indeterminate') continue;
    yield `${unknown} has no row, and its holder is ${levelOf(each)}`;
  }
}

/** A sub-account that rests on an unreadable market row. */
export function* dependentFaults(of: {
  readonly each: DecidedSubAccount;
  readonly needs: Needs;
  readonly place: string;
  readonly verdict: Verdict;
}): Generator<string> {
  if (of.verdict.isReadable || !of.needs.rows.has(of.place)) return;
  if (levelOf(of.each) === 'indeterminate') return;
  yield `${of.place} is unreadable (${of.verdict.why}), and its holder ${of.each.assessed.name} is ${levelOf(of.each)}`;
}

/**
 * Two outcomes of which one denies the other.
 * @param isBacked what is held counts at any price. "What never had a price never backed anything":
 *   an account may be liquidated that would be healthy with it.
 */
export function contradiction(
  { assessed: { outcome } }: DecidedSubAccount,
  other: DecidedSubAccount,
  { isBacked }: { readonly isBacked: boolean },
): boolean {
  if (outcome.certainty === 'indeterminate') return false;
  const level = levelOf(other);
  if (outcome.level === 'healthy') return ['call', 'liquidation', 'deficit'].includes(level);
  const isOrdered = outcome.level !== 'call' && outcome.certainty === 'certain';
  return isOrdered && isBacked && level === 'healthy';
}
