import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withInterest } from '../../../../lambda/margin/book/accrual.ts';
import type { Compounding } from '../../../../lambda/margin/market/market.ts';
import {
  isAbove,
  isBelow,
  quantity,
  ratio,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import { assessed, NOW, snapshotOf, tableRowsOf } from '../build.ts';

interface Since {
  readonly ratePerHour: string;
  readonly elapsedMs: number;
}

const grown = (compounding: Compounding | undefined, { ratePerHour, elapsedMs }: Since) => {
  const times = { settledAt: NOW - elapsedMs, asOf: NOW };
  return withInterest(quantity('-1'), { ratePerHour: ratio(ratePerHour), ...times, compounding });
};

/** 3.6 an hour is 0.001 a second. */
const seconds = (count: number): Since => ({ ratePerHour: '3.6', elapsedMs: count * 1000 });

describe('interest that compounds', () => {
  it.each<[Compounding, number, string]>([
    ['perSecond', 0, '-1'],
    ['perSecond', 1, '-1.001'],
    /** 1.001³ = 1 + 0.003 + 0.000003 + 0.000000001 */
    ['perSecond', 3, '-1.003003001'],
    ['perSecond', 4, '-1.004006004001'],
    ['binomial', 0, '-1'],
    ['binomial', 1, '-1.001'],
    ['binomial', 2, '-1.002001'],
    ['binomial', 3, '-1.003003001'],
    /** Without the fourth power, 10⁻¹². */
    ['binomial', 4, '-1.004006004'],
    /** z = 0.003: 1 + 0.003 + 0.0000045 + 0.0000000045 */
    ['taylor', 3, '-1.0030045045'],
    ['taylor', 0, '-1'],
    ['simple', 3, '-1.003'],
  ])('%s over %i seconds owes %s', (compounding, count, owed) => {
    expect(textOf(grown(compounding, seconds(count)))).toBe(owed);
  });

  /** z = 0.2: 1 + 0.2 + 0.02 + 0.008/6 = 1.22133… */
  it('is rounded against the account', () => {
    const since = { ratePerHour: '0.1', elapsedMs: 2 * 3_600_000 };
    expect(textOf(grown('taylor', since))).toBe(`-1.221${'3'.repeat(29)}4`);
  });

  /** 1.001^100,000 is about 10^43. */
  it('ends at 10^24 times the loan, however far off a rate or a time is', () => {
    expect(textOf(grown('perSecond', seconds(100_000)))).toBe(`-1${'0'.repeat(24)}`);
    const since = { ratePerHour: '1e12', elapsedMs: 10 * 8_760 * 3_600_000 };
    expect(textOf(grown('perSecond', since))).toBe(`-1${'0'.repeat(24)}`);
  });

  it('counts whole seconds, and no time before the settlement', () => {
    expect(textOf(grown('perSecond', { ratePerHour: '3.6', elapsedMs: 1_999 }))).toBe('-1.001');
    expect(textOf(grown('perSecond', { ratePerHour: '3.6', elapsedMs: -5_000 }))).toBe('-1');
  });

  /** 10 % a year, compounded each second for a year: e^0.1·(1 − 0.1²/(2·31,536,000)). */
  it('agrees with the exponential over a year', () => {
    const year = { ratePerHour: `${0.1 / 8760}`, elapsedMs: 31_536_000_000 };
    const owed = -Number(textOf(grown('perSecond', year)));
    expect(owed).toBeCloseTo(Math.exp(0.1) * (1 - 0.01 / (2 * 31_536_000)), 12);
  });

  it('never owes less the more of its terms count, nor later', () => {
    const rates = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(rates, fc.nat(100_000), fc.nat(1_000), (rate, count, more) => {
        const since = { ratePerHour: `${rate}e-6`, elapsedMs: count * 1000 };
        const [simple, binomial, perSecond, taylor] = (
          ['simple', 'binomial', 'perSecond', 'taylor'] as const
        ).map((each) => grown(each, since));
        if (!simple || !binomial || !perSecond || !taylor) throw new Error('there are four');
        expect(isAbove(binomial, simple)).toBe(false);
        expect(isAbove(perSecond, binomial)).toBe(false);
        expect(isAbove(taylor, binomial)).toBe(false);
        const later = { ...since, elapsedMs: since.elapsedMs + more * 1000 };
        expect(isBelow(perSecond, grown('perSecond', later))).toBe(false);
        expect(grown(undefined, since)).toEqual(simple);
      }),
    );
  });
});

const loan = (asset: RawRow) => {
  const rows = {
    assets: { DAI: { feed: 'DAI-USD', ...asset } },
    quotes: { 'DAI-USD#a': { price: '1' } },
  };
  const balance = { asset: 'DAI', amount: '-1000', interestSettledAt: String(NOW - 3_000) };
  return textOf(assessed({ balances: [balance] }, snapshotOf(rows)).equity.point);
};

it('a loan’s row says how it grows', () => {
  const borrowRatePerHour = '3.6';
  expect(loan({ borrowRatePerHour })).toBe('-1003');
  expect(loan({ borrowRatePerHour, interestCompounding: 'simple' })).toBe('-1003');
  expect(loan({ borrowRatePerHour, interestCompounding: 'perSecond' })).toBe('-1003.003001');
  expect(loan({ borrowRatePerHour, interestCompounding: 'taylor' })).toBe('-1003.0045045');
});

it.each([
  [{ interestCompounding: 'taylor' }, 'interestCompounding needs borrowRatePerHour'],
  [
    { interestCompounding: 'yearly', borrowRatePerHour: '0' },
    'interestCompounding must be one of simple, perSecond, binomial, taylor',
  ],
])('a bad row is one line: %s', (row, fault) => {
  const { faults } = readMarket(tableRowsOf({ assets: { DAI: { feed: 'DAI-USD', ...row } } }));
  expect(faults.map(({ detail }) => detail)).toEqual([`market asset/DAI: ${fault}`]);
});
