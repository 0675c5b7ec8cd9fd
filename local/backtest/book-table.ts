import Table from 'cli-table3';
import type { BookResult } from './book-result.ts';

const HEAD = [
  'interval s',
  'checks',
  'sub-accounts',
  'calls',
  'false calls',
  'liquidations',
  'shortfalls',
  'mean shortfall',
  'bad debt',
  'bad debt bp of OI',
  'found after s',
];

export function bookTable(books: readonly BookResult[]): string {
  const style = { head: [], border: [] };
  const table = new Table({ head: HEAD, colAligns: HEAD.map(() => 'right'), style });
  for (const book of books) {
    table.push([
      book.intervalSeconds,
      book.checks,
      book.subjects,
      book.calls,
      book.falseCalls,
      book.liquidations,
      book.shortfalls,
      book.shortfallPerLiquidation.toFixed(2),
      book.badDebt.toFixed(2),
      book.badDebtBasisPoints.toFixed(2),
      book.meanLagSeconds.toFixed(0),
    ]);
  }
  return table.toString();
}
