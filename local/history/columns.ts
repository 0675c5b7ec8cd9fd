import { InputError } from '../cli/input.ts';

export interface Columns {
  readonly kind: 'bars' | 'prices';
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** In lower case, without blanks, _ and -. */
const NAMES = {
  time: 'time timestamp date datetime opentime unix unixtime unixtimestamp ts t starttime',
  open: 'open o openprice',
  high: 'high h highprice',
  low: 'low l lowprice',
  close: 'close c closeprice',
  price: 'price p last lastprice mark markprice index indexprice mid midprice value rate',
} as const;

type Role = keyof typeof NAMES;
const BAR_ROLES = ['open', 'high', 'low', 'close'] as const;

/** A Binance kline file: open time, open, high, low, close, volume, close time, and five more. */
const KLINE_CELLS = 12;
const KLINE: Columns = { kind: 'bars', time: 0, open: 1, high: 2, low: 3, close: 4 };

/** A kline file has no header. */
export const isKline = (cells: readonly string[]): boolean =>
  cells.length === KLINE_CELLS && /^\d+$/.test(cells[0] ?? '');

/** @throws InputError naming the missing columns. */
export function columnsOf(cells: readonly string[], file: string): Columns {
  if (isKline(cells)) return KLINE;
  const names = cells.map((cell) => cell.toLowerCase().replace(/[\s_-]/g, ''));
  const find = (role: Role): number =>
    names.findIndex((name) => NAMES[role].split(' ').includes(name));
  const found = new Map(BAR_ROLES.map((role) => [role, find(role)]));
  const has = BAR_ROLES.filter((role) => (found.get(role) ?? -1) >= 0);
  const refuse = (fault: string) => new InputError(`${file} line 1: ${fault}`);
  const time = find('time');
  if (time < 0) {
    throw refuse('no time column; name one column time, timestamp, date or open_time');
  }
  if (has.length === BAR_ROLES.length) {
    const [open, high, low, close] = BAR_ROLES.map((role) => found.get(role) as number);
    return { kind: 'bars', time, open, high, low, close } as Columns;
  }
  const price = find('price');
  const only = price >= 0 ? price : has.join() === 'close' ? (found.get('close') ?? -1) : -1;
  if (only >= 0) {
    return { kind: 'prices', time, open: only, high: only, low: only, close: only };
  }
  if (has.length === 0)
    throw refuse('no price column; name one column price, or four open, high, low and close');
  const missing = BAR_ROLES.filter((role) => !has.includes(role));
  throw refuse(`there is a column for ${has.join(', ')}, but none for ${missing.join(', ')}`);
}
