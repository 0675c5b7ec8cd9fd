import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AssessedSubAccount, assessAccount } from '../../lambda/accounts/assess-account.ts';
import type { Figure } from '../../lambda/margin/assess/figures.ts';
import { readDocument, snapshotOf } from '../../local/analysis/document.ts';
import {
  type Judgement,
  judge,
  NotCovered,
  type ReaderFeed,
  type ReaderFigure,
  type ReaderFigures,
  type ReaderMargin,
  type ReaderMarket,
  type ReaderPolicy,
  verdictOf,
} from './reader.ts';
import { readerMarketOf } from './reader-market.ts';

// By hand.

const fixed = (price: number, more: Partial<ReaderFeed> = {}): ReaderFeed => ({
  price,
  uncertainty: 0,
  shockDown: 0,
  shockUp: 0,
  ...more,
});

/** Stale, suspect or a first print, by a factor of 2. */
const doubtful = (price: number, more: Partial<ReaderFeed> = {}): ReaderFeed =>
  fixed(price, { doubt: { low: price / 2, high: price * 2 }, ...more });

const TIERED: ReaderMargin = {
  type: 'tiered',
  tiers: [
    { floor: 0, initial: 0.1, maintenance: 0.05 },
    { floor: 100_000, initial: 0.2, maintenance: 0.1 },
  ],
};

interface Given {
  readonly feeds?: Readonly<Record<string, ReaderFeed | undefined>>;
  readonly policy?: Partial<ReaderPolicy>;
  readonly margin?: ReaderMargin;
  readonly weights?: { readonly collateralWeight: number; readonly liabilityWeight: number };
}

function marketWith({ feeds, policy, margin, weights }: Given): ReaderMarket {
  const coin = { collateralWeight: 0.5, liabilityWeight: 1, ...weights };
  const perpetual = { settlementAsset: 'USD', contractSize: 1, inverse: false, riskClass: 'any' };
  return {
    policy: {
      liquidationMultiplier: 1,
      callMultiplier: 1.25,
      callAt: 'maintenance',
      amountPlaces: 2,
      latencyBuffer: 'standard',
      jointShockWeight: 0,
      ...policy,
    },
    feeds: new Map(Object.entries({ 'BTC-USD': fixed(60_000), 'DOG-USD': undefined, ...feeds })),
    assets: new Map([
      ['BTC', { feed: 'BTC-USD', ...coin }],
      ['DOG', { feed: 'DOG-USD', ...coin }],
    ]),
    instruments: new Map([
      ['BTC-PERP', { ...perpetual, underlying: 'BTC-USD' }],
      ['DOG-PERP', { ...perpetual, underlying: 'DOG-USD' }],
      ['BTC-INV', { ...perpetual, underlying: 'BTC-USD', settlementAsset: 'BTC', inverse: true }],
    ]),
    riskClasses: new Map([
      ['any', { margin: margin ?? { type: 'flat', initial: 0.1, maintenance: 0.05 } }],
    ]),
  };
}

const balance = (asset: string, amount: number) => ({ item: `balance#${asset}`, asset, amount });

const position = (instrument: string, quantity: number, entryPrice: number, more: object = {}) => ({
  item: `position#${instrument}`,
  instrument,
  quantity,
  entryPrice,
  ...more,
});

type Rows = Parameters<typeof judge>[0];

function only(rows: Rows, given: Given = {}): Judgement {
  const [judgement, ...others] = judge(rows, marketWith(given));
  if (judgement === undefined || others.length > 0) throw new Error('one sub-account expected');
  return judgement;
}

const verdictIn = ({ row, level, certainty, isLiquidationWithheld }: Judgement) =>
  [row, level, certainty, ...(isLiquidationWithheld ? ['withheld'] : [])].join(' ');

test('MARGIN 4: dust of a stale token does not veto a liquidation', () => {
  // B 4, MM 5: −1. The token adds at most 2e-8·0.5.
  const rows = [
    balance('USD', 4),
    position('BTC-PERP', 1, 100),
    { item: 'balance#DOG', asset: 'DOG', amount: '0.00000001' },
  ];
  const feeds = { 'BTC-USD': fixed(100), 'DOG-USD': doubtful(1) };
  expect(verdictIn(only(rows, { feeds }))).toBe('1 liquidation certain');
});

test('MARGIN 4: a token that never had a price backs nothing and takes nothing', () => {
  const judgement = only([balance('USD', 4_000_000), balance('DOG', 0.1)]);
  expect(verdictIn(judgement)).toBe('3 healthy certain');
  // [0, ∞) for the equity, 0 for the margin balance.
  expect(judgement.figures.equity).toMatchObject({ least: 4_000_000, most: Infinity });
  expect(judgement.figures.liquidation).toMatchObject({ least: 4_000_000, most: 4_000_000 });
});

test('MARGIN 4: a print of ten times the price neither cures nor liquidates', () => {
  // At 60,000: −59,000 + 59,000 − 3,000 < 0. At 600,000: −59,000 + 599,000 − 30,000 > 0.
  const feeds = { 'BTC-USD': fixed(60_000, { doubt: { low: 60_000, high: 600_000 } }) };
  const judgement = only([balance('USD', -59_000), position('BTC-PERP', 1, 1_000)], { feeds });
  expect(verdictIn(judgement)).toBe('6 indeterminate indeterminate');
  expect(judgement.figures.liquidation).toMatchObject({ least: -3_000, most: 510_000 });
});

test('row 0: a debt below one place of amountPlaces, and nothing else', () => {
  expect(verdictIn(only([balance('USD', -0.009)]))).toBe('0 healthy certain');
  expect(verdictIn(only([balance('USD', -0.011)]))).toBe('1 deficit certain');
  expect(verdictIn(only([balance('USD', -0.009), balance('DOG', 1e-9)]))).toMatch(/^1 /);
  // At every price of the doubt: 0.006 may be 0.012.
  const feeds = { 'BTC-USD': doubtful(60_000) };
  expect(verdictIn(only([balance('BTC', -1e-7)], { feeds }))).toBe('1 deficit certain');
  // And within its U: 0.0096 may be 0.01056. An aged price counts as it is.
  const uncertain = { 'BTC-USD': fixed(60_000, { uncertainty: 0.1 }) };
  expect(verdictIn(only([balance('BTC', -1.6e-7)], { feeds: uncertain }))).toMatch(/^1 /);
  const aged = { 'BTC-USD': fixed(60_000, { aged: { low: 30_000, high: 120_000 } }) };
  expect(verdictIn(only([balance('BTC', -1.6e-7)], { feeds: aged }))).toMatch(/^0 /);
});

test('row 1: below the liquidation line at every price, aged ones included', () => {
  // Equity 2,000, MM 3,000: −1,000.
  const rows = [balance('USD', 2_000), position('BTC-PERP', 1, 60_000)];
  expect(verdictIn(only(rows))).toBe('1 liquidation certain');
  // At 120,000: equity 62,000, MM 6,000.
  const aged = fixed(60_000, { aged: { low: 30_000, high: 120_000 } });
  expect(verdictIn(only(rows, { feeds: { 'BTC-USD': aged } }))).toBe('5 call uncertain withheld');
  // Equity −1.
  const bankrupt = [balance('USD', -1), position('BTC-PERP', 1, 60_000)];
  expect(verdictIn(only(bankrupt))).toBe('1 deficit certain');
});

test('row 2: an expired call liquidates where the call surplus is negative at every price', () => {
  // Equity 3,500: 500 above MM 3,000, 250 below 1.25·MM.
  const rows = [balance('USD', 3_500), position('BTC-PERP', 1, 60_000)];
  const judgement = only(rows);
  expect(verdictIn(judgement)).toBe('5 call certain');
  expect(judgement.expiry.isLiquidation).toBe(true);
  const aged = fixed(60_000, { aged: { low: 30_000, high: 120_000 } });
  expect(only(rows, { feeds: { 'BTC-USD': aged } }).expiry.isLiquidation).toBe(false);
});

test('row 3: equality with the call line is safe', () => {
  // 1.25·3,000 = 3,750, and exactly at the line.
  const judgement = only([balance('USD', 3_750), position('BTC-PERP', 1, 60_000)]);
  expect(verdictIn(judgement)).toBe('3 healthy certain');
  expect(judgement.margin).toBe(0);
});

test('row 4: only the uncertainty reaches the call line', () => {
  // 1.25·MM = 3,750 of 4,000. U 1 % takes 600, and 37.5 of 1.25·MM: −312.5; of MM: 430.
  const feeds = { 'BTC-USD': fixed(60_000, { uncertainty: 0.01 }) };
  const judgement = only([balance('USD', 4_000), position('BTC-PERP', 1, 60_000)], { feeds });
  expect(verdictIn(judgement)).toBe('4 healthy uncertain');
  expect(judgement.figures.call.low).toBeCloseTo(-312.5, 8);
  expect(judgement.figures.liquidation.low).toBeCloseTo(430, 8);
});

test('row 5: a liquidation is withheld for the uncertainty of a price', () => {
  // Equity 2,500: −500 below MM. U 1 % gives 570 back.
  const feeds = { 'BTC-USD': fixed(60_000, { uncertainty: 0.01 }) };
  const judgement = only([balance('USD', 2_500), position('BTC-PERP', 1, 60_000)], { feeds });
  expect(verdictIn(judgement)).toBe('5 call uncertain withheld');
  expect(judgement.figures.liquidation.high).toBeCloseTo(70, 8);
});

test('row 5: negative less its U at every price of the doubt, without a call at every price', () => {
  // Debt 1 BTC, doubt 50,000 to 60,000, U 10 %. Call most: 54,000 − 50,000 = 4,000.
  // Less U: 54,000 − 55,000 at best.
  const feed = fixed(60_000, { uncertainty: 0.1, doubt: { low: 50_000, high: 60_000 } });
  const judgement = only([balance('USD', 54_000), balance('BTC', -1)], {
    feeds: { 'BTC-USD': feed },
  });
  expect(verdictIn(judgement)).toBe('5 call uncertain withheld');
  expect(judgement.figures.liquidation.greatestLow).toBeCloseTo(-1_000, 8);
});

test('row 6: a short position on a feed that never had a price', () => {
  const judgement = only([balance('USD', 1_000_000), position('DOG-PERP', -1e-9, 1)]);
  expect(verdictIn(judgement)).toBe('6 indeterminate indeterminate');
});

test('the buffer is the loss of the liquidation surplus in the shock, of the same price', () => {
  // 1 % down loses 600·0.95 = 570; at 30,000 half of it.
  const feed = doubtful(60_000, { shockDown: 0.01, shockUp: 0.03 });
  const rows = [balance('USD', 40_000), position('BTC-PERP', 1, 60_000)];
  const { liquidation, call } = only(rows, { feeds: { 'BTC-USD': feed } }).figures;
  expect(liquidation.point).toBeCloseTo(40_000 - 3_000 - 570, 8);
  expect(liquidation.least).toBeCloseTo(10_000 - 1_500 - 285, 8);
  expect(call.point).toBeCloseTo(40_000 - 3_750 - 570, 8);
  const none = only(rows, { feeds: { 'BTC-USD': feed }, policy: { latencyBuffer: 'none' } });
  expect(none.figures.liquidation.point).toBe(37_000);
});

test('tiers: marginal rates, continuous; open orders count on the worse side', () => {
  // 2 + 1 = 3 BTC: 180,000. IM 0.1·100,000 + 0.2·80,000 = 26,000; MM 5,000 + 8,000 = 13,000.
  const row = position('BTC-PERP', 2, 60_000, { openBuyQuantity: 1, openSellQuantity: 4.5 });
  const { figures } = only([balance('USD', 50_000), row], { margin: TIERED });
  expect(figures.liquidation.point).toBe(37_000);
  expect(figures.restore.point).toBe(24_000);
  const atInitial = only([balance('USD', 50_000), row], {
    margin: TIERED,
    policy: { callAt: 'initial' },
  });
  expect(atInitial.figures.call.point).toBe(24_000);
});

test('labels of one instrument net, with their orders', () => {
  // −1 BTC, and 1 to sell: 2·60,000·0.05 = 6,000. Profit 1,000 − 4,000.
  const rows = [
    balance('USD', 10_000),
    position('BTC-PERP', 1, 59_000, { item: 'position#BTC-PERP#a' }),
    position('BTC-PERP', -2, 58_000, { item: 'position#BTC-PERP#b', openSellQuantity: 1 }),
  ];
  expect(only(rows).figures.liquidation.point).toBe(10_000 + 1_000 - 4_000 - 6_000);
});

test('inverse: the profit is in the coin, and weighted with its balance', () => {
  // 60,000·(1/50,000 − 1/60,000) = 0.2 BTC: 0.3·60,000·0.5 = 9,000. MM 0.05·60,000.
  const gain = only([balance('BTC', 0.1), position('BTC-INV', 60_000, 50_000)]).figures;
  expect(gain.equity.point).toBeCloseTo(18_000, 8);
  expect(gain.liquidation.point).toBeCloseTo(9_000 - 3_000, 8);
  // −0.2 + 0.1 BTC is a debt.
  const loss = only([balance('BTC', 0.1), position('BTC-INV', -60_000, 50_000)], {
    weights: { collateralWeight: 0.5, liabilityWeight: 1.1 },
  }).figures;
  expect(loss.liquidation.point).toBeCloseTo(-6_600 - 3_000, 8);
});

test('an isolated position is a sub-account of its own', () => {
  const isolated = {
    ...position('BTC-INV', 60_000, 60_000, { isolatedMargin: 0.2 }),
    item: 'position#BTC-INV#a',
  };
  const found = judge([balance('USD', 5), isolated], marketWith({}));
  expect(found.map((judgement) => judgement.position)).toEqual([undefined, 'BTC-INV#a']);
  // 0.2·60,000·0.5 − 3,000.
  expect(found.map(({ figures }) => figures.liquidation.point)).toEqual([5, 3_000]);
});

test('a line that bends in a doubt: the buffer keeps the best price off the kink', () => {
  // h = 0.04·p − 2,200 below 60,000, 3,200 − 0.05·p above: 200 at the kink. With a shock of 10 %
  // the best price has 0.04·0.9·p − 2,200 = 3,200 − 0.05·1.1·p: p = 59,340.66, surplus −63.74.
  const feed = doubtful(60_000, { shockDown: 0.1, shockUp: 0.1 });
  const tiers = [
    { floor: 0, initial: 0.02, maintenance: 0.01 },
    { floor: 60_000, initial: 0.2, maintenance: 0.1 },
  ];
  const rows = [balance('USD', 57_800), balance('BTC', -0.95), position('BTC-PERP', 1, 60_000)];
  const judgement = only(rows, { feeds: { 'BTC-USD': feed }, margin: { type: 'tiered', tiers } });
  expect(judgement.figures.liquidation.most).toBeCloseTo((5_400 / 0.091) * 0.036 - 2_200, 8);
  expect(verdictIn(judgement)).toBe('1 liquidation certain');
  expect(judgement.isBent).toBe(true);
});

test.each<[string, Rows, Given]>([
  ['a portfolio', [{ item: 'profile', marginModel: 'portfolio' }], {}],
  ['a location', [{ ...balance('BTC', 1), location: 'chain' }], {}],
  ['interest', [{ ...balance('BTC', -1), interestSettledAt: 1 }], {}],
  ['funding', [position('BTC-PERP', 1, 1, { fundingSettledAt: 1 })], {}],
  ['an unknown instrument', [position('BTC-CALL', 1, 1)], {}],
  ['an unknown asset', [balance('ETH', 1)], {}],
  ['a malformed number', [{ item: 'balance#USD', asset: 'USD', amount: '1,000' }], {}],
  ['a joint shock', [], { policy: { jointShockWeight: 0.5 } }],
  [
    'a liability weight below 1',
    [balance('BTC', -1)],
    {
      weights: { collateralWeight: 0.5, liabilityWeight: 0.9 },
    },
  ],
])('%s is refused', (_, rows, given) => {
  expect(() => judge(rows, marketWith(given))).toThrow(NotCovered);
});

// Against the product.

const RUNS = 300;
const AS_OF = 1768478400000;
const FEEDS = ['A', 'B', 'C'] as const;
const BASE = { A: 60_000, B: 3_000, C: 1.01 };
type FeedName = keyof typeof BASE;

/** Feed, whether it is inverse, contract size. */
const INSTRUMENTS = {
  'A-PERP': ['A', false, 1],
  'A-SMALL': ['A', false, 0.1],
  'A-INV': ['A', true, 10],
  'B-PERP': ['B', false, 1],
  'B-INV': ['B', true, 1],
  'C-PERP': ['C', false, 100],
} as const;

const ASSETS = { AAA: 'A', AA2: 'A', BBB: 'B', CCC: 'C' } as const;

const KINDS = [
  ...['fresh', 'fresh', 'fresh', 'two', 'aged', 'stale', 'suspect', 'first-print', 'disagreement'],
  'missing',
];

type Draw = fc.GeneratorValue;
type Plain = Record<string, unknown>;

class Documents {
  private readonly draw: Draw;
  private readonly quotes: Plain[] = [];
  private readonly previousPrices: Record<string, Plain | null> = {};

  constructor(draw: Draw) {
    this.draw = draw;
  }

  private readonly oneOf = <T>(...choices: T[]): T =>
    this.draw(() => fc.constantFrom(...choices)) as T;

  private readonly within = (from: number, to: number): number =>
    from + ((to - from) * this.draw(fc.nat, 1_000_000)) / 1_000_000;

  private readonly isOneIn = (count: number): boolean => this.draw(fc.nat, count - 1) === 0;

  document(): Plain {
    const prices = { A: this.price('A'), B: this.price('B'), C: this.price('C') };
    const withPast = this.isOneIn(5) ? {} : { previousPrices: this.previousPrices };
    const measured = FEEDS.map((name) => [`${name}-USD`, this.measured()]);
    return {
      asOf: String(AS_OF),
      policy: this.policy(),
      ...withPast,
      ...(this.isOneIn(2) ? { volatilities: Object.fromEntries(measured) } : {}),
      quotes: this.quotes,
      assets: mapValues(ASSETS, (feed) => ({ feed: `${feed}-USD`, ...this.weights() })),
      risk: { R0: this.riskClass(), R1: this.riskClass(), R2: this.riskClass() },
      instruments: mapValues(INSTRUMENTS, ([feed, inverse, contractSize], at) => ({
        ...{ type: 'perpetual', underlying: `${feed}-USD`, inverse },
        settlementAsset: inverse ? `${feed}${feed}${feed}` : 'USD',
        contractSize: String(contractSize),
        riskClass: `R${at % 3}`,
      })),
      accounts: [{ accountId: 'any', ...this.account(prices) }],
    };
  }

  private price(name: FeedName): number {
    const feed = `${name}-USD`;
    const price = BASE[name] * this.within(0.8, 1.2);
    const kind = this.oneOf(...KINDS);
    const quote = (at: number, ageSeconds: number, source = 'x') => {
      const width = this.oneOf(0.0001, 0.001, 0.01, 0.05, 0.5);
      const confidence = this.isOneIn(2) ? { confidence: text(at * width) } : {};
      const publishedAt = String(AS_OF - ageSeconds * 1000);
      this.quotes.push({ feed, source, price: text(at), publishedAt, ...confidence });
      return publishedAt;
    };
    const before = { price: text(price), publishedAt: String(AS_OF - 60_000) };
    this.previousPrices[feed] = before;
    if (kind === 'fresh') quote(price, this.oneOf(0, 5, 50));
    if (kind === 'two') [quote(price, 3), quote(price * 1.004, 9, 'y')];
    if (kind === 'aged') before.publishedAt = quote(price, this.oneOf(130, 200));
    if (kind === 'stale') before.publishedAt = quote(price, this.oneOf(400, 4_000, 20_000));
    if (kind === 'suspect') quote(price * this.oneOf(0.5, 0.7, 1.3, 2, 10), 0);
    if (kind === 'disagreement') [quote(price, 0), quote(price * 1.1, 0, 'y')];
    if (kind === 'first-print') {
      quote(price, 0);
      this.previousPrices[feed] = null;
    }
    if (kind === 'missing') delete this.previousPrices[feed];
    return price;
  }

  private readonly measured = () => ({
    annual: '0.8',
    shock: this.oneOf('0.5', '2'),
    quantileDown: this.oneOf('2', '4.5'),
    quantileUp: this.oneOf('1', '3.3'),
  });

  private policy(): Plain {
    const call = this.oneOf(1.2, 1.25, 1.6);
    return {
      liquidationMultiplier: this.oneOf('1', '1.05', '1.2'),
      callMultiplier: String(call),
      liquidationTargetMultiplier: text(call + 0.1),
      callAt: this.oneOf('maintenance', 'initial'),
      amountPlaces: this.oneOf('0', '2', '4'),
      deviation: this.oneOf('0', '0.005'),
      ...this.oneOf<Plain>({}, {}, { latencyBuffer: 'none' }),
      ...this.oneOf<Plain>({}, { uncertainty: 'none' }),
    };
  }

  private readonly weights = () => ({
    collateralWeight: this.oneOf('1', '0.9', '0.5', '0'),
    liabilityWeight: this.oneOf('1', '1.1', '1.5'),
    riskClass: this.oneOf('R0', 'R1', 'R2'),
  });

  private readonly riskClass = (): Plain => ({
    volatility: this.oneOf<unknown>('0.3', '0.6', { type: 'ewma', stress: '1.5', floor: '0.2' }),
    jumpFloor: this.oneOf('0', '0.01', '0.05'),
    ...this.oneOf<Plain>({}, { shockMax: '0.02' }, { shockMax: '0.3' }),
    margin: this.margin(),
  });

  private margin(): Plain {
    let [floor, initial, maintenance] = [0, this.within(0, 0.1), 0];
    maintenance = initial * this.within(0.3, 1);
    const rates = () => ({ initial: text(initial), maintenance: text(maintenance) });
    if (this.isOneIn(2)) return { type: 'flat', ...rates() };
    const tiers = [{ floor: '0', ...rates() }];
    for (let more = this.oneOf(0, 1, 2, 3); more > 0; more -= 1) {
      floor += 10 ** this.within(2, 5);
      maintenance += this.within(0, 0.05);
      initial = Math.max(initial, maintenance) + this.within(0, 0.05);
      tiers.push({ floor: text(floor), ...rates() });
    }
    return { type: 'tiered', tiers };
  }

  /** Units of some notional, small or large, long or short. */
  private size(price: number): number {
    const notional = 10 ** (this.isOneIn(3) ? this.within(-2, 0) : this.within(2, 5));
    return ((this.isOneIn(2) ? 1 : -1) * notional) / price;
  }

  /** The cash leaves it near its lines. */
  private account(prices: typeof BASE): Plain {
    let [worth, gross] = [0, 0];
    const balances: Plain[] = [];
    for (const [asset, feed] of Object.entries(ASSETS)) {
      if (!this.isOneIn(3)) continue;
      const amount = this.size(prices[feed]);
      balances.push({ asset, amount: text(amount) });
      worth += amount * prices[feed];
      gross += Math.abs(amount * prices[feed]);
    }
    const positions = new Map<string, Plain>();
    for (let more = this.oneOf(0, 1, 1, 2, 2, 3); more > 0; more -= 1) {
      const { row, profit, notional } = this.position(prices);
      positions.set(`${row.instrument}#${row.label}`, row);
      worth += row.isolatedMargin === undefined ? profit : 0;
      gross += row.isolatedMargin === undefined ? notional : 0;
    }
    const cash = this.isOneIn(10)
      ? this.oneOf('0', '-0.004', '-0.5', '-0.00001', '3')
      : text(gross * this.within(-0.1, 0.3) - worth);
    if (!this.isOneIn(5)) balances.push({ asset: 'USD', amount: cash });
    return { balances, positions: [...positions.values()] };
  }

  private position(prices: typeof BASE) {
    const instrument = this.oneOf(...(Object.keys(INSTRUMENTS) as (keyof typeof INSTRUMENTS)[]));
    const [feed, isInverse, contractSize] = INSTRUMENTS[instrument];
    const price = prices[feed];
    const quantity = this.isOneIn(10) ? 0 : this.size(isInverse ? 1 : price) / contractSize;
    const entry = price * this.within(0.7, 1.3);
    const perContract = contractSize * (isInverse ? 1 : price);
    const profit = quantity * contractSize * (isInverse ? price / entry - 1 : price - entry);
    const notional = Math.abs(quantity) * perContract;
    const margin = notional * this.within(-0.1, 0.3) - profit;
    const order = () => text((Math.abs(quantity) + 0.001) * this.within(0, 3));
    const row: Plain = {
      instrument,
      quantity: text(quantity),
      entryPrice: text(entry),
      ...this.oneOf<Plain>({}, { label: 'x' }, { label: 'y' }),
      ...(this.isOneIn(4) ? { openBuyQuantity: order() } : {}),
      ...(this.isOneIn(4) ? { openSellQuantity: order() } : {}),
      ...(this.isOneIn(4) ? { isolatedMargin: text(isInverse ? margin / price : margin) } : {}),
    };
    return { row, profit, notional };
  }
}

const text = (value: number): string => value.toFixed(9);

const mapValues = <T, R>(record: Readonly<Record<string, T>>, of: (value: T, at: number) => R) =>
  Object.fromEntries(Object.entries(record).map(([key, value], at) => [key, of(value, at)]));

/** Both, of one document with one account. */
function bothOf(document: Plain) {
  const evidence = readDocument(document);
  const { snapshot } = snapshotOf(evidence);
  const market = readerMarketOf(snapshot, evidence.marketRows);
  const [account] = evidence.accounts;
  if (account === undefined) throw new Error('one account expected');
  const assessed = assessAccount(account, snapshot);
  return { market, rows: account.rows, assessed, judged: judge(account.rows, market) };
}

const bound = (of: unknown, unbounded: number): number =>
  of === 'unbounded' ? unbounded : Number(String(of));

const figureOf = (of: Figure): ReaderFigure => ({
  low: bound(of.low, Number.NEGATIVE_INFINITY),
  least: bound(of.least, Number.NEGATIVE_INFINITY),
  point: bound(of.point, Number.NaN),
  most: bound(of.most, Number.POSITIVE_INFINITY),
  high: bound(of.high, Number.POSITIVE_INFINITY),
  agedHigh: bound(of.agedHigh, Number.POSITIVE_INFINITY),
  greatestLow: bound(of.mostLow, Number.POSITIVE_INFINITY),
});

function figuresIn({ outcome }: AssessedSubAccount): ReaderFigures {
  const figures = outcome.certainty === 'indeterminate' ? outcome.figures : outcome;
  if (figures === undefined) throw new Error(`unreadable: ${JSON.stringify(outcome.reasons)}`);
  const { liquidation, call, restore } = figures.surplus;
  return {
    equity: figureOf(figures.equity),
    liquidation: figureOf(liquidation),
    call: figureOf(call),
    restore: figureOf(restore),
  };
}

function saidBy({ outcome }: AssessedSubAccount) {
  if (outcome.certainty === 'indeterminate') {
    return { level: 'indeterminate', certainty: 'indeterminate', isLiquidationWithheld: false };
  }
  const { level, certainty, isLiquidationWithheld } = outcome;
  return { level, certainty, isLiquidationWithheld };
}

const TOLERANCE = 1e-9;

type Side = 'same' | 'wider' | 'narrower';

function sideOf(name: keyof ReaderFigure, ours: number, theirs: number, size: number): Side {
  const isSame = ours === theirs || Math.abs(ours - theirs) <= TOLERANCE * size;
  if (isSame) return 'same';
  const isLower = name === 'low' || name === 'least';
  return theirs < ours === isLower && name !== 'point' ? 'wider' : 'narrower';
}

/** Names of the figures that are not the same, with both values. */
function differencesOf(judgement: Judgement, theirs: ReaderFigures) {
  const found: string[] = [];
  for (const line of ['equity', 'liquidation', 'call', 'restore'] as const) {
    for (const name of Object.keys(theirs[line]) as (keyof ReaderFigure)[]) {
      const [our, their] = [judgement.figures[line][name], theirs[line][name]];
      const side = sideOf(name, our, their, judgement.size);
      const isAllowed = side === 'same' || (side === 'wider' && mayBeWider(judgement, name));
      if (!isAllowed) found.push(`${line}.${name}: ${our}, but the product says ${their}`);
    }
  }
  return found;
}

const isUpper = (name: keyof ReaderFigure): boolean => !['low', 'least', 'point'].includes(name);

const mayBeWider = ({ isBent, isUnpricedContract }: Judgement, name: keyof ReaderFigure) =>
  isUnpricedContract || (isBent && isUpper(name));

function verdictIsOpen(verdict: { readonly margin: number }): boolean {
  return verdict.margin <= TOLERANCE;
}

test('the product agrees, figure by figure and in its verdict', () => {
  fc.assert(
    fc.property(fc.gen(), (draw) => {
      const document = new Documents(draw).document();
      const { assessed, judged } = bothOf(document);
      const names = (of: readonly { readonly position?: string | undefined }[]) =>
        of.map(({ position: name }) => name ?? '').sort();
      expect(names(judged)).toEqual(names(assessed));
      for (const judgement of judged) {
        const theirs = assessed.find((of) => of.position === judgement.position);
        if (theirs === undefined) throw new Error('not assessed');
        const figures = figuresIn(theirs);
        const context = JSON.stringify(document);
        expect(differencesOf(judgement, figures), context).toEqual([]);
        // Where the product's bounds may be wider, its verdict has to follow from them.
        const isWider = judgement.isBent || judgement.isUnpricedContract;
        const ours = isWider ? verdictOf(figures, judgement) : judgement;
        if (!verdictIsOpen(ours)) expect(ours, context).toMatchObject(saidBy(theirs));
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

/** The market if the true prices were these: believed, and beyond doubt. */
function marketAt(market: ReaderMarket, priceOf: (feed: ReaderFeed) => number): ReaderMarket {
  const feeds = [...market.feeds].map(([name, feed]): [string, ReaderFeed | undefined] => {
    if (feed === undefined) return [name, undefined];
    const { uncertainty, shockDown, shockUp } = feed;
    return [name, { price: priceOf(feed), uncertainty, shockDown, shockUp }];
  });
  return { ...market, feeds: new Map(feeds) };
}

test('no price of the doubt is outside of the bounds', () => {
  const shares = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.gen(), shares, (draw, share) => {
      const { market, rows, judged } = bothOf(new Documents(draw).document());
      for (let trial = 0; trial < 20; trial += 1) {
        const at = marketAt(market, ({ price, doubt = { low: price, high: price } }) => {
          const next = share.next().value ?? 0;
          return doubt.low + (doubt.high - doubt.low) * next;
        });
        judge(rows, at).forEach((one, index) => {
          expect(outside(judged[index], one)).toEqual([]);
        });
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

function outside(judgement: Judgement | undefined, one: Judgement): string[] {
  if (judgement === undefined) throw new Error('another sub-account');
  const slack = TOLERANCE * judgement.size;
  return (['equity', 'liquidation', 'call', 'restore'] as const).filter((line) => {
    const all = judgement.figures[line];
    const { least, most, low, high, greatestLow } = one.figures[line];
    const isWithin =
      low >= all.low - slack &&
      least >= all.least - slack &&
      most <= all.most + slack &&
      high <= all.high + slack &&
      greatestLow <= all.greatestLow + slack;
    return !isWithin;
  });
}
