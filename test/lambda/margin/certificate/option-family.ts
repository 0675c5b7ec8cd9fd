/** Books with standard options, and moves of their market to the ends of their envelope. */
import fc from 'fast-check';
import { lowCallSurplus } from '../../../../lambda/margin/assess/assess.ts';
import { ENVELOPE } from '../../../../lambda/margin/certificate/envelope.ts';
import { curveAtMark } from '../../../../lambda/margin/curve/curve-at-mark.ts';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import { type OptionType, optionValue } from '../../../../lambda/margin/option/black76.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, bookOf, type MarketRows, NOW, snapshotOf } from '../build.ts';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

/** Spots of the two underlyings. */
const SPOTS = { BTC: 6000, ETH: 300 } as const;
const NAMES = ['BTC', 'ETH'] as const;
type Name = (typeof NAMES)[number];

const sometimes = (row: RawRow) => fc.constantFrom<RawRow>({}, row);

const CHARGES = [
  {
    shortCall: {
      initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' },
      maintenance: { rate: '0.075' },
    },
    shortPut: {
      initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' },
      maintenance: { rate: '0.075', ofMark: '0.075' },
    },
  },
  {
    shortCall: {
      initial: { rate: '0.2', lessOutOfTheMoney: true, floor: '0.1', floorOf: 'strike' },
      maintenance: { rate: '0.2', lessOutOfTheMoney: true, floor: '0.1', floorOf: 'strike' },
    },
  },
  {
    shortCall: {
      initial: { rate: '0.1', ofMark: '0.5' },
      maintenance: { rate: '0.03', ofMark: '0.4' },
    },
  },
  // As steep at every price, so that little else is charged.
  { shortCall: { initial: { rate: '0.2' }, maintenance: { rate: '0.2' } } },
];

const optionRule = fc
  .record({
    charges: fc.constantFrom(...CHARGES),
    factor: fc.constantFrom('1', '1.3'),
    underlyingPrice: fc.constantFrom('spot', 'forward'),
    balanceValue: fc.constantFrom('all', 'all', 'long', 'none'),
    more: sometimes({ putInitialOverMaintenance: '1.3' }),
    netting: sometimes({ expiryNetting: { initial: '0.05', maintenance: '0.02' } }),
  })
  .map(({ charges, more, netting, ...rule }) => ({ ...charges, ...rule, ...more, ...netting }));

const margin = fc.constantFrom<RawRow>(
  { type: 'flat', initial: '0.1', maintenance: '0.05' },
  {
    type: 'tiered',
    tiers: [
      { floor: '0', initial: '0.05', maintenance: '0.02' },
      { floor: '6000', initial: '0.1', maintenance: '0.05' },
      { floor: '20000', initial: '0.3', maintenance: '0.2' },
    ],
  },
);

const option = fc.record({
  type: fc.constantFrom<OptionType>('call', 'put'),
  /** Multiples of the spot: deep in and out of the money. */
  strike: fc.constantFrom(0.5, 0.8, 0.9, 0.95, 1, 1, 1.05, 1.1, 1.25, 2),
  days: fc.constantFrom(0.5, 0.5, 7, 30, 30, 180),
  volatility: fc.constantFrom(0.3, 0.6, 0.6, 1.2),
  quoted: fc.constantFrom('volatility', 'volatility', 'price', 'both'),
  isCoin: fc.boolean(),
  hasForward: fc.boolean(),
  quantity: fc.integer({ min: -30, max: 30 }),
  openSell: fc.constantFrom(0, 0, 0, 0, 10),
});

type Option = typeof option extends fc.Arbitrary<infer O> ? O : never;

const underlying = fc.record({
  options: fc.oneof(
    fc.array(option, { minLength: 1, maxLength: 1 }),
    fc.array(option, { minLength: 1, maxLength: 5 }),
  ),
  perpetual: fc.oneof(fc.constant(0), fc.integer({ min: -30, max: 30 })),
  marked: fc.constantFrom(0, 0, 0, -10, 25),
  inverse: fc.constantFrom(0, 0, 0, -20, 20),
  coins: fc.constantFrom(0, 0, 3, 12, -2),
  weights: fc.constantFrom(['0.9', '1.1'], ['1', '1']),
  risk: fc.record({
    margin,
    optionRule,
    rate: fc.constantFrom('0', '0', '0.05'),
    volatility: fc.constantFrom('0.3', '0.8', '1'),
    jumpFloor: fc.constantFrom('0', '0.005', '0.03'),
  }),
  charges: sometimes({
    confidenceCharges: [{ of: 'options', threshold: '0.9999', factor: '0.3', in: 'both' }],
  }),
  score: fc.constantFrom('1', '0.9'),
  confidence: fc.constantFrom(0, 0.0005, 0.004),
});

type Underlying = typeof underlying extends fc.Arbitrary<infer U> ? U : never;

const optionName = (name: Name, index: number) => `${name}-OPTION-${index}`;
const forwardName = (name: Name, { days }: Option) => `${name}-FORWARD-${days}`;

function instrumentsOf(name: Name, { options }: Underlying): Record<string, RawRow> {
  const common = { underlying: `${name}-USD`, riskClass: name, settlementAsset: 'USD' };
  const perpetual = { type: 'perpetual', ...common };
  const inverse = { settlementAsset: name, inverse: true, contractSize: '100' };
  // All options of an expiry have one forward.
  const forwards = new Set(options.filter(({ hasForward }) => hasForward).map(({ days }) => days));
  const rows = options.map((each, index): [string, RawRow] => [
    optionName(name, index),
    {
      ...{ type: 'option', ...common, contractSize: '0.1', markFeed: optionName(name, index) },
      ...(each.isCoin ? { settlementAsset: name, inverse: true } : {}),
      ...{ strike: String(SPOTS[name] * each.strike), optionType: each.type },
      expiresAt: String(NOW + each.days * DAY_MS),
      ...(forwards.has(each.days) ? { forwardFeed: forwardName(name, each) } : {}),
    },
  ]);
  return {
    [`${name}-PERP`]: perpetual,
    [`${name}-MARKED`]: { ...perpetual, markFeed: `${name}-MARK` },
    [`${name}-COIN`]: { ...perpetual, ...inverse },
    ...Object.fromEntries(rows),
  };
}

function quotesOf(name: Name, { options, confidence, score }: Underlying): Record<string, RawRow> {
  const spot = SPOTS[name];
  const quote = (price: number, width: number = confidence): RawRow => ({
    ...{ price: String(price), confidence: String(price * width), confidenceScore: score },
    publishedAt: String(NOW - 5_000),
  });
  const forwards = options.map((each): [string, RawRow] => [
    `${forwardName(name, each)}#a`,
    quote(spot * (1 + each.days / 10_000), confidence * 1.5),
  ]);
  // Their prices follow in `priced`.
  const own = options.map((each, index): [string, RawRow] => [
    `${optionName(name, index)}#a`,
    {
      ...(each.quoted === 'price' ? {} : { impliedVolatility: String(each.volatility) }),
      ...(each.quoted === 'volatility' ? {} : { price: '0', confidence: '0' }),
      publishedAt: String(NOW - 5_000),
      priced: String(each.volatility),
    },
  ]);
  return {
    [`${name}-USD#a`]: quote(spot),
    [`${name}-MARK#a`]: quote(spot * 1.001),
    ...Object.fromEntries([...forwards, ...own]),
  };
}

/** Options that quote a price quote that of their volatility, give or take. */
function priced(market: MarketRows, asOf: number): MarketRows {
  const { quotes = {}, instruments = {}, risk = {} } = market;
  const priceOf = (row: RawRow) => Number(quotes[`${String(row)}#a`]?.price);
  const rows = Object.entries(quotes).map(([id, row]): [string, RawRow] => {
    const { priced: volatility, noise = '0', ...quote } = row;
    const instrument = instruments[id.slice(0, -2)];
    if (volatility === undefined || instrument === undefined || quote.price === undefined) {
      return [id, quote];
    }
    const yearsToExpiry = (Number(instrument.expiresAt) - asOf) / YEAR_MS;
    const rate = Number(risk[String(instrument.riskClass)]?.rate ?? 0);
    const spot = priceOf(instrument.underlying as RawRow);
    const { forwardFeed } = instrument;
    const forward =
      forwardFeed === undefined
        ? spot * Math.exp(rate * yearsToExpiry)
        : priceOf(forwardFeed as RawRow);
    const discount = Math.exp(-rate * yearsToExpiry);
    const value = optionValue(
      {
        type: instrument.optionType as OptionType,
        strike: Number(instrument.strike),
        yearsToExpiry,
      },
      { forward, volatility: Number(volatility), discount },
    );
    const inCoin = instrument.inverse === true ? value / spot : value;
    const price = Math.max(1e-9, inCoin * (1 + Number(noise)));
    return [id, { ...quote, price: price.toPrecision(12), confidence: String(price / 200) }];
  });
  return { ...market, quotes: Object.fromEntries(rows) };
}

/** With the cash that puts its low call surplus at a share of the spots of all options. */
function withCash(
  { market, account }: { readonly market: MarketRows; readonly account: AccountRows },
  surplus: number,
): AccountRows {
  const snapshot = snapshotOf(priced(market, NOW));
  const book = bookOf(account, snapshot);
  const low = lowCallSurplus(book, book.curves.map(curveAtMark), snapshot.policy);
  if (low === 'unbounded') throw new Error(JSON.stringify(book.doubt));
  const amount = (surplus - approximately(low)).toFixed(2);
  return { ...account, balances: [...(account.balances ?? []), { asset: 'USD', amount }] };
}

/** Market rows with `priced` in them: `movedOptions` makes a market of them. */
export const withOptions = fc
  .record({
    btc: underlying,
    eth: fc.option(underlying, { freq: 1 }),
    share: fc.integer({ min: 1, max: 40 }),
    callMultiplier: fc.constantFrom('1.2', '1.5'),
    // With one of the two a bound is closer to the exact figure.
    model: fc.constantFrom<RawRow>(
      { latencyBuffer: 'standard', uncertainty: 'standard' },
      { latencyBuffer: 'standard', uncertainty: 'none' },
      { latencyBuffer: 'none', uncertainty: 'standard' },
      { latencyBuffer: 'none', uncertainty: 'none' },
    ),
  })
  .map(({ btc, eth, share, callMultiplier, model }) => {
    const all = [['BTC', btc] as const, ...(eth === null ? [] : [['ETH', eth] as const])];
    const byId = (rows: (name: Name, each: Underlying) => Record<string, RawRow>) =>
      Object.assign({}, ...all.map(([name, each]) => rows(name, each))) as Record<string, RawRow>;
    const market: MarketRows = {
      policy: { ...model, callMultiplier, liquidationTargetMultiplier: '1.8' },
      assets: byId((name, { weights: [collateralWeight, liabilityWeight] }) => ({
        [name]: {
          ...{ feed: `${name}-USD`, collateralWeight, liabilityWeight },
          borrowRatePerHour: '0.0001',
        },
      })),
      instruments: byId(instrumentsOf),
      risk: byId((name, { risk, charges }) => ({ [name]: { ...risk, ...charges } })),
      quotes: byId(quotesOf),
    };
    const held = (instrument: string, quantity: number, price: number, more: RawRow = {}) =>
      quantity === 0 && Object.keys(more).length === 0
        ? []
        : [{ instrument, quantity: String(quantity), entryPrice: String(price), ...more }];
    const account: AccountRows = {
      balances: all.flatMap(([name, { coins }]) =>
        coins === 0 ? [] : [{ asset: name, amount: String(coins), interestSettledAt: String(NOW) }],
      ),
      positions: all.flatMap(([name, { options, perpetual, marked, inverse, charges }]) => [
        ...held(`${name}-PERP`, perpetual / 10, SPOTS[name] * 1.1),
        ...held(`${name}-MARKED`, marked / 10, SPOTS[name] * 0.9),
        ...held(`${name}-COIN`, 'confidenceCharges' in charges ? 0 : inverse, SPOTS[name] * 0.8),
        ...options.flatMap(({ quantity, openSell }, index) =>
          held(
            optionName(name, index),
            quantity,
            1,
            openSell === 0 ? {} : { openSellQuantity: String(openSell) },
          ),
        ),
      ]),
    };
    const gross = all.reduce(
      (sum, [name, { options }]) =>
        sum + options.reduce((of, each) => of + Math.abs(each.quantity) * 0.1 * SPOTS[name], 0),
      0,
    );
    return { market, account: withCash({ market, account }, (share / 100) * gross) };
  });

const { move, deviation } = ENVELOPE.nonLinear;

const anyMove = fc.oneof(
  fc.constantFrom(1e-9 - move, move - 1e-9, 0),
  fc.double({ min: -move, max: move, noNaN: true }),
  fc.double({ min: -0.03, max: 0.03, noNaN: true }),
);

export const optionMoves = fc.record({
  moves: fc.tuple(anyMove, anyMove),
  basis: fc.array(fc.double({ min: -0.0099, max: 0.0099, noNaN: true }), {
    minLength: 4,
    maxLength: 4,
  }),
  /** Multiplies every implied volatility, or all but the first option's. */
  implied: fc.oneof(
    fc.constantFrom(1, 1.03, 0.97),
    fc.double({ min: 1 - deviation, max: 1 + deviation, noNaN: true }),
  ),
  isSkewed: fc.boolean(),
  noise: fc.constantFrom(0, 0, 0.01, -0.02),
  volatility: fc.double({ min: 0.3, max: 3, noNaN: true }),
  confidence: fc.integer({ min: 0, max: 30 }).map((tenths) => tenths / 10),
  forwardAge: fc.constantFrom(5, 100),
  gapSeconds: fc.constantFrom(60, 119),
  hours: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 4, noNaN: true })),
});

type OptionMove = typeof optionMoves extends fc.Arbitrary<infer M> ? M : never;

const placed = (value: number) => value.toPrecision(12);

export function movedOptions(market: MarketRows, to?: OptionMove): MarketRows {
  if (to === undefined) return priced(market, NOW);
  const asOf = Math.round(NOW + to.hours * 3_600_000);
  const quotes = Object.entries(market.quotes ?? {}).map(([id, row]): [string, RawRow] => {
    const index = NAMES.findIndex((name) => id.startsWith(name));
    const publishedAt = String(asOf - (id.includes('FORWARD') ? to.forwardAge : 5) * 1000);
    if (row.priced !== undefined) {
      const factor = to.isSkewed && id.endsWith('0#a') ? 1 : to.implied;
      const volatility = placed(Number(row.priced) * factor);
      const implied = row.impliedVolatility === undefined ? {} : { impliedVolatility: volatility };
      return [id, { ...row, ...implied, priced: volatility, noise: String(to.noise), publishedAt }];
    }
    const apart = id.includes('-USD') ? 1 : 1 + (to.basis[index] ?? 0);
    const price = Number(row.price) * (1 + (to.moves[index] ?? 0)) * apart;
    const confidence = (Number(row.confidence) / Number(row.price)) * price * to.confidence;
    return [id, { ...row, price: placed(price), confidence: placed(confidence), publishedAt }];
  });
  const risk = Object.entries(market.risk ?? {}).map(([id, row]): [string, RawRow] => [
    id,
    { ...row, volatility: placed(Number(row.volatility) * to.volatility) },
  ]);
  const moved = { ...market, quotes: Object.fromEntries(quotes), risk: Object.fromEntries(risk) };
  return { ...priced(moved, asOf), gapSeconds: to.gapSeconds, asOf };
}
