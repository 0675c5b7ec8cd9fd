import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLiquidation } from '../../../../lambda/margin/liquidation/plan.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../../../lambda/rows/read-market.ts';
import { type AccountRows, crossOf, type MarketRows, snapshotOf, tableRowsOf } from '../build.ts';

const LINES = { callMultiplier: '1', liquidationTargetMultiplier: '1' };
const perpetual = (underlying: string): RawRow => ({
  ...{ type: 'perpetual', underlying, settlementAsset: 'USD', riskClass: 'X' },
});

interface Given {
  readonly exitBuffer?: string;
  readonly liquidity?: RawRow;
  readonly price?: string;
}

const marketOf = ({ exitBuffer, liquidity = {}, price = '95' }: Given): MarketRows => ({
  policy: { ...LINES, ...(exitBuffer && { liquidationExitBuffer: exitBuffer }) },
  assets: { DAI: { feed: 'DAI-USD' } },
  instruments: { 'X-PERP': perpetual('X'), 'Y-PERP': perpetual('Y') },
  risk: {
    X: {
      margin: { type: 'flat', initial: '0.2', maintenance: '0.1' },
      volatility: '0.6',
      liquidity,
    },
    DAI: { volatility: '0.1' },
  },
  quotes: { 'X#a': { price }, 'Y#a': { price: '10' }, 'DAI-USD#a': { price: '1' } },
});

/** 100 long from 100, at 95: a loss of 500. B = 500, MM = 950. */
const LONG: AccountRows = {
  balances: [{ asset: 'USD', amount: '1000' }],
  positions: [{ instrument: 'X-PERP', quantity: '100', entryPrice: '100' }],
};

const ordersOf = (account: AccountRows, given: Given = {}) =>
  planLiquidation(crossOf(account), snapshotOf(marketOf(given))).orders.map(
    ({ market, quantity, liquidationFee }) => [
      market,
      textOf(quantity),
      liquidationFee && textOf(liquidationFee),
    ],
  );

describe('an exit buffer', () => {
  it.each<[string, Given, string]>([
    /** 450 are missing, and 0.1 is freed: 4,500 of notional, rounded up to a lot. */
    ['none', {}, '47.36842106'],
    ['of 0 is none', { exitBuffer: '0' }, '47.36842106'],
    /** 450 + 0.02·(9,500 + 500) = 650 are missing, and 0.1 + 0.02 is freed: 5,416.67. */
    ['of 2 %', { exitBuffer: '0.02' }, '57.01754386'],
    /** Each unit costs 0.01: 650 ÷ 0.11 = 5,909.09. */
    ['of 2 % with a fee', { exitBuffer: '0.02', liquidity: { fee: '0.01' } }, '62.20095694'],
  ])('%s', (_, given, quantity) => {
    expect(ordersOf(LONG, given)).toEqual([['X-PERP', quantity, undefined]]);
  });

  /** In a profit nothing is added for losses: 10 short of 200 margin. */
  it('asks nothing for a profit', () => {
    const account = {
      balances: [{ asset: 'USD', amount: '440' }],
      positions: [{ instrument: 'X-PERP', quantity: '100', entryPrice: '90' }],
    };
    // B = 940, MM = 950: 10 + 0.02·9,500 = 200 at 0.12.
    expect(ordersOf(account, { exitBuffer: '0.02' })).toEqual([
      ['X-PERP', '17.54385965', undefined],
    ]);
  });

  /** A loan of 1,000 DAI and a debt of 100 USD: 0.02·1,100 more than without. */
  it('counts loans, in the numeraire too', () => {
    const account = {
      balances: [
        { asset: 'USD', amount: '-100' },
        { asset: 'DAI', amount: '-1000' },
      ],
      positions: [{ instrument: 'X-PERP', quantity: '100', entryPrice: '74' }],
    };
    // B = 2,100 − 1,100 = 1,000; MM = 950; β(9,500 + 1,100) = 212: 162 are missing. Closing 1,333.33
    // frees 160, and its profit pays the debt of 100, which frees 2.
    expect(ordersOf(account, { exitBuffer: '0.02' })).toEqual([
      ['X-PERP', '14.03508772', undefined],
    ]);
  });

  it('never closes less for more of it, in one market and in two', () => {
    const share = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(share, share, fc.integer({ min: 0, max: 90 }), (one, other, second) => {
        const account = {
          balances: [{ asset: 'USD', amount: '1000' }],
          positions: [
            { instrument: 'X-PERP', quantity: '100', entryPrice: '100' },
            { instrument: 'Y-PERP', quantity: String(second), entryPrice: '11' },
          ],
        };
        const closed = (permille: number) =>
          ordersOf(account, { exitBuffer: String(permille / 1000) }).reduce(
            (sum, [market, quantity]) => sum + Number(quantity) * (market === 'X-PERP' ? 95 : 10),
            0,
          );
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(closed(less)).toBeLessThanOrEqual(closed(more) + 1e-5);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a fee to the fund that shrinks', () => {
  const fee = (given: Given, account = LONG) => ordersOf(account, given).map(([, , rate]) => rate);

  it.each<[string, Given, string | undefined]>([
    ['flat', { liquidity: { liquidationFee: '0.05' } }, '0.05'],
    /** 0.1 − 450/9,500 = 0.0526…: the most is less. */
    [
      'at most the fee',
      { liquidity: { liquidationFee: '0.01', liquidationFeeShare: '1' } },
      '0.01',
    ],
    /** 0.1 − 0.01 − 450/9,500, rounded down at 12 places. */
    [
      'what margin, cost and shortage leave',
      { liquidity: { fee: '0.01', liquidationFee: '0.06', liquidationFeeShare: '1' } },
      '0.042631578947',
    ],
    /** 0.95 of it. */
    [
      'a share of that',
      { liquidity: { fee: '0.01', liquidationFee: '0.06', liquidationFeeShare: '0.95' } },
      '0.0405',
    ],
    /** With β: 0.95·(0.1 + 0.02 − 0.01 − 650/9,500). */
    [
      'with an exit buffer',
      {
        exitBuffer: '0.02',
        liquidity: { fee: '0.01', liquidationFee: '0.06', liquidationFeeShare: '0.95' },
      },
      '0.0395',
    ],
    [
      'a share of 0',
      { liquidity: { liquidationFee: '0.01', liquidationFeeShare: '0' } },
      undefined,
    ],
    /** At 90.5: B = 50, MM = 905; 0.1 − 855/9,050 = 0.0055…, less than it costs to close. */
    [
      'nothing where nothing is left',
      {
        price: '90.5',
        liquidity: { fee: '0.01', liquidationFee: '0.06', liquidationFeeShare: '1' },
      },
      undefined,
    ],
  ])('%s', (_, given, rate) => expect(fee(given)[0]).toBe(rate));

  /** The position’s part of the shortage by its maintenance: both have the same rate, and fee. */
  it('takes of the shortage the part of a position', () => {
    const account = {
      balances: [{ asset: 'USD', amount: '1100' }],
      positions: [
        { instrument: 'X-PERP', quantity: '100', entryPrice: '100' },
        { instrument: 'Y-PERP', quantity: '100', entryPrice: '10' },
      ],
    };
    // B = 600, MM = 950 + 100: 450 are missing, of which 950/1,050 to X.
    const liquidity = { liquidationFee: '0.09', liquidationFeeShare: '1' };
    expect(fee({ liquidity }, account)[0]).toBe('0.057142857142');
  });

  /** 1,000 − 900 = 100 is left of 100 contracts at 91: the whole of it goes to the fund. */
  it('of the whole notional takes what is left', () => {
    const given = { price: '91', liquidity: { liquidationFee: '1' } };
    expect(ordersOf(LONG, given)).toEqual([['X-PERP', '100', '0.010989010989']]);
  });
});

it.each([
  [{ liquidationFee: '1.01' }, 'liquidity.liquidationFee must lie between 0 and 1, not 1.01'],
  [{ liquidationFeeShare: '2' }, 'liquidity.liquidationFeeShare must lie between 0 and 1, not 2'],
])('a bad row is one line: %s', (liquidity, fault) => {
  const { faults } = readMarket(tableRowsOf({ risk: { X: { volatility: '1', liquidity } } }));
  expect(faults.map(({ detail }) => detail)).toEqual([`market risk/X: ${fault}`]);
});

it('a bad policy is one line', () => {
  const rows = tableRowsOf({ policy: { liquidationExitBuffer: '-0.1' } });
  expect(() => readMarket(rows)).toThrow(PolicyError);
  expect(() => readMarket(rows)).toThrow(
    'liquidationExitBuffer must lie between 0 and 1, not -0.1',
  );
});
