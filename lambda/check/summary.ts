/** The account that a check gives of itself: its record, its log line, and what its metrics are made of. */

import type { CascadeSummary } from '../accounts/cascade-gauge.ts';
import type { CarriedOverSummary } from '../accounts/market-capacity.ts';
import type { FundSummary } from '../fund/fund-step.ts';
import type { FeedState } from '../margin/curve/risk-factor.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import type { CheckCounts, Tally } from '../outbox/check-counters.ts';

export interface CheckSummary extends CheckCounts {
  readonly checkId: string;
  readonly asOf: string;
  /** Why nothing was done: this check, or a later one, has been done before. */
  readonly skipped?: string;
  readonly lateSeconds: number;
  readonly gapSeconds?: number;
  /** Every account was met; a scan that broke off leaves some out. */
  readonly isComplete: boolean;
  /** What plans need besides, and the markets did not bear at this check. */
  readonly carriedOver: CarriedOverSummary;
  /** By market: what a move of 1 % would put into liquidation; the largest. */
  readonly cascade: CascadeSummary;
  readonly prices: PriceSummary;
  /** Absent when the insurance fund could not be read. */
  readonly fund?: FundSummary | undefined;
  /** Rows of the market table that could not be read. */
  readonly marketFaults: readonly string[];
  readonly errors: readonly string[];
}

/** The feeds that the market names. */
export interface PriceSummary {
  readonly usable: number;
  readonly rejected: number;
  /** Of the usable ones; absent when there is none. */
  readonly oldest?: { readonly feed: string; readonly ageSeconds: number } | undefined;
}

export function priceSummary(feeds: Iterable<FeedState>): PriceSummary {
  const states = [...feeds];
  const ages = states.flatMap(({ feed, price }) =>
    price.ok ? [{ feed, ageSeconds: price.value.ageSeconds }] : [],
  );
  const [oldest] = ages.toSorted((left, right) => right.ageSeconds - left.ageSeconds);
  return { usable: ages.length, rejected: states.length - ages.length, oldest };
}

type SummaryHeader = Pick<CheckSummary, 'checkId' | 'asOf' | 'lateSeconds' | 'gapSeconds'>;

interface SummaryRest {
  readonly isComplete: boolean;
  readonly prices: PriceSummary;
  readonly fund?: FundSummary | undefined;
  readonly carriedOver: CarriedOverSummary;
  readonly cascade: CascadeSummary;
  readonly marketFaults: readonly Reason[];
}

export function checkSummary(
  header: SummaryHeader,
  counters: Tally,
  { isComplete, prices, fund, marketFaults, carriedOver, cascade }: SummaryRest,
): CheckSummary {
  return {
    ...header,
    isComplete,
    ...counters.counts(header.asOf),
    carriedOver,
    cascade,
    prices,
    ...(fund === undefined ? {} : { fund }),
    marketFaults: marketFaults.slice(0, NAMED_MAX).map(({ detail }) => detail),
    errors: counters.errors,
  };
}
