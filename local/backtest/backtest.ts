import { InputError } from '../cli/input.ts';
import { at, type PriceHistory } from '../history/price-history.ts';
import type { BookResult } from './book-result.ts';
import type { Parameters } from './parameters.ts';
import { requirementFigures } from './requirements.ts';
import type { BacktestResult, RunResult, SideResult } from './result.ts';
import { runInterval } from './run.ts';
import type { Side } from './windows.ts';

export interface BacktestInput {
  readonly history: PriceHistory;
  readonly parameters: Parameters;
  readonly intervals: readonly number[];
  readonly confidences: readonly number[];
  readonly side: Side | 'both';
  /** Count moves across gaps, too. */
  readonly countsGaps?: boolean | undefined;
  /** Lay the measures against procyclicality side by side. */
  readonly withRequirements?: boolean | undefined;
}

const DAY_SECONDS = 86_400;
const TRAIN_SHARE = 0.25;

/** @throws InputError when an interval cannot be tested on the history. */
export function backtest(
  input: BacktestInput,
  advance: (done: number, where: string) => void = () => {},
): BacktestResult {
  const { history, parameters, intervals, confidences, side, countsGaps } = input;
  for (const interval of intervals) checkInterval(history, interval);
  const { from, until, reportFrom } = datesOf(history, parameters.trainDays);
  const runs: RunResult[] = [];
  for (const confidence of confidences) {
    for (const intervalSeconds of intervals) {
      const own = { ...parameters, confidence };
      const terms = { history, parameters: own, intervalSeconds, side, reportFrom, countsGaps };
      runs.push(runInterval(terms));
      advance(runs.length, `interval ${intervalSeconds} s`);
    }
  }
  return {
    file: history.file,
    kind: history.kind,
    samplingSeconds: history.samplingSeconds,
    rows: history.spans.start.length,
    from,
    until,
    gaps: history.gaps.length,
    gapSeconds: history.gaps.reduce((sum, { seconds }) => sum + seconds, 0),
    reportFrom,
    parameters,
    side,
    runs,
    books: [],
    ...(input.withRequirements
      ? {
          requirements: requirementFigures({
            ...{ history, reportFrom },
            intervalSeconds: intervals[0] as number,
          }),
        }
      : {}),
    findings: runs.flatMap((run) => findingsOf(run, side)),
  };
}

export const withBooks = (
  result: BacktestResult,
  books: readonly BookResult[],
): BacktestResult => ({ ...result, books });

/** Checks see only the file's rows: none can be more frequent, or fall within a bar. */
export function checkInterval(history: PriceHistory, seconds: number): void {
  const { file, samplingSeconds, isRegular } = history;
  if (seconds < samplingSeconds) {
    throw new InputError(
      `--intervals ${seconds}: must be at least the ${samplingSeconds} s between rows of ${file}`,
    );
  }
  const rows = seconds / samplingSeconds;
  if (!isRegular || Math.abs(rows - Math.round(rows)) < 1e-9) return;
  throw new InputError(
    `--intervals ${seconds}: must be a multiple of the ${samplingSeconds} s between rows of ${file}`,
  );
}

export function datesOf({ file, spans, segments }: PriceHistory, trainDays: number | undefined) {
  const from = at(spans.start, 0);
  const until = at(spans.end, (segments.at(-1)?.until ?? spans.end.length) - 1);
  const training = trainDays === undefined ? TRAIN_SHARE * (until - from) : trainDays * DAY_SECONDS;
  if (training >= until - from) {
    const days = ((until - from) / DAY_SECONDS).toFixed(1);
    throw new InputError(
      `--train-days ${trainDays}: ${file} has only ${days} days, so none would be left for the report`,
    );
  }
  return { from, until, reportFrom: from + training };
}

/**
 * For windows of the asked side, a shortfall and too many or too few exceedances are findings. For
 * crossings only too many are: a line far from the price may well be covered more often.
 */
function findingsOf({ intervalSeconds, confidence, sides, crossings }: RunResult, side: string) {
  const place = `Interval ${intervalSeconds} s, confidence ${confidence}`;
  const asked = sides.filter((each) => each.side === side);
  const told = asked.flatMap((each) =>
    [countFinding(each), shortfallFinding(each)].flatMap((finding) =>
      finding === undefined ? [] : [`${place}, ${sideText(side)}: ${finding}`],
    ),
  );
  const { coverage } = crossings;
  if (coverage?.verdict !== 'too many') return told;
  const { exceedances, cases, accepted } = coverage;
  const beyond = `${exceedances} of ${cases} crossings exceeded the buffer`;
  return [...told, `${place}: ${beyond}, too many (accepted: up to ${accepted.most})`];
}

function countFinding({ coverage }: SideResult): string | undefined {
  const { verdict, exceedances, cases, accepted } = coverage;
  if (verdict === 'inside') return undefined;
  const fit = verdict === 'too few' ? 'dear' : 'unsafe';
  const region = `${accepted.fewest} to ${accepted.most}`;
  return `${fit}, ${exceedances} exceedances in ${cases} windows, ${verdict} (accepted: ${region})`;
}

function shortfallFinding({ shortfall }: SideResult): string | undefined {
  const { basisPoints, mostBasisPoints, verdict } = shortfall;
  if (verdict === 'inside') return undefined;
  const most = `accepted: up to ${mostBasisPoints.toFixed(0)} bp`;
  return `unsafe, moves went ${basisPoints.toFixed(0)} bp of the notional beyond the buffer in total, too far (${most})`;
}

const sideText = (side: string): string => (side === 'both' ? 'both sides' : `${side} side`);
