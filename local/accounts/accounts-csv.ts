import { csvText } from '../cli/csv-text.ts';
import type { ListedAccount, RankedAccounts } from './rank-accounts.ts';

const CELLS: Readonly<Record<string, (row: ListedAccount) => string | undefined>> = {
  accountId: ({ accountId }) => accountId,
  position: ({ position }) => position,
  level: ({ level }) => level,
  distance: ({ distance }) => distance,
  nearestFactor: ({ nearest }) => nearest?.factor,
  nearestPrice: ({ nearest }) => nearest?.price,
  nearestMove: ({ nearest }) => nearest?.move,
  surplus: ({ surplus }) => surplus,
  equity: ({ equity }) => equity,
  leverage: ({ leverage }) => leverage,
  notional: ({ notional }) => notional,
  reason: ({ reason }) => reason,
};

export const accountsCsv = ({ rows }: RankedAccounts): string =>
  csvText([
    Object.keys(CELLS),
    ...rows.map((row) => Object.values(CELLS).map((cellOf) => cellOf(row))),
  ]);
