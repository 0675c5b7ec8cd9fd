/** The event that asks for a check: EventBridge Scheduler and EventBridge rules send the same. */
import { CLOCK_SKEW_MS_MAX } from '../margin/number/limits.ts';
import * as z from '../zod.ts';

export interface ScheduledCheck {
  /** The scheduled time as ISO 8601 with milliseconds: sorts as time does. */
  readonly checkId: string;
  readonly scheduledAt: number;
}

/** Thrown when an event does not ask for a check at a time that can be. */
export class EventError extends Error {
  override readonly name = 'EventError';
}

/** EventBridge Scheduler puts the time in its place; emulators of AWS send the words as they are. */
const UNFILLED_TIME = '<aws.scheduler.scheduled-time>';

const scheduledEvent = z.looseObject({
  source: z.enum(['aws.scheduler', 'aws.events']),
  'detail-type': z.literal('Scheduled Event'),
  time: z.union([z.literal(UNFILLED_TIME), z.iso.datetime()]),
});

/**
 * A time that nobody filled in is the clock's, so that a repeated event is not recognised there.
 * A time ahead of the clock is refused: accepted, it would bar every check until then.
 * @throws EventError
 */
export function readScheduledCheck(event: unknown, now: number): ScheduledCheck {
  const parsed = scheduledEvent.safeParse(event);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') || 'the event';
    throw new EventError(`not a scheduled event: ${where}: ${issue?.message}`);
  }
  const { time } = parsed.data;
  const scheduledAt = time === UNFILLED_TIME ? now : Date.parse(time);
  if (scheduledAt > now + CLOCK_SKEW_MS_MAX) {
    const clock = new Date(now).toISOString();
    throw new EventError(`the event's time ${time} is later than the clock's ${clock}`);
  }
  return { checkId: new Date(scheduledAt).toISOString(), scheduledAt };
}
