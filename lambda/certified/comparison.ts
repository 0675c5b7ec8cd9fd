/**
 * A slice of the table at each check, so that the whole table is compared with the book within an
 * hour. It finds what the stream has lost and certificates that promise too much, and it moves
 * certificates to a newer market.
 */
import type { HealthyPart } from '../accounts/proved-accounts.ts';
import type { AccountsTable, Slice } from '../aws/accounts-table.ts';
import { lowCallSurplus } from '../margin/assess/assess.ts';
import { subAccounts } from '../margin/book/account.ts';
import { buildBook } from '../margin/book/build-book.ts';
import { curveAtMark } from '../margin/curve/curve-at-mark.ts';
import { approximately } from '../margin/number/decimal.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { ReferenceMarket } from '../record/reference-market.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import { readAccountParts } from '../rows/read-account.ts';
import type { Canary } from '../rows/scan-options.ts';
import type { CertifiedBook } from './certified-book.ts';
import { digestOf } from './digest.ts';

/** Two sums of the same terms differ by less, as a share. */
const ROUNDING = 1e-9;

export interface Compared {
  /** Unknown accounts, and those whose rows differ from the certified ones. */
  readonly different: readonly string[];
  /** Whose certificate is worth more than the account is. */
  readonly unsound: readonly string[];
}

export interface ComparisonInput {
  readonly book: CertifiedBook;
  readonly accounts: AccountsTable;
  readonly market: ReferenceMarket;
  /** Whether this check reads the account with this number in any case. */
  readonly isRead: (account: number) => boolean;
}

/** The whole table is compared with the book in so long. */
export const CYCLE_SECONDS = 3600;

/** Canaries of earlier checks, which were killed before they could remove them. */
const CANARIES_KEPT_MS = 3_600_000;

export interface DueInput extends ComparisonInput {
  readonly intervalSeconds: number;
  /** Whether another slice may be begun before the function is stopped. */
  readonly hasTime: () => boolean;
}

/**
 * As many slices as intervals have passed since the last one, because another function may have had
 * checks in between, or the book is of a checkpoint. What there is no time for is due at the next
 * check. Whatever is different is read until it is noted.
 */
export async function compareDue(input: DueInput): Promise<Compared> {
  const { book, market, intervalSeconds, hasTime } = input;
  const { asOf } = market.snapshot;
  const of = Math.max(1, Math.ceil(CYCLE_SECONDS / intervalSeconds));
  const since = asOf - (book.comparedAt ?? asOf);
  const intervals = Math.max(1, Math.round(since / 1000 / intervalSeconds));
  const different: string[] = [];
  const unsound: string[] = [];
  const due = Math.min(intervals, of);
  let left = due;
  for (; left > 0 && (left === due || hasTime()); left--) {
    const segment = book.nextSlice % of;
    if (segment === 0) book.open(market);
    const found = await compareSlice({ segment, of }, input).catch((error: unknown) => {
      // The check reports what it found in earlier slices. The next check compares this one.
      if (unsound.length === 0) throw error;
      return undefined;
    });
    if (found === undefined) break;
    different.push(...found.different);
    unsound.push(...found.unsound);
    for (const accountId of found.different) book.unmet.add(accountId);
    if (segment + 1 === of) book.endCycle();
    else book.nextSlice = segment + 1;
  }
  book.comparedAt = asOf - left * intervalSeconds * 1000;
  return { different, unsound };
}

/** Eventually consistent: what differs has to be read again before it means anything. */
async function compareSlice(slice: Slice, input: ComparisonInput): Promise<Compared> {
  const different: string[] = [];
  const unsound: string[] = [];
  const leftovers: Canary[] = [];
  const onCanary = (canary: Canary) => {
    if (Date.parse(canary.name) < input.market.snapshot.asOf - CANARIES_KEPT_MS)
      leftovers.push(canary);
  };
  for await (const accounts of input.accounts.scanSlice(slice, { onCanary })) {
    for (const account of accounts) {
      const found = compared(account, input);
      if (found === 'different') different.push(account.accountId);
      if (found === 'unsound') unsound.push(account.accountId);
    }
  }
  for (const { number, name } of leftovers) await input.accounts.removeCanary(number, name);
  return { different, unsound };
}

function compared(
  { accountId, rows }: AccountRows,
  { book, market: { snapshot }, isRead }: ComparisonInput,
): 'different' | 'unsound' | 'same' {
  const { index } = book;
  const number = index.numberOf(accountId);
  if (number === undefined) return 'different';
  index.of.cycle[number] = book.cycle;
  if (isRead(number)) return 'same';
  if (digestOf(rows) !== index.of.digest[number]) return 'different';
  // The next check reads it again, and its cases.
  if (book.remembered.delete(accountId)) return 'same';
  const parts = partsOf({ accountId, rows }, snapshot);
  if (parts === undefined || !isSound(number, parts, { book, snapshot })) return 'unsound';
  book.renew(number, parts, snapshot);
  return 'same';
}

/** Undefined if one of them has no book now, so that no certificate should hold. */
function partsOf({ accountId, rows }: AccountRows, snapshot: Snapshot): HealthyPart[] | undefined {
  const { account, ofAll, ofPart } = readAccountParts(accountId, rows);
  if (ofAll.length > 0 || ofPart.size > 0) return undefined;
  const parts: HealthyPart[] = [];
  for (const subAccount of subAccounts(account)) {
    const built = buildBook(subAccount, snapshot);
    if (!built.ok) return undefined;
    parts.push({ subAccount, book: built.book });
  }
  return parts;
}

/** The exact figures, beside the certificates' own. */
function isSound(
  number: number,
  parts: readonly HealthyPart[],
  { book, snapshot }: { readonly book: CertifiedBook; readonly snapshot: Snapshot },
): boolean {
  const { bounds = new Float64Array(0) } = book.editionOf(number) ?? {};
  const first = book.index.of.firstLine[number] ?? 0;
  return parts.every((part, place) => {
    // A certificate that was made in this check has no bound yet.
    const bound = bounds[first + place];
    if (bound === undefined) return true;
    const low = lowCallSurplus(part.book, part.book.curves.map(curveAtMark), snapshot.policy);
    if (low === 'unbounded') return false;
    const exact = approximately(low);
    return bound <= exact + ROUNDING * Math.abs(exact);
  });
}
