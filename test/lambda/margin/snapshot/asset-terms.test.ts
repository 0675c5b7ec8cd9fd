import { describe, expect, it } from 'vitest';
import { assess } from '../../../../lambda/margin/assess/assess.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { Result } from '../../../../lambda/margin/number/reason.ts';
import type { InstrumentTerms } from '../../../../lambda/margin/snapshot/instrument-terms.ts';
import { crossOf, type MarketRows, NOW, snapshotOf } from '../build.ts';

const perpetual = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
};
const base: MarketRows = {
  assets: { ETH: { feed: 'ETH-USD', collateralWeight: '0.9', liabilityWeight: '1.2' } },
  instruments: { 'BTC-PERP': { ...perpetual, contractSize: '0.001' } },
  risk: {
    BTC: {
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      volatility: '0.8',
      liquidity: { fee: '0.0005', slippage: '0.002' },
    },
    ETH: { volatility: '1', liquidity: { fee: '0.001', slippage: '0.003' } },
  },
  quotes: {
    'BTC-USD#a': { price: '60000', fundingRatePerHour: '0.0001' },
    'ETH-USD#a': { price: '3000' },
  },
};

function known<T>(result: Result<T> | undefined): T {
  if (result === undefined) throw new Error('there are no such terms');
  if (!result.ok) throw new Error(result.reason.detail);
  return result.value;
}

const asset = (rows: MarketRows, id: string) => snapshotOf(rows).assets.get(id);
const instrument = (rows: MarketRows, id = 'BTC-PERP') => snapshotOf(rows).instruments.get(id);

const fundingOf = (terms: InstrumentTerms) =>
  terms.kind === 'linear' && terms.fundingRatePerHour && textOf(terms.fundingRatePerHour);

describe('the terms of an asset', () => {
  it('include its price, its weights and its trading cost', () => {
    const eth = known(asset(base, 'ETH'));
    expect(textOf(eth.price)).toBe('3000');
    expect(textOf(eth.weights.collateral)).toBe('0.9');
    expect(textOf(eth.weights.liability)).toBe('1.2');
    expect(textOf(eth.trading.unitCost)).toBe('0.004');
    expect(eth.borrowRatePerHour).toBeUndefined();
    expect(eth.quoted?.factor.feed).toBe('ETH-USD');
  });

  it('take the trading cost from the class that the asset names', () => {
    const rows = { ...base, assets: { ETH: { feed: 'ETH-USD', riskClass: 'BTC' } } };
    expect(textOf(known(asset(rows, 'ETH')).trading.unitCost)).toBe('0.0025');
  });

  it('include no trading cost without a class', () => {
    const rows = { ...base, assets: { DAI: { feed: 'ETH-USD', borrowRatePerHour: '0.00002' } } };
    const dai = known(asset(rows, 'DAI'));
    expect(textOf(dai.trading.unitCost)).toBe('0');
    expect(dai.borrowRatePerHour && textOf(dai.borrowRatePerHour)).toBe('0.00002');
  });

  it.each([
    ['malformed', { ETH: { ...base.risk?.ETH, volatility: 'NaN' } }, {}, 'row-malformed'],
    ['without a row', {}, { riskClass: 'NOWHERE' }, 'risk-class-unknown'],
  ])(
    'are unknown if its own class is %s, even if an instrument on its feed has a class',
    (_, own, names, code) => {
      const instruments = {
        'ETH-PERP': { ...perpetual, underlying: 'ETH-USD' },
      };
      const assets = { ETH: { feed: 'ETH-USD', ...names } };
      const risk = { BTC: base.risk?.BTC ?? {}, ...own };
      expect(asset({ ...base, assets, instruments, risk }, 'ETH')).toMatchObject({
        ok: false,
        reason: { code },
      });
    },
  );

  it('are malformed without a feed, except for the numeraire', () => {
    const rows = { ...base, assets: { EUR: {}, USD: {} } };
    expect(asset(rows, 'EUR')).toEqual({
      ok: false,
      reason: {
        code: 'row-malformed',
        subject: 'EUR',
        detail: 'asset EUR has no feed; all except the numeraire USD need one',
      },
    });
    expect(asset(rows, 'USD')).toMatchObject({ ok: true });
  });
});

describe('the numeraire', () => {
  it('needs no row: its price and both its weights are 1', () => {
    const usd = known(asset(base, 'USD'));
    expect(textOf(usd.price)).toBe('1');
    expect(textOf(usd.weights.collateral)).toBe('1');
    expect(textOf(usd.weights.liability)).toBe('1');
    expect(usd.quoted).toBeUndefined();
    expect(textOf(usd.trading.unitCost)).toBe('0');
  });

  it('has a price of 1 whatever its row says, and the weights of its row', () => {
    const row = { feed: 'ETH-USD', collateralWeight: '0.5', liabilityWeight: '2' };
    const usd = known(asset({ ...base, assets: { USD: row } }, 'USD'));
    expect(textOf(usd.price)).toBe('1');
    expect(textOf(usd.weights.collateral)).toBe('0.5');
    expect(textOf(usd.weights.liability)).toBe('2');
  });

  it('takes the borrow rate from its row', () => {
    const rows = { ...base, assets: { USD: { borrowRatePerHour: '0.00001' } } };
    const { borrowRatePerHour } = known(asset(rows, 'USD'));
    expect(borrowRatePerHour && textOf(borrowRatePerHour)).toBe('0.00001');
  });

  it('is unknown if its row is malformed', () => {
    const rows = { ...base, assets: { USD: { borrowRatePerHour: 'NaN' } } };
    expect(asset(rows, 'USD')).toMatchObject({ ok: false, reason: { code: 'row-malformed' } });
  });

  it('is the asset that the policy names', () => {
    const rows = { ...base, policy: { numeraire: 'EUR' } };
    expect(textOf(known(asset(rows, 'EUR')).price)).toBe('1');
    expect(asset(rows, 'USD')).toBeUndefined();
  });
});

describe('the terms of an instrument', () => {
  it('include the value of one contract, its schedule and its trading cost', () => {
    const perp = known(instrument(base));
    expect(textOf(perp.contractValue)).toBe('60');
    expect(textOf(perp.contractSize)).toBe('0.001');
    expect(textOf(perp.trading.unitCost)).toBe('0.0025');
    expect(fundingOf(perp)).toBe('0.0001');
    expect(perp.quoted.factor.feed).toBe('BTC-USD');
    expect(perp.settlement.asset.asset).toBe('USD');
  });

  const marked: MarketRows = {
    ...base,
    instruments: { 'BTC-PERP': { ...perpetual, markFeed: 'BTC-MARK' } },
    quotes: {
      'BTC-USD#a': { price: '60000', fundingRatePerHour: '0.5' },
      'BTC-MARK#a': { price: '60100', fundingRatePerHour: '0.0002' },
    },
  };

  it('take price and funding from the mark feed, on the risk factor of the underlying', () => {
    const perp = known(instrument(marked));
    expect(textOf(perp.contractValue)).toBe('60100');
    expect(fundingOf(perp)).toBe('0.0002');
    expect(perp.quoted.factor.feed).toBe('BTC-USD');
    expect(perp.quoted.price.feed).toBe('BTC-MARK');
  });

  it('need the price of the mark feed and not that of the underlying', () => {
    const { 'BTC-USD#a': spot, 'BTC-MARK#a': mark } = marked.quotes ?? {};
    const onlyMark = { ...marked, quotes: { 'BTC-MARK#a': mark ?? {} } };
    expect(instrument(onlyMark)?.ok).toBe(true);
    const onlySpot = { ...marked, quotes: { 'BTC-USD#a': spot ?? {} } };
    expect(instrument(onlySpot)).toMatchObject({
      ok: false,
      reason: { code: 'price-missing', subject: 'BTC-MARK' },
    });
  });

  it('include no funding for a future', () => {
    const future = { ...perpetual, type: 'future', expiresAt: String(NOW + 1) };
    const rows = { ...base, instruments: { 'BTC-PERP': future } };
    expect(fundingOf(known(instrument(rows)))).toBe('0');
  });

  it('include an unknown funding rate if no quote states one', () => {
    const rows = { ...base, quotes: { 'BTC-USD#a': { price: '60000' } } };
    expect(fundingOf(known(instrument(rows)))).toBeUndefined();
  });

  it('take the funding of the underlying if the mark feed states none', () => {
    const quotes = { ...marked.quotes, 'BTC-MARK#a': { price: '60100' } };
    expect(fundingOf(known(instrument({ ...marked, quotes })))).toBe('0.5');
    const alone = { 'BTC-MARK#a': quotes['BTC-MARK#a'] };
    expect(fundingOf(known(instrument({ ...marked, quotes: alone })))).toBeUndefined();
  });

  it.each([
    ['are known 1 ms before the expiry', NOW + 1, true],
    ['have expired at the expiry', NOW, false],
    ['have expired 1 ms after the expiry', NOW - 1, false],
  ])('the terms %s', (_, expiresAt, isKnown) => {
    const future = { ...perpetual, type: 'future', expiresAt: String(expiresAt) };
    const found = instrument({ ...base, instruments: { 'BTC-PERP': future } });
    expect(found?.ok).toBe(isKnown);
    if (!isKnown) expect(found).toMatchObject({ reason: { code: 'instrument-expired' } });
  });

  it('are unknown if its risk class has no row, and the reason names the class', () => {
    const rows = { ...base, risk: {} };
    expect(instrument(rows)).toMatchObject({
      ok: false,
      reason: { code: 'risk-class-unknown', subject: 'BTC' },
    });
  });

  it('are known without a margin schedule in its risk class, but every holder is indeterminate', () => {
    const rows = { ...base, risk: { BTC: { volatility: '0.8' } } };
    const positions = [{ instrument: 'BTC-PERP', quantity: '1', entryPrice: '60000' }];
    expect(instrument(rows)).toMatchObject({ ok: true });
    expect(assess(crossOf({ positions }), snapshotOf(rows))).toMatchObject({
      certainty: 'indeterminate',
      reasons: [
        {
          code: 'risk-class-unknown',
          subject: 'BTC',
          detail: 'risk class BTC has no margin, which instrument BTC-PERP needs',
        },
      ],
    });
  });

  it('are unknown if its row is malformed, for that reason', () => {
    const rows = { ...base, instruments: { 'BTC-PERP': { ...perpetual, contractSize: '0' } } };
    expect(instrument(rows)).toMatchObject({
      ok: false,
      reason: { code: 'row-malformed', subject: 'market instrument/BTC-PERP' },
    });
  });
});
