/** A history of prices from a CSV file: a column `time`, and one `price` or `close`. */
import { CsvError, parse } from 'csv-parse/sync';
import { InputError, readText } from '../commands/input.ts';

export interface PriceHistory {
  /** Milliseconds since 1970, rising. */
  readonly times: readonly number[];
  readonly prices: readonly number[];
}

export type ReadPrices = (file: string) => Promise<PriceHistory>;

/** @throws InputError naming the line that cannot be read. */
export const readPrices: ReadPrices = async (file) => {
  const rows = rowsOf(await readText(file), file);
  const history = { times: [] as number[], prices: [] as number[] };
  for (const [index, row] of rows.entries()) {
    const place = `${file} row ${index + 1}`;
    const time = timeOf(row.time ?? '');
    const text = row.price ?? row.close ?? '';
    const price = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(time)) {
      throw new InputError(`${place}: time must be ISO 8601 or milliseconds, not "${row.time}"`);
    }
    if (!(price > 0 && Number.isFinite(price))) {
      throw new InputError(`${place}: price must be above zero, not "${text}"`);
    }
    if (time <= (history.times.at(-1) ?? Number.NEGATIVE_INFINITY)) {
      throw new InputError(`${place}: time must be later than in the row before`);
    }
    history.times.push(time);
    history.prices.push(price);
  }
  return history;
};

const timeOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Date.parse(text));

function rowsOf(text: string, file: string): Readonly<Record<string, string>>[] {
  try {
    return parse(text, { bom: true, columns: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(`${file}: not CSV: ${error.message}`);
  }
}
