import { describe, expect, it } from 'vitest';
import { accruedFunding, withInterest } from '../../../../lambda/margin/book/accrual.ts';
import { quantity, ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { NOW } from '../build.ts';

const HOUR_MS = 3_600_000;
const since = (ratePerHour: string, elapsedMs: number) => ({
  ratePerHour: ratio(ratePerHour),
  settledAt: NOW - elapsedMs,
  asOf: NOW,
});

const owed = (loan: string, accrual: ReturnType<typeof since>): string =>
  textOf(withInterest(quantity(loan), accrual));

describe('interest', () => {
  it('is the rate times the hours since it was settled', () => {
    expect(owed('-1', since('0.0001', 10 * HOUR_MS))).toBe('-1.001');
    expect(owed('-2', since('0.0001', HOUR_MS / 2))).toBe('-2.0001');
  });

  it('is zero at the time of settlement and before it', () => {
    expect(owed('-1', since('0.0001', 0))).toBe('-1');
    expect(owed('-1', since('0.0001', -5_000))).toBe('-1');
  });

  /** A third of 0.0001 an hour: 0.0000333… */
  it('is rounded against the account at the last of 34 digits', () => {
    expect(owed('-1', since('0.0001', HOUR_MS / 3))).toBe(`-1.0000${'3'.repeat(28)}4`);
  });

  /** At 12 places, 10^12 of a currency at 10^-9 an hour would owe a millisecond’s interest too much. */
  it('is exact where its digits fit', () => {
    expect(owed('-1e12', since('0.00000000036', 1))).toBe('-1000000000000.0001');
  });
});

describe('funding at a third of 0.0001', () => {
  it.each([
    ['a long pays more', '0.0001', true, '4'],
    ['a short gets less', '0.0001', false, '3'],
    ['a long gets less', '-0.0001', true, '3'],
    ['a short pays more', '-0.0001', false, '4'],
  ])('is rounded against the account: %s at %s', (_, rate, isLong, last) => {
    const [sign] = rate.split('0.');
    const share = `${sign}0.0000${'3'.repeat(33)}${last}`;
    expect(textOf(accruedFunding(since(rate, HOUR_MS / 3), isLong))).toBe(share);
  });

  it('is zero before the time of settlement', () => {
    expect(textOf(accruedFunding(since('0.0001', -5_000), true))).toBe('0');
  });
});

it('accrual is not rounded if it is exact', () => {
  const accrual = { ratePerHour: ratio('0.00003'), settledAt: 0, asOf: 85_302_429 };
  expect(textOf(accruedFunding(accrual, true))).toBe('0.000710853575');
  expect(textOf(withInterest(quantity('-1'), accrual))).toBe('-1.000710853575');
});
