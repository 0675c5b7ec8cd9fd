import { separatorFault } from '../cli/csv.ts';
import { InputError } from '../cli/input.ts';
import { timeCell } from './cells.ts';

export interface Columns {
  readonly kind: 'bars' | 'prices';
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Columns that say what the price is of: one value in the whole file. */
  readonly subjects: readonly number[];
}

/** In lower case, without blanks, _ and -. */
const NAMES = {
  time: 'time timestamp date datetime opentime unix unixtime unixtimestamp ts t starttime',
  open: 'open o openprice',
  high: 'high h highprice',
  low: 'low l lowprice',
  close: 'close c closeprice',
  price: 'price p last lastprice mark markprice index indexprice mid midprice value rate',
  subject:
    'symbol ticker pair currencypair tradingpair market instrument instrumentid instrumentname ' +
    'product productid contract asset assetid baseasset quoteasset coin coinid token currency ' +
    'basecurrency quotecurrency base name crypto cryptocurrency feed exchange venue',
} as const;

type Role = keyof typeof NAMES;
const BAR_ROLES = ['open', 'high', 'low', 'close'] as const;

/** A Binance kline file: open time, open, high, low, close, volume, close time, and five more. */
const KLINE_CELLS = 12;
const KLINE: Columns = { kind: 'bars', time: 0, open: 1, high: 2, low: 3, close: 4, subjects: [] };

/** A kline file has no header. */
export const isKline = (cells: readonly string[]): boolean =>
  cells.length === KLINE_CELLS && /^\d+$/.test(cells[0] ?? '');

const isUsed = (name: string): boolean =>
  Object.values(NAMES).some((all) => all.split(' ').includes(name));

/** First lines of common files, by their number of columns. */
const LINES_OF_NAMES: Readonly<Record<number, string>> = {
  2: 'time,price',
  5: 'time,open,high,low,close',
  6: 'time,open,high,low,close,volume',
  7: 'time,open,high,low,close,volume,trades',
};

/** @throws InputError naming the missing columns, or the line to add. */
export function columnsOf(cells: readonly string[], place: string): Columns {
  if (isKline(cells)) return KLINE;
  const refuse = (fault: string) => new InputError(`${place}: ${separatorFault(cells) ?? fault}`);
  if (!Number.isNaN(timeCell(cells[0] ?? ''))) {
    const line = LINES_OF_NAMES[cells.length] ?? 'time,open,high,low,close,…';
    throw refuse(`the columns have no names; add a first line that names them, such as ${line}`);
  }
  const names = cells.map((cell) => cell.toLowerCase().replace(/[\s_-]/g, ''));
  const isOf = (role: Role, name: string) => NAMES[role].split(' ').includes(name);
  const find = (role: Role): number => names.findIndex((name) => isOf(role, name));
  const subjects = names.flatMap((name, index) => (isOf('subject', name) ? [index] : []));
  const found = new Map(BAR_ROLES.map((role) => [role, find(role)]));
  const has = BAR_ROLES.filter((role) => (found.get(role) ?? -1) >= 0);
  const twice = names.find((name, index) => isUsed(name) && names.indexOf(name) !== index);
  if (twice !== undefined) throw refuse(`two columns are named ${twice}; rename or remove one`);
  const time = find('time');
  if (time < 0) {
    throw refuse('no time column; name one column time, timestamp, date or open_time');
  }
  if (has.length === BAR_ROLES.length) {
    const [open, high, low, close] = BAR_ROLES.map((role) => found.get(role) as number);
    return { kind: 'bars', time, open, high, low, close, subjects } as Columns;
  }
  const price = find('price');
  const only = price >= 0 ? price : has.join() === 'close' ? (found.get('close') ?? -1) : -1;
  if (only >= 0) {
    return { kind: 'prices', time, open: only, high: only, low: only, close: only, subjects };
  }
  if (has.length === 0)
    throw refuse('no price column; name one column price, or four open, high, low and close');
  const missing = BAR_ROLES.filter((role) => !has.includes(role));
  throw refuse(`there is a column for ${has.join(', ')}, but none for ${missing.join(', ')}`);
}
