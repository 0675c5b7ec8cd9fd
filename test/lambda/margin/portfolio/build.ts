import { subAccounts } from '../../../../lambda/margin/book/account.ts';
import type { Book } from '../../../../lambda/margin/book/book.ts';
import { buildBook } from '../../../../lambda/margin/book/build-book.ts';
import { price, quantity } from '../../../../lambda/margin/number/decimal.ts';
import type { OptionTerms } from '../../../../lambda/margin/snapshot/instrument-terms.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type MarketRows, NOW, snapshotOf } from '../build.ts';

export const DAY_MS = 86_400_000;
export const SPOT = 60_000;

const grid = ['1.15', '1.1', '1.05', '1', '0.95', '0.9', '0.85'].flatMap((priceMultiplier) =>
  ['up', 'none', 'down'].map((vol) => ({ priceMultiplier, vol })),
);

/** A grid with tails, without any rule by expiry. */
export const GRID: RawRow = {
  scenarios: [
    ...grid,
    { priceMultiplier: '0.34', vol: 'up', weight: '0.21' },
    { priceMultiplier: '3', vol: 'up', weight: '0.0693' },
  ],
  volShock: { up: '0.5', down: '0.3', power: '0.3', longPower: '0.13', minimum: '0.4' },
  maintenanceFactor: '0.8',
  perpetualCharge: { initial: '0.04', maintenance: '0.03' },
  nakedShortCharge: { initial: '0.005', maintenance: '0.003' },
};

/** The same grid, with every rule that treats expiries separately. */
export const BY_EXPIRY: RawRow = {
  ...GRID,
  scenarios: [
    ...(GRID.scenarios as RawRow[]),
    { priceMultiplier: '1', skew: { slope: '0.1', of: 'signed', cap: '0.3' } },
    { priceMultiplier: '1', skew: { slope: '0.1', of: 'absolute', cap: '0.3' } },
  ],
  gainDiscount: { base: '0.99', rateMultiplier: '1', add: '0.05' },
  lossDiscount: { base: '1.01', rateMultiplier: '1', add: '0.05' },
  expiryCharges: [
    {
      scenarios: [{ priceMultiplier: '0.955' }, { priceMultiplier: '1.045' }],
      base: '0.5',
      perYear: '2',
    },
    {
      scenarios: [{ priceMultiplier: '0.9', vol: 'up' }, { priceMultiplier: '1.1' }],
      base: '1.2',
      perYear: '1',
      as: 'loss',
    },
  ],
  deltaFloor: { net: '0.02', hedged: '0.01' },
  settlementWindowSeconds: '1800',
};

export interface OptionOf {
  readonly type: 'call' | 'put';
  readonly strike: number;
  readonly days: number;
  readonly volatility: string;
}

export const nameOf = ({ type, strike, days }: OptionOf): string =>
  `BTC-${days}D-${strike}-${type === 'call' ? 'C' : 'P'}`;

export function marketOf(
  options: readonly OptionOf[],
  {
    portfolio = GRID,
    policy = {},
    rate = '0',
    more = {},
  }: {
    readonly portfolio?: RawRow;
    readonly policy?: RawRow;
    readonly rate?: string;
    readonly more?: Partial<MarketRows>;
  } = {},
): MarketRows {
  const common = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };
  return {
    policy,
    assets: { BTC: { feed: 'BTC-USD', collateralWeight: '0.9', liabilityWeight: '1.1' } },
    risk: {
      BTC: {
        volatility: '0.6',
        rate,
        margin: { type: 'flat', initial: '0.1', maintenance: '0.065' },
        optionRule: {
          shortCall: {
            initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.13' },
            maintenance: { rate: '0.09' },
          },
          shortPut: {
            initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.13' },
            maintenance: { rate: '0.09', ofMark: '0.09' },
          },
          putInitialOverMaintenance: '1.05',
        },
        portfolio,
      },
    },
    instruments: {
      'BTC-PERP': { type: 'perpetual', ...common },
      ...Object.fromEntries(
        options.map((option) => [
          nameOf(option),
          {
            type: 'option',
            ...common,
            markFeed: nameOf(option),
            strike: String(option.strike),
            optionType: option.type,
            expiresAt: String(NOW + Math.round(option.days * DAY_MS)),
          },
        ]),
      ),
      ...more.instruments,
    },
    quotes: {
      'BTC-USD#venue': { price: String(SPOT) },
      ...Object.fromEntries(
        options.map((option) => [
          `${nameOf(option)}#venue`,
          { impliedVolatility: option.volatility },
        ]),
      ),
      ...more.quotes,
    },
  };
}

export interface Holding {
  readonly instrument: string;
  readonly quantity: string;
}

export interface AccountOf {
  readonly model?: 'standard' | 'portfolio';
  readonly balances?: Readonly<Record<string, string>>;
  readonly held: readonly Holding[];
}

export function bookIn(
  snapshot: Snapshot,
  { model = 'portfolio', balances = {}, held }: AccountOf,
): Book {
  const [cross] = subAccounts({
    accountId: 'account',
    marginModel: model,
    balances: Object.entries(balances).map(([asset, amount]) => ({
      asset,
      amount: quantity(amount),
    })),
    positions: held.map(({ instrument, quantity: size }, index) => ({
      instrument,
      label: String(index),
      quantity: quantity(size),
      entryPrice: price(String(SPOT)),
      openBuyQuantity: quantity('0'),
      openSellQuantity: quantity('0'),
      openOrderCount: 0,
    })),
  });
  const built = cross && buildBook(cross, snapshot);
  if (!built?.ok) throw new Error(built?.reasons.map(({ detail }) => detail).join('; '));
  return built.book;
}

export function optionIn(snapshot: Snapshot, name: string): OptionTerms {
  const terms = snapshot.instruments.get(name);
  if (terms?.ok && terms.value.kind === 'option') return terms.value;
  throw new Error(`${name} is no option`);
}

export const snapshotOfOptions = (...input: Parameters<typeof marketOf>): Snapshot =>
  snapshotOf(marketOf(...input));
