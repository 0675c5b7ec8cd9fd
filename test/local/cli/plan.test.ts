import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { plansSchema } from '../../../local/analysis/plan-schema.ts';
import { runMargin } from './margin.ts';

const plan = (...words: readonly string[]) =>
  runMargin(undefined, 'plan', 'docs/examples/book.json', ...words);

it('prints the orders of an account, why, and what is left', async () => {
  const { code, out } = await plan('--account', 'liquidated-long');
  expect(code).toBe(0);
  expect(out).toContain('liquidated-long: liquidation; close a part: the cheapest orders');
  expect(out).toMatch(/│ sell BTC-PERP │ 5\.06763848 │ +6092\.17 │ 6080\.9683 │ +5960\.5 │/);
  expect(out).toContain('What is left: 4.93236152 BTC-PERP, ');
  expect(out).toMatch(/It aims at a margin balance of .* more than there is once open orders/);
  expect(out).not.toContain('bankrupt-long');
});

it('prints JSON, and says why another account has no plan', async () => {
  const { out } = await plan('--account', 'called-long', '--account', 'bankrupt-long', '--json');
  const { plans, others } = JSON.parse(out);
  expect(plans).toMatchObject([{ accountId: 'bankrupt-long', plan: { scope: 'whole' } }]);
  expect(others).toMatchObject([{ accountId: 'called-long', level: 'call' }]);
});

it('refuses an account that is not there, in one line with exit code 2', async () => {
  const { code, out, err } = await plan('--account', 'nobody');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(
    /^margin: .*book\.json: there is no account nobody; it has bankrupt-long, .*\n$/,
  );
});

/** 1 BTC of 10,000 at 0.8 against 8,160 USD, and 100 X long without enough margin. */
const LENDING = {
  asOf: '2026-12-01T12:00:00.000Z',
  policy: {
    ...{ mode: 'enforce', latencyBuffer: 'none', uncertainty: 'none' },
    ...{ callMultiplier: 1, liquidationTargetMultiplier: 1 },
    loanSwap: { bonus: { points: [{ seconds: 0, value: 0.05 }] } },
    liquidationShare: {
      points: [
        { seconds: 0, value: 0.1 },
        { seconds: 60, value: 1 },
      ],
    },
  },
  assets: { BTC: { feed: 'BTC-USD', collateralWeight: 0.8 } },
  instruments: {
    'X-PERP': { type: 'perpetual', underlying: 'X-USD', settlementAsset: 'USD', riskClass: 'X' },
  },
  risk: {
    BTC: { volatility: 0.6 },
    X: { margin: { type: 'flat', initial: 0.2, maintenance: 0.1 }, volatility: 0.6 },
  },
  quotes: [
    { feed: 'BTC-USD', source: 'a', price: 10000, publishedAt: 1_796_126_400_000 },
    { feed: 'X-USD', source: 'a', price: 95, publishedAt: 1_796_126_400_000 },
  ],
  accounts: [
    {
      accountId: 'lender',
      balances: [
        { asset: 'BTC', amount: 1 },
        { asset: 'USD', amount: -8160 },
      ],
    },
    {
      accountId: 'trader',
      balances: [{ asset: 'USD', amount: 1000 }],
      positions: [{ instrument: 'X-PERP', quantity: 100, entryPrice: 100 }],
    },
  ],
};

describe('rules of venues', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plan-'));
  const path = join(folder, 'book.json');
  writeFileSync(path, JSON.stringify(LENDING));
  afterAll(() => rmSync(folder, { recursive: true }));
  const planned = (...words: readonly string[]) => runMargin(undefined, 'plan', path, ...words);

  it('are printed: swaps, shares, and what is later', async () => {
    const { out } = await planned();
    // At most a tenth of the 8,160 that are owed.
    expect(out).toMatch(/│ BTC for USD │ +0\.08568 │ 10000 │ +816 │ +1 │ +816\.00 │ 5\.00 % │/);
    expect(out).toMatch(/It goes by 0 s since the first order plan, .* at most 10\.00 % of each/);
    expect(out).toMatch(/│ sell X-PERP │ +10 │/);
    const later = await planned('--after', '60');
    expect(later.out).toMatch(/│ sell X-PERP │ 47\.36842106 │/);
    expect(later.out).toMatch(
      /│ BTC for USD │ +0\.105 │ 10000 │ +1000 │ +1 │ 1,000\.00 │ 5\.00 % │/,
    );
  });

  it('are in the JSON, which fits its schema', async () => {
    const { out } = await planned('--json');
    const plans = plansSchema.parse(JSON.parse(out));
    expect(plans.plans.map(({ accountId, plan: found }) => [accountId, found?.swaps])).toEqual([
      ['lender', [expect.objectContaining({ seized: '0.08568', repaid: '816', bonus: '0.05' })]],
      ['trader', undefined],
    ]);
    const { out: book } = await plan('--json');
    expect(plansSchema.parse(JSON.parse(book)).plans).toHaveLength(3);
  });

  it('refuse a time that is none in one line', async () => {
    const { code, err } = await planned('--after', 'soon');
    expect(code).toBe(2);
    expect(err).toMatch(/It must be a number of seconds from 0 to 31536000/);
  });
});
