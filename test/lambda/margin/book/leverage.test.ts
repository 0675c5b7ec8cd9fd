import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { whyNot } from '../../../../lambda/margin/certificate/uncertifiable.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readAccount } from '../../../../lambda/rows/read-account.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  crossOf,
  fiveOf,
  type MarketRows,
  snapshotOf,
} from '../build.ts';

const FLAT = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const TIERED = {
  type: 'tiered',
  tiers: [
    { floor: '0', initial: '0.01', maintenance: '0.005' },
    { floor: '1000', initial: '0.1', maintenance: '0.05' },
  ],
};
const RATE = { rate: '0.1' };
const LADDER = {
  type: 'sizeLadder',
  initial: { base: '0.02', slope: '0.00005' },
  maintenance: { base: '0.01', slope: '0.00005' },
};

interface Given {
  readonly margin?: RawRow;
  readonly price?: string;
  readonly instrument?: RawRow;
  readonly policy?: RawRow;
  readonly asset?: RawRow;
}

const marketOf = ({ margin = FLAT, price = '100', instrument, policy, asset }: Given = {}) =>
  snapshotOf({
    ...(policy && { policy }),
    assets: {
      SOL: {
        feed: 'SOL-USD',
        collateralWeight: '0.9',
        initialCollateralWeight: '0.8',
        liabilityWeight: '1.1',
        initialLiabilityWeight: '1.2',
        ...asset,
      },
    },
    instruments: {
      'SOL-PERP': {
        ...{ type: 'perpetual', underlying: 'SOL-USD', settlementAsset: 'USD', riskClass: 'SOL' },
        ...instrument,
      },
    },
    risk: {
      SOL: {
        margin,
        volatility: '0.9',
        optionRule: { shortCall: { initial: RATE, maintenance: RATE } },
      },
    },
    quotes: { 'SOL-USD#a': { price } },
  } as MarketRows);

const chosen = (leverage?: string): Pick<AccountRows, 'profile'> =>
  leverage === undefined ? {} : { profile: { leverage } };

const perps = (rows: readonly RawRow[], leverage?: string): AccountRows => ({
  ...chosen(leverage),
  balances: [{ asset: 'USD', amount: '1000' }],
  positions: rows.map((row) => ({ instrument: 'SOL-PERP', entryPrice: '100', ...row })),
});

/** Initial and maintenance requirement. */
const requirements = (account: AccountRows, given?: Given) => {
  const found = assessed(account, marketOf(given));
  return [found.initialRequirement, found.maintenanceRequirement].map(textOf);
};

describe('the leverage of an account, for a perpetual', () => {
  it.each<[string | undefined, string]>([
    [undefined, '1000'],
    ['10.1', '1000'],
    ['10', '1000'],
    /** 100·100 ÷ 8 */
    ['8', '1250'],
    ['0.5', '20000'],
  ])('of %s requires the notional divided by it initially', (leverage, initial) => {
    expect(requirements(perps([{ quantity: '-100' }], leverage))).toEqual([initial, '500']);
  });

  /** 0.1·N − 90 is 0.02·N at 1,125. Of 1,100: 22 against 20, and 55 − 45 = 10 for maintenance. */
  it.each<[string, string[]]>([
    ['9', ['18', '4.5']],
    ['10', ['20', '5']],
    ['11', ['22', '10']],
    ['11.25', ['22.5', '11.25']],
    ['20', ['110', '55']],
  ])('holds until a tier requires more: %s contracts', (quantity, expected) => {
    expect(requirements(perps([{ quantity }], '50'), { margin: TIERED })).toEqual(expected);
  });

  it('counts with the worse of its orders', () => {
    const orders = { quantity: '10', openBuyQuantity: '5' };
    expect(requirements(perps([orders], '2'))).toEqual(['750', '75']);
  });

  it('is the least of the profile and of all rows of the instrument', () => {
    const rows = [{ quantity: '10', leverage: '4', label: 'a' }, { quantity: '10' }];
    expect(requirements(perps(rows))).toEqual(['500', '100']);
    expect(requirements(perps(rows, '5'))).toEqual(['500', '100']);
    expect(requirements(perps(rows, '2.5'))).toEqual(['800', '100']);
  });

  /** Short of a binary contract that pays 100 at most: 10·(100 − 25). */
  it('is of what a binary contract may lose', () => {
    const given = { instrument: { payout: '100' }, price: '25' };
    expect(requirements(perps([{ quantity: '-10' }], '2'), given)).toEqual(['375', '37.5']);
  });

  /** In coin: 100 contracts of 10 are 1,000 whatever the price. */
  it('is of the fixed notional of an inverse contract', () => {
    const given = { instrument: { inverse: true, contractSize: '10', settlementAsset: 'SOL' } };
    expect(requirements(perps([{ quantity: '100' }], '2'), given)).toEqual(['500', '50']);
  });

  /** The ladder at 10 SOL is 2.05 % of 1,000, and 10 % is more. */
  it('is of an inverse contract whose rate grows with its size, too', () => {
    const instrument = { inverse: true, contractSize: '10', settlementAsset: 'SOL' };
    const given = { margin: LADDER, instrument };
    expect(requirements(perps([{ quantity: '100' }], '10'), given)[0]).toBe('100');
    expect(requirements(perps([{ quantity: '100' }], '100'), given)[0]).toBe('20.5');
  });

  it('is the larger of both requirements at any size, and leaves maintenance alone', () => {
    const leverages = fc.integer({ min: 3, max: 9_000 });
    const cents = fc.integer({ min: 1, max: 10_000_000 });
    fc.assert(
      fc.property(
        leverages,
        cents,
        fc.constantFrom(FLAT, TIERED, LADDER),
        (tenths, size, margin) => {
          const [quantity, least] = [String(size / 100), String(tenths / 10)];
          const [alone, maintenance] = requirements(perps([{ quantity }]), { margin });
          const [initial, same] = requirements(perps([{ quantity }], least), { margin });
          expect(same).toBe(maintenance);
          expect(Number(initial)).toBeCloseTo(Math.max(Number(alone), (size * 10) / tenths), 6);
        },
      ),
      { numRuns: 100 },
    );
  });

  /** Between 90 and 110: the surplus at each end is that of an account assessed there. */
  it('bounds the initial surplus in the range of a price', () => {
    const rows = [{ quantity: '10.5' }];
    const given = { margin: TIERED, policy: { uncertainty: 'standard', deviation: '0.1' } };
    const { restore } = assessed(perps(rows, '50'), marketOf(given)).surplus;
    const [low, , point, , high] = fiveOf(restore).map(Number);
    const at = (price: string) => {
      const found = assessed(perps(rows, '50'), marketOf({ margin: TIERED, price }));
      return Number(textOf(found.surplus.restore.point));
    };
    expect(point).toBe(at('100'));
    expect(low).toBeLessThanOrEqual(at('90') + 1e-9);
    expect(high).toBeGreaterThanOrEqual(at('110') - 1e-9);
  });
});

/** Margin balance less initial requirement. */
const counted = (balance: RawRow, leverage?: string, given?: Given): number => {
  const balances = [{ asset: 'SOL', ...balance }];
  const found = assessed({ ...chosen(leverage), balances }, marketOf(given));
  return Number(textOf(found.marginBalance.point)) - Number(textOf(found.initialRequirement));
};

describe('the leverage of an account, for a balance', () => {
  it.each<[string, RawRow, string, number]>([
    ['a deposit counts at most 1 − 1/leverage', { amount: '1' }, '2', 50],
    ['a deposit whose weight is lower', { amount: '1' }, '10', 80],
    ['a deposit at its edge', { amount: '1' }, '5', 80],
    ['a deposit with a leverage below 1', { amount: '1' }, '0.5', 0],
    ['a debt counts at least 1 + 1/leverage', { amount: '-1' }, '2', -150],
    ['a debt whose weight is higher', { amount: '-1' }, '10', -120],
    /** 0.5·100 − 100, and −1.5·100 + 100. */
    ['buys', { amount: '0', openBuyQuantity: '1' }, '2', -50],
    ['sells', { amount: '0', openSellQuantity: '1' }, '2', -50],
  ])('%s', (_, balance, leverage, expected) => {
    expect(counted(balance, leverage)).toBeCloseTo(expected, 9);
  });

  /** 1.1/(1 + 0.1·10) = 0.55 of 100: lower than 0.6, higher than 0.5. */
  it.each<[string, number]>([
    ['2.5', 5500],
    ['2', 5000],
  ])('is set against the weight of the size: %s', (leverage, expected) => {
    const given = { asset: { sizeScaling: '0.1' } };
    expect(counted({ amount: '100' }, leverage, given)).toBeCloseTo(expected, 9);
  });

  it('leaves the margin balance and the numeraire alone', () => {
    const balances = [
      { asset: 'USD', amount: '7' },
      { asset: 'SOL', amount: '-1' },
    ];
    const found = assessed({ ...chosen('2'), balances }, marketOf());
    expect(textOf(found.marginBalance.point)).toBe('-103');
    expect(textOf(found.initialRequirement)).toBe('40');
  });
});

describe('a row that cannot be', () => {
  it.each(['0', '-1'])('%s', (leverage) => {
    const profile = { item: 'profile', leverage };
    const read = readAccount('a', [profile]);
    expect(read.ok ? [] : read.reasons.map(({ detail }) => detail)).toEqual([
      `accounts a/profile: leverage must be above 0, not ${leverage}`,
    ]);
  });
});

it('an account with a leverage is read at every check only where a call may ask it', () => {
  const row = { quantity: '1' };
  const why = (policy: RawRow, rows: AccountRows) => {
    const market = marketOf({ policy });
    return whyNot(crossOf(rows), bookOf(rows, market), market);
  };
  expect(why({ callAt: 'initial' }, perps([row], '2'))).toBe('leverage of the account');
  expect(why({ callAt: 'maintenance' }, perps([row], '2'))).toBeUndefined();
  expect(why({ callAt: 'initial' }, perps([row]))).toBeUndefined();
  expect(why({ callAt: 'initial' }, perps([{ ...row, leverage: '2' }]))).toBeUndefined();
});
