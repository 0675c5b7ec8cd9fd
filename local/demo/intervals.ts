/** The same hours, accounts and seed at other intervals. */
import { count, counted, dollars, duration, percent, whole } from '../report/figures.ts';
import { MINUTE_SECONDS } from './black-thursday.ts';
import { QUOTES_EVERY_SECONDS } from './events.ts';
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

/** On the same prices: without events, and at a minute. None beside a plain run of a minute. */
export function otherIntervals(options: DemoOptions): DemoOptions[] {
  const alone = { ...options, hasEvents: false };
  return [
    ...(options.hasEvents ? [alone] : []),
    ...(options.intervalSeconds === MINUTE_SECONDS
      ? []
      : [{ ...alone, intervalSeconds: MINUTE_SECONDS }]),
  ];
}

/** Longest interval first, and events last; none for a single run. */
export function laidBeside(runs: readonly DemoRun[]): IntervalRun[] {
  if (runs.length < 2) return [];
  return runs
    .toSorted(
      ({ options: left }, { options: right }) =>
        right.intervalSeconds - left.intervalSeconds ||
        Number(left.hasEvents) - Number(right.hasEvents),
    )
    .map(comparedInterval);
}

export const comparedInterval = (run: DemoRun): IntervalRun => ({
  label: labelOf(run.options),
  figures: figuresOf(run, toldDay(run)),
  replays: run.replays,
});

const labelOf = ({ intervalSeconds, hasEvents }: DemoOptions): string =>
  `${duration(intervalSeconds)}${hasEvents ? ', by events' : ''}`;

function figuresOf(run: DemoRun, { breaches, shockHeld }: ToldDay) {
  const { messages, owners, counts, options } = run;
  const { badDebt, accountsLiquidated, plans, closed, unbalanced } = impactFigures(run);
  const overshoots = breaches.map(({ overshootUsd }) => overshootUsd);
  return {
    intervalSeconds: options.intervalSeconds,
    checks: counts.checks,
    eventChecks: counts.eventChecks,
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
  { name: 'Scheduled checks', meaning: 'run', text: ({ checks }) => count(checks) },
  {
    name: 'Event checks',
    meaning: 'started by a price that moved or an account that changed',
    text: ({ eventChecks }) => count(eventChecks),
  },
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

/** `once a minute`, `every 10 s, and by events` */
export const everyText = (seconds: number, hasEvents = false): string => {
  const every = seconds === MINUTE_SECONDS ? 'once a minute' : `every ${duration(seconds)}`;
  return hasEvents ? `${every}, and by events` : every;
};

/** Said wherever the figures stand. */
export const notesOf = ({ isRefined, hasEvents }: Drawn): string[] => [
  ...(isRefined ? [REFINED_NOTE] : []),
  ...(hasEvents ? [EVENTS_NOTE] : []),
];

type Drawn = Pick<DemoOptions, 'isRefined' | 'hasEvents'>;

export const REFINED_NOTE =
  'Between two minutes the prices are drawn: Brownian bridges at the path’s own volatility, the ' +
  'minutes unchanged, the same for every interval. A real minute can hold a jump, which a bridge spreads over ' +
  'its seconds, so the gain of a shorter interval is at most this.';

export const EVENTS_NOTE =
  `By events: quotes come every ${QUOTES_EVERY_SECONDS} s. One that has moved by more than half of the shock held, ` +
  'or a changed account, starts a check 0.6 to 1.6 s later, at most one a second.';
