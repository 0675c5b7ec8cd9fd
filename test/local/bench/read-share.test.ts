import { describe, expect, it } from 'vitest';
import { type ReadShare, readShares } from '../../../local/bench/read-share/read-share.ts';
import { parseHistory } from '../../../local/history/read-history.ts';

const ACCOUNTS = 150;
const START_SECONDS = Date.UTC(2026, 0, 1) / 1000;

function sharesOf(prices: readonly number[], intervalSeconds: number): ReadShare[] {
  const rows = prices.map((price, index) => `${START_SECONDS + index * intervalSeconds},${price}`);
  const history = parseHistory(['time,price', ...rows].join('\n'), { file: 'crash.csv' });
  return readShares({ history, accounts: ACCOUNTS, intervalSeconds, seed: 1 });
}

/** Calm, then a fall by a fifth within ten minutes, and half of it back. */
const CRASH = Array.from({ length: 80 }, (_, minute) => {
  if (minute < 62) return 100 + 0.05 * Math.sin(minute);
  return minute < 72 ? 100 - 2 * (minute - 61) : 80 + 1.2 * (minute - 71);
});

/** Up and down, by more and more. */
const HOURS = Array.from({ length: 12 }, (_, hour) => 100 + hour * (hour % 2 === 0 ? 0.5 : -0.5));

describe('The share of a book that a check with certificates reads', () => {
  it('is nearly nothing while the market is calm, and what is doubtful in a crash', () => {
    const shares = sharesOf(CRASH, 60);
    for (const { all, compared, unsound, uncertified } of shares) {
      expect({ unsound, uncertified }).toEqual({ unsound: 0, uncertified: 0 });
      expect(compared).toBeGreaterThan(30);
      expect(all.read.most).toBeGreaterThanOrEqual(all.doubtful.most);
      expect(all.renewed.most).toBeLessThan(0.01);
    }
    const [retail, prime, degenerate] = shares as [ReadShare, ReadShare, ReadShare];
    expect(retail.calm.doubtful.most).toBeLessThan(0.02);
    expect(prime.all.doubtful.most).toBeLessThan(0.1);
    expect(degenerate.all.doubtful.most).toBeGreaterThan(0.1);
  });

  it('leaves out no doubtful account: at one check an hour, every certificate is compared', () => {
    for (const { accounts, all, compared, unsound } of sharesOf(HOURS, 3600)) {
      expect(all.checks).toBe(HOURS.length - 2);
      expect(compared).toBeGreaterThan(0.5 * accounts * all.checks);
      expect(unsound).toBe(0);
    }
  });
});
