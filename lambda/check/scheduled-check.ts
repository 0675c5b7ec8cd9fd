/**
 * The event that asks for a check, as EventBridge Scheduler and EventBridge rules send it, or as a
 * queue hands over a slot.
 */
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

const isoText = z.iso.datetime({ error: 'must be a time such as 2020-03-12T10:12:00Z' });

const scheduledEvent = z.looseObject({
  source: z.enum(['aws.scheduler', 'aws.events']),
  'detail-type': z.literal('Scheduled Event'),
  time: z.union([isoText, z.literal(UNFILLED_TIME)]),
});

const queueEvent = z.looseObject({
  Records: z
    .array(z.looseObject({ eventSource: z.literal('aws:sqs'), body: z.string() }))
    .check(z.minLength(1)),
});

const slotMessage = z.looseObject({ slot: isoText });

/** As an event names it, in milliseconds since 1970; absent if an emulator has not filled it in. */
interface EventTime {
  readonly at: number | undefined;
  readonly isSlot: boolean;
}

/** @throws EventError */
export function readEventTime(event: unknown): EventTime {
  if (typeof event !== 'object' || event === null || !('Records' in event)) {
    const { time } = parsed(scheduledEvent, event, 'not a scheduled event');
    return { at: time === UNFILLED_TIME ? undefined : Date.parse(time), isSlot: false };
  }
  const { Records } = parsed(queueEvent, event, 'not an event of a queue');
  const slots = Records.map(({ body }) => {
    const { slot } = parsed(slotMessage, jsonOf(body), 'not a slot');
    return Date.parse(slot);
  });
  return { at: Math.max(...slots), isSlot: true };
}

export interface CheckClock {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly intervalSeconds: number;
}

/**
 * Takes the clock's time where the event has none; a repeated event is not recognised then. A slot
 * that was waiting stands for the newest one that is due, so that after a slow check the fence skips
 * those behind it, and the newest prices are checked once. Refuses a time ahead of the clock, which
 * would block every check until then.
 * @throws EventError
 */
export function readScheduledCheck(event: unknown, clock: CheckClock): ScheduledCheck {
  const { now } = clock;
  const { at = now, isSlot } = readEventTime(event);
  if (at > now + CLOCK_SKEW_MS_MAX) {
    const [asked, only] = [at, now].map((each) => new Date(each).toISOString());
    throw new EventError(`the event is scheduled for ${asked}, but it is only ${only}`);
  }
  const scheduledAt = isSlot ? Math.max(at, newestSlot(clock)) : at;
  return { checkId: new Date(scheduledAt).toISOString(), scheduledAt };
}

function newestSlot({ now, intervalSeconds }: CheckClock): number {
  const intervalMs = intervalSeconds * 1000;
  return Math.floor(now / intervalMs) * intervalMs;
}

function parsed<S extends z.ZodMiniType>(schema: S, given: unknown, what: string): z.output<S> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const { attribute, fault } = faultIn(read.error);
  throw new EventError(`${what}: ${attribute || 'it'} ${fault}`);
}

/** A text that is no JSON is none of a slot either. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
