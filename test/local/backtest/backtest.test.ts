import { describe, expect, it } from 'vitest';
import {
  measuredOf,
  nextMemory,
  type VolatilityMemory,
} from '../../../lambda/margin/market/measure.ts';
import { latencyShock } from '../../../lambda/margin/market/shock.ts';
import { approximately, price, ratio, textOf } from '../../../lambda/margin/number/decimal.ts';
import { kupiec } from '../../../local/analysis/overshoot/kupiec.ts';
import { type BacktestInput, backtest } from '../../../local/backtest/backtest.ts';
import { DEFAULTS, type Parameters } from '../../../local/backtest/parameters.ts';
import type { RunResult } from '../../../local/backtest/result.ts';
import { shockTable } from '../../../local/backtest/rules/shock-table.ts';
import type { PriceHistory } from '../../../local/history/price-history.ts';
import { bars, flatBars, gaussianPrices, START, samples } from './histories.ts';

/** A constant volatility and a quantile that does not learn, so that the buffer is constant. */
const CONSTANT: Parameters = {
  ...DEFAULTS,
  method: 'fixed',
  quantile: 2.5,
  floor: 0.8,
  cap: 0.8,
  stressWeight: 0,
  executionSeconds: 60,
  trainDays: 60 / 1440,
};

const exact = (gapSeconds: number, executionSeconds: number) =>
  approximately(
    latencyShock({
      volatility: ratio('0.8'),
      quantile: ratio('2.5'),
      gapSeconds,
      executionSeconds,
      slippage: ratio('0'),
      jumpFloor: ratio('0'),
    }),
  );

function run(
  history: PriceHistory,
  parameters: Parameters = CONSTANT,
  more: Partial<BacktestInput> = {},
) {
  const input = {
    history,
    parameters,
    intervals: [60],
    confidences: [0.99],
    side: 'both',
  } as const;
  return backtest({ ...input, ...more });
}

const only = ({ runs }: { readonly runs: readonly RunResult[] }): RunResult => {
  const [first] = runs;
  if (first === undefined) throw new Error('no run');
  return first;
};

const counts = (result: RunResult) =>
  Object.fromEntries(result.sides.map(({ side, coverage }) => [side, coverage.exceedances]));

describe('the windows of a backtest', () => {
  const buffer = exact(60, 60);

  it('count each exceedance once, and overlap nowhere', () => {
    // Windows of two minutes from minute 60: 62 and 63 share one, 66 and 71 are in windows of their
    // own.
    const spikes = new Map([62, 63, 66, 71].map((minute) => [minute, 100 * (1 - 2 * buffer)]));
    spikes.set(80, 100 * (1 + 2 * buffer));
    const result = only(run(bars(flatBars(260, spikes))));
    expect(result.sides.map(({ coverage }) => coverage.cases)).toEqual([100, 100, 100]);
    expect(counts(result)).toEqual({ long: 3, short: 1, both: 4 });
    const [long] = result.sides;
    expect(long?.coverage.kupiec).toEqual(kupiec(3, { cases: 100, allowed: 0.01 }));
    expect(result.series.exceeded.long.flatMap((each, index) => (each ? [index] : []))).toEqual([
      1, 3, 5,
    ]);
  });

  it('hold exactly at the buffer, and not just beyond', () => {
    const at = (share: number) => new Map([[100, 100 * (1 - share * buffer)]]);
    expect(counts(only(run(bars(flatBars(260, at(1 - 1e-6))))))).toMatchObject({ long: 0 });
    expect(counts(only(run(bars(flatBars(260, at(1 + 1e-6))))))).toMatchObject({ long: 1 });
  });

  it('subtract the slippage from the buffer, but may use the jump floor', () => {
    const spikes = new Map([[100, 100 * (1 - 1.0001 * buffer)]]);
    const history = bars(flatBars(260, spikes));
    const exceeded = (more: Partial<Parameters>) =>
      counts(only(run(history, { ...CONSTANT, ...more }))).long;
    expect(exceeded({ slippage: 0.01 })).toBe(1);
    expect(exceeded({ jumpFloor: 0.01 })).toBe(0);
  });

  it('do not span a gap, and the jump across it is no move', () => {
    const rows = flatBars(260);
    const moved = rows.map((row, minute) => {
      const shift = minute < 151 ? 1 : 2;
      const { open, high, low, close } = row;
      const time = row.time + (minute < 151 ? 0 : 86_400);
      return {
        time,
        open: shift * open,
        high: shift * high,
        low: shift * low,
        close: shift * close,
      };
    });
    const result = run(bars(moved));
    // An hour of training: 45 windows before the gap (one bar is left over), 54 after it.
    expect(only(result).sides.map(({ coverage }) => coverage.cases)).toEqual([99, 99, 99]);
    expect(counts(only(result))).toEqual({ long: 0, short: 0, both: 0 });
    expect([result.gaps, result.gapSeconds]).toEqual([1, 86_460]);
    expect(only(result).crossings.crossings).toBe(0);
  });

  it('leave a gap out of the volatility, too', () => {
    const prices = gaussianPrices(600, 0.8);
    const still = { ...CONSTANT, floor: 0, cap: 5 };
    const whole = only(run(samples(prices), still)).series.volatilities;
    const rows = prices.map((price, index) => ({
      time: START + 60 * index + (index < 301 ? 0 : 6000),
      open: index < 301 ? price : 3 * price,
      high: 0,
      low: 0,
      close: 0,
    }));
    const holed = bars(
      rows.map((row) => ({ ...row, high: row.open, low: row.open, close: row.open })),
    );
    const after = only(run(holed, still)).series.volatilities;
    expect(Math.max(...after)).toBeLessThan(1.2 * Math.max(...whole));
  });

  it('give the next largest loss as the smallest constant buffer with as many exceedances', () => {
    const losses = [3, 2, 0.5, 0.25].map((share) => share * buffer);
    const spikes = new Map(losses.map((loss, index) => [70 + 10 * index, 100 * (1 - loss)]));
    const [long] = only(run(bars(flatBars(260, spikes)))).sides;
    expect(long?.cost.meanBuffer).toBeCloseTo(buffer, 9);
    expect(long?.cost.constantBuffer).toBeCloseTo(0.5 * buffer, 12);
    expect(long?.cost.costRatio).toBeCloseTo(2, 6);
  });

  it('round the execution time up to whole bars', () => {
    const parameters = { ...CONSTANT, executionSeconds: 30 };
    expect(only(run(bars(flatBars(260)), parameters)).executionSeconds).toBe(60);
    expect(
      only(run(bars(flatBars(260)), { ...CONSTANT, executionSeconds: 0 })).executionSeconds,
    ).toBe(0);
    const bufferOf = (of: Parameters) =>
      only(run(bars(flatBars(260)), of)).sides[0]?.cost.meanBuffer;
    expect(bufferOf(parameters)).toBe(bufferOf({ ...CONSTANT, executionSeconds: 60 }));
  });
});

describe('the lines of a backtest', () => {
  const parameters = {
    ...CONSTANT,
    floor: 0,
    cap: 5,
    executionSeconds: 0,
    halfLifeSeconds: 86_400,
  };
  const walk = samples(gaussianPrices(60_000, 0.8));

  it('on a Gaussian walk are overshot by β·s_Δ on average, and by 2.18 s_Δ in 1 %', () => {
    const { crossings } = only(run(walk, parameters));
    expect(crossings.crossings).toBeGreaterThan(10_000);
    expect(crossings.meanToTheory).toBeGreaterThan(0.97);
    expect(crossings.meanToTheory).toBeLessThan(1.03);
    expect(crossings.quantile99).toBeGreaterThan(2.1);
    expect(crossings.quantile99).toBeLessThan(2.27);
    expect(crossings.theoryQuantile99).toBeCloseTo(2.18315, 5);
  });

  it('are consistent with windows covered by the normal quantile at a known volatility', () => {
    const { sides } = only(run(walk, { ...parameters, floor: 0.8, cap: 0.8, quantile: 2.32635 }));
    expect(sides.map(({ coverage }) => coverage.verdict)).toEqual(['inside', 'inside', 'inside']);
  });

  it('count once if crossed, measured from the line to the price L later', () => {
    const prices = [...Array(90).fill(100), 99, 98, 96, ...Array(107).fill(98.5)];
    const wiggled = prices.map((price, index) => (index < 60 ? price + 0.02 * (index % 2) : price));
    const history = samples(wiggled);
    const result = only(run(history, { ...CONSTANT, floor: 0.1, cap: 0.1 }, { side: 'long' }));
    const { overshoots } = result.series;
    // The fall of 1, 2 and 4 is beyond all six lines at its first step, and again at the next two.
    expect(overshoots.times.filter((time) => time === START + 90 * 60)).toHaveLength(6);
    expect(result.crossings.crossings).toBe(18);
    // L after 99 and 98 were found, the price was still lower. After 96 it was back above the
    // lines.
    expect(result.crossings.exceedances).toBe(12);
    expect(result.crossings.falseCalls).toBe(6);
  });
});

describe('the rule of November', () => {
  const parameters = { ...DEFAULTS, method: 'november', executionSeconds: 0 } as const;

  it('finds the quantile of the extreme point of a walk, and stays there', () => {
    const history = samples(gaussianPrices(40_000, 0.8));
    const result = only(run(history, { ...parameters, quantile: 1.5, stressWeight: 0 }));
    const [long] = result.sides;
    const { long: quantiles } = result.series.quantiles;
    const mean = quantiles.reduce((sum, each) => sum + each, 0) / quantiles.length;
    // The normal quantile of 99.5 %, as a check only sees the end of a gap.
    expect(mean).toBeGreaterThan(2.45);
    expect(mean).toBeLessThan(2.8);
    expect(long?.coverage.verdict).not.toBe('too many');
  });

  it('is never below its start', () => {
    const history = samples(gaussianPrices(10_000, 0.8));
    const { series } = only(run(history, { ...parameters, quantile: 4, stressWeight: 0 }));
    expect(Math.min(...series.quantiles.long, ...series.quantiles.short)).toBe(4);
  });
});

it('the tracked rule holds what a check measures from the same quotes', () => {
  const prices = gaussianPrices(1_500, 0.8).map((each) => Number(each.toPrecision(12)));
  const parameters = { ...DEFAULTS, quotes: 'ends', stress: 0.5, executionSeconds: 60 } as const;
  const { series } = only(run(samples(prices), parameters));
  const forecast = { intervalSeconds: 60, horizonGaps: 2, allowed: 0.01, stress: 0.5 };
  const terms = { halfLifeSeconds: 3600, stress: ratio('0.5'), forecast };
  let memory: VolatilityMemory | undefined;
  const learnt = new Set<string>();
  for (const [index, each] of prices.entries()) {
    const asOf = (START + index * 60) * 1000;
    const quote = { price: price(String(each)), publishedAt: asOf, maxJump: ratio('0.2') };
    memory = nextMemory(memory, { quote, terms });
    const window = series.times.indexOf(START + index * 60);
    if (window === -1) continue;
    const measured = measuredOf(memory, { asOf, terms }).forecast;
    if (measured === undefined) throw new Error('not forecast');
    const { volatility, quantiles } = measured;
    // The check rounds up to eight and to six decimal places.
    expect(approximately(volatility)).toBeCloseTo(series.volatilities[window] ?? 0, 7);
    expect(approximately(quantiles.down)).toBeCloseTo(series.quantiles.long[window] ?? 0, 5);
    expect(approximately(quantiles.up)).toBeCloseTo(series.quantiles.short[window] ?? 0, 5);
    learnt.add(textOf(quantiles.down));
  }
  expect(learnt.size).toBeGreaterThan(100);
});

it('a price that starts to move after the training gives finite figures', () => {
  const prices = [
    ...Array(1_000).fill(100),
    ...gaussianPrices(1_000, 0.8).map((each) => each / 200),
  ];
  for (const floor of [0, DEFAULTS.floor]) {
    const result = only(
      run(samples(prices), { ...DEFAULTS, method: 'november', floor, trainDays: 0.5 }),
    );
    const { crossings, sides } = result;
    expect(crossings.crossings).toBeGreaterThan(0);
    for (const figure of [crossings.meanToTheory, crossings.quantile99, crossings.meanBuffer]) {
      expect(figure).toSatisfy(Number.isFinite);
    }
    expect(sides[0]?.cost.meanBuffer).toSatisfy(Number.isFinite);
  }
});

it('the same history gives the same result', () => {
  const history = samples(gaussianPrices(5_000, 0.8));
  expect(run(history, DEFAULTS)).toEqual(run(history, DEFAULTS));
});

it('a later crash changes nothing that was decided before it', () => {
  const prices = gaussianPrices(4_000, 0.8);
  const crashed = prices.map((price, index) => (index < 3_000 ? price : price / 2));
  const train = { ...DEFAULTS, trainDays: 1 };
  const calm = only(run(samples(prices), train)).series;
  const hit = only(run(samples(crashed), train)).series;
  const known = calm.times.filter((time) => time < START + 2_990 * 60).length;
  expect(known).toBeGreaterThan(700);
  expect(hit.buffers.long.slice(0, known)).toEqual(calm.buffers.long.slice(0, known));
});

describe('the findings of a backtest', () => {
  it('name interval, side, count and accepted range', () => {
    const spikes = new Map(Array.from({ length: 10 }, (_, index) => [70 + 10 * index, 50]));
    expect(run(bars(flatBars(260, spikes))).findings).toEqual([
      'Interval 60 s, confidence 0.99, both sides: unsafe, 10 exceedances in 100 windows, too many (accepted: 1 to 5)',
      'Interval 60 s, confidence 0.99, both sides: unsafe, moves went 49610 bp of the notional beyond the buffer in total, too far (accepted: up to 195 bp)',
    ]);
    const long = run(bars(flatBars(260, spikes)), CONSTANT, { side: 'long' });
    expect(long.findings).toEqual([
      'Interval 60 s, confidence 0.99, long side: unsafe, 10 exceedances in 100 windows, too many (accepted: 0 to 3)',
      'Interval 60 s, confidence 0.99, long side: unsafe, moves went 49610 bp of the notional beyond the buffer in total, too far (accepted: up to 117 bp)',
    ]);
    expect(run(bars(flatBars(260, spikes)), CONSTANT, { side: 'short' }).findings).toEqual([]);
  });

  it('include too few exceedances', () => {
    expect(run(bars(flatBars(1_000))).findings).toEqual([
      'Interval 60 s, confidence 0.99, both sides: dear, 0 exceedances in 470 windows, too few (accepted: 5 to 15)',
    ]);
  });
});

describe('a backtest that cannot be run', () => {
  const history = bars(flatBars(260));
  it.each([
    [{ intervals: [30] }, '--intervals 30: must be at least the 60 s between rows of made-up.csv'],
    [
      { intervals: [90] },
      '--intervals 90: must be a multiple of the 60 s between rows of made-up.csv',
    ],
    [
      { intervals: [60, 14_400] },
      'made-up.csv: the training days contain no interval of 14400 s: raise --train-days',
    ],
  ])('is refused with %j', (more, told) => {
    expect(() => run(history, CONSTANT, more)).toThrow(told);
  });

  it('is refused if the training days leave nothing to report', () => {
    expect(() => run(history, { ...CONSTANT, trainDays: 1 })).toThrow(
      '--train-days 1: made-up.csv has only 0.2 days, so none would be left for the report',
    );
  });
});

it('the shock table agrees with the rule of the core', () => {
  const terms = { intervalSeconds: 300, executionSeconds: 60, slippage: 0.001, jumpFloor: 0.002 };
  const shockOf = shockTable(terms);
  for (const [volatility, quantile] of [
    [0.05, 2.3],
    [0.8, 2.64949],
    [2.7, 5.1],
  ] as const) {
    const told = latencyShock({
      volatility: ratio(String(volatility)),
      quantile: ratio(String(quantile)),
      gapSeconds: 300,
      executionSeconds: 60,
      slippage: ratio('0.001'),
      jumpFloor: ratio('0.002'),
    });
    expect(shockOf(volatility, quantile) / approximately(told)).toBeCloseTo(1, 5);
  }
});
