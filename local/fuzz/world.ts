/** A sound market and sound accounts in it, of every kind of row and at every level. */
import type { Item } from '../../lambda/aws/attribute-values.ts';
import type { RandomStream } from '../analysis/random.ts';
import { itemOf } from './items.ts';
import { chance, oneOf } from './values.ts';

export const AS_OF = Date.UTC(2026, 0, 15, 12);
export const GAP_SECONDS = 60;

const AGE_MS = 3000;
const DAY_MS = 86_400_000;
const EXPIRY = AS_OF + 15 * DAY_MS;

export interface World {
  readonly market: readonly Item[];
  /** By account. */
  readonly accounts: ReadonlyMap<string, readonly Item[]>;
}

type Attributes = Readonly<Record<string, unknown>>;

export function randomWorld(random: RandomStream): World {
  const market = [...rules(random), ...listed(), ...quotes()].map(itemOf);
  const accounts = Object.entries(books(random)).map(([accountId, rows]) => {
    const items = rows.map((row) => itemOf({ accountId, item: itemKey(row), ...row }));
    return [accountId, items] as const;
  });
  return { market, accounts: new Map(accounts) };
}

const perHour = '0.00001';

function rules(random: RandomStream): Attributes[] {
  const measured = { type: 'ewma', floor: '0.3', stress: '1', cap: '3' };
  return [
    {
      kind: 'policy',
      id: 'default',
      mode: 'enforce',
      latencyBuffer: oneOf(random, ['standard', 'standard', 'none']),
      callAt: oneOf(random, ['maintenance', 'initial']),
      ...oneOf<Attributes>(random, [{}, { loanSwap: SWAP }, { backstop: { below: '0.5' } }]),
      ...oneOf<Attributes>(random, [{}, { liquidationShare: { of: 'shortage', ...OPENING } }]),
    },
    {
      kind: 'risk',
      id: 'BTC',
      volatility: chance(random, 0.5) ? measured : '0.6',
      jumpFloor: '0.01',
      margin: {
        type: 'tiered',
        tiers: [
          { floor: 0, initial: '0.04', maintenance: '0.02' },
          { floor: 1_000_000, initial: '0.1', maintenance: '0.05' },
        ],
      },
      optionRule: {
        ...{ shortCall: RULE, shortPut: RULE, strangles: oneOf(random, ['none', 'pairs']) },
        expiryNetting: { initial: '1.2', maintenance: '1.1' },
      },
      phaseIn: { ...{ from: AS_OF - DAY_MS, hours: 48 }, margin: BEFORE },
      liquidity: { fee: '0.0005', slippage: '0.001', impact: '0.5', liquidationFee: '0.005' },
      dynamic: { referenceVolatility: '0.6', cap: '3' },
    },
    {
      kind: 'risk',
      id: 'ETH',
      venue: oneOf(random, ['derive-srm', 'okx-options-eth', 'bybit-options']),
      volatility: '0.9',
      margin: {
        ...{ type: 'tiered', by: oneOf(random, ['notional', 'size', 'contracts']) },
        ...{ rates: oneOf(random, ['marginal', 'whole']), tiers: STEPS },
      },
    },
    {
      kind: 'risk',
      id: 'SOL',
      volatility: '1.2',
      margin: {
        ...{ type: 'squareRoot', initial: '0.2', maintenance: '0.1', sizeScaling: '0.0001' },
        ratePlaces: 4,
      },
      confidenceCharges: [{ of: 'perpetuals', threshold: '0.9', factor: '0.5', in: 'both' }],
      liquidity: { liquidatorFee: OPENING, liquidationFeeOpening: OPENING },
      openOrderCharge: '0.5',
      requirementPlaces: 2,
      oracle: { minSources: 1, maxMoveWindows: [{ seconds: 3600, maxMove: '0.4' }] },
      depegCharge: { feed: 'USDC-USD', threshold: '0.99', factor: '2' },
    },
    {
      kind: 'risk',
      id: 'PM',
      volatility: '0.7',
      venue: oneOf(random, ['derive-pmrm-v1', 'derive-pm2-btc', 'okx-pm']),
    },
    {
      kind: 'risk',
      id: 'OWN',
      volatility: '0.7',
      margin: { type: 'sizeLadder', initial: { base: '0.1', slope: 0 }, maintenance: MAINTAINED },
      portfolio: portfolio(random),
      ...{ rate: '-0.02', rateFloor: 0, optionValue: 'undiscounted' },
      profit: {
        ...{ weight: '0.9', initialWeight: '0.5', initialScaling: '0.001', weightPlaces: 4 },
        ...{ initialCap: 5000, imbalanceStart: 1_000_000 },
      },
    },
    { kind: 'risk', id: 'STABLE', volatility: '0.02' },
  ];
}

const STEPS = [0, 10, 40_000].map((floor, index) => ({
  ...{ floor, initial: 0.1 + index / 20, maintenance: 0.05 + index / 20 },
}));
const SETTLED = { fundingSettledAt: AS_OF - 7_200_000 };

const OPENING = {
  between: 'linear',
  points: [
    { seconds: '0', value: '0.02' },
    { seconds: '60.5', value: '0.05' },
  ],
};

const SWAP = {
  bonus: OPENING,
  closeFactor: '0.5',
  wholeBelowHealth: '0.95',
  wholeBelow: '2000',
  leastLeft: '1000',
};

const RULE = {
  initial: { rate: '0.15', floor: '0.1', minimum: 100 },
  maintenance: { rate: '0.09' },
};
const BEFORE = { type: 'flat', initial: '0.03', maintenance: '0.015' };
const MAINTAINED = { base: '0.05', slope: 0 };

/** With every structure that a table may have. */
function portfolio(random: RandomStream): Attributes {
  const flatAt = { minimum: '0.01', width: 4, volatility: '0.6', volatilityPerRootYear: '-0.1' };
  const still = { priceMultiplier: 1 };
  const cells = [{ priceMultiplier: '0.955' }, { priceMultiplier: '1.045', vol: 'up' }];
  return {
    scenarios: [
      ...[still, { priceMultiplier: '0.8', vol: 'up' }, { priceMultiplier: '1.2', vol: 'down' }],
      { ...{ priceMultiplier: 3, vol: 'up' }, weight: '0.1' },
      { ...still, daysForward: 1 },
      { ...still, skew: { flatAt, cap: '0.15', capPerRootYear: '-0.05' } },
      { ...{ priceMultiplier: '1.1' }, skew: { slope: '0.2', of: 'absolute' } },
    ],
    volShock: { ...{ up: '0.5', down: '0.3', power: '0.3', longPower: '0.13' }, floorDays: 0 },
    initialFactor: oneOf(random, ['1', '0.7']),
    maintenanceFactor: '0.8',
    depegFactor: { feed: 'USDC-USD', threshold: '0.99', factor: 2, in: 'both' },
    gainDiscount: { base: '0.95', rateMultiplier: 1, add: '0.05', rateFloor: 0 },
    lossDiscount: { base: '1.04', add: '0.05' },
    deltaFloor: { net: '0.02', hedged: '0.01', as: oneOf(random, ['floor', 'charge']) },
    perpetualCharge: { initial: '0.02', maintenance: '0.015', on: 'index' },
    nakedShortCharge: { initial: '0.005', maintenance: '0.003' },
    expiryCharges: [{ scenarios: cells, base: '0.5', perYear: 2, as: 'loss' }],
    minimum: {
      tiers: [{ floor: 0, initial: '0.01', maintenance: '0.005' }],
      perContract: { initial: 5, maintenance: 3 },
    },
  };
}

const asset = (id: string, attributes: Attributes): Attributes => ({
  kind: 'asset',
  id,
  ...attributes,
});

const instrument = (id: string, underlying: string, attributes: Attributes): Attributes => ({
  kind: 'instrument',
  id,
  type: 'perpetual',
  underlying,
  settlementAsset: 'USD',
  ...attributes,
});

function listed(): Attributes[] {
  return [
    asset('USD', { borrowRatePerHour: perHour }),
    asset('USDC', { feed: 'USDC-USD', riskClass: 'STABLE', collateralWeight: '0.98' }),
    asset('BTC', {
      feed: 'BTC-USD',
      collateralWeight: '0.9',
      initialCollateralWeight: '0.85',
      swapBonus: '0.05',
    }),
    asset('ETH', { feed: 'ETH-USD', venue: 'derive-srm', sizeScaling: '0.0001' }),
    asset('SOL', {
      feed: 'SOL-USD',
      liabilityWeight: '1.1',
      borrowRatePerHour: perHour,
      lotSize: '0.01',
      dailyVolume: 50_000_000,
    }),
    { kind: 'location', id: 'chain', finalitySeconds: 900, weight: '0.9', pendingWeight: '0.5' },
    instrument('BTC-PERP', 'BTC-USD', {
      riskClass: 'BTC',
      lotSize: '0.001',
      minNotional: 5,
      dailyVolume: 1_000_000_000,
      depth: 20_000_000,
    }),
    instrument('BTC-INV', 'BTC-USD', {
      riskClass: 'BTC',
      settlementAsset: 'BTC',
      inverse: true,
      contractSize: 10,
    }),
    instrument('ETH-PERP', 'ETH-USD', { riskClass: 'ETH', markFeed: 'ETH-MARK' }),
    instrument('SOL-PERP', 'SOL-USD', { riskClass: 'SOL', settlementAsset: 'USDC' }),
    instrument('OWN-PERP', 'BTC-USD', { riskClass: 'OWN', netProfit: '3000000' }),
    instrument('BTC-FUT', 'BTC-USD', { type: 'future', riskClass: 'BTC', expiresAt: EXPIRY }),
    instrument('ETH-OLD', 'ETH-USD', {
      type: 'future',
      riskClass: 'ETH',
      expiresAt: AS_OF - DAY_MS,
      settlementFeed: 'ETH-SETTLED',
    }),
    option('BTC-P', 'BTC-USD', { strike: 55_000, optionType: 'put', riskClass: 'BTC' }),
    option('ETH-C', 'ETH-USD', { strike: 3300, optionType: 'call', riskClass: 'ETH' }),
    option('OWN-C', 'BTC-USD', {
      ...{ strike: 66_000, optionType: 'call', riskClass: 'OWN', fixedForwardShare: '0.1' },
    }),
    option('PM-P', 'BTC-USD', {
      strike: 60_000,
      optionType: 'put',
      riskClass: 'PM',
      forwardFeed: 'BTC-FWD',
    }),
  ];
}

const option = (id: string, underlying: string, attributes: Attributes): Attributes =>
  instrument(id, underlying, { type: 'option', markFeed: id, expiresAt: EXPIRY, ...attributes });

function quotes(): Attributes[] {
  const quote = (id: string, attributes: Attributes): Attributes => ({
    kind: 'quote',
    id,
    publishedAt: AS_OF - AGE_MS,
    ...attributes,
  });
  return [
    quote('USDC-USD#a', { price: '0.9998', confidence: '0.0002' }),
    quote('BTC-USD#a', { price: '60000', confidence: 10, fundingRatePerHour: '0.0000125' }),
    quote('BTC-FWD#a', { price: '60200' }),
    quote('ETH-USD#a', { price: '3000', confidenceScore: '0.9' }),
    quote('ETH-MARK#a', { price: '3001', fundingRatePerHour: '-0.00002' }),
    quote('ETH-SETTLED#a', { price: '2900', publishedAt: AS_OF - DAY_MS }),
    quote('SOL-USD#a', { price: '150' }),
    quote('SOL-USD#b', { price: '150.1' }),
    quote('BTC-P#a', { price: '1800', impliedVolatility: '0.65' }),
    quote('ETH-C#a', { price: '110', impliedVolatility: '0.7' }),
    quote('PM-P#a', { impliedVolatility: '0.62' }),
    quote('OWN-C#a', { impliedVolatility: '0.6' }),
    { kind: 'fund', id: 'seed', total: 1_000_000 },
  ];
}

const usd = (amount: string): Attributes => ({ asset: 'USD', amount });
const balance = (name: string, amount: string): Attributes => ({ asset: name, amount });
const held = (name: string, quantity: string, entryPrice: string): Attributes => ({
  instrument: name,
  quantity,
  entryPrice,
});

/** The account on the portfolio model. */
export const SCANNED_ACCOUNT = 'portfolio';

/** At random sizes, so that each is at another level in another world. */
function books(random: RandomStream): Readonly<Record<string, readonly Attributes[]>> {
  const size = (from: number, to: number, places = 3) => random.between(from, to).toFixed(places);
  return {
    cash: [usd(size(1, 1e5))],
    rich: [
      { callGraceSeconds: 600, leverage: '3', labels: { desk: 'a' } },
      usd('5e6'),
      held('BTC-PERP', size(-2, 2), '60000'),
    ],
    long: [usd(size(1000, 9000)), { ...held('BTC-PERP', size(0.2, 2), '60500'), leverage: '2.5' }],
    short: [
      usd(size(20_000, 60_000)),
      { ...held('ETH-PERP', size(-30, -5), '2500'), ...SETTLED, leverage: size(1, 50, 1) },
    ],
    broke: [usd(size(-500, 500)), held('BTC-PERP', '2', '90000')],
    loan: [
      balance('SOL', size(20, 300)),
      { ...usd(size(-9000, -2000)), interestSettledAt: AS_OF - DAY_MS },
    ],
    debt: [balance('BTC', size(-2, -0.1)), balance('USDC', size(20_000, 150_000))],
    dust: [balance('BTC', '0.000000001'), balance('SOL', '-0.00001')],
    options: [
      usd(size(5000, 60_000)),
      held('BTC-P', size(-6, 3), '1500'),
      held('BTC-PERP', size(-1, 1), '61000'),
    ],
    [SCANNED_ACCOUNT]: [
      { marginModel: 'portfolio' },
      usd(size(10_000, 90_000)),
      held('PM-P', size(-6, -1), '2000'),
      held('BTC-PERP', size(-1, 0), '60000'),
    ],
    structured: [
      { marginModel: 'portfolio' },
      usd(size(5000, 60_000)),
      held('OWN-C', size(-4, 2), '2000'),
      held('OWN-PERP', size(-1, 1), '60000'),
    ],
    profitable: [usd(size(100, 5000)), held('OWN-PERP', size(0.1, 2), '55000')],
    isolated: [
      usd(size(-50, 500)),
      { ...held('BTC-PERP', '1', '60000'), isolatedMargin: size(500, 9000) },
      held('ETH-PERP', '0.1', '3000'),
    ],
    bridged: [
      { ...balance('BTC', size(0.1, 1)), location: 'chain', observedAt: AS_OF - 600_000 },
      held('SOL-PERP', size(-200, 200), '150'),
    ],
    calls: [usd(size(500, 9000)), held('ETH-C', size(-12, -2), '100')],
    inverse: [balance('BTC', size(0.05, 1)), held('BTC-INV', size(-4000, 4000, 0), '60000')],
    future: [
      usd(size(1000, 20_000)),
      held('BTC-FUT', size(-2, 2), '60000'),
      held('ETH-OLD', '3', '2950'),
    ],
    orders: [
      usd(size(500, 9000)),
      { instrument: 'SOL-PERP', openBuyQuantity: '100', openSellQuantity: 0, openOrderCount: 4 },
    ],
  };
}

function itemKey(row: Attributes): string {
  if (row.asset !== undefined) {
    return row.location === undefined
      ? `balance#${row.asset}`
      : `balance#${row.asset}@${row.location}`;
  }
  if (row.instrument === undefined) return 'profile';
  return `position#${row.instrument}`;
}
