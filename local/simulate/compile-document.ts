import { subAccounts } from '../../lambda/margin/book/account.ts';
import type { Book } from '../../lambda/margin/book/book.ts';
import { buildBook } from '../../lambda/margin/book/build-book.ts';
import type { Curve } from '../../lambda/margin/curve/curve.ts';
import type { Policy } from '../../lambda/margin/market/policy.ts';
import { absolute, approximately } from '../../lambda/margin/number/decimal.ts';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { snapshotOf } from '../analysis/document.ts';
import { type CompiledAccount, compileAccount } from './compile-account.ts';
import type { LineMultipliers } from './compiled-book.ts';
import { type ShockTerms, shockTerms } from './shock-terms.ts';

export interface CompiledDocument {
  readonly factor: string;
  /** Only those that hold the factor. */
  readonly accounts: readonly CompiledAccount[];
  /** All in the document; `indeterminate` gives id and reason of those not assessable. */
  readonly subAccounts: number;
  readonly indeterminate: readonly string[];
  /** Other factors held; their prices stay and need no buffer. */
  readonly still: readonly string[];
  readonly multipliers: LineMultipliers;
  readonly shock: ShockTerms;
}

export class BookError extends Error {
  override readonly name = 'BookError';
}

/**
 * @param wanted feed of the factor; default: the one most held
 * @throws BookError when no account holds the factor, PolicyError when the policy is malformed.
 */
export function compileDocument(evidence: Evidence, wanted?: string): CompiledDocument {
  const { market } = snapshotOf(evidence);
  const policy: Policy = { ...market.policy, latencyBuffer: 'standard', executionSeconds: 0 };
  const { asOf, previousPrices } = evidence;
  const moment = { market: { ...market, policy }, asOf, previousPrices };
  const snapshot = takeSnapshot({ ...moment, gapSeconds: 0 });
  const { books, indeterminate } = booksOf(evidence, snapshot);
  const held = heldByFactor(books);
  const factor = wanted ?? held[0];
  if (factor === undefined)
    throw new BookError('no account holds anything whose value depends on a price');
  if (!held.includes(factor)) {
    throw new BookError(`no account holds ${factor}; the book holds ${held.join(', ')}`);
  }
  return {
    factor,
    accounts: books.flatMap((book) => compileAccount(book, factor) ?? []),
    subAccounts: books.length + indeterminate.length,
    indeterminate,
    still: held.filter((feed) => feed !== factor),
    multipliers: {
      liquidation: approximately(policy.liquidationMultiplier),
      call: approximately(policy.callMultiplier),
      cureMargin: approximately(policy.cureMargin),
    },
    shock: shockTerms(market, factor),
  };
}

function booksOf(evidence: Evidence, snapshot: Snapshot) {
  const books: Book[] = [];
  const indeterminate: string[] = [];
  const refuse = (accountId: string, reasons: readonly { readonly detail: string }[]) =>
    indeterminate.push(`${accountId}: ${reasons[0]?.detail}`);
  for (const { accountId, rows } of evidence.accounts) {
    const read = readAccount(accountId, rows);
    if (!read.ok) {
      refuse(accountId, read.reasons);
      continue;
    }
    for (const subAccount of subAccounts(read.account)) {
      const built = buildBook(subAccount, snapshot);
      if (!built.ok) refuse(accountId, built.reasons);
      else if (built.book.curves.every(isStraight)) books.push(built.book);
      else refuse(accountId, [NOT_STRAIGHT]);
    }
  }
  return { books, indeterminate };
}

const isStraight = ({ nonLinear, weighed }: Curve): boolean =>
  nonLinear === undefined && weighed.length === 0;

const NOT_STRAIGHT = {
  detail:
    'holds options, portfolio margin, or contracts settled in a coin with a weight below 1, which cannot be simulated',
};

/** Feeds, largest exposure first. */
function heldByFactor(books: readonly Book[]): string[] {
  const held = new Map<string, number>();
  for (const { factor, equity } of books.flatMap(({ curves }) => curves)) {
    held.set(factor, (held.get(factor) ?? 0) + approximately(absolute(equity.slope)));
  }
  return [...held].sort(([, left], [, right]) => right - left).map(([feed]) => feed);
}
