/** Checks every ten seconds, started by messages of a queue. */
import { type Stead, timeOf, type World } from './world.ts';

/** Milliseconds since 1970, so many seconds after the first slot. */
export const at = (seconds: number): number => timeOf(0) + seconds * 1000;

export const slotEvent = (seconds: number) => {
  const body = JSON.stringify({ slot: new Date(at(seconds)).toISOString() });
  return { Records: [{ messageId: '1', eventSource: 'aws:sqs', body }] };
};

/** Runs the check that a slot starts, half a second later unless that is given. */
export function checkSlot(
  world: World,
  seconds: number,
  { begun = seconds + 0.5, ...through }: Stead & { readonly begun?: number } = {},
) {
  const config = { ...world.services.config, checkIntervalSeconds: 10 };
  return world.handle(slotEvent(seconds), at(begun), { config, ...through });
}
