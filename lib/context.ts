/** Thrown when a `-c name=value` given to the CDK cannot be used. The message is one line that says
 * what was given and what is allowed. */
export class InvalidContextError extends Error {
  override readonly name = 'InvalidContextError';

  constructor(name: string, { given, allowed }: { given: unknown; allowed: string }) {
    super(`-c ${name}=${JSON.stringify(given)} cannot be used: ${allowed}`);
  }
}

const CHECK_INTERVAL_SECONDS_DEFAULT = 60;

/** Margin that is looked at less than once a day is not monitored. */
const CHECK_INTERVAL_SECONDS_MAX = 86_400;

/**
 * The seconds between two checks, in whole minutes: EventBridge Scheduler knows nothing finer.
 *
 * @param given a string from the command line, a number or string from cdk.json, or undefined.
 * @throws InvalidContextError when it is anything else than whole minutes up to a day.
 */
export function parseCheckIntervalSeconds(given: unknown): number {
  if (given === undefined) return CHECK_INTERVAL_SECONDS_DEFAULT;

  const digits = typeof given === 'number' ? String(given) : given;
  const seconds = typeof digits === 'string' && /^[1-9]\d*$/.test(digits) ? Number(digits) : NaN;
  if (seconds % 60 === 0 && seconds <= CHECK_INTERVAL_SECONDS_MAX) return seconds;

  throw new InvalidContextError('checkInterval', {
    given,
    allowed:
      `give seconds that make whole minutes, from 60 to ${CHECK_INTERVAL_SECONDS_MAX} ` +
      '(60, 120, 300, ...), because EventBridge Scheduler counts in minutes',
  });
}

/**
 * The address that the alerts topic writes to, if any. Only what is surely a slip is refused:
 * whether the address exists is known when its owner confirms the subscription.
 *
 * @throws InvalidContextError when it does not read as one address.
 */
export function parseAlertEmail(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$/.test(given)) return given;

  throw new InvalidContextError('alertEmail', {
    given,
    allowed: 'give one e-mail address, such as risk@example.com, or leave it out',
  });
}
