/** A run's outcome as JSON; amounts are decimal texts in USD. */

import { type Amount, amount, roundUp, textOf } from '../../lambda/margin/number/decimal.ts';
import { groupBy } from '../../lambda/margin/number/group-by.ts';
import type { Message, MessageType } from '../../lambda/messages/messages.ts';
import { HOURS_OF_DAY, MINUTES_OF_HOUR, timeText } from './black-thursday.ts';
import type { ComparedRun } from './comparison.ts';
import { gapStatistics } from './gaps.ts';
import { impactFigures } from './impact.ts';
import type { IntervalRun } from './intervals.ts';
import {
  accountsOf,
  alertsByKind,
  countsOf,
  largestOf,
  notionalOf,
  ofType,
  reasonCodes,
  sumOf,
  worstShortfalls,
} from './message-counts.ts';
import type { DemoRun } from './run.ts';

export type DemoResult = ReturnType<typeof resultOf>;

export interface Beside {
  /** All compared runs with this one; empty unless compared. */
  readonly others?: readonly ComparedRun[];
  /** All intervals with this one; empty at a minute. */
  readonly intervals?: readonly IntervalRun[];
}

export function resultOf(run: DemoRun, { others = [], intervals = [] }: Beside = {}) {
  const { options, messages, counts, gapsSeconds } = run;
  const shortfalls = worstShortfalls(messages);
  return {
    run: {
      from: timeText(options.fromMinute),
      until: timeText(options.untilMinute),
      seed: options.seed,
      accounts: options.accounts,
      throttle: options.throttle,
      buffer: options.buffer,
      intervalSeconds: options.intervalSeconds,
      hasEvents: options.hasEvents,
      isRefined: options.isRefined,
    },
    hours: hourFigures(run),
    alerts: alertsByKind(messages),
    calls: callFigures(run),
    liquidations: liquidationFigures(run),
    deficits: {
      accounts: accountsOf(ofType(messages, 'deficit.detected')),
      shortfall: cents(sumOf(shortfalls)),
      largest: cents(largestOf(shortfalls)),
      ...waterfallFigures(run),
    },
    impact: impactFigures(run),
    comparison: others.map(({ throttle, buffer, label, figures }) => {
      return { throttle, buffer, label, ...figures };
    }),
    intervals: intervals.map(({ label, figures }) => ({ label, ...figures })),
    withheld: reasonCodes(ofType(messages, 'liquidation.withheld')),
    indeterminate: reasonCodes(ofType(messages, 'account.indeterminate')),
    checks: counts,
    replays: run.replays,
    gap: { ...gapStatistics(gapsSeconds), late: ofType(messages, 'check.late').length },
  };
}

const CENTS = 2;
const cents = (exact: Amount): string => textOf(roundUp(exact, CENTS));

function callFigures({ messages, owners }: DemoRun) {
  const issued = ofType(messages, 'margin-call.issued').map(({ amountDue }) => amount(amountDue));
  return {
    issued: issued.length,
    updated: ofType(messages, 'margin-call.updated').length,
    cured: ofType(messages, 'margin-call.cured').length,
    expired: ofType(messages, 'margin-call.expired').length,
    called: cents(sumOf(issued)),
    largest: cents(largestOf(issued)),
    payments: owners.paidCount,
    paid: cents(owners.paidAmount),
  };
}

function waterfallFigures({ messages, venue }: DemoRun) {
  const drawn = ofType(messages, 'fund.drawn');
  const sumOver = (texts: readonly string[]) => cents(sumOf(texts.map(amount)));
  return {
    claims: drawn.length,
    fundPaidIn: cents(venue.fundPaid),
    paidByFund: sumOver(drawn.map(({ drawn: paid }) => paid)),
    sharedByOthers: sumOver(drawn.map(({ socialized }) => socialized)),
    borneByVenue: cents(venue.absorbed),
  };
}

function liquidationFigures({ messages, venue }: DemoRun) {
  const plans = ofType(messages, 'liquidation.ordered');
  const notionals = plans.map(notionalOf);
  return {
    accounts: accountsOf(plans),
    plans: plans.length,
    generations: Math.max(0, ...plans.map(({ generation }) => generation)),
    completed: ofType(messages, 'liquidation.completed').length,
    ordered: cents(sumOf(notionals)),
    largestPlan: cents(largestOf(notionals)),
    closed: cents(venue.closedNotional),
    verdicts: countsOf(venue.verdicts),
  };
}

function hourFigures({ messages, options, volatilities, history }: DemoRun) {
  const hourOf = (timeMs: number) => new Date(timeMs).getUTCHours();
  const byHour = groupBy(messages, ({ asOf }) => hourOf(Date.parse(asOf)));
  const checks = groupBy(history.checks, ({ asOf }) => hourOf(asOf));
  return Array.from({ length: HOURS_OF_DAY }, (_, hour) => hour)
    .slice(options.fromMinute / MINUTES_OF_HOUR, options.untilMinute / MINUTES_OF_HOUR)
    .map((hour) => {
      const seen = (checks.get(hour) ?? []).map(({ prices }) => Number(prices['BTC-USD']));
      const bitcoinLow = Math.min(...seen);
      const bitcoinVolatility = (volatilities.get(hour) ?? 0).toFixed(4);
      return figuresOfHour({
        ...{ hour, bitcoinLow, bitcoinVolatility },
        heard: byHour.get(hour) ?? [],
      });
    });
}

/** The hour's largest Λ of BTC; null if none is stated. */
function largestShock(heard: readonly Message[]): string | null {
  const told = heard.flatMap((message) =>
    'figures' in message ? (message.figures?.prices ?? []) : [],
  );
  const shocks = told.filter(({ feed }) => feed === 'BTC-USD').map(({ shock }) => shock);
  const [largest = null] = shocks.toSorted((left, right) => Number(right) - Number(left));
  return largest;
}

interface HeardInHour {
  readonly hour: number;
  /** At a check, displacement included. */
  readonly bitcoinLow: number;
  /** Highest measured σ of BTC, annual. */
  readonly bitcoinVolatility: string;
  readonly heard: readonly Message[];
}

function figuresOfHour({ hour, bitcoinLow, bitcoinVolatility, heard }: HeardInHour) {
  const count = (type: MessageType) => ofType(heard, type).length;
  return {
    hour,
    bitcoinLow,
    bitcoinVolatility,
    bitcoinShock: largestShock(heard),
    calls: count('margin-call.issued'),
    cures: count('margin-call.cured'),
    plans: count('liquidation.ordered'),
    ordered: cents(sumOf(ofType(heard, 'liquidation.ordered').map(notionalOf))),
    withheld: count('liquidation.withheld'),
    deficits: count('deficit.detected'),
  };
}
