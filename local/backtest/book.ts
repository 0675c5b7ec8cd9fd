/**
 * A book over a price history, through the core, with the volatility measured so far in place of
 * its own. Plans are filled at the price L later. Nobody pays a call, so the market causes every
 * cure.
 */

import type { Market } from '../../lambda/margin/market/market.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { PolicyError, readMarket } from '../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../analysis/document.ts';
import { InputError, readJson } from '../cli/input.ts';
import { type BookChecksInput, bookChecks } from './book-checks.ts';
import type { BookShock } from './book-market.ts';
import type { BookResult } from './book-result.ts';
import { BookRun } from './book-run.ts';
import type { Parameters } from './parameters.ts';

export interface Book {
  readonly evidence: Evidence;
  readonly market: Market;
  /** The history prices this one. */
  readonly feed: string;
}

/** @throws InputError naming the file and its fault. */
export async function readBook(path: string, feed: string | undefined): Promise<Book> {
  try {
    return bookOf(readDocument(await readJson(path)), { feed, path });
  } catch (error) {
    if (!(error instanceof DocumentError || error instanceof PolicyError)) throw error;
    throw new InputError(`${path}: ${error.message}`);
  }
}

export function bookOf(
  evidence: Evidence,
  { feed, path }: { readonly feed: string | undefined; readonly path: string },
): Book {
  const { market } = readMarket(evidence.marketRows, evidence.feedClasses);
  const underlyings = new Set(
    [...market.instruments.values()].flatMap((each) => (each.ok ? each.value.underlying : [])),
  );
  const [only] = underlyings;
  const chosen = feed ?? (underlyings.size === 1 ? only : undefined);
  if (chosen === undefined) {
    const names = [...underlyings].join(', ') || 'none';
    throw new InputError(`${path}: name the feed of the prices with --feed, one of: ${names}`);
  }
  if (market.quotes.has(chosen)) return { evidence, market, feed: chosen };
  throw new InputError(`${path}: there is no usable quote of ${chosen} to start from`);
}

export interface RunBookInput extends BookChecksInput {
  readonly book: Book;
  readonly parameters: Parameters;
  readonly charge?: BookShock['charge'];
}

const lawOf = ({ method, quantile }: Parameters): BookShock['law'] => {
  if (method === 'tracked') return 'forecast';
  return method === 'fixed' && quantile === undefined ? 'policy' : 'learnt';
};

export function runBook(
  input: RunBookInput,
  advance: (done: number, where: string) => void = () => {},
): BookResult {
  const { book, run, parameters } = input;
  const { intervalSeconds, executionSeconds } = run;
  const shock = { law: lawOf(parameters), charge: input.charge };
  const books = new BookRun({ book, intervalSeconds, executionSeconds, shock });
  let done = 0;
  for (const check of bookChecks(input)) {
    books.check(check);
    done += 1;
    advance(done, `interval ${intervalSeconds} s`);
  }
  return books.result();
}
