import { describe, expect, it } from 'vitest';
import { certify } from '../../../../lambda/margin/certificate/certify.ts';
import { Columns } from '../../../../lambda/margin/certificate/columns.ts';
import { ENVELOPE } from '../../../../lambda/margin/certificate/envelope.ts';
import { Screen, ScreenError } from '../../../../lambda/margin/certificate/screen.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, bookOf, crossOf, type MarketRows, NOW, snapshotOf } from '../build.ts';
import { screenOf } from './screen-of.ts';

const HOUR_MS = 3_600_000;

const RISK = { margin: { type: 'flat', initial: '0.1', maintenance: '0.05' }, volatility: '0.8' };

const MARKET: MarketRows = {
  policy: { latencyBuffer: 'standard', uncertainty: 'standard', maxAgeSeconds: '86400' },
  assets: {
    BTC: { feed: 'BTC-USD', collateralWeight: '0.9' },
    USDC: { feed: 'USDC-USD', collateralWeight: '0.98' },
  },
  instruments: {
    'BTC-PERP': {
      ...{ type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC', settlementAsset: 'USD' },
      markFeed: 'BTC-MARK',
    },
    'BTC-USDC': {
      ...{ type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC', settlementAsset: 'USDC' },
    },
  },
  risk: { BTC: RISK, USDC: { volatility: '0.03' } },
  quotes: {
    'BTC-USD#a': { price: '6000', fundingRatePerHour: '0.0001' },
    'BTC-MARK#a': { price: '6001', fundingRatePerHour: '0.0001' },
    'USDC-USD#a': { price: '1' },
  },
};

const ACCOUNT: AccountRows = {
  balances: [
    { asset: 'USD', amount: '40000' },
    { asset: 'BTC', amount: '1' },
  ],
  positions: [
    { instrument: 'BTC-PERP', quantity: '2', entryPrice: '6000', fundingSettledAt: String(NOW) },
    { instrument: 'BTC-USDC', quantity: '1', entryPrice: '5900' },
  ],
};

type Kinds = 'assets' | 'instruments' | 'quotes' | 'risk' | 'locations';

const changed = (kind: Kinds, id: string, row: RawRow): MarketRows => ({
  ...MARKET,
  [kind]: { ...MARKET[kind], [id]: { ...MARKET[kind]?.[id], ...row } },
});

const without = (kind: Kinds, id: string): MarketRows => {
  const { [id]: _, ...others } = MARKET[kind] ?? {};
  return { ...MARKET, [kind]: others };
};

const screened = (account = ACCOUNT, market = MARKET): Screen =>
  screenOf(account, snapshotOf(market));

describe('at another market', () => {
  const screen = screened();
  const at = (market: MarketRows) => screen.boundsAt(snapshotOf(market))[1];

  it('a healthy account is proved to be healthy', () => {
    expect(at(MARKET)).toBeGreaterThan(30_000);
    expect(screen.suspects(snapshotOf(MARKET))).toEqual([]);
    const fallen = changed('quotes', 'BTC-USD#a', { price: '5400' });
    const both = {
      ...fallen,
      quotes: { ...fallen.quotes, 'BTC-MARK#a': { price: '5401', fundingRatePerHour: '0.0001' } },
    };
    expect(at(both)).toBeGreaterThan(20_000);
  });

  it.each<[string, MarketRows]>([
    ['a price is missing', without('quotes', 'BTC-USD#a')],
    ['a mark is missing', without('quotes', 'BTC-MARK#a')],
    ['the price of the settlement asset is missing', without('quotes', 'USDC-USD#a')],
    [
      'a price is stale',
      changed('quotes', 'BTC-USD#a', { publishedAt: String(NOW - 10 * HOUR_MS) }),
    ],
    ['a jump is in doubt', { ...MARKET, previousPrices: { 'BTC-USD': '4000' } }],
    ['a price has left the envelope', changed('quotes', 'BTC-USD#a', { price: '299' })],
    ['a mark has moved apart', changed('quotes', 'BTC-MARK#a', { price: '6100' })],
    ['a price is too uncertain', changed('quotes', 'BTC-USD#a', { confidence: '2000' })],
    ['a shock is too large', changed('risk', 'BTC', { jumpFloor: '0.4', shockMax: '1' })],
    [
      'funding is not known any more',
      changed('quotes', 'BTC-MARK#a', { fundingRatePerHour: null }),
    ],
    ['funding has changed', changed('quotes', 'BTC-MARK#a', { fundingRatePerHour: '0.00021' })],
    [
      'a requirement has changed',
      changed('risk', 'BTC', { margin: { ...RISK.margin, maintenance: '0.051' } }),
    ],
    ['a contract has changed', changed('instruments', 'BTC-PERP', { contractSize: '2' })],
    ['another feed marks it', changed('instruments', 'BTC-PERP', { markFeed: 'USDC-USD' })],
    [
      'a weight of the numeraire has changed',
      changed('assets', 'USD', { collateralWeight: '0.99' }),
    ],
    ['the settlement asset has moved far', changed('quotes', 'USDC-USD#a', { price: '1.06' })],
    ['a weight has changed', changed('assets', 'BTC', { collateralWeight: '0.8' })],
    [
      'a charge is added',
      changed('risk', 'BTC', {
        confidenceCharges: [{ on: ['perpetual'], weight: '1', slack: '0' }],
      }),
    ],
    ['the policy has changed', { ...MARKET, policy: { ...MARKET.policy, callMultiplier: '1.3' } }],
    ['it is a day old', { ...MARKET, asOf: NOW + 25 * HOUR_MS }],
    ['it is of the future', { ...MARKET, asOf: NOW - HOUR_MS }],
  ])('says nothing where %s', (_what, market) => {
    expect(at(market)).toBeNaN();
    expect(screen.suspects(snapshotOf(market))).toEqual([7]);
  });

  it('interest and funding are taken off, hour by hour', () => {
    const aged = (hours: number) =>
      at({
        ...MARKET,
        asOf: NOW + hours * HOUR_MS,
        quotes: Object.fromEntries(
          Object.entries(MARKET.quotes ?? {}).map(([id, row]) => [
            id,
            { ...row, publishedAt: String(NOW + hours * HOUR_MS) },
          ]),
        ),
      }) ?? Number.NaN;
    const hourly = aged(0) - aged(1);
    // 12,002 of notional at 1 bp, and another for a change of the rate; the envelope's reserve.
    expect(hourly).toBeGreaterThan(2 * 1.2);
    expect(hourly).toBeLessThan(2 * 1.2 * 1.75);
  });
});

describe('what follows time, scores and volatility', () => {
  const dynamic = { referenceVolatility: '0.8', floor: '1', cap: '2' };
  const scaled = changed('risk', 'BTC', { dynamic });

  it('counts a rise of a dynamic class, and none of its falls', () => {
    const screen = screened(ACCOUNT, scaled);
    const at = (volatility: string) =>
      screen.boundsAt(snapshotOf(changed('risk', 'BTC', { dynamic, volatility })))[1] ?? Number.NaN;
    // 18,000 of notional at 5 %, a quarter more at the call line, are 1,125 and rise by a half.
    expect(at('0.8') - at('1.2')).toBeGreaterThan(562);
    expect(at('0.8')).toBeGreaterThan(30_000);
    expect(at('0.4')).toBeGreaterThanOrEqual(at('0.8'));
  });

  const charged = { of: 'perpetuals', threshold: '1', factor: '0.1' };

  it('holds while a score is no lower than it was', () => {
    const charging = changed('risk', 'BTC', { confidenceCharges: [charged] });
    const scored = (confidenceScore: string) => ({
      ...charging,
      quotes: {
        ...MARKET.quotes,
        'BTC-USD#a': { ...MARKET.quotes?.['BTC-USD#a'], confidenceScore },
      },
    });
    const screen = screened(ACCOUNT, scored('0.95'));
    const at = (score: string) => screen.boundsAt(snapshotOf(scored(score)))[1];
    expect(at('0.95')).toBeGreaterThan(30_000);
    expect(at('0.97')).toBeGreaterThan(30_000);
    expect(at('0.94')).toBeNaN();
  });

  it('holds while a stablecoin is no further from its peg', () => {
    const depegCharge = { feed: 'USDC-USD', threshold: '1.001', factor: '2' };
    const market = changed('risk', 'BTC', { depegCharge });
    const at = (price: string) =>
      screened(ACCOUNT, market).boundsAt(
        snapshotOf({ ...market, quotes: { ...market.quotes, 'USDC-USD#a': { price } } }),
      )[1];
    expect(at('1')).toBeGreaterThan(30_000);
    expect(at('1.0005')).toBeGreaterThan(30_000);
    expect(at('0.9995')).toBeNaN();
  });

  it('holds while a location is observed', () => {
    const arbitrum = {
      ...{ finalitySeconds: '60', weight: '0.9', pendingWeight: '0.5', staleAfterSeconds: '120' },
      observedAt: String(NOW),
    };
    const account = {
      ...ACCOUNT,
      balances: [
        ...(ACCOUNT.balances ?? []),
        {
          ...{ asset: 'USDC', amount: '900' },
          ...{ location: 'arbitrum', observedAt: String(NOW - 90_000) },
        },
      ],
    };
    const market = { ...MARKET, locations: { arbitrum } };
    const at = (row: RawRow) => {
      const locations = { arbitrum: { ...arbitrum, ...row } };
      return screened(account, market).boundsAt(snapshotOf({ ...market, locations }))[1];
    };
    expect(at({})).toBeGreaterThan(30_000);
    expect(at({ observedAt: String(NOW - 119_000) })).toBeGreaterThan(30_000);
    expect(at({ observedAt: String(NOW - 121_000) })).toBeNaN();
    expect(at({ weight: '0.8' })).toBeNaN();
  });
});

describe('no certificate', () => {
  const whyNot = (market: MarketRows, account = ACCOUNT) => {
    const snapshot = snapshotOf(market);
    const columns = new Columns(snapshot, ENVELOPE);
    const found = certify(crossOf(account), bookOf(account, snapshot), { snapshot, columns });
    return found.ok ? undefined : found.why;
  };

  it.each<[string, MarketRows, AccountRows?]>([
    ['in doubt', { ...MARKET, previousPrices: { 'BTC-USD': '4000' } }],
    ['portfolio margin', MARKET, { ...ACCOUNT, profile: { marginModel: 'portfolio' } }],
    ['rounded', changed('risk', 'BTC', { requirementPlaces: '2' })],
    [
      'phased in',
      changed('risk', 'BTC', {
        phaseIn: {
          margin: { type: 'flat', initial: '0.05', maintenance: '0.02' },
          from: String(NOW + HOUR_MS),
          hours: '24',
        },
      }),
    ],
    [
      'not straight-lined',
      changed('risk', 'BTC', {
        margin: {
          type: 'squareRoot',
          ...{ initial: '0.1', maintenance: '0.05', sizeScaling: '0.001' },
        },
      }),
      {
        balances: [{ asset: 'BTC', amount: '10' }],
        positions: [{ instrument: 'BTC-COIN', quantity: '3', entryPrice: '6000' }],
      },
    ],
  ])('%s', (why, market, account) => {
    const coin = {
      ...{ type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC' },
      ...{ settlementAsset: 'BTC', inverse: true, contractSize: '1000' },
    };
    const instruments = { ...market.instruments, 'BTC-COIN': coin };
    expect(whyNot({ ...market, instruments }, account)).toBe(why);
  });

  it('columns of another market are refused', () => {
    const columns = new Columns(snapshotOf(MARKET), ENVELOPE);
    const snapshot = snapshotOf(MARKET);
    const book = bookOf(ACCOUNT, snapshot);
    expect(() => certify(crossOf(ACCOUNT), book, { snapshot, columns })).toThrow(RangeError);
  });
});

describe('the screen', () => {
  it('holds many lines, and forgets one', () => {
    const snapshot = snapshotOf(MARKET);
    const columns = new Columns(snapshot, ENVELOPE);
    const certified = certify(crossOf(ACCOUNT), bookOf(ACCOUNT, snapshot), { snapshot, columns });
    if (!certified.ok) throw new Error(certified.why);
    const screen = new Screen(columns);
    for (let account = 0; account < 3_000; account++) {
      const x0 = account === 2_999 ? 1 : certified.certificate.x0;
      screen.add(account, { ...certified.certificate, x0 });
    }
    expect(screen.size).toBe(3_000);
    expect(screen.suspects(snapshot)).toEqual([2_999]);
    screen.lines.remove(3_000, 1);
    expect(screen.suspects(snapshot)).toEqual([]);
    expect(screen.size).toBe(2_999);
  });

  it('notices that its arrays are damaged', () => {
    const screen = screened();
    screen.lines.ofEntries.slopes[0] = 3;
    expect(() => screen.boundsAt(snapshotOf(MARKET))).toThrow(ScreenError);
  });

  it('rounds every loss up to a float32', () => {
    const snapshot = snapshotOf(MARKET);
    const columns = new Columns(snapshot, ENVELOPE);
    const column = columns.factor('BTC-USD');
    for (const down of [1 / 3, -1 / 3, 1e9 / 7, -1e9 / 7, 0, 1e-50, -1e-50]) {
      const screen = new Screen(columns);
      const entry = { column, down, up: down, slopeDown: 0, slopeUp: 0, equity: 0 };
      const nothing = { x0: 0, toLiquidation: 0, equity: 0, decay: 0, owed: 0, exposures: [] };
      screen.add(1, { ...nothing, until: NOW + HOUR_MS, entries: [entry] });
      const [, risen = Number.NaN] = screen.boundsAt(
        snapshotOf({
          ...changed('quotes', 'BTC-USD#a', { price: '12000', fundingRatePerHour: '0.0001' }),
        }),
      );
      expect(risen, `${down}`).toBeLessThanOrEqual(-down);
      expect(Math.abs(risen + down)).toBeLessThanOrEqual(1e-6 * Math.abs(down) + 1e-44);
    }
  });
});
