/** The event that asks for a check, as EventBridge Scheduler and EventBridge rules send it. */
import { CLOCK_SKEW_MS_MAX } from '../margin/number/limits.ts';
import { faultIn } from '../rows/fault.ts';
import * as z from '../rows/zod.ts';

export interface ScheduledCheck {
  /** The scheduled time, ISO 8601 with milliseconds, so that ids sort by time. */
  readonly checkId: string;
  readonly scheduledAt: number;
}

/** Thrown when an event does not ask for a check, or asks for one in the future. */
export class EventError extends Error {
  override readonly name = 'EventError';
}

/** EventBridge Scheduler replaces this by the time; some emulators of AWS do not. */
const UNFILLED_TIME = '<aws.scheduler.scheduled-time>';

const scheduledEvent = z.looseObject({
  source: z.enum(['aws.scheduler', 'aws.events']),
  'detail-type': z.literal('Scheduled Event'),
  time: z.union([
    z.iso.datetime({ error: 'must be a time such as 2020-03-12T10:12:00Z' }),
    z.literal(UNFILLED_TIME),
  ]),
});

/**
 * Takes the clock's time where the event has none; a repeated event is not recognised then. Refuses a
 * time ahead of the clock, which would block every check until then.
 * @throws EventError
 */
export function readScheduledCheck(event: unknown, now: number): ScheduledCheck {
  const parsed = scheduledEvent.safeParse(event);
  if (!parsed.success) {
    const { attribute, fault } = faultIn(parsed.error);
    throw new EventError(`not a scheduled event: ${attribute || 'it'} ${fault}`);
  }
  const { time } = parsed.data;
  const scheduledAt = time === UNFILLED_TIME ? now : Date.parse(time);
  if (scheduledAt > now + CLOCK_SKEW_MS_MAX) {
    const clock = new Date(now).toISOString();
    throw new EventError(`the event is scheduled for ${time}, but it is only ${clock}`);
  }
  return { checkId: new Date(scheduledAt).toISOString(), scheduledAt };
}
