/** A check's record, its log line and the source of its metrics. */
import type { CascadeSummary } from '../accounts/cascade-gauge.ts';
import type { CarriedOverSummary } from '../accounts/market-capacity.ts';
import type { FundSummary } from '../fund/fund-step.ts';
import type { FeedState } from '../margin/curve/risk-factor.ts';
import { LINE_LENGTH_MAX, NAMED_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import { shortened } from '../messages/headline.ts';
import type { CheckCounters, CheckCounts } from '../outbox/check-counters.ts';

export interface CheckSummary extends CheckCounts {
  readonly checkId: string;
  readonly asOf: string;
  /** Absent if the check ran. */
  readonly skipped?: string;
  readonly lateSeconds: number;
  readonly gapSeconds?: number;
  /** No segment's scan broke off. */
  readonly isComplete: boolean;
  /** Orders beyond the markets' capacity. */
  readonly carriedOver: CarriedOverSummary;
  /** The largest NAMED_MAX markets. */
  readonly cascade: CascadeSummary;
  readonly prices: PriceSummary;
  /** Absent if the fund is unreadable. */
  readonly fund?: FundSummary | undefined;
  /** Unreadable market rows. */
  readonly marketFaults: readonly string[];
  readonly errors: readonly string[];
}

export interface PriceSummary {
  readonly usable: number;
  readonly rejected: number;
  /** Among usable prices; absent if none. */
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
  counters: CheckCounters,
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
    marketFaults: marketFaults
      .slice(0, NAMED_MAX)
      .map(({ detail }) => shortened(detail, LINE_LENGTH_MAX)),
    errors: counters.errors,
  };
}
