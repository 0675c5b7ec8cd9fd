/**
 * Random accounts over up to eight coins, each with a perpetual in the numeraire, one in a
 * stablecoin, an inverse one, one settled in another coin, and a call. Positions have several rows.
 */
import fc from 'fast-check';
import {
  add,
  ratio,
  roundUp,
  subtract,
  textOf,
  times,
} from '../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { type AccountRows, assessed, type MarketRows, NOW, snapshotOf } from './build.ts';
import { GRID } from './portfolio/build.ts';
import type { RandomBook } from './random-book.ts';

const whole = (min: number, max: number) => fc.integer({ min, max });
const rarely = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 1 });
const KINDS = ['PERP', 'USDC', 'INVERSE', 'QUANTO', 'CALL'] as const;
type Kind = (typeof KINDS)[number];

const tiered = whole(1, 8).chain((first) =>
  fc.tuple(whole(0, 6), whole(1, 300)).map(
    ([more, floor]): RawRow => ({
      type: 'tiered',
      tiers: [
        { floor: '0', initial: `${first + 2}e-2`, maintenance: `${first}e-2` },
        {
          floor: `${floor}e3`,
          initial: `${first + more + 2}e-2`,
          maintenance: `${first + more}e-2`,
        },
      ],
    }),
  ),
);

const coinOf = fc.record({
  margin: tiered,
  volatility: whole(1, 20).map((tenths) => `${tenths}e-1`),
  fee: whole(0, 300).map((each) => `${each}e-5`),
  impact: fc.constantFrom('0', '0', '1'),
  weights: fc.tuple(whole(50, 100), whole(100, 150)),
  price: fc.constantFrom('60000.5', '3000', '130', '0.25'),
  /** In hundredths of 30,000 of notional. */
  balance: rarely(whole(-100, 100)),
  isScanned: fc.boolean(),
  positions: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS, 'PERP' as const),
      size: whole(-100, 100),
      entry: whole(80, 120),
      rows: whole(1, 3),
    }),
    { maxLength: 2 },
  ),
});
type Coin = ReturnType<typeof coinOf.generate>['value'];

const NOTIONAL = 30_000;
const unitsOf = (coin: Coin, hundredths: number): string =>
  ((hundredths * NOTIONAL) / 100 / Number(coin.price)).toFixed(4);

const OPTION_RULE: RawRow = {
  shortCall: {
    initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.13' },
    maintenance: { rate: '0.09' },
  },
};

function instrumentsOf(index: number, coin: Coin): Record<string, RawRow> {
  const name = `C${index}`;
  const common = { underlying: `${name}-USD`, riskClass: name, dailyVolume: '2e9', depth: '5e6' };
  const perpetual = { type: 'perpetual', ...common };
  return {
    [`${name}-PERP`]: { ...perpetual, settlementAsset: 'USD' },
    [`${name}-USDC`]: { ...perpetual, settlementAsset: 'USDC' },
    [`${name}-INVERSE`]: { ...perpetual, settlementAsset: name, inverse: true },
    [`${name}-QUANTO`]: { ...perpetual, settlementAsset: 'C0' },
    [`${name}-CALL`]: {
      ...common,
      type: 'option',
      settlementAsset: 'USD',
      markFeed: `${name}-CALL`,
      strike: coin.price,
      optionType: 'call',
      expiresAt: String(NOW + 30 * 86_400_000),
    },
  };
}

function marketOf(coins: readonly Coin[], policy: RawRow): MarketRows {
  const byCoin = (rows: (coin: Coin, index: number) => Record<string, RawRow>) =>
    Object.assign({}, ...coins.map(rows)) as Record<string, RawRow>;
  const traded = { dailyVolume: '2e9', depth: '5e6' };
  return {
    policy,
    assets: {
      USDC: { feed: 'USDC-USD', collateralWeight: '0.98', liabilityWeight: '1.02' },
      ...byCoin(({ weights: [collateral, liability] }, index) => ({
        [`C${index}`]: {
          feed: `C${index}-USD`,
          collateralWeight: `${collateral}e-2`,
          liabilityWeight: `${liability}e-2`,
          ...traded,
        },
      })),
    },
    risk: {
      USDC: { volatility: '0.03', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
      ...byCoin(({ margin, volatility, fee, impact, isScanned }, index) => ({
        [`C${index}`]: {
          margin,
          volatility,
          liquidity: { fee, slippage: '0.001', impact },
          optionRule: OPTION_RULE,
          ...(isScanned ? { portfolio: { ...GRID, collateral: 'all' } } : {}),
        },
      })),
    },
    instruments: byCoin((coin, index) => instrumentsOf(index, coin)),
    quotes: {
      'USDC-USD#a': { price: '0.9997' },
      ...byCoin(({ price }, index) => ({
        [`C${index}-USD#a`]: { price, confidence: '0' },
        [`C${index}-CALL#a`]: { impliedVolatility: '0.6' },
      })),
    },
  };
}

/** An inverse contract is 1 of the numeraire. */
const contractsOf = (coin: Coin, kind: Kind, size: number): string =>
  kind === 'INVERSE' ? String((size * NOTIONAL) / 100) : unitsOf(coin, size);

function positionsOf(coin: Coin, index: number): RawRow[] {
  return coin.positions.flatMap(({ kind, size, entry, rows }, place) =>
    Array.from({ length: rows }, (_, row) => ({
      instrument: `C${index}-${kind}`,
      label: `${place}-${row}`,
      quantity: contractsOf(coin, kind, size),
      entryPrice: String((Number(coin.price) * (entry + row)) / 100),
    })),
  );
}

const accountOf = (coins: readonly Coin[], of: { model: string; usdc: number }): AccountRows => ({
  profile: { marginModel: of.model },
  balances: [
    { asset: 'USD', amount: '0' },
    { asset: 'USDC', amount: String(of.usdc * 500) },
    ...coins.flatMap((coin, index) =>
      coin.balance === undefined
        ? []
        : [{ asset: `C${index}`, amount: unitsOf(coin, coin.balance) }],
    ),
  ],
  positions: coins.flatMap(positionsOf),
});

/** Below the liquidation line by a share of the line, in hundredths. */
function atShare({ market, account }: RandomBook, share: number): RandomBook {
  const { surplus, lines } = assessed(account, snapshotOf(market));
  const aim = times(lines.liquidation, ratio(`${-share}e-2`));
  const missing = subtract(aim, surplus.liquidation.point);
  const cash = textOf(roundUp(add(missing, lines.call), 2));
  const balances = (account.balances ?? []).map((row) =>
    row.asset === 'USD' ? { ...row, amount: cash } : row,
  );
  return { market, account: { ...account, balances } };
}

export const wideBook: fc.Arbitrary<RandomBook> = fc
  .record({
    coins: fc.array(coinOf, { minLength: 2, maxLength: 8 }),
    share: whole(50, 190),
    model: fc.constantFrom('standard', 'standard', 'portfolio'),
    usdc: whole(-10, 10),
    policy: fc.record({
      latencyBuffer: fc.constantFrom('standard', 'none'),
      jointShockWeight: fc.constantFrom('0', '0', '0.3', '1'),
      liquidationTargetMultiplier: fc.constantFrom('1.5', '1.8'),
    }),
  })
  .map(({ coins, share, model, usdc, policy }) =>
    atShare({ market: marketOf(coins, policy), account: accountOf(coins, { model, usdc }) }, share),
  );
