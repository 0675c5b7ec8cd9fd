/** What a backtest found: plain data, for tables, JSON and charts. Times are seconds since 1970. */
import type { BookResult } from './book-result.ts';
import type { Cost, Coverage } from './coverage.ts';
import type { Method, Parameters } from './parameters.ts';
import type { Side } from './windows.ts';

export interface BacktestResult {
  readonly file: string;
  readonly kind: 'bars' | 'prices';
  readonly samplingSeconds: number;
  readonly rows: number;
  readonly from: number;
  readonly until: number;
  readonly gaps: number;
  readonly gapSeconds: number;
  /** Training before it, the report from it on. */
  readonly reportFrom: number;
  readonly parameters: Parameters;
  readonly side: Side | 'both';
  /** One an interval and confidence. */
  readonly runs: readonly RunResult[];
  readonly books: readonly BookResult[];
  /** What is outside of Kupiec's region, in words; none is good. */
  readonly findings: readonly string[];
}

export interface RunResult {
  readonly intervalSeconds: number;
  /** L as it could be tested: whole spans of the file. */
  readonly executionSeconds: number;
  readonly confidence: number;
  readonly method: Method;
  readonly halfLifeSeconds: number;
  readonly stress: number;
  /** One a side; with both also their union, where either may exceed. */
  readonly sides: readonly SideResult[];
  readonly crossings: CrossingResult;
  readonly series: Series;
}

export interface SideResult {
  readonly side: Side | 'both';
  readonly coverage: Coverage;
  /** Of the union: the mean of both buffers, and the larger loss. */
  readonly cost: Cost;
  /** At the beginning and at the end of the report; absent for the union. */
  readonly quantile?: { readonly first: number; readonly last: number } | undefined;
}

export interface CrossingResult {
  /** Log distances of the lines, and the first is that of the tests. */
  readonly margins: readonly number[];
  readonly crossings: number;
  readonly unseen: number;
  /** Of all lines. */
  readonly exceedances: number;
  /** Of the nearest lines alone, whose crossings are one after the other; absent without any. */
  readonly coverage?: Coverage | undefined;
  /** In log returns. */
  readonly meanOvershoot: number;
  /** Mean of R over β; 1 if returns were normal and the measured volatility right. */
  readonly meanToTheory: number;
  /** 99 % quantile of R; 2.18315 in theory. */
  readonly quantile99: number;
  readonly theoryQuantile99: number;
  readonly meanBuffer: number;
  /** Fractions of the notional. */
  readonly shortfallPerLiquidation: number;
  /** Of the open interest: one notional a line and side, over the whole report. */
  readonly badDebtBasisPoints: number;
  /** Lines that the market alone had won back by the time of the fill. */
  readonly falseCalls: number;
  readonly meanLagSeconds: number;
}

/** Columns of one length, one entry a window of the report; losses and buffers as fractions. */
export interface Series {
  readonly times: readonly number[];
  readonly prices: readonly number[];
  readonly volatilities: readonly number[];
  readonly quantiles: Readonly<Record<Side, readonly number[]>>;
  readonly buffers: Readonly<Record<Side, readonly number[]>>;
  readonly losses: Readonly<Record<Side, readonly number[]>>;
  readonly exceeded: Readonly<Record<Side, readonly boolean[]>>;
  /** One entry a crossing; units are R, overshoot over s_Δ. */
  readonly overshoots: {
    readonly times: readonly number[];
    readonly units: readonly number[];
    readonly exceeded: readonly boolean[];
  };
}
