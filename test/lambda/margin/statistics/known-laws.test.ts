/** The forecast on paths whose law is known. No history can say whether a share is the true one. */
import { describe, expect, it } from 'vitest';
import { forecastVolatility, type Gap } from '../../../../lambda/margin/statistics/gap-variance.ts';
import { deviationOver } from '../../../../lambda/margin/statistics/scale.ts';
import {
  type ForecastMemory,
  type ForecastTerms,
  forecastQuantiles,
  nextForecast,
  startForecast,
} from '../../../../lambda/margin/statistics/shock-forecast.ts';
import { normalQuantile } from '../../../../local/analysis/overshoot/normal.ts';
import { randomStream } from '../../../../local/analysis/random.ts';
import { brownianGap, DEVIATION, GAP_SECONDS, gapsOf, LAWS } from './paths.ts';

const termsOf = (confidence: number): ForecastTerms => ({
  intervalSeconds: GAP_SECONDS,
  horizonGaps: 1,
  allowed: 1 - confidence,
  stress: 1,
});

/** Whether each gap went further than the forecast before it, on either side. */
function* exceedances(gaps: Iterable<Gap>, terms: ForecastTerms): Generator<[boolean, boolean]> {
  let memory: ForecastMemory = startForecast(terms.stress, terms.allowed);
  for (const gap of gaps) {
    const { down, up } = forecastQuantiles(memory, terms);
    const deviation = deviationOver(forecastVolatility(memory, 0, terms), gap.seconds);
    yield [gap.fall > down * deviation, gap.rise > up * deviation];
    memory = nextForecast(memory, gap, terms);
  }
}

const WINDOWS = 100_000;
/** The first ones are Student-t's, before there are scores. */
const WARM_UP = 1_000;

describe('the forecast keeps to its confidence, within three standard errors', () => {
  const cases = Object.entries(LAWS).flatMap(([name, law]) =>
    [0.99, 0.995, 0.999].map((confidence) => ({ name, law, confidence })),
  );

  it.each(cases)('$confidence of $name gaps', ({ law, confidence }) => {
    const allowed = 1 - confidence;
    const gaps = gapsOf(law, { seed: 15, count: WARM_UP + WINDOWS });
    let [seen, falls, rises] = [0, 0, 0];
    for (const [fell, rose] of exceedances(gaps, termsOf(confidence))) {
      seen += 1;
      if (seen <= WARM_UP) continue;
      if (fell) falls += 1;
      if (rose) rises += 1;
    }
    const standardError = Math.sqrt((allowed * confidence) / WINDOWS);
    expect(Math.abs(falls / WINDOWS - allowed)).toBeLessThan(3 * standardError);
    expect(Math.abs(rises / WINDOWS - allowed)).toBeLessThan(3 * standardError);
  });
});

/**
 * The level corrects itself, so a share may come out right for a poor forecast. The quantile loss
 * may not: for these laws the variance of the next gap is known, and so is the best forecast.
 */
describe('the quantile loss against that of who knows the law', () => {
  it.each([
    ['Gaussian', 0.99, 1.15],
    ['Gaussian', 0.999, 1.3],
    ['GARCH(1,1)', 0.99, 1.15],
    ['GARCH(1,1)', 0.999, 1.3],
  ] as const)('of %s gaps at %s is at most %s of it', (name, confidence, most) => {
    expect(lossRatio(name, confidence)).toBeLessThan(most);
  });

  function lossRatio(name: 'Gaussian' | 'GARCH(1,1)', confidence: number): number {
    const terms = termsOf(confidence);
    // The furthest point of a gap is beyond a line twice as often as its end.
    const quantile = normalQuantile((1 + confidence) / 2);
    const next = LAWS[name](randomStream(0, 'unused'));
    const loss = (move: number, buffer: number) =>
      Math.max(confidence * (move - buffer), (1 - confidence) * (buffer - move));
    let memory: ForecastMemory = startForecast(terms.stress, terms.allowed);
    let [variance, square] = [DEVIATION ** 2, DEVIATION ** 2];
    let [own, known, seen] = [0, 0, 0];
    for (const gap of gapsOf(LAWS[name], { seed: 16, count: 50_000 })) {
      variance = next(variance, square);
      square = gap.moved ** 2;
      seen += 1;
      if (seen > WARM_UP) {
        const deviation = deviationOver(forecastVolatility(memory, 0, terms), gap.seconds);
        own += loss(gap.fall, forecastQuantiles(memory, terms).down * deviation);
        known += loss(gap.fall, quantile * Math.sqrt(variance));
      }
      memory = nextForecast(memory, gap, terms);
    }
    return own / known;
  }
});

/**
 * One path says little of 100 windows, so 100 paths are pooled, both sides. The test is of too many:
 * exceedances at the change have pushed the level below p, and z stays too wide for some hundred
 * windows.
 */
describe('after the volatility has risen tenfold', () => {
  const SEEDS = 100;
  const CALM = 400;

  function sharesAfter(confidence: number, ranges: readonly (readonly [number, number])[]) {
    const counts = ranges.map(() => 0);
    const last = Math.max(...ranges.map(([, until]) => until));
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = randomStream(seed, 'regime');
      const gaps = Array.from({ length: CALM + last }, (_, index) =>
        brownianGap(random, (index < CALM ? DEVIATION : 10 * DEVIATION) ** 2),
      );
      let window = -CALM;
      for (const sides of exceedances(gaps, termsOf(confidence))) {
        window += 1;
        ranges.forEach(([from, until], index) => {
          if (window < from || window > until) return;
          counts[index] = (counts[index] as number) + sides.filter(Boolean).length;
        });
      }
    }
    return ranges.map(([from, until], index) => {
      return (counts[index] as number) / (2 * SEEDS * (until - from + 1));
    });
  }

  it.each([0.99, 0.995, 0.999])(
    'no more than 1 − %s exceed from the 31st window on',
    (confidence) => {
      const allowed = 1 - confidence;
      const [first = 0, after = 1] = sharesAfter(confidence, [
        [1, 1],
        [31, 130],
      ]);
      // The change is one: most of the first windows after it exceed.
      expect(first).toBeGreaterThan(0.5);
      const standardError = Math.sqrt((allowed * confidence) / (2 * SEEDS * 100));
      expect(after).toBeLessThan(allowed + 3 * standardError);
    },
  );
});
