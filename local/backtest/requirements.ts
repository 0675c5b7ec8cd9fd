/**
 * Requirements that follow the volatility, with each measure against procyclicality: what it costs
 * while prices are calm, and what it spares accounts when they are not. By the check's own
 * functions, with the volatility of the training days as the one at which nothing is multiplied.
 */
import {
  type MeasureTerms,
  measuredOf,
  memoryAfter,
  type VolatilityMemory,
} from '../../lambda/margin/market/measure.ts';
import type { DynamicRule, EwmaVolatility } from '../../lambda/margin/market/risk-class.ts';
import { usedVolatility } from '../../lambda/margin/market/volatility.ts';
import {
  approximately,
  ONE,
  price,
  type Ratio,
  ratio,
  smaller,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';
import { requirementScale } from '../../lambda/margin/portfolio/class-terms.ts';
import { annualVolatility } from '../../lambda/margin/statistics/variance.ts';
import { at, type PriceHistory } from '../history/price-history.ts';
import { type Checks, checksOf } from './checks.ts';
import { meanOf } from './coverage.ts';
import { largestRise, peakToTrough, QUARTER_HOUR_SECONDS, type Series } from './procyclicality.ts';

/** How the multiplier of one requirement moved. */
export interface MultiplierFigures {
  readonly mean: number;
  readonly peakToTrough: number;
  /** Largest rise within the time, in multiples of the requirement without `dynamic`. */
  readonly rise15Minutes: number;
  readonly riseHour: number;
}

export interface MeasureFigures {
  readonly measure: string;
  readonly maintenance: MultiplierFigures;
  readonly initial: MultiplierFigures;
}

export interface RequirementsInput {
  readonly history: PriceHistory;
  readonly intervalSeconds: number;
  readonly reportFrom: number;
}

interface Measure {
  readonly name: string;
  readonly dynamic: DynamicRule;
  readonly volatility: EwmaVolatility;
}

const HOUR_SECONDS = 3600;
const HALF_LIFE_SECONDS = HOUR_SECONDS;
const STRESS_QUANTILE = 0.99;
const LEAST = ratio('0.0001');
const MOST = ratio('1000');
/** `dynamic.cap`. */
const CAP = ratio('4');
/** Of the initial rate: a requirement is never below maintenance. */
const MAINTENANCE_SHARE = 0.5;

/** One row for each measure; the first has none. */
export function requirementFigures(input: RequirementsInput): MeasureFigures[] {
  const checks = checksOf(input.history, input.intervalSeconds);
  return measuresFor(input, checks).map((measure) => {
    const scales = scalesOf(measure, input, checks);
    const reported = scales.filter(({ time }) => time >= input.reportFrom);
    const of = (side: 'maintenance' | 'initial') =>
      figuresOf(reported.map((scale) => ({ time: scale.time, value: scale[side] })));
    return { measure: measure.name, maintenance: of('maintenance'), initial: of('initial') };
  });
}

function measuresFor({ history, reportFrom }: RequirementsInput, checks: Checks): Measure[] {
  const seen = trainingVolatilities(history, { checks, reportFrom });
  const usual = ratio(seen.mean.toFixed(6));
  const stress = ratio(Math.max(seen.mean, seen.high).toFixed(6));
  const dynamic: DynamicRule = { referenceVolatility: usual, floor: LEAST, cap: CAP };
  const volatility: EwmaVolatility = {
    ...{ type: 'ewma', halfLifeSeconds: HALF_LIFE_SECONDS, floor: LEAST, cap: MOST },
    ...{ stress, stressWeight: ZERO, quantile: 'policy' },
  };
  const buffer = { share: ratio('0.25'), refillPerHour: ratio('0.05') };
  return [
    { name: 'none', dynamic, volatility },
    { name: '(a) exhaustible buffer of 25 %', dynamic: { ...dynamic, buffer }, volatility },
    {
      name: '(b) a quarter of stress',
      dynamic,
      volatility: { ...volatility, stressWeight: ratio('0.25') },
    },
    { name: '(c) floor at the usual volatility', dynamic: { ...dynamic, floor: ONE }, volatility },
    {
      name: 'slowed initial, 10 % an hour',
      dynamic: { ...dynamic, initialRisePerHour: ratio('0.1') },
      volatility,
    },
  ];
}

interface Scale {
  readonly time: number;
  readonly maintenance: number;
  readonly initial: number;
}

function scalesOf(
  { dynamic, volatility }: Measure,
  { history }: RequirementsInput,
  checks: Checks,
): Scale[] {
  const rules = [volatility];
  const { initialRisePerHour: perHour, buffer } = dynamic;
  const terms: MeasureTerms = {
    ...{ halfLifeSeconds: HALF_LIFE_SECONDS, stress: volatility.stress },
    ...(perHour && { rise: { perHour, rules } }),
    ...(buffer && { refill: { perHour: buffer.refillPerHour, rules } }),
  };
  let memory: VolatilityMemory | undefined;
  return [...checks.time].map((time, check) => {
    const asOf = time * 1000;
    const now = price(String(at(history.spans.open, at(checks.span, check))));
    const quote = { price: now, publishedAt: asOf, maxJump: MOST };
    memory = memoryAfter(memory, { terms, quote, asOf }) as VolatilityMemory;
    const measured = measuredOf(memory, { asOf, terms });
    const used = usedVolatility(volatility, measured.annual);
    const slow = (sigma: Ratio | undefined): Ratio => (sigma ? smaller(used, sigma) : used);
    const scale = requirementScale(
      { dynamic },
      {
        volatility: used,
        initialVolatility: slow(measured.initial),
        bufferVolatility: slow(measured.buffer),
      },
    );
    return {
      time,
      maintenance: approximately(scale.maintenance),
      initial: Math.max(
        approximately(scale.initial),
        MAINTENANCE_SHARE * approximately(scale.maintenance),
      ),
    };
  });
}

/** σ of the training days as a whole, and its 99th percentile over hours. */
function trainingVolatilities(
  { spans }: PriceHistory,
  { checks, reportFrom }: { readonly checks: Checks; readonly reportFrom: number },
) {
  const hours = new Map<number, { sum: number; seconds: number }>();
  for (const segment of checks.segments) {
    for (let check = segment.from + 1; check < segment.until; check++) {
      const time = at(checks.time, check);
      if (time > reportFrom) break;
      const [from, to] = [check - 1, check].map((each) => at(spans.open, at(checks.span, each)));
      const hour = hours.get(Math.floor(time / HOUR_SECONDS)) ?? { sum: 0, seconds: 0 };
      hour.sum += Math.log((to as number) / (from as number)) ** 2;
      hour.seconds += time - at(checks.time, check - 1);
      hours.set(Math.floor(time / HOUR_SECONDS), hour);
    }
  }
  const all = [...hours.values()];
  const total = all.reduce((sum, hour) => sum + hour.sum, 0);
  const seconds = all.reduce((sum, hour) => sum + hour.seconds, 0);
  const each = all
    .map((hour) => annualVolatility(hour.sum / hour.seconds))
    .sort((left, right) => left - right);
  const high = each[Math.floor(STRESS_QUANTILE * (each.length - 1))] ?? 0;
  return { mean: Math.max(LEAST_VOLATILITY, annualVolatility(total / seconds)), high };
}

/** A price that never moved has no usual volatility. */
const LEAST_VOLATILITY = 0.001;

const figuresOf = (series: Series): MultiplierFigures => ({
  mean: meanOf(series.map(({ value }) => value)),
  peakToTrough: peakToTrough(series),
  rise15Minutes: largestRise(series, QUARTER_HOUR_SECONDS),
  riseHour: largestRise(series, HOUR_SECONDS),
});
