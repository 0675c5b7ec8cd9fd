/** So many accounts that a check asks its workers: most are safe, and some are the same as one of the book's. */
import type { AccountRow } from '../../local/aws/rows.ts';

/** A check scans 2,000 by itself, and a quarter of the table is one segment. */
export const SAFE_ACCOUNTS = 2_800;

/** Twins of one account: some are scanned by the check, others by a worker. */
const TWINS = 16;

const dollars = (accountId: string, amount: string): AccountRow => ({
  accountId,
  item: 'balance#USD',
  asset: 'USD',
  amount,
});

const longOf = (accountId: string): AccountRow => ({
  accountId,
  item: 'position#BTC-PERP',
  instrument: 'BTC-PERP',
  quantity: '10',
  entryPrice: '7350.5',
});

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${name}-${number}`);

export const CALLED_TWINS = numbered('called-twin', TWINS);
export const LIQUIDATED_TWINS = numbered('liquidated-twin', TWINS);

export const MANY = SAFE_ACCOUNTS + CALLED_TWINS.length + LIQUIDATED_TWINS.length;

/** Cash and position as in docs/examples/book. */
export const manyAccounts = (): AccountRow[] => [
  ...numbered('safe', SAFE_ACCOUNTS).map((each) => dollars(each, '1000')),
  ...CALLED_TWINS.flatMap((each) => [dollars(each, '15050'), longOf(each)]),
  ...LIQUIDATED_TWINS.flatMap((each) => [dollars(each, '13900'), longOf(each)]),
];
