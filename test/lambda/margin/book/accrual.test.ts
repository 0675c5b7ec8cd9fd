import { describe, expect, it } from 'vitest';
import { accruedFunding, accruedInterest } from '../../../../lambda/margin/book/accrual.ts';
import { ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { NOW } from '../build.ts';

const HOUR_MS = 3_600_000;
const since = (ratePerHour: string, elapsedMs: number) => ({
  ratePerHour: ratio(ratePerHour),
  settledAt: NOW - elapsedMs,
  asOf: NOW,
});

describe('interest', () => {
  it('is the rate times the hours since it was settled', () => {
    expect(textOf(accruedInterest(since('0.0001', 10 * HOUR_MS)))).toBe('0.001');
    expect(textOf(accruedInterest(since('0.0001', HOUR_MS / 2)))).toBe('0.00005');
  });

  it('is zero at the time of settlement and before it', () => {
    expect(textOf(accruedInterest(since('0.0001', 0)))).toBe('0');
    expect(textOf(accruedInterest(since('0.0001', -5_000)))).toBe('0');
  });

  /** A third of 0.0001 an hour: 0.0000333… */
  it('is rounded up to 12 decimal places, against the account', () => {
    expect(textOf(accruedInterest(since('0.0001', HOUR_MS / 3)))).toBe('0.000033333334');
  });
});

describe('funding at a third of 0.0001', () => {
  it.each([
    ['a long pays more', '0.0001', true, '0.000033333334'],
    ['a short gets less', '0.0001', false, '0.000033333333'],
    ['a long gets less', '-0.0001', true, '-0.000033333333'],
    ['a short pays more', '-0.0001', false, '-0.000033333334'],
  ])('is rounded against the account: %s at %s', (_, rate, isLong, share) => {
    expect(textOf(accruedFunding(since(rate, HOUR_MS / 3), isLong))).toBe(share);
  });

  it('is zero before the time of settlement', () => {
    expect(textOf(accruedFunding(since('0.0001', -5_000), true))).toBe('0');
  });
});

it('accrual is not rounded if it is exact within 12 decimal places', () => {
  const accrual = { ratePerHour: ratio('0.00003'), settledAt: 0, asOf: 85_302_429 };
  expect(textOf(accruedFunding(accrual, true))).toBe('0.000710853575');
  expect(textOf(accruedInterest(accrual))).toBe('0.000710853575');
});
