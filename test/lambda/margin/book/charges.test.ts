import { describe, expect, it } from 'vitest';
import { approximately, textOf } from '../../../../lambda/margin/number/decimal.ts';
import {
  type AccountRows,
  assessed,
  bounded,
  type MarketRows,
  NOW,
  reasonsOf,
  snapshotOf,
} from '../build.ts';

const future = { type: 'future', underlying: 'BTC-USD', markFeed: 'BTC-F', riskClass: 'BTC' };

const market = (charges: object, more: MarketRows = {}): MarketRows => ({
  assets: { BTC: { feed: 'BTC-USD' } },
  instruments: {
    'BTC-F': { ...future, settlementAsset: 'USD', expiresAt: String(NOW + 86_400_000) },
    'BTC-I': {
      ...{ type: 'perpetual', inverse: true, contractSize: '10', underlying: 'BTC-USD' },
      ...{ settlementAsset: 'BTC', riskClass: 'BTC' },
    },
  },
  risk: {
    BTC: {
      ...{ volatility: '0.8', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
      ...charges,
    },
  },
  ...more,
  quotes: {
    'BTC-USD#a': { price: '60000', confidenceScore: '0.4' },
    'BTC-F#a': { price: '61000' },
    'USDC-USD#a': { price: '0.97' },
    ...more.quotes,
  },
});

const required = (rows: AccountRows, of: MarketRows) => {
  const { initialRequirement, maintenanceRequirement } = assessed(rows, snapshotOf(of));
  return [initialRequirement, maintenanceRequirement].map(textOf);
};

describe('a confidence charge on a position with a mark of its own', () => {
  const charges = {
    confidenceCharges: [
      { of: 'perpetuals', threshold: '0.5', factor: '0.1', in: 'both' },
      { of: 'futures', threshold: '0.5', factor: '0.1', in: 'both' },
    ],
  };
  const scored = (type: string, index: string, mark: string) => {
    const rows = market(charges);
    const instrument = { ...rows.instruments?.['BTC-F'], type };
    return market(charges, {
      instruments: { 'BTC-F': instrument },
      quotes: {
        'BTC-USD#a': { price: '60000', ...(index ? { confidenceScore: index } : {}) },
        'BTC-F#a': { price: '60000', ...(mark ? { confidenceScore: mark } : {}) },
      },
    });
  };
  const held = { positions: [{ instrument: 'BTC-F', quantity: '1', entryPrice: '60000' }] };

  /** 10 % and 5 %, and (1 − score)·10 % of 60,000. */
  it.each([
    ['perpetual', '0.2', '', '10800'],
    ['perpetual', '', '0.2', '10800'],
    ['perpetual', '0.3', '0.2', '10800'],
    ['perpetual', '0.2', '0.3', '10800'],
    ['perpetual', '0.5', '1', '6000'],
    ['future', '0.2', '1', '10800'],
    ['future', '1', '0.2', '10800'],
  ])('is by the lower score, on a %s with %j and %j', (type, index, mark, initial) => {
    expect(required(held, scored(type, index, mark))[0]).toBe(initial);
  });

  it('is not known without the underlying, whose score may be the lower one', () => {
    const { 'BTC-USD#a': _, ...quotes } = scored('perpetual', '1', '1').quotes ?? {};
    const blind = { ...scored('perpetual', '1', '1'), quotes };
    expect(reasonsOf(held, snapshotOf(blind))).toEqual(['price-missing BTC-USD']);
    const uncharged = { ...blind, risk: market({}).risk ?? {} };
    expect(reasonsOf(held, snapshotOf(uncharged))).toEqual([]);
  });
});

describe('a confidence charge on collateral', () => {
  const charges = {
    confidenceCharges: [{ of: 'collateral', threshold: '0.55', factor: '0.5', in: 'both' }],
  };

  it('applies to the coin that is held', () => {
    const rows = { balances: [{ asset: 'BTC', amount: '2' }] };
    expect(required(rows, market(charges))).toEqual(['36000', '36000']);
  });

  it('does not apply to a debt', () => {
    const rows = { balances: [{ asset: 'BTC', amount: '-2' }] };
    expect(required(rows, market(charges))).toEqual(['0', '0']);
  });

  it('does not apply at its threshold, but applies just below', () => {
    const rows = { balances: [{ asset: 'BTC', amount: '2' }] };
    const scored = (confidenceScore: string) =>
      market(charges, { quotes: { 'BTC-USD#a': { price: '60000', confidenceScore } } });
    expect(required(rows, scored('0.55'))[0]).toBe('0');
    expect(required(rows, scored('0.549999999999999999'))[0]).toBe('27000.00000000000006');
  });
});

describe('a depeg charge for a stablecoin', () => {
  const charges = { depegCharge: { feed: 'USDC-USD', threshold: '0.99', factor: '2', in: 'both' } };
  const held = { positions: [{ instrument: 'BTC-F', quantity: '-1', entryPrice: '61000' }] };

  it('is a share of the price of the underlying, not of the mark', () => {
    expect(required(held, market(charges))).toEqual(['8500', '5450']);
  });

  it('makes the account indeterminate if the price of the stablecoin is unknown', () => {
    const unknown = { depegCharge: { ...charges.depegCharge, feed: 'DAI-USD' } };
    expect(reasonsOf(held, snapshotOf(market(unknown)))).toEqual(['price-missing DAI-USD']);
  });

  it('leaves the account undecided while the price of the stablecoin is stale', () => {
    // At 0.995 nothing is charged. What the stablecoin is worth now may be anything below.
    const old = { price: '0.995', publishedAt: String(NOW - 2_000_000) };
    const snapshot = snapshotOf(market(charges, { quotes: { 'USDC-USD#a': old } }));
    const funded = { ...held, balances: [{ asset: 'USD', amount: '7000' }] };
    expect(reasonsOf(funded, snapshot)).toEqual(['price-stale USDC-USD']);
  });
});

it('a charge on inverse contracts keeps its notional when the price moves', () => {
  const charges = {
    confidenceCharges: [{ of: 'perpetuals', threshold: '0.55', factor: '0.5', in: 'both' }],
  };
  const of = market(charges, { policy: { uncertainty: 'standard', deviation: '0.5' } });
  const positions = [{ instrument: 'BTC-I', quantity: '6000', entryPrice: '60000' }];
  const { surplus } = assessed({ positions }, snapshotOf(of));
  // At half the price, 1 BTC has been lost and is worth half. The notional is still 60,000.
  expect(approximately(bounded(surplus.liquidation.low))).toBeCloseTo(-30_000 - 18_000 - 3000, 6);
});

it('a requirement by size on an inverse position is rounded up, too', () => {
  const of = market({
    margin: {
      ...{ type: 'squareRoot', initial: '0.1', maintenance: '0.05', sizeScaling: '0.01' },
    },
    requirementPlaces: '2',
  });
  const positions = [{ instrument: 'BTC-I', quantity: '0.0333', entryPrice: '60000' }];
  expect(required({ positions }, of)).toEqual(['0.04', '0.02']);
});
