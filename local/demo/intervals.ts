/** The same hours, accounts and seed at other intervals. */
import { count, counted, dollars, duration, percent, whole } from '../report/figures.ts';
import { MINUTE_SECONDS } from './black-thursday.ts';
import { impactFigures } from './impact.ts';
import { ofType } from './message-counts.ts';
import type { DemoOptions } from './options.ts';
import type { Replays } from './replays.ts';
import { sum } from './report/breaches.ts';
import { type ToldDay, toldDay } from './report/day.ts';
import type { DemoRun } from './run.ts';

export interface IntervalRun {
  readonly label: string;
  readonly figures: IntervalRunFigures;
  readonly replays: Replays;
}

export type IntervalRunFigures = ReturnType<typeof figuresOf>;

/** A minute, on the same prices; none beside a run of a minute. */
export const otherIntervals = (options: DemoOptions): DemoOptions[] =>
  options.intervalSeconds === MINUTE_SECONDS
    ? []
    : [{ ...options, intervalSeconds: MINUTE_SECONDS }];

/** Longest interval first; none for a single run. */
export function laidBeside(runs: readonly DemoRun[]): IntervalRun[] {
  if (runs.length < 2) return [];
  return runs
    .toSorted((left, right) => right.options.intervalSeconds - left.options.intervalSeconds)
    .map((run) => ({
      label: duration(run.options.intervalSeconds),
      figures: figuresOf(run, toldDay(run)),
      replays: run.replays,
    }));
}

function figuresOf(run: DemoRun, { breaches, shockHeld }: ToldDay) {
  const { messages, owners, counts, options } = run;
  const { badDebt, accountsLiquidated, plans, closed, unbalanced } = impactFigures(run);
  const overshoots = breaches.map(({ overshootUsd }) => overshootUsd);
  return {
    intervalSeconds: options.intervalSeconds,
    checks: counts.checks,
    badDebt,
    breaches: breaches.length,
    /** USD below their lines when found. */
    overshoot: sum(overshoots),
    /** USD of buffer that these accounts held. */
    bufferHeld: sum(breaches.map(({ bufferUsd }) => bufferUsd)),
    beyondBuffer: breaches.filter((each) => each.overshootUsd > each.bufferUsd).length,
    /** Λ of BTC for falls, mean over the checks. */
    shockHeld,
    calls: ofType(messages, 'margin-call.issued').length,
    callsCuredUnpaid: owners.curedUnpaid,
    ...{ accountsLiquidated, plans, closed, unbalanced },
  };
}

interface ComparedFigure {
  readonly name: string;
  readonly meaning: string;
  readonly text: (run: IntervalRunFigures) => string;
}

const FIGURES: readonly ComparedFigure[] = [
  {
    name: 'Bad debt, USD',
    meaning: 'owed by accounts beyond all that they had',
    text: ({ badDebt }) => whole(badDebt),
  },
  {
    name: 'Lines crossed between two checks',
    meaning: 'accounts that one check found above their liquidation line, and the next below',
    text: ({ breaches }) => count(breaches),
  },
  {
    name: 'Overshoot when found, USD',
    meaning: 'how far below their lines these accounts were, in total',
    text: ({ overshoot }) => whole(overshoot),
  },
  {
    name: 'Overshoot per line crossed, USD',
    meaning: 'the mean of these',
    text: ({ overshoot, breaches }) => (breaches === 0 ? '–' : whole(overshoot / breaches)),
  },
  {
    name: 'Buffer that they held, USD',
    meaning: 'the latency buffer of these accounts, in total',
    text: ({ bufferHeld }) => whole(bufferHeld),
  },
  {
    name: 'Lines crossed beyond the buffer',
    meaning: 'the overshoot was larger than the buffer',
    text: ({ beyondBuffer }) => count(beyondBuffer),
  },
  {
    name: 'Shock held on BTC',
    meaning: 'Λ for falls, mean over the checks: what every long account is charged',
    text: ({ shockHeld }) => percent(shockHeld),
  },
  { name: 'Margin calls', meaning: 'issued', text: ({ calls }) => count(calls) },
  {
    name: 'Calls cured by the market',
    meaning: 'the price came back before anybody paid',
    text: ({ callsCuredUnpaid }) => count(callsCuredUnpaid),
  },
  {
    name: 'Accounts liquidated',
    meaning: 'with at least one order plan',
    text: ({ accountsLiquidated }) => count(accountsLiquidated),
  },
  {
    name: 'Order plans',
    meaning: 'more checks make more and smaller ones',
    text: ({ plans }) => count(plans),
  },
  {
    name: 'Notional closed, USD',
    meaning: 'filled by the venue',
    text: ({ closed }) => whole(closed),
  },
  { name: 'Checks', meaning: 'run', text: ({ checks }) => count(checks) },
];

export const intervalRows = (runs: readonly IntervalRunFigures[]): string[][] =>
  FIGURES.map(({ name, text }) => [name, ...runs.map(text)]);

export const intervalMeanings: readonly string[] = FIGURES.map(({ meaning }) => meaning);

/** From the longest interval to the shortest. */
export function intervalSentence(runs: readonly IntervalRun[]): string {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined || first === last) return '';
  const found = ({ figures }: IntervalRun) =>
    `${counted(figures.breaches, 'line')} crossed with ${dollars(figures.overshoot)} of overshoot, and ` +
    `${dollars(figures.badDebt)} of bad debt`;
  return `With a check every ${last.label}: ${found(last)}. With one every ${first.label}: ${found(first)}.`;
}

/** `once a minute`, `every 10 s` */
export const everyText = (seconds: number): string =>
  seconds === MINUTE_SECONDS ? 'once a minute' : `every ${duration(seconds)}`;

/** Said wherever the figures stand. */
export const REFINED_NOTE =
  'Between two minutes the prices are drawn: Brownian bridges at the path’s own volatility, the ' +
  'minutes unchanged, the same for every interval. A real minute can hold a jump, which a bridge spreads over ' +
  'its seconds, so the gain of a shorter interval is at most this.';
