/** Tables for a terminal of 100 columns: a wide one stacks its head words, then drops its padding. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

export const COLUMNS = 100;

export type Cell = string | number;

/** @param texts leading text columns, aligned left */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  texts = 1,
): string {
  const widths = head.map((_, column) => Math.max(0, ...rows.map((row) => lengthOf(row[column]))));
  const stacked = head.map((name, column) => stackedIn(name, widths[column] ?? 0));
  const heads = paddedWidth(head, widths) > COLUMNS ? stacked : head;
  const padding =
    paddedWidth(heads, widths) > COLUMNS ? { 'padding-left': 0, 'padding-right': 0 } : {};
  const table = new Table({
    head: [...heads],
    colAligns: head.map((_, index) => (index < texts ? 'left' : 'right')),
    style: { head: [], border: [], compact: true, ...padding },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

const lengthOf = (cell: Cell = ''): number => stripVTControlCharacters(String(cell)).length;

/** Two blanks and a border. */
const PADDING = 3;

const paddedWidth = (heads: readonly string[], widths: readonly number[]): number =>
  heads.reduce((sum, name, column) => {
    const lines = name.split('\n').map(({ length }) => length);
    return sum + Math.max(widths[column] ?? 0, ...lines) + PADDING;
  }, 1);

/** Breaks a name between words where it is wider than what stands below it. */
function stackedIn(name: string, width: number): string {
  const longest = Math.max(...name.split(' ').map(({ length }) => length));
  return wrapped(name, Math.max(width, longest));
}

/** A paragraph in lines of at most this many characters. */
export function wrapped(text: string, columns = COLUMNS): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join('\n');
}
