/** A rule, walked through a history at one interval. */
import { InputError } from '../cli/input.ts';
import type { PriceHistory } from '../history/price-history.ts';
import { type Checks, checksOf, gapsUntil } from './checks.ts';
import type { Parameters } from './parameters.ts';
import type { RuleTerms } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { type Walked, walk } from './walk.ts';
import { type RunTimes, windowsOf } from './windows.ts';

export interface FrameInput {
  readonly history: PriceHistory;
  readonly parameters: Parameters;
  readonly intervalSeconds: number;
  readonly reportFrom: number;
}

export interface RunFrame extends Walked {
  readonly history: PriceHistory;
  readonly checks: Checks;
  readonly terms: RuleTerms;
  readonly times: RunTimes;
}

/** @throws InputError when the report has no window, or the training no gap. */
export function frameOf(input: FrameInput): RunFrame {
  const { history, parameters, intervalSeconds, reportFrom } = input;
  const executionSeconds = testableExecution(history, parameters.executionSeconds);
  const times = { intervalSeconds, executionSeconds, reportFrom };
  const checks = checksOf(history, intervalSeconds);
  const isRanged = (parameters.quotes ?? usualQuotes(history)) === 'range';
  const training = gapsUntil(history, { checks, isRanged, until: reportFrom });
  if (training.length === 0) {
    throw new InputError(
      `${history.file}: the training days contain no interval of ${intervalSeconds} s: raise --train-days`,
    );
  }
  const windows = windowsOf(history, times);
  if (windows.length === 0) {
    throw new InputError(
      `${history.file}: no window of ${intervalSeconds + executionSeconds} s fits after the ` +
        'training days without crossing a gap',
    );
  }
  const terms = { parameters, intervalSeconds, executionSeconds, training };
  const rule = RULES[parameters.method](terms);
  const walked = walk(history, { checks, windows, rule, isRanged, parameters });
  return { history, checks, terms, times, ...walked };
}

const usualQuotes = ({ kind }: PriceHistory) => (kind === 'bars' ? 'range' : 'ends');

/** Rounds L up to whole bars, in buffer and move alike: bars do not resolve parts of themselves. */
function testableExecution({ isRegular, samplingSeconds }: PriceHistory, seconds: number) {
  if (!isRegular) return seconds;
  return Math.ceil(seconds / samplingSeconds) * samplingSeconds;
}
