/** A check's record, its log line and the source of its metrics. */
import type { WorkersSummary } from '../accounts/account-workers.ts';
import type { CascadeSummary } from '../accounts/cascade-gauge.ts';
import type { CarriedOverSummary } from '../accounts/market-capacity.ts';
import type { ShockSummary } from '../accounts/shock-gauge.ts';
import type { CertificatesSummary } from '../certified/certified-check.ts';
import type { FundSummary } from '../fund/fund-step.ts';
import type { ResolvedPrice } from '../margin/curve/risk-factor.ts';
import { LINE_LENGTH_MAX, NAMED_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
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
  /** That a move of 1 % would liquidate of accounts which a price in doubt leaves indeterminate. */
  readonly doubtfulNotional: string;
  /** The latency buffer does not pay for this. */
  readonly shock: ShockSummary;
  readonly prices: PriceSummary;
  /** Absent if the fund is unreadable. */
  readonly fund?: FundSummary | undefined;
  /** Absent without certificates. */
  readonly certificates?: CertificatesSummary;
  /** Absent if the check read all accounts by itself. */
  readonly workers?: WorkersSummary;
  /** Unreadable market rows. */
  readonly marketFaults: readonly string[];
  readonly errors: readonly string[];
}

export interface PriceSummary {
  readonly usable: number;
  /** A jump or a first price that nothing has confirmed. */
  readonly unconfirmed: number;
  /** Stale, refused or gone, and those that never came. */
  readonly rejected: number;
  /** Among usable prices; absent if none. */
  readonly oldest?: { readonly feed: string; readonly ageSeconds: number } | undefined;
  /**
   * Usable prices that one source alone reports, so that its writer can liquidate accounts. Absent
   * if there are none, or no order plans are sent.
   */
  readonly singleSource?: SingleSource | undefined;
}

export interface SingleSource {
  readonly count: number;
  /** The first NAMED_MAX. */
  readonly feeds: readonly string[];
}

export const NO_PRICES: PriceSummary = { usable: 0, unconfirmed: 0, rejected: 0 };

export function priceSummary(snapshot: Snapshot): PriceSummary {
  const states = [...snapshot.feeds.values()];
  const prices = states.flatMap(({ price }) => (price.ok ? [price.value] : []));
  const usable = prices.filter(({ doubt }) => doubt === undefined);
  const ages = usable.map(({ feed, ageSeconds }) => ({ feed, ageSeconds }));
  const isUnconfirmed = ({ standing }: ResolvedPrice) =>
    standing === 'suspect' || standing === 'first-print';
  const unconfirmed = prices.filter(isUnconfirmed).length;
  const [oldest] = ages.toSorted((left, right) => right.ageSeconds - left.ageSeconds);
  const singleSource = singleSourceOf(snapshot);
  return {
    usable: usable.length,
    unconfirmed,
    rejected: states.length - usable.length - unconfirmed,
    oldest,
    ...(singleSource === undefined ? {} : { singleSource }),
  };
}

/** Where `minSources` is above 1, a price of one source is refused. */
function singleSourceOf({ feeds, instruments, policy }: Snapshot): SingleSource | undefined {
  if (policy.mode === 'observe') return undefined;
  const prices = [...feeds.values()].flatMap(({ price }) => (price.ok ? [price.value] : []));
  for (const terms of instruments.values()) {
    if (terms.ok && terms.value.kind === 'option') prices.push(terms.value.quoted.price);
  }
  const alone = prices.filter(({ sources }) => sources === 1).map(({ feed }) => feed);
  const named = [...new Set(alone)].sort();
  if (named.length === 0) return undefined;
  return { count: named.length, feeds: named.slice(0, NAMED_MAX) };
}

type SummaryHeader = Pick<CheckSummary, 'checkId' | 'asOf' | 'lateSeconds' | 'gapSeconds'>;

interface SummaryRest {
  readonly isComplete: boolean;
  readonly prices: PriceSummary;
  readonly fund?: FundSummary | undefined;
  readonly carriedOver: CarriedOverSummary;
  readonly cascade: CascadeSummary;
  readonly doubtfulNotional: string;
  readonly shock: ShockSummary;
  readonly certificates?: CertificatesSummary | undefined;
  readonly workers?: WorkersSummary | undefined;
  readonly marketFaults: readonly Reason[];
}

export function checkSummary(
  header: SummaryHeader,
  counters: CheckCounters,
  { prices, fund, certificates, workers, marketFaults, ...rest }: SummaryRest,
): CheckSummary {
  return {
    ...header,
    ...counters.counts(header.asOf),
    ...rest,
    prices,
    ...(fund === undefined ? {} : { fund }),
    ...(certificates === undefined ? {} : { certificates }),
    ...(workers === undefined ? {} : { workers }),
    marketFaults: marketFaults
      .slice(0, NAMED_MAX)
      .map(({ detail }) => shortened(detail, LINE_LENGTH_MAX)),
    errors: counters.errors,
  };
}
