/** Rules side by side, pooled over histories, intervals and sides: coverage against cost. */
import type { PriceHistory } from '../history/price-history.ts';
import { checkInterval, datesOf } from './backtest.ts';
import { frameOf, type RunFrame } from './frame.ts';
import { linesOf } from './lines.ts';
import { COMPARED, type Method, type Parameters } from './parameters.ts';
import type { SideResult } from './result.ts';
import { sideResult } from './side-result.ts';
import { SIDES } from './windows.ts';

export interface Series {
  readonly history: PriceHistory;
  readonly intervals: readonly number[];
  /** Part of the report; whole if absent. @param time at which a window begins */
  readonly isCounted?: ((time: number) => boolean) | undefined;
}

export interface Comparison {
  readonly confidence: number;
  readonly rules: readonly ComparedRule[];
}

/** A cell is one side of one interval of one history. Ratios are to the first rule. */
export interface ComparedRule {
  readonly method: Method;
  readonly cells: number;
  /** In Kupiec's region at 95 %. */
  readonly inside: number;
  readonly tooMany: number;
  readonly tooFew: number;
  /** Cells with less than half, or more than twice, of what is allowed. */
  readonly belowHalf: number;
  readonly aboveTwice: number;
  readonly exceedances: number;
  /** p × windows. */
  readonly allowed: number;
  /** Geometric means of the cells' ratios. */
  readonly bufferRatio: number;
  readonly quantileLossRatio: number;
  /** Of the sums over all cells. */
  readonly shortfallRatio: number;
  readonly shortfallBasisPoints: number;
  /** Crossings of the nearest lines that the buffer held. */
  readonly nearestLines: { readonly crossings: number; readonly held: number };
}

/** @param parameters the method is the rule's own @param methods the first is what ratios refer to */
export function compare(
  series: readonly Series[],
  parameters: Parameters,
  methods: readonly Method[] = COMPARED,
): Comparison {
  const tried = methods.map((method) => ({
    method,
    ...triedOn(series, { ...parameters, method }),
  }));
  const [first] = tried;
  if (first === undefined) throw new RangeError('no rule to compare');
  const rules = tried.map((each) => comparedWith(first.cells, each));
  return { confidence: parameters.confidence, rules };
}

interface Tried {
  readonly cells: readonly SideResult[];
  readonly nearestLines: ComparedRule['nearestLines'];
}

function triedOn(series: readonly Series[], parameters: Parameters): Tried {
  const cells: SideResult[] = [];
  let [crossings, held] = [0, 0];
  for (const { history, intervals, isCounted } of series) {
    const { reportFrom } = datesOf(history, parameters.trainDays);
    for (const intervalSeconds of intervals) {
      checkInterval(history, intervalSeconds);
      const whole = frameOf({ history, parameters, intervalSeconds, reportFrom });
      const frame = isCounted === undefined ? whole : partOf(whole, isCounted);
      if (frame.windows.length === 0) continue;
      cells.push(...SIDES.map((side) => sideResult(frame, side)));
      const { coverage } = linesOf(frame, SIDES).result;
      crossings += coverage?.cases ?? 0;
      held += (coverage?.cases ?? 0) - (coverage?.exceedances ?? 0);
    }
  }
  return { cells, nearestLines: { crossings, held } };
}

const partOf = (frame: RunFrame, isCounted: (time: number) => boolean): RunFrame => ({
  ...frame,
  windows: frame.windows.filter(({ time }) => isCounted(time)),
});

function comparedWith(
  first: readonly SideResult[],
  { method, cells, nearestLines }: Tried & { readonly method: Method },
): ComparedRule {
  const cellsWhere = (holds: (cell: SideResult) => boolean) => cells.filter(holds).length;
  const share = ({ coverage }: SideResult) =>
    coverage.exceedances / (coverage.allowed * coverage.cases);
  const sumOf = (of: (cell: SideResult) => number, all = cells) =>
    all.reduce((sum, cell) => sum + of(cell), 0);
  const ratioOf = (of: (cell: SideResult) => number) =>
    Math.exp(
      cells.reduce(
        (sum, cell, index) => sum + Math.log(of(cell) / of(first[index] as SideResult)),
        0,
      ) / cells.length,
    );
  const shortfall = ({ shortfall: { basisPoints } }: SideResult) => basisPoints;
  return {
    method,
    cells: cells.length,
    inside: cellsWhere(({ coverage }) => coverage.verdict === 'inside'),
    tooMany: cellsWhere(({ coverage }) => coverage.verdict === 'too many'),
    tooFew: cellsWhere(({ coverage }) => coverage.verdict === 'too few'),
    belowHalf: cellsWhere((cell) => share(cell) < 0.5),
    aboveTwice: cellsWhere((cell) => share(cell) > 2),
    exceedances: sumOf(({ coverage }) => coverage.exceedances),
    allowed: sumOf(({ coverage }) => coverage.allowed * coverage.cases),
    bufferRatio: ratioOf(({ cost }) => cost.meanBuffer),
    quantileLossRatio: ratioOf(({ quantileLossBasisPoints }) => quantileLossBasisPoints),
    shortfallRatio: sumOf(shortfall) / sumOf(shortfall, first),
    shortfallBasisPoints: sumOf(shortfall),
    nearestLines,
  };
}
