import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecastVolatility, type Gap } from '../../../../lambda/margin/statistics/gap-variance.ts';
import { rankedFrom } from '../../../../lambda/margin/statistics/ranked-scores.ts';
import { YEAR_SECONDS } from '../../../../lambda/margin/statistics/scale.ts';
import {
  type ForecastMemory,
  type ForecastTerms,
  forecastMoves,
  forecastQuantiles,
  HORIZON_GAPS_MAX,
  horizonGapsOf,
  nextForecast,
  scoresCounted,
  startForecast,
} from '../../../../lambda/margin/statistics/shock-forecast.ts';
import { gapsOf, LAWS } from './paths.ts';

const TERMS: ForecastTerms = { intervalSeconds: 60, horizonGaps: 2, allowed: 0.01, stress: 1.5 };

const memoryAfter = (gaps: readonly Gap[], from = startForecast(1.5, 0.01), terms = TERMS) =>
  gaps.reduce((memory, gap) => nextForecast(memory, gap, terms), from);

const walk = (count: number, seed = 1): Gap[] => [...gapsOf(LAWS['GARCH(1,1)'], { seed, count })];
const endsOf = (gap: Gap): Gap => ({
  ...gap,
  fall: Math.max(0, -gap.moved),
  rise: Math.max(0, gap.moved),
  isRanged: false,
});
const taken = ({ scores }: ForecastMemory) => [scores.down.taken, scores.up.taken];

/** What a page keeps: codes and numbers, and no ranks. */
function restarted(memory: ForecastMemory): ForecastMemory {
  const { scores, ...rest } = JSON.parse(JSON.stringify(memory)) as ForecastMemory;
  const ranked = ({ taken: all, kept }: typeof scores.down) =>
    rankedFrom(
      kept.map(({ code, number }) => ({ code, number })),
      { taken: all, last: scoresCounted(memory) },
    );
  return { ...rest, scores: { down: ranked(scores.down), up: ranked(scores.up) } };
}

describe('the memory of a forecast', () => {
  it('continues bit for bit after a restart, wherever it falls', () => {
    const gaps = walk(300);
    const whole = memoryAfter(gaps);
    fc.assert(
      fc.property(fc.nat({ max: gaps.length }), (cut) => {
        expect(memoryAfter(gaps.slice(cut), restarted(memoryAfter(gaps.slice(0, cut))))).toEqual(
          whole,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('changes nothing of the memory before', () => {
    const before = memoryAfter(walk(100));
    const copy = JSON.stringify(before);
    memoryAfter(walk(20, 2), before);
    expect(JSON.stringify(before)).toBe(copy);
  });
});

describe('the volatility of a forecast', () => {
  it('is that of stress for the first eleven gaps, and their mean after the twelfth', () => {
    const gaps = walk(12);
    for (let count = 0; count < 12; count++) {
      expect(forecastVolatility(memoryAfter(gaps.slice(0, count)), 0, TERMS)).toBe(1.5);
    }
    const squares = gaps.map(
      ({ fall, rise }) => ((fall + rise) ** 2 / (4 * Math.LN2) / 60) * YEAR_SECONDS,
    );
    const mean = squares.reduce((sum, each) => sum + each, 0) / 12;
    expect(forecastVolatility(memoryAfter(gaps), 0, TERMS)).toBeCloseTo(Math.sqrt(mean), 12);
  });

  it('halves the weight of the past in three intervals', () => {
    const memory = memoryAfter(walk(50));
    const still = { seconds: 180, moved: 0, fall: 0, rise: 0, isRanged: true };
    expect(nextForecast(memory, still, TERMS).variance).toBeCloseTo(memory.variance / 2, 12);
  });

  it('forgets towards stress only what is older than ten intervals', () => {
    const memory = memoryAfter(walk(50));
    const at = (seconds: number) => forecastVolatility(memory, seconds, TERMS);
    expect(at(600)).toBe(at(0));
    expect(at(780)).toBeCloseTo(Math.sqrt((memory.variance + 1.5 ** 2) / 2), 12);
    expect(at(1e6)).toBeCloseTo(1.5, 12);
  });

  it('stays between its floor and its sanity bound', () => {
    const gap = { seconds: 60, moved: 0, fall: 0, rise: 0, isRanged: true };
    expect(forecastVolatility(memoryAfter(Array(40).fill(gap)), 0, TERMS)).toBe(0.02);
    const wild = { ...gap, fall: 50, rise: 50 };
    expect(forecastVolatility(memoryAfter(Array(40).fill(wild)), 0, TERMS)).toBe(1000);
  });
});

describe('a score', () => {
  const memory = memoryAfter(walk(100));

  it('is given by a gap of up to two intervals, and by none beyond', () => {
    const gap = walk(1, 3)[0] as Gap;
    const [before] = taken(memory) as [number];
    expect(taken(nextForecast(memory, { ...gap, seconds: 120 }, TERMS))).toEqual([
      before + 1,
      before + 1,
    ]);
    const long = nextForecast(memory, { ...gap, seconds: 120.5 }, TERMS);
    expect(taken(long)).toEqual([before, before]);
    expect(long.alpha).toEqual(memory.alpha);
    // The horizons that it interrupts give none either: the next one begins afterwards.
    expect(taken(nextForecast(long, gap, TERMS))).toEqual([before, before]);
    expect(taken(memoryAfter([gap, gap], long))).toEqual([before + 1, before + 1]);
  });

  it('is that of the furthest point within the horizon, by the volatility before it', () => {
    const volatility = forecastVolatility(memory, 0, TERMS);
    const fresh = { ...memory, open: [], scores: startForecast(1, 0.01).scores };
    const falls = { seconds: 60, moved: -0.01, fall: 0.012, rise: 0.001, isRanged: true };
    const { scores } = memoryAfter([falls, falls], fresh);
    const deviation = volatility * Math.sqrt(120 / YEAR_SECONDS);
    const of = (move: number) => Math.log(move / deviation / 1e-2) / Math.log(1e8);
    const share = (code: number | undefined) => ((code ?? 0) - 1) / 65_534;
    expect(share(scores.down.kept[0]?.code)).toBeCloseTo(of(0.022), 4);
    expect(share(scores.up.kept[0]?.code)).toBeCloseTo(of(0.001), 4);
  });

  it('lowers the level after an exceedance and raises it after any other, within −2p … 3p', () => {
    const calm = { seconds: 60, moved: 0, fall: 0, rise: 0, isRanged: true };
    const next = nextForecast(memory, calm, TERMS);
    expect(next.alpha.down - memory.alpha.down).toBeCloseTo((0.4 / 2) * 0.01 * 0.01, 12);
    const crash = { ...calm, moved: -1, fall: 1 };
    const lowered = nextForecast(memory, crash, TERMS);
    expect(lowered.alpha.down - memory.alpha.down).toBeCloseTo((0.4 / 2) * 0.01 * -0.99, 12);
    const alpha = { down: -0.0199, up: 0.03 - 1e-6 };
    expect(nextForecast({ ...memory, alpha }, crash, TERMS).alpha).toEqual({
      down: -0.02,
      up: 0.03,
    });
  });
});

describe('scores of ranges and of ends', () => {
  it('do not mix: a feed that begins to have ranges starts anew', () => {
    const ends = memoryAfter(walk(80).map(endsOf));
    expect(taken(ends)).toEqual([79, 79]);
    const ranged = nextForecast(ends, walk(1, 4)[0] as Gap, TERMS);
    expect(taken(ranged)).toEqual([0, 0]);
    expect(ranged.alpha).toEqual({ down: 0.01, up: 0.01 });
  });

  it('a gap without its range gives no score, and 51 in a row change to ends', () => {
    const ranged = memoryAfter(walk(80));
    const gaps = walk(51, 5).map(endsOf);
    const almost = memoryAfter(gaps.slice(0, 50), ranged);
    expect(taken(almost)).toEqual(taken(ranged));
    expect(almost.isRanged).toBe(true);
    const ends = nextForecast(almost, gaps[50] as Gap, TERMS);
    expect([ends.isRanged, ...taken(ends)]).toEqual([false, 0, 0]);
  });
});

describe('the quantiles and moves of a forecast', () => {
  it('are Student-t’s until there are 50 scores, on ranges and ends alike', () => {
    for (const gaps of [walk(51), walk(51).map(endsOf)]) {
      expect(taken(memoryAfter(gaps.slice(0, 50)))).toEqual([49, 49]);
      expect(forecastQuantiles(memoryAfter(gaps.slice(0, 50)), TERMS).down).toBeCloseTo(2.64949, 5);
      expect(forecastQuantiles(memoryAfter(gaps), TERMS).down).not.toBeCloseTo(2.64949, 3);
    }
  });

  it('rise with the confidence', () => {
    const memory = memoryAfter(walk(1_200));
    const at = (allowed: number) => {
      const alpha = { down: allowed, up: allowed };
      return forecastQuantiles({ ...memory, alpha }, { ...TERMS, allowed }).down;
    };
    expect(at(0.005)).toBeGreaterThan(at(0.01));
    expect(at(0.001)).toBeGreaterThan(at(0.005));
  });

  it('are 1 − e^−x for falls and e^x − 1 for rises, and never all of the price', () => {
    const quantiles = { down: 3, up: 2 };
    const { down, up } = forecastMoves({ volatility: 0.8, quantiles, seconds: 90 });
    const deviation = 0.8 * Math.sqrt(90 / YEAR_SECONDS);
    expect(down).toBeCloseTo(1 - Math.exp(-3 * deviation), 15);
    expect(up).toBeCloseTo(Math.exp(2 * deviation) - 1, 15);
    const wild = forecastMoves({ volatility: 1000, quantiles: { down: 9, up: 90 }, seconds: 3600 });
    expect(wild.down).toBeLessThanOrEqual(1);
    expect(wild.up).toBe(1000);
  });

  it.each([
    [60, 30, 2],
    [60, 0, 1],
    [60, 60, 2],
    [3600, 60, 1],
    [10, 600, HORIZON_GAPS_MAX],
  ])('have a horizon of Δ + L in whole gaps: %s s and %s s are %s', (interval, execution, gaps) => {
    expect(horizonGapsOf(interval, execution)).toBe(gaps);
  });
});
