/** The backtest holds what the check's functions say, at the checks and between them. */
import { describe, expect, it } from 'vitest';
import { forecastVolatility, type Gap } from '../../../lambda/margin/statistics/gap-variance.ts';
import {
  forecastMoves,
  forecastQuantiles,
  nextForecast,
  startForecast,
} from '../../../lambda/margin/statistics/shock-forecast.ts';
import { backtest } from '../../../local/backtest/backtest.ts';
import { DEFAULTS, type Parameters } from '../../../local/backtest/parameters.ts';
import { type Bar, bars, gaussianBars, START, samples } from './histories.ts';

const MINUTES = gaussianBars(2_000, 0.8);
const TERMS = { intervalSeconds: 300, horizonGaps: 1, allowed: 0.01, stress: 1 };

/** From the open of one bar to that of another. */
function gapOf(from: number, to: number, isRanged = true): Gap {
  const bar = (index: number) => MINUTES[index] as Bar;
  const [before, now] = [bar(from).open, bar(to).open];
  const between = isRanged ? MINUTES.slice(from, to) : [];
  const high = Math.max(before, now, ...between.map((each) => each.high));
  const low = Math.min(before, now, ...between.map((each) => each.low));
  return {
    seconds: (to - from) * 60,
    moved: Math.log(now / before),
    fall: Math.log(before / low),
    rise: Math.log(high / before),
    isRanged,
  };
}

/** A window of six minutes after another; a check every five. */
function* movesFrom(isRanged: boolean) {
  let memory = startForecast(1, 0.01);
  let check = 0;
  for (let minute = 0; minute + 6 <= MINUTES.length; minute += 6) {
    for (; check + 5 <= minute; check += 5) {
      memory = nextForecast(memory, gapOf(check, check + 5, isRanged), TERMS);
    }
    const isBetween = minute > check;
    const seen = isBetween ? nextForecast(memory, gapOf(check, minute, isRanged), TERMS) : memory;
    const volatility = forecastVolatility(seen, 0, TERMS);
    const quantiles = forecastQuantiles(memory, TERMS);
    yield { minute, isBetween, ...forecastMoves({ volatility, quantiles, seconds: 360 }) };
  }
}

function only(more: Partial<Parameters> = {}, history = bars(MINUTES)) {
  const parameters = { ...DEFAULTS, ...more };
  const [run] = backtest({
    history,
    parameters,
    intervals: [300],
    confidences: [0.99],
    side: 'both',
  }).runs;
  if (run === undefined) throw new Error('no run');
  return run;
}

describe('the rule of the check in a backtest', () => {
  it.each([
    ['range', true],
    ['ends', false],
  ] as const)(
    'sees the %s of each gap, and the running gap where a window begins within one',
    (quotes, isRanged) => {
      const { series } = only({ quotes });
      const expected = [...movesFrom(isRanged)].slice(-series.times.length);
      expect(expected.filter(({ isBetween }) => isBetween).length).toBeGreaterThan(100);
      expected.forEach(({ minute, down, up }, index) => {
        expect(series.times[index]).toBe(START + minute * 60);
        expect(series.buffers.long[index]).toBe(down);
        expect(series.buffers.short[index]).toBe(up);
      });
    },
  );

  it('sees ranges in bars and ends in single prices, unless told otherwise', () => {
    expect(only()).toEqual(only({ quotes: 'range' }));
    const prices = samples(MINUTES.map(({ open }) => open));
    expect(only({}, prices)).toEqual(only({ quotes: 'ends' }, prices));
    expect(only({ quotes: 'range' }, prices).series.buffers).not.toEqual(
      only({}, prices).series.buffers,
    );
  });

  it('adds the jump floor and the slippage to the buffer, and the slippage to each loss', () => {
    const plain = only();
    const added = only({ jumpFloor: 0.001, slippage: 0.002 });
    added.series.buffers.long.forEach((buffer, index) => {
      expect(buffer).toBeCloseTo((plain.series.buffers.long[index] as number) + 0.003, 12);
    });
    expect(only({ slippage: 0.002 }).sides[0]?.coverage).toEqual(plain.sides[0]?.coverage);
  });

  it('reports peak to trough and the largest rise in fifteen minutes of what it holds at checks', () => {
    const [long] = only().sides;
    const { peakToTrough, largestRise } = long?.procyclicality ?? {
      peakToTrough: 0,
      largestRise: 0,
    };
    expect(peakToTrough).toBeGreaterThan(1);
    expect(largestRise).toBeGreaterThan(0);
    expect(largestRise).toBeLessThan(0.1);
  });
});
