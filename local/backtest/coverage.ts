/** Tests on windows that do not overlap. */
import { baselZone, type Zone } from '../analysis/overshoot/basel.ts';
import {
  christoffersen,
  conditionalCoverage,
  transitionsOf,
} from '../analysis/overshoot/christoffersen.ts';
import { acceptedExceedances, kupiec, type TestResult } from '../analysis/overshoot/kupiec.ts';

export interface Coverage {
  readonly cases: number;
  readonly exceedances: number;
  /** p: share of cases that may exceed. */
  readonly allowed: number;
  /** Kupiec's region at 95 %. */
  readonly accepted: { readonly fewest: number; readonly most: number };
  readonly verdict: 'inside' | 'too few' | 'too many';
  readonly kupiec: TestResult;
  /** Independence, then both; absent for a single case. */
  readonly christoffersen?: TestResult | undefined;
  readonly conditional?: TestResult | undefined;
  readonly zone: Zone;
}

export function coverageOf(exceeded: readonly boolean[], allowed: number): Coverage {
  const cases = exceeded.length;
  const exceedances = exceeded.filter(Boolean).length;
  const accepted = acceptedExceedances({ cases, allowed });
  const transitions = transitionsOf(exceeded);
  const isSeries = cases > 1;
  return {
    cases,
    exceedances,
    allowed,
    accepted,
    verdict: verdictOf(exceedances, accepted),
    kupiec: kupiec(exceedances, { cases, allowed }),
    christoffersen: isSeries ? christoffersen(transitions) : undefined,
    conditional: isSeries ? conditionalCoverage(transitions, allowed) : undefined,
    zone: baselZone(exceedances, { cases, allowed }),
  };
}

function verdictOf(exceedances: number, { fewest, most }: Coverage['accepted']) {
  if (exceedances < fewest) return 'too few';
  return exceedances > most ? 'too many' : 'inside';
}

export interface Cost {
  readonly meanBuffer: number;
  /** Smallest constant buffer exceeded no more often. */
  readonly constantBuffer: number;
  /** meanBuffer ÷ constantBuffer; the constant is known only in hindsight. */
  readonly costRatio: number;
}

export function costOf(buffers: readonly number[], losses: readonly number[]): Cost {
  const exceedances = losses.filter((loss, index) => loss > (buffers[index] as number)).length;
  const worstFirst = losses.toSorted((left, right) => right - left);
  const meanBuffer = meanOf(buffers);
  const constantBuffer = worstFirst[exceedances] ?? 0;
  return { meanBuffer, constantBuffer, costRatio: meanBuffer / constantBuffer };
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The smallest value with at least this share at or below it; NaN if empty. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
