import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../local/analysis/random.ts';
import {
  BTC_HOURS,
  HOURS_OF_DAY,
  type HourBar,
  MINUTES_OF_HOUR,
} from '../../../local/demo/black-thursday.ts';
import { hourPath } from '../../../local/demo/price-path.ts';

describe('the recorded hours of 12 March 2020', () => {
  it('cover a whole day', () => {
    expect(BTC_HOURS).toHaveLength(HOURS_OF_DAY);
  });

  it('open where the hour before closed', () => {
    const opens = BTC_HOURS.slice(1).map(({ open }) => open);
    expect(opens).toEqual(BTC_HOURS.slice(0, -1).map(({ close }) => close));
  });

  it.each(BTC_HOURS)(
    'have their open and close between low and high: %o',
    ({ open, high, low, close }) => {
      expect(Math.min(open, close)).toBeGreaterThanOrEqual(low);
      expect(Math.max(open, close)).toBeLessThanOrEqual(high);
    },
  );
});

const cents = fc.integer({ min: 1_000, max: 2_000_000 });
const bars = fc
  .tuple(cents, cents, cents, cents)
  .map((four) => four.toSorted((a, b) => a - b).map((each) => each / 100))
  .chain(([low = 0, a = 0, b = 0, high = 0]) =>
    fc.constantFrom<HourBar>({ low, open: a, close: b, high }, { low, open: b, close: a, high }),
  );
const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

const pathOf = (bar: HourBar, seed: number) => hourPath(bar, randomStream(seed, 'path'));

describe('the simulated path of an hour', () => {
  it('starts at the open, touches low and high, ends at the close, and never leaves the range', () => {
    fc.assert(
      fc.property(bars, seeds, (bar, seed) => {
        const path = pathOf(bar, seed);
        expect(path).toHaveLength(MINUTES_OF_HOUR + 1);
        expect(path[0]).toBe(bar.open);
        expect(path.at(-1)).toBe(bar.close);
        expect(Math.min(...path)).toBe(bar.low);
        expect(Math.max(...path)).toBe(bar.high);
      }),
    );
  });

  it('touches low and high before the close', () => {
    fc.assert(
      fc.property(bars, seeds, (bar, seed) => {
        const path = pathOf(bar, seed).slice(0, -1);
        expect(Math.min(...path)).toBe(bar.low);
        expect(Math.max(...path)).toBe(bar.high);
      }),
    );
  });

  it('is the same for one seed, and different for another', () => {
    const [bar] = BTC_HOURS as [HourBar];
    expect(pathOf(bar, 1)).toEqual(pathOf(bar, 1));
    expect(pathOf(bar, 1)).not.toEqual(pathOf(bar, 2));
  });

  it('is constant in an hour without a move', () => {
    const flat = { open: 100, high: 100, low: 100, close: 100 };
    expect(new Set(pathOf(flat, 1))).toEqual(new Set([100]));
  });
});
