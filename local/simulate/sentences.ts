/** What a simulation says, for the terminal and for the page. */
import { count, counted, figure, percent, whole } from '../report/figures.ts';
import type { Advice, Edge, Rival } from './advice.ts';
import type { CellResult } from './cell-result.ts';
import type { Mean } from './distribution.ts';
import type { ModelFit } from './fit-model.ts';
import type { Cell } from './grid.ts';
import type { SimulationRun } from './simulate.ts';
import { SIZE_SHARES, type Sizes } from './sizes.ts';

export function timeText(seconds: number): string {
  if (seconds >= 86_400 && seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

export const confidenceText = (confidence: number | null): string =>
  confidence === null ? 'none' : percent(confidence);

export const bufferText = ({ confidence }: Cell): string =>
  confidence === null ? 'no buffer' : `a buffer at ${percent(confidence)}`;

export const settingText = (cell: Cell): string =>
  `a check every ${timeText(cell.intervalSeconds)} with ${bufferText(cell)}`;

/** `2.31 % ± 0.02 %` */
export const shockText = ({ mean, standardError }: Mean): string =>
  `${hundredths(mean)} ± ${hundredths(standardError)}`;

const hundredths = (share: number): string => `${(100 * share).toFixed(2)} %`;

export const meanText = ({ mean, standardError }: Mean): string =>
  `${whole(mean)} ± ${whole(standardError)}`;

export const sourceText = ({ source }: Pick<SimulationRun, 'source'>): string =>
  source === 'model' ? 'Simulated prices' : 'Real prices, replayed';

/** Names what of a replay is drawn; empty if nothing is. */
export const drawnText = ({ drawnBetweenSeconds: spacing }: SimulationRun): string =>
  spacing === undefined
    ? ''
    : `The file has a price every ${timeText(spacing)}. What lies between them is drawn: Brownian bridges at ` +
      'the volatility of the rows around, within the low and the high of each row, whose ends stay. A ' +
      'real minute can hold a jump, which a bridge spreads, so the gain below a minute is at most this.';

/** The answer of one run at one execution time, as part of a sentence. */
export function shortAnswer({ outcome, best, edges, shockHeld, ...advice }: Advice): string {
  if (outcome === 'unseen') {
    return (
      `no recommendation, as ${settingText(best)} costs least but left no bad debt in ` +
      `${counted(advice.liquidations, 'liquidation')}: its chance is only known to be below ` +
      `${percent(advice.shortfallBound ?? 1)} (3/n)`
    );
  }
  if (outcome === 'edge') {
    const all = edges.map((edge) => EDGES[edge].is).join(' and ');
    return (
      `no recommendation, as the least cost is at the edge of what was tried (${all}): ` +
      settingText(best)
    );
  }
  const held = best.confidence === null ? '' : `, which is ${shockText(shockHeld)} of the price`;
  return `${settingText(best)}${held}`;
}

/** The same in sentences, with what to try. */
export function answerText(advice: Advice): string {
  const remedies = [...new Set(advice.edges.map((edge) => EDGES[edge].remedy))];
  const rest = advice.outcome === 'edge' ? remedies : [];
  return [`${capitalised(shortAnswer(advice))}.`, ...rest].join(' ');
}

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const EDGES: Readonly<Record<Edge, { readonly is: string; readonly remedy: string }>> = {
  'shortest interval': {
    is: 'the shortest interval',
    remedy:
      'Prices of a shorter spacing, and --intervals, would tell whether a shorter one is better.',
  },
  'longest interval': { is: 'the longest interval', remedy: 'Try longer ones with --intervals.' },
  'only interval': { is: 'the only interval', remedy: 'Try others with --intervals.' },
  'highest confidence': {
    is: 'the highest confidence',
    remedy: 'Try higher ones with --confidences.',
  },
  'lowest confidence': {
    is: 'the lowest confidence',
    remedy: 'Try lower ones, and none, with --confidences.',
  },
};

/** How sure the choice is. */
export function sureText({ best, intervalFactor, ...advice }: Advice): string {
  const { outcome, sameIntervalShare, otherInterval, otherBuffer } = advice;
  if (outcome === 'unseen') {
    return 'More paths, or prices with a crash, would tell more (--paths, --prices).';
  }
  const parts = [
    `Drawn again, the paths choose ${timeText(best.intervalSeconds)} in ` +
      `${percent(sameIntervalShare)} of cases (standard error: a factor of ${intervalFactor.toFixed(2)}).`,
    otherInterval && `The best with another interval, ${rivalText(otherInterval, best)}.`,
    otherBuffer && `The best with another buffer, ${rivalText(otherBuffer, best)}.`,
    outcome === 'recommended' && best.confidence === null
      ? 'So the bad debt of these prices costs less than the capital of a buffer; a crash that ' +
        'they do not have would change that.'
      : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** What checking less often costs where nothing else differs. */
export function equalCapitalText(
  cells: readonly CellResult[],
  { best, outcome }: Pick<Advice, 'best' | 'outcome'>,
): string | undefined {
  if (outcome === 'unseen') return undefined;
  const wanted = best.confidence ?? cells[0]?.confidence;
  const alike = cells.filter(({ confidence }) => confidence === wanted);
  const [shortest, longest] = [alike[0], alike.at(-1)];
  if (shortest === undefined || longest === undefined || shortest === longest) return undefined;
  const { mean, standardError } = longest.badDebtMore;
  const close = isClose({ mean: Math.abs(mean), standardError })
    ? ', too little to tell them apart'
    : '';
  return (
    `With the same capital in the buffer, a check every ${timeText(longest.intervalSeconds)} leaves ` +
    `${meanText(longest.badDebtMore)} USD a month more bad debt than one every ` +
    `${timeText(shortest.intervalSeconds)}${close}.`
  );
}

function rivalText({ cell, more }: Rival, best: Cell): string {
  const isSameInterval = cell.intervalSeconds === best.intervalSeconds;
  const name = isSameInterval
    ? bufferText(cell)
    : `${timeText(cell.intervalSeconds)} with ${bufferText(cell)}`;
  const close = isClose(more) ? ', too little to tell them apart' : '';
  return `${name}, costs ${meanText(more)} USD a month more${close}`;
}

/** Within two standard errors. */
export const isClose = ({ mean, standardError }: Mean): boolean => mean < 2 * standardError;

/** Which rows of the file the fit used, and which not. */
export function fitText(fit: ModelFit, spacingSeconds: number): string {
  const { rows, returns, rowsAReturn, unmovedRows, unmovedReturns, leftOut } = fit;
  const joined =
    rowsAReturn === 1
      ? ''
      : `, joined from ${rowsAReturn} rows each because ${percent(unmovedRows)} of the rows did not move`;
  const rest = leftOut
    .map(({ rows: left, why }) => `${counted(left, 'row')}, as ${why}`)
    .join('; ');
  return (
    `the file has ${counted(rows, 'row')}; the model is fitted to ${count(returns)} returns of ` +
    `${timeText(rowsAReturn * spacingSeconds)}${joined}; ${percent(unmovedReturns)} of these are 0; left out: ` +
    `${rest === '' ? 'none' : rest}`
  );
}

const basisPoints = (move: number): string => figure(1e4 * move);

/** Simulated beside real moves, in basis points: head and rows of a table. */
export const sizesTable = (sizes: readonly Sizes[]) => ({
  head: [
    'Move over',
    'Moves',
    ...SIZE_SHARES.map((share) => `${percent(share)}: simulated / real, bp`),
  ],
  rows: sizes.map(({ seconds, moves, real, simulated }) => [
    timeText(seconds),
    count(moves),
    ...real.map((size, index) => {
      const other = simulated[index] as number;
      const times = size === 0 ? '' : ` (${(other / size).toFixed(2)})`;
      return `${basisPoints(other)} / ${basisPoints(size)}${times}`;
    }),
  ]),
});
