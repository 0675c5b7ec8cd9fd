/**
 * The cost of the check interval: overshoot below liquidation lines crossed between two checks, and
 * the buffer held for it.
 */

import type { BookFigures } from '../../../lambda/margin/assess/assess.ts';
import {
  type Amount,
  isBelow,
  isNegative,
  type Ratio,
  textOf,
} from '../../../lambda/margin/number/decimal.ts';
import { groupBy } from '../../../lambda/margin/number/group-by.ts';
import { deviationOver } from '../../../lambda/margin/statistics/scale.ts';
import type { Message } from '../../../lambda/messages/messages.ts';
import type { History } from '../history.ts';
import { type Messages, ofType } from '../message-counts.ts';
import { assessedAt, type CheckView, type SubjectName } from './reassess.ts';

export interface Breach extends SubjectName {
  readonly timeMs: number;
  /** Below the liquidation line when found. */
  readonly overshootUsd: number;
  readonly bufferUsd: number;
  /** What the move would have cost that the check before had forecast. */
  readonly forecastUsd: number;
  /** Loss per unit of adverse log return. */
  readonly exposureUsd: number;
  /** Loss from one standard deviation over the gap before the check. */
  readonly deviationUsd: number;
}

/** About a case below its liquidation line; each case counts once, by its first. */
type Finding = Extract<Message, { type: 'liquidation.ordered' | 'liquidation.withheld' }>;

export function findingsByTime(messages: Messages): Map<number, Finding[]> {
  const all: Finding[] = [
    ...ofType(messages, 'liquidation.ordered'),
    ...ofType(messages, 'liquidation.withheld'),
  ];
  const byCase = groupBy(all, ({ caseId, id }) => caseId ?? id);
  const first = [...byCase.values()].map((found) =>
    found.reduce((early, each) => (each.asOf < early.asOf ? each : early)),
  );
  const sorted = first.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  return groupBy(sorted, ({ asOf }) => Date.parse(asOf));
}

export interface Looks {
  readonly now: CheckView;
  readonly before: CheckView | undefined;
  readonly history: History;
}

/**
 * Undefined unless the line was crossed between the checks: at the previous prices, the account
 * with its current holdings was above it.
 */
export function breachOf(subject: SubjectName, looks: Looks): Breach | undefined {
  const { now, before, history } = looks;
  if (before === undefined || now.gapSeconds === undefined) return undefined;
  const found = assessedAt(subject, now, history);
  const earlier = assessedAt(subject, { ...before, index: now.index }, history);
  if (found === undefined || !isBelowLine(found)) return undefined;
  if (earlier === undefined || isBelowLine(earlier)) return undefined;
  const { accountId, position } = subject;
  const exposures = exposuresOf(found, now);
  const exposureUsd = sum(exposures.map((each) => each.exposureUsd));
  if (exposureUsd === 0) return undefined;
  return {
    accountId,
    position,
    timeMs: now.asOf,
    overshootUsd: -number(found.surplus.liquidation.point),
    bufferUsd: number(found.latencyBuffer),
    forecastUsd: sum(exposures.map((each) => each.exposureUsd * forecastOf(each, before))),
    exposureUsd,
    deviationUsd: sum(exposures.map((each) => each.exposureUsd * each.deviation)),
  };
}

const isBelowLine = ({ surplus }: BookFigures): boolean => isNegative(surplus.liquidation.point);

/** A factor's loss is nearly proportional to its losing shock. */
function exposuresOf({ factors }: BookFigures, { snapshot, gapSeconds = 0 }: CheckView) {
  return factors.map(({ factor, loss, ...shocks }) => {
    const moves = snapshot.feeds.get(factor)?.factor;
    const volatility = moves?.ok ? number(moves.value.shockVolatility) : 0;
    const isRise = isBelow(loss.down, loss.up);
    const shock = number(isRise ? shocks.shockUp : shocks.shockDown);
    const exposureUsd = shock === 0 ? 0 : number(loss.worst) / shock;
    return { factor, isRise, exposureUsd, deviation: deviationOver(volatility, gapSeconds) };
  });
}

/** Λ* on the losing side, as it was at a check. */
function forecastOf(
  { factor, isRise }: Pick<ReturnType<typeof exposuresOf>[number], 'factor' | 'isRise'>,
  { snapshot }: CheckView,
): number {
  const found = snapshot.feeds.get(factor)?.factor;
  if (!found?.ok) return 0;
  return number(isRise ? found.value.forecastUp : found.value.forecastDown);
}

const number = (exact: Amount | Ratio): number => Number(textOf(exact));

export const sum = (values: readonly number[]): number =>
  values.reduce((total, each) => total + each, 0);
