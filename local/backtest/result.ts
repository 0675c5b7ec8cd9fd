/** Plain data for tables, JSON and charts. Times are seconds since 1970. */
import type { BookResult } from './book-result.ts';
import type { Cost, Coverage } from './coverage.ts';
import type { GapMoves } from './gap-moves.ts';
import type { Method, Parameters } from './parameters.ts';
import type { Procyclicality } from './procyclicality.ts';
import type { MeasureFigures } from './requirements.ts';
import type { Sizes } from './shortfall.ts';
import type { BySide, Side } from './windows.ts';

export interface BacktestResult {
  readonly file: string;
  readonly kind: 'bars' | 'prices';
  readonly samplingSeconds: number;
  readonly rows: number;
  readonly from: number;
  readonly until: number;
  readonly gaps: number;
  readonly gapSeconds: number;
  /** End of training. */
  readonly reportFrom: number;
  readonly parameters: Parameters;
  readonly side: Side | 'both';
  readonly runs: readonly RunResult[];
  readonly books: readonly BookResult[];
  /** Requirements that follow the volatility, at the first interval; absent unless asked for. */
  readonly requirements?: readonly MeasureFigures[] | undefined;
  /** Results that are unsafe or dear, in words. */
  readonly findings: readonly string[];
}

export interface RunResult {
  readonly intervalSeconds: number;
  /** L as tested: whole spans of the file. */
  readonly executionSeconds: number;
  readonly confidence: number;
  readonly method: Method;
  /** With both sides, also their union: either may exceed. */
  readonly sides: readonly SideResult[];
  readonly crossings: CrossingResult;
  /** Per side; absent unless asked for. */
  readonly acrossGaps?: readonly GapMoves[] | undefined;
  readonly series: Series;
}

export interface SideResult extends Sizes {
  readonly side: Side | 'both';
  readonly coverage: Coverage;
  /** The union takes the mean of both buffers, and the larger loss. */
  readonly cost: Cost;
  /** Absent for the union, as is the quantile. */
  readonly procyclicality?: Procyclicality | undefined;
  /** At both ends of the report. */
  readonly quantile?: { readonly first: number; readonly last: number } | undefined;
}

export interface CrossingResult {
  /** Log distances; the tests use the first. */
  readonly margins: readonly number[];
  readonly crossings: number;
  readonly unseen: number;
  readonly exceedances: number;
  /** For the nearest lines, whose crossings follow one another; absent without crossings. */
  readonly coverage?: Coverage | undefined;
  /** Log return. */
  readonly meanOvershoot: number;
  /** Mean of R ÷ β; 1 for normal returns and the right volatility. */
  readonly meanToTheory: number;
  /** 99 % of R; 2.18315 in theory. */
  readonly quantile99: number;
  readonly theoryQuantile99: number;
  readonly meanBuffer: number;
  /** Fraction of the notional. */
  readonly shortfallPerLiquidation: number;
  /** Per open interest (one notional per line and side), over the whole report. */
  readonly badDebtBasisPoints: number;
  /** Crossings reversed by the time of the fill. */
  readonly falseCalls: number;
  readonly meanLagSeconds: number;
}

/** One entry per window of the report. Losses and buffers are fractions. */
export interface Series {
  readonly times: readonly number[];
  readonly prices: readonly number[];
  readonly volatilities: readonly number[];
  readonly quantiles: BySide<readonly number[]>;
  readonly buffers: BySide<readonly number[]>;
  readonly losses: BySide<readonly number[]>;
  readonly exceeded: BySide<readonly boolean[]>;
  /** One entry per check, training days included. */
  readonly checks: {
    readonly times: readonly number[];
    readonly volatilities: readonly number[];
    readonly quantiles: BySide<readonly number[]>;
  };
  /** One entry per crossing; `units` are R = overshoot ÷ s_Δ. */
  readonly overshoots: {
    readonly times: readonly number[];
    readonly units: readonly number[];
    readonly exceeded: readonly boolean[];
  };
}
