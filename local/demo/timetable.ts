import { createHash } from 'node:crypto';
import { randomStream } from '../analysis/random.ts';
import { minuteTime } from './black-thursday.ts';

/** These checks wait for a cold start or a busy machine. */
const SLOW_SHARE = 1 / 30;
const LATENESS_MS = 3_000;
const SLOW_LATENESS_MS = 40_000;

/** EventBridge delivers at least once. */
export const REPEATED_MINUTE = 600;
export const REPEATED_AFTER_MS = 1_000;

/** @returns when a minute's check runs, always before the next is due */
export function clockOf(seed: number): (minute: number) => number {
  const random = randomStream(seed, 'lateness');
  return (minute) => {
    const isSlow = random.uniform() < SLOW_SHARE;
    const late = isSlow
      ? random.between(LATENESS_MS, SLOW_LATENESS_MS)
      : random.between(0, LATENESS_MS);
    return minuteTime(minute) + Math.floor(late);
  };
}

export function scheduledEvent(minute: number) {
  const time = new Date(minuteTime(minute)).toISOString().replace('.000Z', 'Z');
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
