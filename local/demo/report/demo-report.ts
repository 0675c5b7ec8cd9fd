import { count, counted, dollars, percent } from '../../report/figures.ts';
import type { Fact, Report } from '../../report/report.ts';
import type { ComparedRun } from '../comparison.ts';
import { everyText, type IntervalRun } from '../intervals.ts';
import { type DemoResult, resultOf } from '../result.ts';
import type { DemoRun } from '../run.ts';
import { verdictOf } from '../sentences.ts';
import { type Breach, sum } from './breaches.ts';
import { cascadeSection } from './cascade-section.ts';
import type { ToldDay } from './day.ts';
import { doubtSection } from './doubt-section.ts';
import { fundSection } from './fund-section.ts';
import { intervalSection } from './interval-section.ts';
import { makingSection } from './making-section.ts';
import { otherIntervalsSection } from './other-intervals-section.ts';
import { pathSection } from './path-section.ts';
import { storiesSection } from './stories-section.ts';

interface Told {
  readonly day: ToldDay;
  /** All compared runs with this one; empty unless compared. */
  readonly runs: readonly ComparedRun[];
  /** All intervals with this one; empty at a minute. */
  readonly intervals: readonly IntervalRun[];
}

export function reportOf(run: DemoRun, { day, runs: compared, intervals }: Told): Report {
  const result = resultOf(run, { others: compared, intervals });
  return {
    title: 'Margin checks of 12 March 2020',
    verdict: verdictOf(result),
    lead: leadOf(result),
    facts: [...factsOf(result), ...intervalFacts(day.breaches)],
    sections: [
      pathSection(run, result),
      ...(compared.length === 0 ? [] : [cascadeSection(compared)]),
      storiesSection(day),
      intervalSection(day.breaches, run.messages),
      ...(intervals.length === 0 ? [] : [otherIntervalsSection(intervals, run.options)]),
      fundSection(run),
      doubtSection(result),
      makingSection(result),
    ],
  };
}

function leadOf({ run, calls, liquidations, deficits }: DemoResult): string {
  const until = run.until.slice(-'00:00'.length);
  return (
    `${count(run.accounts)} accounts were checked ${everyText(run.intervalSeconds, run.hasEvents)} from ${run.from} to ${until} UTC. Result: ` +
    `${counted(calls.issued, 'margin call')}, ${counted(liquidations.plans, 'liquidation plan')} ` +
    `for a notional of ${dollars(Number(liquidations.ordered))}, and ${deficitText(deficits)}. ` +
    'BTC follows the real hourly prices of that day, on a simulated path within each hour, plus the ' +
    'impact of liquidations. All other prices and the accounts are synthetic.'
  );
}

const deficitText = ({ accounts, shortfall }: DemoResult['deficits']): string =>
  accounts === 0
    ? 'no account in deficit'
    : `${counted(accounts, 'account')} in deficit, with a total shortfall of ${dollars(Number(shortfall))}`;

function factsOf({
  run,
  checks,
  calls,
  liquidations,
  impact,
  deficits,
  replays,
}: DemoResult): Fact[] {
  return [
    {
      label: 'Checks',
      value: count(checks.checks),
      note: `${count(run.accounts)} accounts each`,
    },
    {
      label: 'Margin calls',
      value: count(calls.issued),
      note: `${count(calls.cured)} cured; largest ${dollars(Number(calls.largest))}`,
    },
    {
      label: 'Accounts liquidated',
      value: count(liquidations.accounts),
      note: `in ${counted(liquidations.plans, 'order plan')}`,
    },
    {
      label: 'Notional ordered',
      value: dollars(Number(liquidations.ordered)),
      note: `largest plan ${dollars(Number(liquidations.largestPlan))}`,
    },
    {
      label: 'Largest price impact on BTC',
      value: percent(Number(impact.largestDisplacement)),
      note: `price impact cost ${dollars(Number(impact.impactCost))}`,
    },
    {
      label: 'Accounts in deficit',
      value: count(deficits.accounts),
      note: `total shortfall ${dollars(Number(deficits.shortfall))}`,
    },
    {
      label: 'Decisions identical when replayed',
      value: `${count(replays.identical)} of ${count(replays.decisions)}`,
      note: 'each replayed from its own record',
    },
  ];
}

function intervalFacts(breaches: readonly Breach[]): Fact[] {
  if (breaches.length === 0) return [];
  const overshoot = sum(breaches.map(({ overshootUsd }) => overshootUsd));
  const buffer = sum(breaches.map(({ bufferUsd }) => bufferUsd));
  const beyond = breaches.filter((each) => each.overshootUsd > each.bufferUsd).length;
  return [
    {
      label: 'Total overshoot when found',
      value: dollars(overshoot),
      note: `${percent(overshoot / buffer)} of the latency buffer held`,
    },
    {
      label: 'Breaches larger than their buffer',
      value: `${count(beyond)} of ${count(breaches.length)}`,
      note: percent(beyond / breaches.length),
    },
  ];
}
