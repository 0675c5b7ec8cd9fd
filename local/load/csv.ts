import { CsvError, parse } from 'csv-parse/sync';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { InputError, reasonOf } from '../cli/input.ts';
import { booleansOf, type Kind } from './kinds.ts';
import type { SourceRow } from './source-row.ts';

/**
 * Line 1 names the columns. A dotted name is an attribute inside a map, a cell that begins with [
 * or { is JSON, and an empty cell omits its attribute.
 * @throws InputError when the text is not CSV.
 */
export function readCsv(text: string, file: string, kind: Kind): SourceRow[] {
  const [head, ...lines] = linesOf(text, file);
  if (head === undefined) throw new InputError(`${file}: empty; line 1 must name the columns`);
  const columns = columnsOf(head.cells, file);
  const booleans = booleansOf(kind);
  return lines.map(({ cells, line }) => ({
    place: `${file} line ${line}`,
    content: rowOf(cells, { columns, booleans }),
  }));
}

interface Line {
  readonly cells: readonly string[];
  /** The first, if a quoted cell spans several. */
  readonly line: number;
}

const OPTIONS = {
  bom: true,
  info: true,
  trim: true,
  skip_empty_lines: true,
  relax_column_count: true,
} as const;

function linesOf(text: string, file: string): Line[] {
  try {
    const records = parse(text, OPTIONS) as unknown as {
      readonly record: readonly string[];
      readonly info: { readonly lines: number };
    }[];
    return records.map(({ record, info }) => {
      const spanned = record.join('').split('\n').length - 1;
      return { cells: record, line: info.lines - spanned };
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(`${file}: not CSV: ${reasonOf(error)}`);
  }
}

function columnsOf(names: readonly string[], file: string): readonly string[] {
  const unnamed = names.indexOf('');
  if (unnamed >= 0) throw new InputError(`${file} line 1: column ${unnamed + 1} has no name`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InputError(`${file} line 1: two columns are named ${twice}`);
  return names;
}

interface Head {
  readonly columns: readonly string[];
  readonly booleans: ReadonlySet<string>;
}

function rowOf(cells: readonly string[], head: Head): SourceRow['content'] {
  const { columns, booleans } = head;
  const accountId = cells[columns.indexOf('accountId')];
  if (cells.length !== columns.length) {
    const fault = `has ${cells.length} cells, but line 1 names ${columns.length} columns`;
    return { fault, accountId };
  }
  const row: Nested = Object.create(null);
  for (const [index, name] of columns.entries()) {
    const cell = cells[index] ?? '';
    if (cell === '') continue;
    const value = cellValue(cell, { name, booleans });
    if ('fault' in value) return { fault: `${name}: ${value.fault}`, accountId };
    if (!put(row, name.split('.'), value.value)) {
      const fault = `${name}: another column sets the same attribute or a part of it`;
      return { fault, accountId };
    }
  }
  return { row: row as RawRow };
}

type Value = { readonly value: unknown } | { readonly fault: string };

/** Labels and the writer's own attributes are always text. */
function cellValue(
  cell: string,
  { name, booleans }: { readonly name: string; readonly booleans: ReadonlySet<string> },
): Value {
  if (booleans.has(name) && /^(true|false)$/i.test(cell)) {
    return { value: cell.toLowerCase() === 'true' };
  }
  if (!/^[[{]/.test(cell) || /^(_|labels\.)/.test(name)) return { value: cell };
  try {
    return { value: parseExactJson(cell) };
  } catch (error) {
    return { fault: `not JSON: ${reasonOf(error)}` };
  }
}

interface Nested {
  [name: string]: unknown;
}

/** @returns false when the place is taken */
function put(row: Nested, [name = '', ...rest]: readonly string[], value: unknown): boolean {
  if (rest.length === 0) {
    if (name in row) return false;
    row[name] = value;
    return true;
  }
  row[name] ??= Object.create(null);
  const inner = row[name];
  return isNested(inner) && put(inner, rest, value);
}

/** Distinguishes maps made from dotted names from JSON values. */
const isNested = (value: unknown): value is Nested =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
