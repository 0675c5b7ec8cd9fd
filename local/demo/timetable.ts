import { createHash } from 'node:crypto';
import { type RandomStream, randomStream } from '../analysis/random.ts';
import { MINUTE_SECONDS, minuteTime } from './black-thursday.ts';
import type { QuoteTimes } from './quotes.ts';

/** These checks, of one a minute, wait for a cold start or a busy machine. */
const SLOW_SHARE = 1 / 30;
const LATENESS_MS = 3_000;
const SLOW_LATENESS_MS = 40_000;

/** A slot comes so late on an emulated AWS (decision 79). */
const SLOT_LATENESS_MS = { least: 900, most: 1_600 } as const;
const SLOT_LATENESS_OF_INTERVAL_MAX = 0.9;

/** EventBridge delivers at least once. */
export const REPEATED_AT_MS = minuteTime(600);
export const REPEATED_AFTER_MS = 1_000;

/** @returns when the check of a time runs */
export function clockOf(seed: number, times: QuoteTimes): (timeMs: number) => number {
  const ofDay = randomStream(seed, 'lateness');
  return (timeMs) => {
    const random = times.isRefined ? randomStream(seed, `lateness at ${timeMs}`) : ofDay;
    return timeMs + Math.floor(latenessMs(times, random));
  };
}

/** Slow starts are as many an hour at any interval. */
function latenessMs({ intervalSeconds }: QuoteTimes, random: RandomStream): number {
  const isSlot = intervalSeconds < MINUTE_SECONDS;
  const slowShare = isSlot ? (SLOW_SHARE * intervalSeconds) / MINUTE_SECONDS : SLOW_SHARE;
  if (random.uniform() < slowShare) return random.between(LATENESS_MS, SLOW_LATENESS_MS);
  if (!isSlot) return random.between(0, LATENESS_MS);
  const { least, most } = SLOT_LATENESS_MS;
  const longest = SLOT_LATENESS_OF_INTERVAL_MAX * intervalSeconds * 1000;
  return Math.min(longest, random.between(least, most));
}

/** As Scheduler sends it, or as the queue hands over a slot. */
export const checkEvent = (timeMs: number, intervalSeconds: number) =>
  intervalSeconds < MINUTE_SECONDS ? slotEvent(timeMs) : scheduledEvent(timeMs);

const slotEvent = (timeMs: number) => ({
  Records: [
    { eventSource: 'aws:sqs', body: JSON.stringify({ slot: new Date(timeMs).toISOString() }) },
  ],
});

function scheduledEvent(timeMs: number) {
  const time = new Date(timeMs).toISOString().replace('.000Z', 'Z');
  return {
    version: '0',
    id: createHash('sha256').update(time).digest('hex').slice(0, 32),
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: '000000000000',
    time,
    region: 'us-east-1',
    resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/margin-check'],
    detail: '{}',
  };
}
