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

describe('an asset', () => {
  it('has its price, its weights and the cost of trading it', () => {
    const eth = known(asset(base, 'ETH'));
    expect(textOf(eth.price)).toBe('3000');
    expect(textOf(eth.weights.collateral)).toBe('0.9');
    expect(textOf(eth.weights.liability)).toBe('1.2');
    expect(textOf(eth.trading.unitCost)).toBe('0.004');
    expect(eth.borrowRatePerHour).toBeUndefined();
    expect(eth.quoted?.factor.feed).toBe('ETH-USD');
  });

  it('costs what the class that it names says', () => {
    const rows = { ...base, assets: { ETH: { feed: 'ETH-USD', riskClass: 'BTC' } } };
    expect(textOf(known(asset(rows, 'ETH')).trading.unitCost)).toBe('0.0025');
  });

  it('without a class costs nothing to trade', () => {
    const rows = { ...base, assets: { DAI: { feed: 'ETH-USD', borrowRatePerHour: '0.00002' } } };
    const dai = known(asset(rows, 'DAI'));
    expect(textOf(dai.trading.unitCost)).toBe('0');
    expect(dai.borrowRatePerHour && textOf(dai.borrowRatePerHour)).toBe('0.00002');
  });

  it.each([
    ['malformed', { ETH: { ...base.risk?.ETH, volatility: 'NaN' } }, {}, 'row-malformed'],
    ['without a row', {}, { riskClass: 'NOWHERE' }, 'risk-class-unknown'],
  ])(
    'whose own class is %s is unknown, even where an instrument’s class is on its feed',
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

  it('without a feed is unknown, unless it is the numeraire', () => {
    const rows = { ...base, assets: { EUR: {}, USD: {} } };
    expect(asset(rows, 'EUR')).toEqual({
      ok: false,
      reason: {
        code: 'price-missing',
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

  it('counts in full whatever its row says', () => {
    const row = { feed: 'ETH-USD', collateralWeight: '0.5', liabilityWeight: '2' };
    const usd = known(asset({ ...base, assets: { USD: row } }, 'USD'));
    expect(textOf(usd.price)).toBe('1');
    expect(textOf(usd.weights.collateral)).toBe('1');
    expect(textOf(usd.weights.liability)).toBe('1');
  });

  it('has the borrow rate of its row', () => {
    const rows = { ...base, assets: { USD: { borrowRatePerHour: '0.00001' } } };
    const { borrowRatePerHour } = known(asset(rows, 'USD'));
    expect(borrowRatePerHour && textOf(borrowRatePerHour)).toBe('0.00001');
  });

  it('is unknown where its row is malformed', () => {
    const rows = { ...base, assets: { USD: { borrowRatePerHour: 'NaN' } } };
    expect(asset(rows, 'USD')).toMatchObject({ ok: false, reason: { code: 'row-malformed' } });
  });

  it('is the one that the policy names', () => {
    const rows = { ...base, policy: { numeraire: 'EUR' } };
    expect(textOf(known(asset(rows, 'EUR')).price)).toBe('1');
    expect(asset(rows, 'USD')).toBeUndefined();
  });
});

describe('an instrument', () => {
  it('has the value of one contract, its schedule and the cost of trading it', () => {
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

  it('with a mark feed has that price and funding, on the factor of its underlying', () => {
    const perp = known(instrument(marked));
    expect(textOf(perp.contractValue)).toBe('60100');
    expect(fundingOf(perp)).toBe('0.0002');
    expect(perp.quoted.factor.feed).toBe('BTC-USD');
    expect(perp.quoted.price.feed).toBe('BTC-MARK');
  });

  it('with a mark feed needs that price, and not the one of its underlying', () => {
    const { 'BTC-USD#a': spot, 'BTC-MARK#a': mark } = marked.quotes ?? {};
    const onlyMark = { ...marked, quotes: { 'BTC-MARK#a': mark ?? {} } };
    expect(instrument(onlyMark)?.ok).toBe(true);
    const onlySpot = { ...marked, quotes: { 'BTC-USD#a': spot ?? {} } };
    expect(instrument(onlySpot)).toMatchObject({
      ok: false,
      reason: { code: 'price-missing', subject: 'BTC-MARK' },
    });
  });

  it('that is a future has no funding', () => {
    const future = { ...perpetual, type: 'future', expiresAt: String(NOW + 1) };
    const rows = { ...base, instruments: { 'BTC-PERP': future } };
    expect(fundingOf(known(instrument(rows)))).toBe('0');
  });

  it('without a funding rate in its quotes has none that is known', () => {
    const rows = { ...base, quotes: { 'BTC-USD#a': { price: '60000' } } };
    expect(fundingOf(known(instrument(rows)))).toBeUndefined();
  });

  it('with a mark feed that states no funding has that of its underlying', () => {
    const quotes = { ...marked.quotes, 'BTC-MARK#a': { price: '60100' } };
    expect(fundingOf(known(instrument({ ...marked, quotes })))).toBe('0.5');
    const alone = { 'BTC-MARK#a': quotes['BTC-MARK#a'] };
    expect(fundingOf(known(instrument({ ...marked, quotes: alone })))).toBeUndefined();
  });

  it.each([
    ['1 ms before its expiry is known', NOW + 1, true],
    ['at its expiry has expired', NOW, false],
    ['1 ms after it has expired', NOW - 1, false],
  ])('%s', (_, expiresAt, isKnown) => {
    const future = { ...perpetual, type: 'future', expiresAt: String(expiresAt) };
    const found = instrument({ ...base, instruments: { 'BTC-PERP': future } });
    expect(found?.ok).toBe(isKnown);
    if (!isKnown) expect(found).toMatchObject({ reason: { code: 'instrument-expired' } });
  });

  it('whose risk class has no row is unknown, by the name of the class', () => {
    const rows = { ...base, risk: {} };
    expect(instrument(rows)).toMatchObject({
      ok: false,
      reason: { code: 'risk-class-unknown', subject: 'BTC' },
    });
  });

  it('whose risk class has no schedule is unknown to whoever holds it', () => {
    const rows = { ...base, risk: { BTC: { volatility: '0.8' } } };
    const positions = [{ instrument: 'BTC-PERP', quantity: '1', entryPrice: '60000' }];
    expect(instrument(rows)).toMatchObject({ ok: true });
    expect(assess(crossOf({ positions }), snapshotOf(rows))).toMatchObject({
      certainty: 'indeterminate',
      reasons: [
        {
          code: 'risk-class-unknown',
          subject: 'BTC',
          detail: 'risk class BTC of instrument BTC-PERP has no margin schedule',
        },
      ],
    });
  });

  it('whose own row is malformed is that reason', () => {
    const rows = { ...base, instruments: { 'BTC-PERP': { ...perpetual, contractSize: '0' } } };
    expect(instrument(rows)).toMatchObject({
      ok: false,
      reason: { code: 'row-malformed', subject: 'market instrument/BTC-PERP' },
    });
  });
});
