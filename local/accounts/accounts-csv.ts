import { stringify } from 'csv-stringify/sync';
import type { RankedAccounts } from './rank-accounts.ts';

const COLUMNS = [
  'accountId',
  'position',
  'level',
  'distance',
  'nearestFactor',
  'nearestPrice',
  'nearestMove',
  'surplus',
  'equity',
  'leverage',
  'notional',
  'reason',
] as const;

/** Every digit. A cell that a spreadsheet would take for a formula is quoted as text. */
export const accountsCsv = ({ rows }: RankedAccounts): string =>
  stringify(
    rows.map(({ nearest, ...row }) => ({
      ...row,
      nearestFactor: nearest?.factor,
      nearestPrice: nearest?.price,
      nearestMove: nearest?.move,
    })),
    { header: true, columns: [...COLUMNS], escape_formulas: false },
  ).trimEnd();
