import type { Notify } from './alert-forwarder.ts';
import {
  CHECK_INTERVAL_SECONDS_DEFAULT,
  CHECK_INTERVALS_ALLOWED,
  isCheckInterval,
} from './check-interval.ts';
import { isWorkers, WORKERS_ALLOWED } from './check-workers.ts';
import type { MarginCheckerStackProps } from './margin-checker-stack.ts';

/** For an unusable `-c name=value`. The message is one line: what was given and what is allowed. */
export class InvalidContextError extends Error {
  override readonly name = 'InvalidContextError';

  constructor(name: string, { given, allowed }: { given: unknown; allowed: string }) {
    super(`-c ${name}=${JSON.stringify(given)} cannot be used: ${allowed}`);
  }
}

type Context = Readonly<Record<string, unknown>>;

/** Each names a secret that holds the address or key of the receiver. */
const SECRETS = {
  slackSecret: 'slack',
  pagerDutySecret: 'pagerduty',
  teamsSecret: 'teams',
} as const satisfies Record<string, Notify['format']>;

const NAMES = [
  'checkInterval',
  'alertEmail',
  'customerKey',
  'keepTables',
  'tracing',
  'certificates',
  'events',
  'workers',
  'eventBus',
  ...Object.keys(SECRETS),
  'chatbot',
  'runbook',
];

/** @throws InvalidContextError for the first unknown name or unusable value. */
export function readContext(context: Context): MarginCheckerStackProps {
  refuseUnknown(context);
  return {
    checkIntervalSeconds: parseCheckIntervalSeconds(context.checkInterval),
    alertEmail: parseAlertEmail(context.alertEmail),
    customerKey: parseSwitch('customerKey', context, false),
    keepTables: parseSwitch('keepTables', context, true),
    tracing: parseSwitch('tracing', context, false),
    certificates: parseSwitch('certificates', context, false),
    events: parseSwitch('events', context, false),
    workers: parseWorkers(context.workers),
    eventBus: parseText('eventBus', context, EVENT_BUS),
    notify: Object.entries(SECRETS).flatMap(([name, format]): Notify[] => {
      const secretName = parseText(name, context, SECRET);
      return secretName === undefined ? [] : [{ format, secretName }];
    }),
    chatbot: parseSwitch('chatbot', context, false),
    runbookUrl: parseText('runbook', context, RUNBOOK),
  };
}

/** Otherwise a misspelled setting is ignored. The CDK's own names are never one plain word. */
function refuseUnknown(context: Context): void {
  const unknown = Object.keys(context).find(
    (name) => /^[A-Za-z]+$/.test(name) && !NAMES.includes(name),
  );
  if (unknown === undefined) return;
  const allowed = `there is no such setting; the settings are ${NAMES.join(', ')}`;
  throw new InvalidContextError(unknown, { given: context[unknown], allowed });
}

/**
 * @param given a string from the command line, a number or string from cdk.json, or undefined
 * @returns seconds
 * @throws InvalidContextError unless given whole minutes up to a day, or a divisor of a minute
 */
export function parseCheckIntervalSeconds(given: unknown): number {
  if (given === undefined) return CHECK_INTERVAL_SECONDS_DEFAULT;

  const digits = typeof given === 'number' ? String(given) : given;
  const seconds = typeof digits === 'string' && /^[1-9]\d*$/.test(digits) ? Number(digits) : NaN;
  if (isCheckInterval(seconds)) return seconds;
  throw new InvalidContextError('checkInterval', { given, allowed: CHECK_INTERVALS_ALLOWED });
}

function parseWorkers(given: unknown): number {
  const text = given === undefined ? '0' : String(given);
  const count = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (isWorkers(count)) return count;
  throw new InvalidContextError('workers', { given, allowed: WORKERS_ALLOWED });
}

/**
 * Refuses only obvious slips: confirming the subscription shows whether the address exists.
 * @throws InvalidContextError unless it looks like one address
 */
export function parseAlertEmail(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$/.test(given)) return given;

  throw new InvalidContextError('alertEmail', {
    given,
    allowed: 'give one e-mail address, such as risk@example.com, or leave it out',
  });
}

interface Allowed {
  readonly pattern: RegExp;
  readonly allowed: string;
}

const EVENT_BUS: Allowed = {
  pattern: /^(?!aws\.)[\w./-]{1,256}$/,
  allowed: 'give "default", or a name of letters, digits and . - _ / for a new bus',
};

/** An address or an integration key in its place would end in the template. */
const SECRET: Allowed = {
  pattern: /^(?!https?:|[0-9A-Za-z]{32}$)[\w/+=.@-]{1,200}$/,
  allowed: 'give the name of a secret in Secrets Manager, not what it holds',
};

const RUNBOOK: Allowed = {
  pattern: /^https:\/\/[^\s<>|"'`#]{1,192}$/,
  allowed: 'give an address of at most 200 characters that begins with https:// and has no #',
};

function parseText(
  name: string,
  context: Context,
  { pattern, allowed }: Allowed,
): string | undefined {
  const given = context[name];
  if (given === undefined) return undefined;
  if (typeof given === 'string' && pattern.test(given)) return given;
  throw new InvalidContextError(name, { given, allowed });
}

function parseSwitch(name: string, context: Context, otherwise: boolean): boolean {
  const given = context[name];
  if (given === undefined) return otherwise;
  if (given === true || given === 'true') return true;
  if (given === false || given === 'false') return false;
  throw new InvalidContextError(name, { given, allowed: 'give true or false' });
}
