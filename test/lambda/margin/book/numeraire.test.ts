/** The numeraire has weights like any other asset. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess, assessBook, isSafe } from '../../../../lambda/margin/assess/assess.ts';
import { closablesOf } from '../../../../lambda/margin/liquidation/closable.ts';
import { isWithinRounding } from '../../../../lambda/margin/liquidation/closing-notional.ts';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { Trial } from '../../../../lambda/margin/liquidation/trial.ts';
import {
  approximately,
  isNegative,
  NO_QUANTITY,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  crossOf,
  type MarketRows,
  NOW,
  snapshotOf,
  subAccountsOf,
} from '../build.ts';
import { anyBook } from '../random-book.ts';

const flat = (maintenance: string): RawRow => ({
  margin: { type: 'flat', initial: maintenance, maintenance },
  volatility: '0.8',
  liquidity: { fee: '0', slippage: '0.01' },
});

const marketOf = (usd: RawRow, more: MarketRows = {}): MarketRows => ({
  ...more,
  assets: { USD: usd, SOL: { feed: 'SOL-USD' }, TWIN: { feed: 'TWIN-USD', ...usd } },
  instruments: {
    PERP: { type: 'perpetual', underlying: 'SOL-USD', settlementAsset: 'USD', riskClass: 'SOL' },
  },
  risk: { SOL: flat('0.05'), TWIN: flat('0') },
  quotes: { 'SOL-USD#a': { price: '100' }, 'TWIN-USD#a': { price: '1' } },
});

const WEIGHTS = {
  collateralWeight: '0.9',
  initialCollateralWeight: '0.8',
  liabilityWeight: '1.1',
  initialLiabilityWeight: '1.2',
};

function figures(account: AccountRows, market: MarketRows): string[] {
  const { equity, marginBalance, initialRequirement } = assessed(account, snapshotOf(market));
  return [equity.point, marginBalance.point, initialRequirement].map(textOf);
}

const held = (asset: string, amount: string, more: RawRow = {}) => ({
  balances: [{ asset, amount, ...more }],
});

describe('a balance of the numeraire', () => {
  it.each([
    ['100', ['100', '90', '10']],
    ['-100', ['-100', '-110', '10']],
    ['0', ['0', '0', '0']],
  ])('of %s is weighed', (amount, wanted) => {
    expect(figures(held('USD', amount), marketOf(WEIGHTS))).toEqual(wanted);
  });

  it('is weighed like an asset with a price of 1', () => {
    const usd = fc.record({
      collateralWeight: fc.constantFrom('0.4', '0.95', '1'),
      initialCollateralWeight: fc.constantFrom('0', '0.4'),
      liabilityWeight: fc.constantFrom('1', '1.1'),
      initialLiabilityWeight: fc.constantFrom('1.1', '1.25'),
      sizeScaling: fc.constantFrom('0', '0.002', '0.1'),
    });
    fc.assert(
      fc.property(usd, fc.integer({ min: -10_000, max: 10_000 }), (weights, amount) => {
        const market = marketOf(weights);
        const as = (asset: string) => figures(held(asset, String(amount)), market);
        expect(as('USD')).toEqual(as('TWIN'));
      }),
    );
  });

  it('at a location has both weights', () => {
    const locations = { base: { finalitySeconds: '0', weight: '0.5' } };
    const there = held('USD', '100', {
      item: 'balance#USD@base',
      location: 'base',
      observedAt: String(NOW),
    });
    expect(figures(there, marketOf(WEIGHTS, { locations }))).toEqual(['100', '45', '5']);
  });

  it('is weighed as the margin of an isolated position', () => {
    const position = { instrument: 'PERP', quantity: '1', entryPrice: '100', isolatedMargin: '10' };
    const [, isolated] = subAccountsOf({ positions: [position] });
    const outcome = isolated && assess(isolated, snapshotOf(marketOf(WEIGHTS)));
    if (outcome?.certainty !== 'certain') throw new Error('everything is known');
    expect(textOf(outcome.marginBalance.point)).toBe('9');
    expect(textOf(outcome.initialRequirement)).toBe('6');
  });

  /** Like a profit in a stablecoin: the weights are those of what is held. */
  it('does not weigh the profit of a position that is not realised', () => {
    const positions = [{ instrument: 'PERP', quantity: '1', entryPrice: '70' }];
    const market = marketOf(WEIGHTS);
    expect(figures({ positions }, market)).toEqual(['30', '30', '5']);
    expect(figures({ ...held('USD', '-20'), positions }, market)).toEqual(['10', '8', '7']);
  });
});

const weightsOfUsd = fc.record({
  collateralWeight: fc.constantFrom('0.7', '1'),
  initialCollateralWeight: fc.constantFrom('0.5', '0.7'),
  liabilityWeight: fc.constantFrom('1', '1.2'),
  initialLiabilityWeight: fc.constantFrom('1.2', '1.3'),
});

it('a screened account is safe by the weights of the numeraire', () => {
  let safe = 0;
  fc.assert(
    fc.property(anyBook(), weightsOfUsd, ({ market, account }, usd) => {
      const assets = { ...market.assets, USD: usd };
      const snapshot = snapshotOf({ ...market, assets });
      for (const callAt of ['maintenance', 'initial'] as const) {
        const policy = { ...snapshot.policy, callAt };
        const book = bookOf(account, snapshot);
        if (!isSafe(book, policy)) continue;
        safe++;
        const outcome = assessBook(book, policy);
        expect(outcome.certainty !== 'indeterminate' && outcome.level).toBe('healthy');
      }
    }),
  );
  expect(safe).toBeGreaterThan(0);
});

/** B = 10,000 − 1.2·8,290 = 52, S = 1.2·100 − 52 = 68. A sale of x frees 1.2·0.99·x − x: 361.70 of it. */
it('a plan knows what cash is worth that pays a debt', () => {
  const usd = { liabilityWeight: '1.2' };
  const policy = { callMultiplier: '1.2', liquidationTargetMultiplier: '1.2' };
  const snapshot = snapshotOf(marketOf(usd, { policy }));
  const account = {
    balances: [
      { asset: 'SOL', amount: '100' },
      { asset: 'USD', amount: '-8290' },
    ],
    positions: [{ instrument: 'PERP', quantity: '20', entryPrice: '100' }],
  };
  const subAccount = crossOf(account);
  const { level, marginBalance } = assessed(account, snapshot);
  expect([level, textOf(marginBalance.point)]).toEqual(['liquidation', '52']);
  const plan = planLiquidation(subAccount, snapshot);
  const trial = new Trial(subAccount, snapshot);
  const closables = closablesOf(trial.book, { isIsolated: false, policy: snapshot.policy });
  const closed = new Map(
    plan.orders.map((order) => {
      const closable = closables.find(({ market }) => market === order.market);
      if (closable === undefined) throw new Error(`${order.market} is held`);
      return [closable, order.quantity] as const;
    }),
  );
  const { shortfall, shortOfBand } = trial.after(closed, 'cost');
  expect(isWithinRounding(shortfall)).toBe(true);
  expect(isNegative(shortOfBand)).toBe(false);
  expect(plan.orders.map(({ market }) => market)).toEqual(['SOL']);
  expect(approximately(plan.orders[0]?.quantity ?? NO_QUANTITY)).toBeCloseTo(3.617, 2);
});
