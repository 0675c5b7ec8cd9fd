import { describe, expect, it } from 'vitest';
import { backtest } from '../../../local/backtest/backtest.ts';
import { DEFAULTS } from '../../../local/backtest/parameters.ts';
import { type Bar, bars, gaussianBars, START } from './histories.ts';

const DAY_SECONDS = 86_400;

/** A day of minutes, then the same again after two days, at another level. */
function acrossWeekend(level: number, sign: 1 | -1 = 1): readonly Bar[] {
  const first = gaussianBars(1_440, 0.5);
  const last = first.at(-1)?.close ?? 0;
  const opened = first[0]?.open ?? 0;
  const scale = (last / opened) * (1 + sign * level);
  const second = first.map(({ time, open, high, low, close }) => ({
    time: time + 3 * DAY_SECONDS,
    open: open * scale,
    high: high * scale,
    low: low * scale,
    close: close * scale,
  }));
  return [...first, ...second];
}

function run(rows: readonly Bar[], countsGaps = true) {
  const parameters = { ...DEFAULTS, trainDays: 0.5 };
  const own = { parameters, intervals: [300], confidences: [0.99], side: 'both' } as const;
  const [only] = backtest({ ...own, history: bars(rows), countsGaps }).runs;
  if (only === undefined) throw new Error('no run');
  return only;
}

describe('moves across a gap', () => {
  it('are counted apart from the windows, per side, if asked for', () => {
    const { acrossGaps, sides } = run(acrossWeekend(0.2, -1));
    const [long, short] = acrossGaps ?? [];
    expect(long).toMatchObject({ side: 'long', gaps: 1, exceedances: 1 });
    expect(long?.largest).toBeCloseTo(0.2, 2);
    // From the last check, five minutes before the end of the first day.
    expect(long?.meanSeconds).toBe(2 * DAY_SECONDS + 300);
    expect(long?.shortfallBasisPoints).toBeGreaterThan(1_800);
    expect(long?.shortfallBasisPoints).toBeLessThan(2_000);
    expect(short).toMatchObject({
      side: 'short',
      gaps: 1,
      exceedances: 0,
      shortfallBasisPoints: 0,
    });
    expect(sides).toEqual(run(acrossWeekend(0.2, -1), false).sides);
  });

  it('are no exceedance within the buffer that was held before', () => {
    const { acrossGaps } = run(acrossWeekend(0));
    expect(acrossGaps?.map(({ exceedances }) => exceedances)).toEqual([0, 0]);
  });

  it('are absent unless asked for, and those of the training days do not count', () => {
    expect(run(acrossWeekend(0.2), false)).not.toHaveProperty('acrossGaps');
    const rows = acrossWeekend(0.2);
    const parameters = { ...DEFAULTS, trainDays: 3.5 };
    const own = { parameters, intervals: [300], confidences: [0.99], side: 'long' } as const;
    const [only] = backtest({ ...own, history: bars(rows), countsGaps: true }).runs;
    expect(only?.acrossGaps).toEqual([
      {
        side: 'long',
        gaps: 0,
        exceedances: 0,
        meanSeconds: 0,
        largest: 0,
        shortfallBasisPoints: 0,
      },
    ]);
    expect(only?.series.times[0]).toBeGreaterThan(START + 3 * DAY_SECONDS);
  });
});
