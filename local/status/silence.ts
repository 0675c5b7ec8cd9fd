/**
 * Says when nothing is being checked, again as that lasts, and when checks resume. Checks count as
 * silent after three intervals, and at least 30 seconds, without one that saw every account; at once if none can run, because
 * the policy or the fence is malformed, or if that cannot be seen.
 */
import type { Beat } from './heartbeat.ts';

export type BeatState = 'ok' | 'silent';

export interface Heartbeat {
  readonly state: BeatState;
  /** For a person: how it stands now. */
  readonly status: string;
  /** To be said: silence began or has grown, or checks have resumed. */
  readonly alarm?: { readonly severity: 'critical' | 'info'; readonly text: string } | undefined;
}

const INTERVALS_MAX = 3;
const SECONDS_MIN = 30;

/** As long as the alarm NoCompleteCheck waits: less can be a cold start. */
export const longestSilenceSeconds = (intervalSeconds: number): number =>
  Math.max(INTERVALS_MAX * intervalSeconds, SECONDS_MIN);

const HOUR_MS = 3_600_000;
const ADVICE = 'look at the schedule and the function’s log (margin status)';

interface Silence {
  readonly since: number;
  /** Said last: at this time, for this fault. */
  readonly saidAt: number;
  readonly fault: string | undefined;
  /** Checks may have run meanwhile. */
  readonly isUnseen: boolean;
}

export class Silences {
  private readonly intervalMs: number;
  private readonly longestMs: number;
  private silence: Silence | undefined;
  private lastCompletedAt: number | undefined;

  constructor(intervalSeconds: number) {
    this.intervalMs = intervalSeconds * 1000;
    this.longestMs = longestSilenceSeconds(intervalSeconds) * 1000;
  }

  next(beat: Beat): Heartbeat {
    const text = this.silentText(beat);
    return text === undefined ? this.well(beat) : this.silent(beat, text);
  }

  private silentText({ now, completedAt, begunAt, fault, unseen }: Beat): string | undefined {
    if (unseen !== undefined) return `CANNOT SEE WHETHER ANYTHING IS CHECKED: ${unseen}`;
    if (fault !== undefined) {
      const last = completedAt === undefined ? '' : `, FOR ${span(now - completedAt)}`;
      return `NOTHING IS BEING CHECKED${last}: ${fault}`;
    }
    const longest = this.longestMs;
    if (completedAt === undefined) return `NOTHING HAS BEEN CHECKED YET: ${ADVICE}`;
    if (now - completedAt < longest) return undefined;
    const isBegun = begunAt !== undefined && now - begunAt < longest;
    return isBegun
      ? `NO CHECK HAS SEEN EVERY ACCOUNT FOR ${span(now - completedAt)}: ${ADVICE}`
      : `NOTHING HAS BEEN CHECKED FOR ${span(now - completedAt)}: ${ADVICE}`;
  }

  private well({ now, completedAt = now }: Beat): Heartbeat {
    this.lastCompletedAt = completedAt;
    const status = `last check ${span(now - completedAt).toLowerCase()} ago`;
    const { silence } = this;
    this.silence = undefined;
    if (silence === undefined) return { state: 'ok', status };
    const lasted = span(completedAt - silence.since).toLowerCase();
    const text = silence.isUnseen
      ? `it can be seen again: the ${status}`
      : `checks have resumed, ${lasted} after they had stopped; the ${status}`;
    return { state: 'ok', status, alarm: { severity: 'info', text } };
  }

  private silent({ now, completedAt, fault: why, unseen }: Beat, text: string): Heartbeat {
    const { silence } = this;
    const fault = why ?? unseen;
    this.lastCompletedAt = completedAt ?? this.lastCompletedAt;
    const since = silence?.since ?? this.lastCompletedAt ?? now;
    if (silence !== undefined && silence.fault === fault && !this.hasGrown(silence, now)) {
      return { state: 'silent', status: text };
    }
    this.silence = { since, saidAt: now, fault, isUnseen: unseen !== undefined };
    return { state: 'silent', status: text, alarm: { severity: 'critical', text } };
  }

  /** Twice as long as when it was said last, or an hour longer. */
  private hasGrown({ since, saidAt }: Silence, now: number): boolean {
    const said = Math.max(saidAt - since, this.intervalMs);
    return now - since >= 2 * said || now - saidAt >= HOUR_MS;
  }
}

/** `45 S`, `3 MIN`, `2 H 5 MIN` */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} S`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} MIN`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} H${rest === 0 ? '' : ` ${rest} MIN`}`;
}
