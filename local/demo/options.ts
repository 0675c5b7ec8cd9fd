import { Command, type CommanderError, InvalidArgumentError, Option } from 'commander';
import { SEED_MAX } from '../analysis/random.ts';
import { readCheckInterval } from '../cli/check-interval.ts';
import { HOURS_OF_DAY, MINUTE_SECONDS, MINUTES_OF_HOUR } from './black-thursday.ts';
import { ACCOUNTS_MIN } from './kinds.ts';
import type { Charge, Switch } from './market.ts';

export interface DemoOptions {
  readonly seed: number;
  readonly accounts: number;
  /** `standard`: no orders beyond what markets bear. */
  readonly throttle: Switch;
  /** `standard`: requirements hold a buffer. */
  readonly buffer: Switch;
  /** How much of the forecast shock is charged. */
  readonly charge: Charge;
  readonly compare: boolean;
  readonly json: boolean;
  /** False for none. */
  readonly report: string | false;
  /** The last minute is exclusive. */
  readonly fromMinute: number;
  readonly untilMinute: number;
  readonly intervalSeconds: number;
  /** Changed accounts and moved prices start checks, too. */
  readonly hasEvents: boolean;
  /** Prices have the seconds between minutes, which are drawn. */
  readonly isRefined: boolean;
}

/** More would take most of an hour. */
const ACCOUNTS_MAX = 10_000;

/** With the hours below, less than half a minute on two cores. */
const ACCOUNTS_DEFAULT = 40;

const SEED_DEFAULT = 1;
const REPORT_DEFAULT = 'margin-report.html';

/**
 * @param words after the command's name
 * @throws CommanderError after printing its line; `exitCodeOf` has the exit code
 */
export function parseDemoOptions(words: readonly string[]): DemoOptions {
  const command = new Command('demo')
    .description(
      'Replay 12 March 2020 on this machine, with one check a minute or at another interval',
    )
    .option(
      '--seed <number>',
      `0 to ${SEED_MAX}; the same seed gives the same run`,
      seed,
      SEED_DEFAULT,
    )
    .addOption(
      new Option(
        '--hours <hours>',
        'a range in UTC such as 9-14, a number of hours from 00:00, or all for the whole day',
      )
        .argParser(hours)
        .default(CRASH, CRASH.join('-')),
    )
    .option(
      '--accounts <number>',
      `number of accounts, ${ACCOUNTS_MIN} to ${ACCOUNTS_MAX}`,
      accounts,
      ACCOUNTS_DEFAULT,
    )
    .option(
      '--interval <time>',
      'time between two checks that a deployment can have, such as 10s or 5m, up to an hour; the same day at a minute is laid beside it',
      interval,
      MINUTE_SECONDS,
    )
    .option(
      '--events',
      'also check at once when an account changes or a price moves; the same hours without are laid beside it',
      false,
    )
    .addOption(switchOption('--throttle', 'none: market capacity does not limit orders'))
    .addOption(switchOption('--buffer', 'none: requirements have no latency buffer'))
    .addOption(
      new Option(
        '--charge <share>',
        'how much of the forecast shock is charged, as a share of initial less maintenance: 0 to 1, or none for all of it',
      )
        .argParser(charge)
        .default(1),
    )
    .option('--compare', 'also run the day without throttle and buffer', false)
    .option('--json', 'print one JSON document instead of tables', false)
    .option('--report <file>', 'file to write the HTML report to', REPORT_DEFAULT)
    .option('--no-report', 'write no report')
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride();
  command.parse([...words], { from: 'user' });
  const parsed = command.opts<Parsed>();
  const { hours: window, interval: intervalSeconds, events: hasEvents, ...options } = parsed;
  const [from, until] = window;
  return {
    ...options,
    intervalSeconds,
    hasEvents,
    isRefined: intervalSeconds < MINUTE_SECONDS || hasEvents,
    fromMinute: from * MINUTES_OF_HOUR,
    untilMinute: until * MINUTES_OF_HOUR,
  };
}

/** 0 for help, 2 for an unreadable command line. */
export const exitCodeOf = (error: CommanderError): number => (error.exitCode === 0 ? 0 : 2);

type Hours = readonly [from: number, until: number];

type Computed = 'fromMinute' | 'untilMinute' | 'intervalSeconds' | 'hasEvents' | 'isRefined';

interface Parsed extends Omit<DemoOptions, Computed> {
  readonly hours: Hours;
  readonly interval: number;
  readonly events: boolean;
}

const switchOption = (name: string, description: string) =>
  new Option(`${name} <switch>`, description).choices(['standard', 'none']).default('standard');

const ALL_DAY: Hours = [0, HOURS_OF_DAY];
/** Bitcoin lost a quarter. */
const CRASH: Hours = [10, 11];

const seed = (text: string): number => whole(text, { min: 0, max: SEED_MAX });
const accounts = (text: string): number => whole(text, { min: ACCOUNTS_MIN, max: ACCOUNTS_MAX });

function hours(text: string): Hours {
  if (text === 'all') return ALL_DAY;
  const [first = '', last, ...rest] = text.split('-');
  const from = last === undefined ? '0' : first;
  const window = [from, last ?? first].map((hour) => (/^\d{1,2}$/.test(hour) ? Number(hour) : -1));
  const [start = -1, end = -1] = window;
  if (rest.length === 0 && start >= 0 && start < end && end <= HOURS_OF_DAY) return [start, end];
  throw new InvalidArgumentError(`Give 1 to ${HOURS_OF_DAY} hours, a range such as 10-12, or all.`);
}

function interval(text: string): number {
  const seconds = readCheckInterval(text);
  if (seconds <= MINUTE_SECONDS * MINUTES_OF_HOUR) return seconds;
  throw new InvalidArgumentError('Give an interval of up to an hour.');
}

function charge(text: string): Charge {
  if (text === 'none') return text;
  const share = /^\d(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (share <= 1) return share;
  throw new InvalidArgumentError('Give a share from 0 to 1, or none.');
}

function whole(text: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
}
