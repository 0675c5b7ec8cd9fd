/** Whether each feed is alive, and has a second source. */
import type { Market, Quote } from '../../../lambda/margin/market/market.ts';
import type { OracleRules } from '../../../lambda/margin/market/policy.ts';
import type { Snapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { counted } from '../../report/figures.ts';
import type { Finding } from './finding.ts';

/** Feeds without any quote are dangling names. An option's own feed has one source by nature. */
export function feedFindings(market: Market, { feeds }: Snapshot, now: number): Finding[] {
  const { oracle, mode } = market.policy;
  return [...feeds.values()].flatMap(({ feed, factor }) => {
    const quotes = market.quotes.get(feed) ?? [];
    if (quotes.length === 0) return [];
    const rules = factor.ok ? factor.value.rules : oracle;
    return sourceFindings(feed, quotes, { rules, mode, now });
  });
}

interface Judging {
  readonly rules: OracleRules;
  readonly mode: 'observe' | 'enforce';
  readonly now: number;
}

function sourceFindings(
  feed: string,
  quotes: readonly Quote[],
  { rules, mode, now }: Judging,
): Finding[] {
  const { staleAfterSeconds, minSources } = rules;
  const ages = quotes.map(({ publishedAt }) => Math.max(0, now - publishedAt) / 1000);
  const live = ages.filter((age) => age <= staleAfterSeconds).length;
  if (live === 0) {
    const age = Math.round(Math.min(...ages));
    const what = `feed ${feed} is stale: its newest quote is ${age} s old, and counts for ${staleAfterSeconds} s`;
    return [
      finding('critical', what, 'restart its writer; what is known of prices: margin status'),
    ];
  }
  if (live < minSources) {
    const what = `feed ${feed} has ${counted(live, 'live source')} and needs ${minSources}: its price is refused`;
    return [finding('critical', what, 'restore or add a source')];
  }
  if (live > 1) return [];
  const risk = 'who writes its one quote can call accounts';
  return mode === 'enforce'
    ? [
        finding(
          'critical',
          `feed ${feed} has no second source in mode enforce: ${risk}, and liquidate them`,
          'add a source, and set minSources to 2 in the policy or its class',
        ),
      ]
    : [finding('warning', `feed ${feed} has no second source: ${risk}`, 'add one before enforce')];
}

const finding = (severity: Finding['severity'], what: string, todo: string): Finding => ({
  severity,
  about: 'feed',
  what,
  todo,
});
