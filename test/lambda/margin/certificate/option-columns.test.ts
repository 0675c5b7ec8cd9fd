/** One test for each thing that the certificate of a book with options rests on. */
import { describe, expect, it } from 'vitest';
import { lowCallSurplus } from '../../../../lambda/margin/assess/assess.ts';
import { certify } from '../../../../lambda/margin/certificate/certify.ts';
import { Columns } from '../../../../lambda/margin/certificate/columns.ts';
import { ENVELOPE } from '../../../../lambda/margin/certificate/envelope.ts';
import type { Screen } from '../../../../lambda/margin/certificate/screen.ts';
import { curveAtMark } from '../../../../lambda/margin/curve/curve-at-mark.ts';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, bookOf, crossOf, type MarketRows, NOW, snapshotOf } from '../build.ts';
import { screenOf } from './screen-of.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const OPTION = {
  ...{ type: 'option', underlying: 'BTC-USD', riskClass: 'BTC', settlementAsset: 'USD' },
  expiresAt: String(NOW + 30 * DAY_MS),
};

const RISK = {
  volatility: '0.8',
  margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
  optionRule: {
    shortCall: {
      initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' },
      maintenance: { rate: '0.075' },
    },
    underlyingPrice: 'forward',
    balanceValue: 'all',
  },
};

const MARKET: MarketRows = {
  policy: { latencyBuffer: 'standard', uncertainty: 'standard', maxAgeSeconds: '120' },
  assets: { USDC: { feed: 'USDC-USD' } },
  instruments: {
    CALL: {
      ...{ ...OPTION, optionType: 'call', strike: '6600', markFeed: 'CALL-IV' },
      forwardFeed: 'BTC-FORWARD',
    },
    PUT: { ...OPTION, optionType: 'put', strike: '5400', markFeed: 'PUT' },
    // An expiry of its own.
    SOON: {
      ...{ ...OPTION, optionType: 'put', strike: '5400', markFeed: 'SOON' },
      expiresAt: String(NOW + 12 * HOUR_MS),
    },
    'BTC-PERP': { ...OPTION, type: 'perpetual', expiresAt: undefined },
  },
  risk: { BTC: RISK, USDC: { volatility: '0.03' } },
  quotes: {
    'BTC-USD#a': { price: '6000' },
    'BTC-FORWARD#a': { price: '6030' },
    'USDC-USD#a': { price: '1' },
    'CALL-IV#a': { impliedVolatility: '0.6' },
    'PUT#a': { price: '160', confidence: '1' },
    'SOON#a': { impliedVolatility: '0.6' },
  },
};

const usd = (amount: string): RawRow => ({ asset: 'USD', amount });
const held = (instrument: string, quantity: string): RawRow => ({
  ...{ instrument, quantity, entryPrice: '100' },
});

const SHORT_CALL: AccountRows = { balances: [usd('4000')], positions: [held('CALL', '-2')] };
const LONG_PUT: AccountRows = { balances: [usd('400')], positions: [held('PUT', '2')] };
const SHORT_SOON: AccountRows = { balances: [usd('4000')], positions: [held('SOON', '-2')] };

type Kinds = 'assets' | 'instruments' | 'quotes' | 'risk';

const changed = (kind: Kinds, id: string, row: RawRow, of = MARKET): MarketRows => ({
  ...of,
  [kind]: { ...of[kind], [id]: { ...of[kind]?.[id], ...row } },
});

const without = (kind: Kinds, id: string): MarketRows => {
  const { [id]: _, ...others } = MARKET[kind] ?? {};
  return { ...MARKET, [kind]: others };
};

const ruled = (rule: RawRow): MarketRows =>
  changed('risk', 'BTC', { optionRule: { ...RISK.optionRule, ...rule } });

/** All quotes published then, unless they say otherwise. */
const later = (hours: number, of = MARKET): MarketRows => {
  const asOf = NOW + hours * HOUR_MS;
  const quotes = Object.entries(of.quotes ?? {}).map(([id, row]) => [
    id,
    { publishedAt: String(asOf), ...row },
  ]);
  return { ...of, quotes: Object.fromEntries(quotes), asOf };
};

const screened = (account: AccountRows, market = MARKET): Screen =>
  screenOf(account, snapshotOf(market));

function exactly(account: AccountRows, market: MarketRows): number {
  const snapshot = snapshotOf(market);
  const book = bookOf(account, snapshot);
  const low = lowCallSurplus(book, book.curves.map(curveAtMark), snapshot.policy);
  return low === 'unbounded' ? Number.NEGATIVE_INFINITY : approximately(low);
}

/** The bound and the exact figure at another market. */
const measured = (account: AccountRows, market: MarketRows, opened = MARKET) => ({
  bound: screened(account, opened).boundsAt(snapshotOf(market))[1] ?? Number.NaN,
  exact: exactly(account, market),
});

describe('a certificate of a book with options', () => {
  it.each<[string, AccountRows, MarketRows]>([
    ['the market is the same', SHORT_CALL, MARKET],
    ['the price has risen', LONG_PUT, changed('quotes', 'BTC-USD#a', { price: '6100' })],
    ['the price has fallen', SHORT_CALL, changed('quotes', 'BTC-USD#a', { price: '5990' })],
    [
      'volatility has risen',
      SHORT_CALL,
      changed('quotes', 'CALL-IV#a', { impliedVolatility: '0.64' }),
    ],
    ['volatility has fallen', LONG_PUT, changed('quotes', 'PUT#a', { price: '145' })],
    ['four hours have passed', LONG_PUT, later(4)],
    [
      'the forward has moved apart',
      SHORT_CALL,
      changed('quotes', 'BTC-FORWARD#a', { price: '6060' }),
    ],
    [
      'the forward is less certain',
      SHORT_CALL,
      changed('quotes', 'BTC-FORWARD#a', { confidence: '20' }),
    ],
    ['its quote is less certain', LONG_PUT, changed('quotes', 'PUT#a', { confidence: '10' })],
    [
      'its quote has aged',
      LONG_PUT,
      changed('quotes', 'PUT#a', { publishedAt: String(NOW - 200_000) }),
    ],
  ])('is below the exact figure, and not far, where %s', (_what, account, market) => {
    const { bound, exact } = measured(account, market);
    expect(bound).toBeLessThanOrEqual(exact);
    // A percent of the notional.
    expect(exact - bound).toBeLessThan(120);
  });

  it('charges what a short loses by its volatility, its forward and their uncertainty', () => {
    const loss = (market: MarketRows) => {
      const { bound } = measured(SHORT_CALL, market);
      return {
        bounded: measured(SHORT_CALL, MARKET).bound - bound,
        exact: exactly(SHORT_CALL, MARKET) - exactly(SHORT_CALL, market),
      };
    };
    for (const market of [
      changed('quotes', 'CALL-IV#a', { impliedVolatility: '0.7' }),
      changed('quotes', 'BTC-FORWARD#a', { price: '6080' }),
      changed('quotes', 'BTC-FORWARD#a', { confidence: '60' }),
    ]) {
      const { bounded, exact } = loss(market);
      expect(exact).toBeGreaterThan(20);
      // The shock takes a little more or less after it.
      expect(bounded).toBeGreaterThan(0.95 * exact);
    }
  });

  it.each<[string, AccountRows, MarketRows]>([
    ['a quote is missing', SHORT_CALL, without('quotes', 'CALL-IV#a')],
    [
      'a quote is stale',
      SHORT_CALL,
      changed('quotes', 'CALL-IV#a', { publishedAt: String(NOW - HOUR_MS) }),
    ],
    [
      'volatility has left the envelope',
      SHORT_CALL,
      changed('quotes', 'CALL-IV#a', { impliedVolatility: '0.9' }),
    ],
    [
      'the price has left its envelope',
      SHORT_CALL,
      changed('quotes', 'BTC-USD#a', { price: '6950' }),
    ],
    ['the price is missing', SHORT_CALL, without('quotes', 'BTC-USD#a')],
    ['the price is too uncertain', LONG_PUT, changed('quotes', 'BTC-USD#a', { confidence: '400' })],
    [
      'a shock is too large',
      LONG_PUT,
      changed('risk', 'BTC', { jumpFloor: '0.12', shockMax: '1' }),
    ],
    ['the forward is missing', SHORT_CALL, without('quotes', 'BTC-FORWARD#a')],
    ['the forward is far apart', SHORT_CALL, changed('quotes', 'BTC-FORWARD#a', { price: '6120' })],
    ['much of its time has passed', SHORT_SOON, later(10)],
    ['it has expired', SHORT_SOON, later(12)],
    ['a day has passed', SHORT_CALL, later(24)],
    ['its strike has changed', SHORT_CALL, changed('instruments', 'CALL', { strike: '6700' })],
    ['it is a put', SHORT_CALL, changed('instruments', 'CALL', { optionType: 'put' })],
    ['its contract has changed', SHORT_CALL, changed('instruments', 'CALL', { contractSize: '2' })],
    ['another feed quotes it', SHORT_CALL, changed('instruments', 'CALL', { markFeed: 'SOON' })],
    [
      'it has no forward any more',
      SHORT_CALL,
      changed('instruments', 'CALL', { forwardFeed: undefined }),
    ],
    [
      'it expires later',
      SHORT_CALL,
      changed('instruments', 'CALL', { expiresAt: String(NOW + 31 * DAY_MS) }),
    ],
    ['its class has another rule', SHORT_CALL, ruled({ factor: '1.1' })],
    ['less of its value counts', SHORT_CALL, ruled({ balanceValue: 'long' })],
    ['its class has another rate', LONG_PUT, changed('risk', 'BTC', { rate: '0.01' })],
    [
      'its class follows volatility',
      SHORT_CALL,
      changed('risk', 'BTC', {
        dynamic: { referenceVolatility: '0.8', floor: '1', cap: '2' },
      }),
    ],
    ['an order is charged', SHORT_CALL, changed('risk', 'BTC', { openOrderCharge: '1' })],
  ])('says nothing where %s', (_what, account, market) => {
    expect(screened(account).boundsAt(snapshotOf(market))[1]).toBeNaN();
  });

  it('holds while a score is no lower than it was', () => {
    const charging = (confidenceScore: string) =>
      changed(
        'quotes',
        'BTC-USD#a',
        { confidenceScore },
        changed('risk', 'BTC', {
          confidenceCharges: [{ of: 'options', threshold: '1', factor: '0.1' }],
        }),
      );
    const at = (score: string) => measured(SHORT_CALL, charging(score), charging('0.9'));
    for (const score of ['0.9', '0.95']) {
      const { bound, exact } = at(score);
      expect(bound).toBeLessThanOrEqual(exact);
      expect(bound).toBeGreaterThan(0);
    }
    expect(at('0.85').bound).toBeNaN();
  });

  it('leaves books without options their wide envelope', () => {
    const account = { balances: [usd('9000')], positions: [held('BTC-PERP', '1')] };
    const fallen = changed('quotes', 'BTC-USD#a', { price: '4000' });
    expect(measured(account, fallen).bound).toBeGreaterThan(0);
    const both = { ...account, positions: [...account.positions, held('PUT', '1')] };
    expect(measured(both, fallen).bound).toBeNaN();
  });
});

describe('no certificate', () => {
  const whyNot = (market: MarketRows, account: AccountRows) => {
    const snapshot = snapshotOf(market);
    const columns = new Columns(snapshot, ENVELOPE);
    const found = certify(crossOf(account), bookOf(account, snapshot), { snapshot, columns });
    return found.ok ? undefined : found.why;
  };

  it.each<[string, MarketRows, AccountRows]>([
    ['in doubt', without('quotes', 'CALL-IV#a'), SHORT_CALL],
    [
      'option scaled by volatility',
      changed('risk', 'BTC', { dynamic: { referenceVolatility: '0.8', floor: '1', cap: '2' } }),
      SHORT_CALL,
    ],
    [
      'option settled at another price',
      changed('instruments', 'PUT', { settlementAsset: 'USDC' }),
      LONG_PUT,
    ],
    [
      'expiry with several forwards',
      ruled({ expiryNetting: { initial: '0.1', maintenance: '0.05' } }),
      { balances: [usd('4000')], positions: [held('CALL', '-1'), held('PUT', '-1')] },
    ],
  ])('%s', (why, market, account) => {
    expect(whyNot(market, account)).toBe(why);
  });
});
