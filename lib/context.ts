import {
  CHECK_INTERVAL_SECONDS_DEFAULT,
  CHECK_INTERVALS_ALLOWED,
  isCheckInterval,
} from './check-interval.ts';
import type { MarginCheckerStackProps } from './margin-checker-stack.ts';

/** For an unusable `-c name=value`. The message is one line: what was given and what is allowed. */
export class InvalidContextError extends Error {
  override readonly name = 'InvalidContextError';

  constructor(name: string, { given, allowed }: { given: unknown; allowed: string }) {
    super(`-c ${name}=${JSON.stringify(given)} cannot be used: ${allowed}`);
  }
}

type Context = Readonly<Record<string, unknown>>;

const NAMES = ['checkInterval', 'alertEmail', 'customerKey', 'keepTables', 'tracing'];

/** @throws InvalidContextError for the first unknown name or unusable value. */
export function readContext(context: Context): MarginCheckerStackProps {
  refuseUnknown(context);
  return {
    checkIntervalSeconds: parseCheckIntervalSeconds(context.checkInterval),
    alertEmail: parseAlertEmail(context.alertEmail),
    customerKey: parseSwitch('customerKey', context, false),
    keepTables: parseSwitch('keepTables', context, true),
    tracing: parseSwitch('tracing', context, false),
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
 * @returns seconds, in whole minutes
 * @throws InvalidContextError unless given whole minutes up to a day
 */
export function parseCheckIntervalSeconds(given: unknown): number {
  if (given === undefined) return CHECK_INTERVAL_SECONDS_DEFAULT;

  const digits = typeof given === 'number' ? String(given) : given;
  const seconds = typeof digits === 'string' && /^[1-9]\d*$/.test(digits) ? Number(digits) : NaN;
  if (isCheckInterval(seconds)) return seconds;
  throw new InvalidContextError('checkInterval', { given, allowed: CHECK_INTERVALS_ALLOWED });
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

function parseSwitch(name: string, context: Context, otherwise: boolean): boolean {
  const given = context[name];
  if (given === undefined) return otherwise;
  if (given === true || given === 'true') return true;
  if (given === false || given === 'false') return false;
  throw new InvalidContextError(name, { given, allowed: 'give true or false' });
}
