import { describe, expect, it } from 'vitest';
import { priceSummary } from '../../../lambda/check/summary.ts';
import { NAMED_MAX } from '../../../lambda/margin/number/limits.ts';
import { type MarketRows, NOW, snapshotOf } from '../margin/build.ts';

const perpetual = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'R',
};
const option = {
  ...perpetual,
  type: 'option',
  markFeed: 'BTC-C',
  strike: '60000',
  optionType: 'call',
  expiresAt: String(NOW + 86_400_000),
};
const flat = { type: 'flat', initial: '0.1', maintenance: '0.05' };

const market: MarketRows = {
  policy: { mode: 'enforce' },
  instruments: {
    'BTC-PERP': perpetual,
    'ETH-PERP': { ...perpetual, underlying: 'ETH-USD' },
    'SOL-PERP': { ...perpetual, underlying: 'SOL-USD' },
    'BTC-C': option,
  },
  risk: { R: { volatility: '0.8', margin: flat } },
  quotes: {
    'BTC-USD#a': { price: '60000' },
    'ETH-USD#a': { price: '3000' },
    'ETH-USD#b': { price: '3001' },
    'SOL-USD#a': { price: '100' },
    'SOL-USD#b': { price: '100', publishedAt: String(NOW - 86_400_000) },
    'BTC-C#a': { price: '2000' },
    'NONE-USD#a': { price: '1' },
  },
};

const singleSourceOf = (rows: MarketRows) => priceSummary(snapshotOf(rows)).singleSource;

describe('the feeds of a check that liquidate on a single source', () => {
  it('are those in use with one usable source, marks of options included', () => {
    expect(singleSourceOf(market)).toEqual({ count: 3, feeds: ['BTC-C', 'BTC-USD', 'SOL-USD'] });
  });

  it('are not said where no order plans are sent', () => {
    expect(singleSourceOf({ ...market, policy: { mode: 'observe' } })).toBeUndefined();
  });

  it('are none where prices need two sources', () => {
    expect(
      singleSourceOf({ ...market, policy: { mode: 'enforce', minSources: '2' } }),
    ).toBeUndefined();
  });

  it('are counted all, and named up to a limit', () => {
    const names = Array.from({ length: NAMED_MAX + 1 }, (_, n) => `F${n}`);
    const many = singleSourceOf({
      ...market,
      instruments: Object.fromEntries(
        names.map((name) => [name, { ...perpetual, underlying: name }]),
      ),
      quotes: Object.fromEntries(names.map((name) => [`${name}#a`, { price: '1' }])),
    });
    expect(many?.count).toBe(NAMED_MAX + 1);
    expect(many?.feeds).toHaveLength(NAMED_MAX);
  });
});
