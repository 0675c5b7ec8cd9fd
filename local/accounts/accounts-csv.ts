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

/** A spreadsheet would take it for a formula. */
const asText = (text: string | undefined): string | undefined =>
  text !== undefined && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;

/** Every digit. What others wrote is no formula. */
export const accountsCsv = ({ rows }: RankedAccounts): string =>
  stringify(
    rows.map(({ nearest, ...row }) => ({
      ...row,
      accountId: asText(row.accountId),
      position: asText(row.position),
      reason: asText(row.reason),
      nearestFactor: nearest?.factor,
      nearestPrice: nearest?.price,
      nearestMove: nearest?.move,
    })),
    { header: true, columns: [...COLUMNS] },
  ).trimEnd();
