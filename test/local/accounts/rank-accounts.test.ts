import { describe, expect, it } from 'vitest';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { LEVELS } from '../../../local/accounts/account-row.ts';
import { rankAccounts, SORTS } from '../../../local/accounts/rank-accounts.ts';
import { snapshotOf } from '../../lambda/margin/build.ts';

const MARGIN = {
  type: 'tiered',
  tiers: [
    { floor: '0', initial: '0.1', maintenance: '0.05' },
    { floor: '5000', initial: '0.4', maintenance: '0.2' },
  ],
};
const snapshot = snapshotOf({
  risk: {
    BTC: { volatility: '0.8', margin: MARGIN },
  },
  instruments: {
    'BTC-PERP': {
      ...{ type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' },
    },
  },
  quotes: { 'BTC-USD#a': { price: '6000' } },
});

const accountOf = (index: number): AccountRows => {
  const accountId = `a${index}`;
  const quantity = index % 3 === 0 ? '-1' : '1';
  // In no order of their distance.
  const usd = String((index * 7919) % 4001);
  return {
    accountId,
    rows: [
      { accountId, item: 'balance#USD', asset: 'USD', amount: index % 50 === 7 ? '1,5' : usd },
      {
        accountId,
        item: 'position#BTC-PERP',
        instrument: 'BTC-PERP',
        quantity,
        entryPrice: '6000',
      },
    ],
  };
};

const LOTS = [0, 1, 2].map((lot) =>
  Array.from({ length: 100 }, (_, at) => accountOf(lot * 100 + at)),
);

describe('accounts by distance to liquidation', () => {
  it.each(SORTS)('sorted by %s: the first few are those of the whole list', async (sort) => {
    const asked = { snapshot, levels: LEVELS, sort };
    const all = await rankAccounts(LOTS, asked);
    const few = await rankAccounts(LOTS, { ...asked, limit: 12 });
    expect(all.rows).toHaveLength(300);
    expect(few.rows).toEqual(all.rows.slice(0, 12));
    expect(few).toMatchObject({ accounts: 300, matching: 300, counts: all.counts });
  });

  it('have the unreadable and the breached first, then the nearest', async () => {
    const { rows, counts } = await rankAccounts(LOTS, {
      snapshot,
      levels: LEVELS,
      sort: 'distance',
    });
    expect(counts).toMatchObject({ undecided: 6 });
    const distances = rows.map(({ distance }) => Number(distance));
    expect(distances).toEqual(distances.toSorted((left, right) => left - right));
    const below = rows.filter(({ distance }) => distance === '0').map(({ level }) => level);
    expect(below).toEqual(expect.arrayContaining(['liquidation', 'undecided']));
    expect(below).not.toContain('healthy');
  });
});
