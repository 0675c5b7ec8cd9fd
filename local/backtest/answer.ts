/** Yes or no: does the buffer hold, and if it does not fit, is it unsafe or dear? */
import { count, percent } from '../report/figures.ts';
import type { Verdict } from '../report/report.ts';
import type { BacktestResult, RunResult } from './result.ts';

/**
 * unsafe: exceeded more often, or by more in total, than its confidence implies. dear: exceeded less
 * often, so it holds more than it needs. Too wide never makes up for too far: unsafe goes first.
 */
export type Fit = 'holds' | 'unsafe' | 'dear';

export function fitOf({ sides, crossings }: RunResult, side: BacktestResult['side']): Fit {
  const asked = sides.filter((each) => each.side === side);
  const counts = [...asked.map(({ coverage }) => coverage), crossings.coverage];
  if (counts.some((each) => each?.verdict === 'too many')) return 'unsafe';
  if (asked.some(({ shortfall }) => shortfall.verdict === 'too large')) return 'unsafe';
  return asked.some(({ coverage }) => coverage.verdict === 'too few') ? 'dear' : 'holds';
}

export function answerOf({ runs, side }: BacktestResult): Verdict {
  const settings = (fit: Fit) => settingsText(runs.filter((run) => fitOf(run, side) === fit));
  const [unsafe, dear, holds] = [settings('unsafe'), settings('dear'), settings('holds')];
  const others = [
    dear === '' ? '' : `it is dear at ${dear}`,
    holds === '' ? '' : `it fits at ${holds}`,
  ].filter((each) => each !== '');
  if (unsafe !== '') {
    const also = others.length === 0 ? '' : `; ${others.join(', and ')}`;
    const text =
      `No: the buffer is unsafe at ${unsafe}, ` +
      `exceeded more often or further than its confidence implies${also}.`;
    return { tone: 'bad', text };
  }
  if (dear === '') return { tone: 'good', text: `Yes: the buffer holds at ${holds}.` };
  const also = holds === '' ? '' : `; ${others.at(-1)}`;
  const text =
    `Yes, but it is dear: at ${dear} the buffer is exceeded less often than allowed, ` +
    `so it holds more than it needs${also}.`;
  return { tone: 'caution', text };
}

/** `60 s and 300 s`; with the confidence if there are several. */
function settingsText(runs: readonly RunResult[]): string {
  const isOne = new Set(runs.map(({ confidence }) => confidence)).size < 2;
  const names = runs.map(({ intervalSeconds, confidence }) =>
    isOne
      ? `${count(intervalSeconds)} s`
      : `${count(intervalSeconds)} s with ${percent(confidence)}`,
  );
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
