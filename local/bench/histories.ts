/** The histories of docs/backtest.md. They are read from a folder and are no part of the project. */
import { join } from 'node:path';
import type { PriceHistory } from '../history/price-history.ts';
import { readHistory } from '../history/read-history.ts';

interface Use {
  readonly name: string;
  readonly role: 'set' | 'judged';
  readonly intervals: readonly number[];
}

export const HISTORIES = {
  'btc-usdt-1m-2023-03.csv': {
    name: 'BTC, minutes',
    role: 'set',
    intervals: [60, 120, 180, 300, 600, 900, 1800, 3600],
  },
  'sol-usdt-5m-2025-04.csv': {
    name: 'SOL, 5 minutes',
    role: 'set',
    intervals: [300, 600, 900, 1800, 3600],
  },
  'btc-usd-1d-2015.csv': { name: 'BTC, days', role: 'set', intervals: [86_400, 172_800] },
  'doge-usdt-1m-2025-06.csv': {
    name: 'DOGE, minutes',
    role: 'judged',
    intervals: [60, 300, 900, 3600],
  },
  'btc-usd-1h-2020.csv': { name: 'BTC, hours', role: 'judged', intervals: [3600, 14_400] },
  'avax-perp-1m-2025-10-10.csv': { name: 'AVAX, minutes', role: 'judged', intervals: [60, 300] },
} as const satisfies Readonly<Record<string, Use>>;

export type File = keyof typeof HISTORIES;

/**
 * Crashes, by the calendar and not by the size of a move: the day, or the days, for which each
 * history is known. Two are crashes as a whole. SOL's fall of 7 to 9 April is in its training days.
 */
export const CRASH_DAYS: Readonly<Record<File, readonly string[] | 'all'>> = {
  'btc-usdt-1m-2023-03.csv': ['2023-03-10', '2023-03-11', '2023-03-12'],
  'sol-usdt-5m-2025-04.csv': [],
  'btc-usd-1d-2015.csv': ['2020-03-11', '2020-03-12', '2021-05-18', '2021-05-19'],
  'doge-usdt-1m-2025-06.csv': ['2025-06-13', '2025-06-21', '2025-06-22'],
  'btc-usd-1h-2020.csv': 'all',
  'avax-perp-1m-2025-10-10.csv': 'all',
};

export interface Named {
  readonly file: File;
  readonly history: PriceHistory;
  readonly intervals: readonly number[];
}

export async function readHistories(folder: string, role: Use['role']): Promise<Named[]> {
  const files = (Object.keys(HISTORIES) as File[]).filter((file) => HISTORIES[file].role === role);
  const read: Named[] = [];
  for (const file of files) {
    const history = await readHistory(join(folder, file), {});
    read.push({ file, history, intervals: HISTORIES[file].intervals });
  }
  return read;
}
