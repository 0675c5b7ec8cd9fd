import { CsvError, parse } from 'csv-parse/sync';
import { isRepeated, separatorFault } from '../cli/csv.ts';
import { InputError, placeOf, readText, reasonOf } from '../cli/input.ts';
import { counted } from '../report/figures.ts';
import { dayNumberFault, priceCell, quoted, timeCell } from './cells.ts';
import { type Columns, columnsOf, isKline } from './columns.ts';
import type { PriceHistory } from './price-history.ts';
import { spansOf } from './spans.ts';

export interface Row {
  readonly line: number;
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface HistoryOptions {
  /** Longer times between rows are gaps. Default: 1.5 spacings, or 10 if irregular. */
  readonly gapSeconds?: number | undefined;
}

/** @param path "-" is standard input. @throws InputError */
export async function readHistory(path: string, options: HistoryOptions = {}) {
  return parseHistory(await readText(path), { ...options, file: placeOf(path) });
}

/** @throws InputError naming file, line and fault. */
export function parseHistory(
  text: string,
  options: HistoryOptions & { readonly file: string },
): PriceHistory {
  const { file } = options;
  const reader = new RowReader(file);
  try {
    parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: (cells: string[], { lines }: { lines: number }) => reader.take(cells, lines),
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(`${file}: not CSV: ${reasonOf(error)}`);
  }
  return spansOf(reader.finish(), { ...options, kind: reader.kind });
}

class RowReader {
  private readonly file: string;
  private readonly rows: Row[] = [];
  private columns: Columns | undefined;
  private names: readonly string[] = [];
  private hasTitle = false;
  /** Cells of the first row, with which the subject of each other row is compared. */
  private first: readonly string[] | undefined;

  constructor(file: string) {
    this.file = file;
  }

  get kind(): Columns['kind'] {
    return this.columns?.kind ?? 'prices';
  }

  /** Null tells the parser to keep no record. */
  take(cells: readonly string[], line: number): null {
    if (this.columns === undefined) {
      if (this.isTitle(cells, line)) return null;
      this.columns = columnsOf(cells, `${this.file} line ${line}`);
      if (!isKline(cells)) {
        this.names = cells;
        return null;
      }
    } else if (isRepeated(cells, this.names)) return null;
    this.checkSubject(cells, line, this.columns);
    this.rows.push(this.rowOf(cells, line, this.columns));
    return null;
  }

  /** Exports begin with their address or their title. */
  private isTitle(cells: readonly string[], line: number): boolean {
    if (cells.length > 1) return false;
    const fault = separatorFault(cells);
    if (fault !== undefined) throw new InputError(`${this.file} line ${line}: ${fault}`);
    this.hasTitle = true;
    return true;
  }

  private checkSubject(cells: readonly string[], line: number, { subjects }: Columns): void {
    this.first ??= cells;
    const { first } = this;
    const changed = subjects.find((column) => cells[column] !== first[column]);
    if (changed === undefined) return;
    throw new InputError(
      `${this.file} line ${line}: column ${this.names[changed]} has ${quoted(cells[changed])} after ` +
        `${quoted(first[changed])}; a history is of one instrument, so keep the rows of one`,
    );
  }

  private rowOf(cells: readonly string[], line: number, columns: Columns): Row {
    const refuse = (fault: string) => new InputError(`${this.file} line ${line}: ${fault}`);
    const timeText = cells[columns.time];
    const time = timeCell(timeText ?? '');
    if (Number.isNaN(time)) {
      const wanted = 's, ms or µs since 1970, or ISO 8601 such as 2020-03-12T10:12:00Z';
      throw refuse(`the time must be ${wanted}, not ${quoted(timeText)}`);
    }
    const priceOf = (role: 'open' | 'high' | 'low' | 'close'): number => {
      const text = cells[columns[role]];
      const price = priceCell(text ?? '');
      const name = columns.kind === 'prices' ? 'price' : role;
      if (!Number.isNaN(price)) return price;
      throw refuse(`${name} must be a number above 0, not ${quoted(text)}`);
    };
    const [open, close] = [priceOf('open'), priceOf('close')];
    const [high, low] = [priceOf('high'), priceOf('low')];
    if (high < low) throw refuse(`high ${high} is below low ${low}`);
    return {
      line,
      time,
      open,
      high: Math.max(high, open, close),
      low: Math.min(low, open, close),
      close,
    };
  }

  /** Reverses a file that has its newest row first. */
  finish(): readonly Row[] {
    const [first, second] = this.rows;
    if (first === undefined || second === undefined) {
      throw new InputError(`${this.file}: ${this.held}; a history needs at least 2 rows`);
    }
    const rows = first.time > second.time ? this.rows.toReversed() : this.rows;
    this.checkDays(rows);
    rows.forEach((row, index) => {
      this.checkOrder(rows[index - 1], row);
    });
    return rows;
  }

  private get held(): string {
    if (this.columns !== undefined) return `only ${counted(this.rows.length, 'row')} of prices`;
    return this.hasTitle ? 'no line has more than one cell' : 'empty';
  }

  private checkDays(rows: readonly Row[]): void {
    const [earliest, latest] = [rows[0], rows.at(-1)];
    if (earliest === undefined || latest === undefined) return;
    const fault = dayNumberFault(earliest.time, latest.time);
    if (fault !== undefined) throw new InputError(`${this.file} line ${earliest.line}: ${fault}`);
  }

  private checkOrder(before: Row | undefined, row: Row): void {
    if (before === undefined || before.time < row.time) return;
    const told = new Date(row.time * 1000).toISOString();
    const fault = before.time === row.time ? 'is the same as in' : 'is earlier than in';
    throw new InputError(
      `${this.file} line ${row.line}: the time ${told} ${fault} line ${before.line}`,
    );
  }
}
