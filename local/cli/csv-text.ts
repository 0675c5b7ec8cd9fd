/** CSV that commands print, with every digit. */
import { stringify } from 'csv-stringify/sync';

/** Without a line break at its end. */
export const csvText = (lines: readonly (readonly (string | undefined)[])[]): string =>
  stringify(lines.map((cells) => cells.map(asText))).trimEnd();

/** A spreadsheet takes a text that others wrote for a formula, if it begins like one. */
const asText = (cell: string | undefined): string | undefined =>
  cell !== undefined && /^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
