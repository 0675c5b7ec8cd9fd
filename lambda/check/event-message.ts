/** The message that wakes an event check. What waits for it is in the margin table. */
import * as z from '../rows/zod.ts';

const eventMessage = z.looseObject({
  Records: z
    .array(z.looseObject({ eventSource: z.literal('aws:sqs'), body: z.string() }))
    .check(z.minLength(1)),
});

const body = z.looseObject({ event: z.iso.datetime() });

export function isEventMessage(event: unknown): boolean {
  const read = eventMessage.safeParse(event);
  return read.success && read.data.Records.every((record) => isEvent(record.body));
}

function isEvent(text: string): boolean {
  try {
    return body.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
