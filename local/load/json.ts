/** A list of rows, a map of rows by id, or the one policy. */

import { Numeral, parseExactJson } from '../../lambda/rows/numeral.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { InputError, reasonOf } from '../cli/input.ts';
import type { Kind } from './kinds.ts';
import type { SourceRow } from './source-row.ts';

/** @throws InputError when the text is not JSON, or cannot hold rows. */
export function readJsonRows(text: string, file: string, kind: Kind): SourceRow[] {
  const value = parsed(text, file);
  if (Array.isArray(value)) {
    return value.map((entry, index) => ({
      place: `${file} entry ${index + 1}`,
      content: contentOf(entry),
    }));
  }
  if (isMap(value) && kind.table === 'market') {
    if (kind.ids.length === 0) return [{ place: file, content: { row: value } }];
    const [id = '', ...more] = kind.ids;
    if (more.length === 0) return rowsById(value, { file, id });
  }
  throw new InputError(`${file}: must be ${shapesOf(kind)}`);
}

function parsed(text: string, file: string): unknown {
  try {
    return parseExactJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new InputError(`${file}: not JSON: ${reasonOf(error)}`);
  }
}

function rowsById(value: RawRow, { file, id }: { readonly file: string; readonly id: string }) {
  return Object.entries(value).map(([name, entry]): SourceRow => {
    const place = `${file} entry ${name}`;
    const content = contentOf(entry);
    if ('fault' in content) return { place, content };
    const own = content.row[id];
    if (own !== undefined && own !== name) {
      return {
        place,
        content: { fault: `${id}: must be ${name}, its key in the map, or be left out` },
      };
    }
    return { place, content: { row: { ...content.row, [id]: name } } };
  });
}

function shapesOf({ ids, table }: Kind): string {
  if (ids.length === 0) return 'one object';
  const list = 'a list of objects';
  return table === 'market' && ids.length === 1 ? `${list}, or a map of them by ${ids[0]}` : list;
}

const contentOf = (entry: unknown): SourceRow['content'] =>
  isMap(entry) ? { row: entry } : { fault: 'must be an object' };

const isMap = (value: unknown): value is RawRow =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Numeral);
