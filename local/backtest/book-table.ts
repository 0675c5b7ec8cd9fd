import { tableOf } from '../cli/table.ts';
import type { BookResult } from './book-result.ts';

const HEAD = [
  'interval s',
  'checks',
  'sub-accounts',
  'calls',
  'false calls',
  'liquidations',
  'by the buffer',
  'shortfalls',
  'mean shortfall',
  'bad debt',
  'bad debt bp of OI',
  'most at shock',
  'found after s',
];

export function bookTable(books: readonly BookResult[]): string {
  const rows = books.map((book) => [
    book.intervalSeconds,
    book.checks,
    book.subjects,
    book.calls,
    book.falseCalls,
    book.liquidations,
    book.liquidatedByBuffer,
    book.shortfalls,
    book.shortfallPerLiquidation.toFixed(2),
    book.badDebt.toFixed(2),
    book.badDebtBasisPoints.toFixed(2),
    book.badDebtAtShock.toFixed(2),
    book.meanLagSeconds.toFixed(0),
  ]);
  return tableOf(HEAD, rows, 0);
}
