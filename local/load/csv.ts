import { CsvError, parse } from 'csv-parse/sync';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { isRepeated, separatorFault } from '../cli/csv.ts';
import { InputError, reasonOf } from '../cli/input.ts';
import { booleansOf, type Kind } from './kinds.ts';
import type { SourceRow } from './source-row.ts';

/**
 * Line 1 names the columns; a title before it is skipped, and so is a repetition. A dotted name is an attribute inside a map, a cell that begins with [
 * or { is JSON, and an empty cell omits its attribute.
 * @throws InputError when the text is not CSV.
 */
export function readCsv(text: string, file: string, kind: Kind): SourceRow[] {
  const [head, ...lines] = withoutTitle(linesOf(text, file), kind);
  if (head === undefined) throw new InputError(`${file}: empty; line 1 must name the columns`);
  const place = `${file} line ${head.line}`;
  const columns = columnsOf(head.cells, { place, kind });
  const names = { columns, booleans: booleansOf(kind), line: head.line };
  return lines
    .filter(({ cells }) => !isRepeated(cells, columns))
    .map(({ cells, line }) => ({ place: `${file} line ${line}`, content: rowOf(cells, names) }));
}

/** Exports begin with their address or their title: one cell above the names. */
function withoutTitle([first, second, ...rest]: readonly Line[], { ids }: Kind): readonly Line[] {
  const lines = [first, second].filter((line) => line !== undefined);
  const [title = '', ...more] = first?.cells ?? [];
  const isTitle = more.length === 0 && (second?.cells.length ?? 0) > 1 && !ids.includes(title);
  return [...(isTitle ? lines.slice(1) : lines), ...rest];
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

function columnsOf(
  names: readonly string[],
  { place, kind }: { readonly place: string; readonly kind: Kind },
): readonly string[] {
  const refuse = (fault: string) => new InputError(`${place}: ${fault}`);
  const isNamed = kind.ids.length === 0 || kind.ids.some((id) => names.includes(id));
  const separated = isNamed && names.length > 1 ? undefined : separatorFault(names);
  if (separated !== undefined) throw refuse(separated);
  if (!isNamed) {
    const ids = kind.ids.join(' and ');
    throw refuse(`no column is named ${ids}; the first line must name the columns`);
  }
  const unnamed = names.indexOf('');
  if (unnamed >= 0) throw refuse(`column ${unnamed + 1} has no name`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refuse(`two columns are named ${twice}`);
  return names;
}

interface Head {
  readonly columns: readonly string[];
  readonly booleans: ReadonlySet<string>;
  readonly line: number;
}

function rowOf(cells: readonly string[], head: Head): SourceRow['content'] {
  const { columns, booleans } = head;
  const accountId = cells[columns.indexOf('accountId')];
  if (cells.length !== columns.length) {
    const fault = `has ${cells.length} cells, but line ${head.line} names ${columns.length} columns`;
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
