/** The heartbeat of `margin watch`: silence is an alarm where people look. */
import { setTimeout } from 'node:timers/promises';
import { isoTime } from '../../lambda/messages/header.ts';
import { visible } from '../../lambda/messages/visible.ts';
import type { Beat } from '../status/heartbeat.ts';
import { type Heartbeat, Silences } from '../status/silence.ts';
import { jsonOf } from './visible-texts.ts';

export interface Beating {
  readonly intervalSeconds: number;
  readonly read: () => Promise<Beat>;
  /** A line of its own. */
  readonly print: (line: string) => void;
  /** Replaces the last status; only on a terminal. */
  readonly showStatus?: ((text: string) => void) | undefined;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

const LOOK_SECONDS_MAX = 60;

/** Looks at once and then once an interval, at least once a minute, until the signal. */
export async function heartbeat(beating: Beating): Promise<void> {
  const { intervalSeconds, read, signal } = beating;
  const silences = new Silences(intervalSeconds);
  const lookMs = Math.min(intervalSeconds, LOOK_SECONDS_MAX) * 1000;
  while (!signal.aborted) {
    const beat = await read();
    if (signal.aborted) return;
    say(beating, beat, silences.next(beat));
    await setTimeout(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

function say({ isJson, print, showStatus }: Beating, beat: Beat, found: Heartbeat): void {
  const { alarm, status } = found;
  if (isJson) print(jsonOf(jsonLineOf(beat, found)));
  else if (alarm !== undefined) print(lineOf(beat, alarm));
  showStatus?.(status);
}

const lineOf = ({ now }: Beat, { severity, text }: NonNullable<Heartbeat['alarm']>): string =>
  visible(`${isoTime(now).slice(0, 19).replace('T', ' ')}  watch   ${severity.padEnd(8)}  ${text}`);

function jsonLineOf({ now, completedAt, fault, unseen }: Beat, { state, alarm }: Heartbeat) {
  return {
    type: 'heartbeat',
    asOf: isoTime(now),
    state,
    ...(completedAt === undefined
      ? {}
      : { lastCheck: isoTime(completedAt), ageSeconds: (now - completedAt) / 1000 }),
    ...(fault === undefined ? {} : { fault }),
    ...(unseen === undefined ? {} : { unseen }),
    ...(alarm === undefined ? {} : { severity: alarm.severity, text: alarm.text }),
  };
}
