/** The rows of each account whenever no writer was in the middle of a change. */
import type { RawRow } from '../../lambda/rows/raw-row.ts';

const FIGURES = ['amount', 'quantity', 'entryPrice', 'isolatedMargin'];

const textOf = (row: RawRow): string =>
  [row.item, ...FIGURES.map((name) => row[name] ?? '')].map(String).join(' ');

const textsOf = (rows: readonly RawRow[]): string[] =>
  rows
    .filter(({ item }) => item !== 'profile')
    .map(textOf)
    .sort();

export class RowsAtRest {
  private readonly states = new Map<string, string[][]>();
  private readonly changed = new Set<string>();

  changes(accountId: string): void {
    this.changed.add(accountId);
  }

  /** @param rowsOf the rows of an account now */
  rest(rowsOf: (accountId: string) => readonly RawRow[]): void {
    for (const accountId of this.changed) {
      const states = this.states.get(accountId) ?? [];
      states.push(textsOf(rowsOf(accountId)));
      this.states.set(accountId, states);
    }
    this.changed.clear();
  }

  /** @param position whose row alone was looked at */
  has(accountId: string, rows: readonly RawRow[], position: string | undefined): boolean {
    const states = this.states.get(accountId) ?? [];
    const seen = textsOf(rows);
    if (position !== undefined)
      return states.some((state) => seen.every((row) => state.includes(row)));
    return states.some((state) => state.join('\n') === seen.join('\n'));
  }
}
