/**
 * Owners have the whole time that the policy gives them: with `outageGrace: moved` also the time in
 * which no check was completed.
 */
import type { PolicyPlan } from './history.ts';

/** As a case stores it; times in milliseconds. */
export interface Call {
  readonly deadline: number;
  readonly sentAt: number;
  readonly isExpired?: boolean | undefined;
}

interface Outage {
  readonly since: number;
  readonly until: number;
}

interface Given {
  readonly deadline: number;
  /** When each of its messages was decided. */
  readonly sent: number[];
}

/** In a shorter time without a completed check there was no outage. */
const OUTAGE_INTERVALS = 2;

export class Grace {
  private readonly policy: PolicyPlan;
  private readonly outages: Outage[] = [];
  private readonly calls = new Map<string, Given>();
  private completedAt: number | undefined;
  private latest = '';

  private readonly outageMs: number;

  constructor(policy: PolicyPlan, intervalSeconds: number) {
    this.policy = policy;
    this.outageMs = OUTAGE_INTERVALS * intervalSeconds * 1000;
  }

  /** @param completedAt of the last check that was completed */
  fence(checkId: string, completedAt: number | undefined): void {
    const since = this.completedAt;
    if (checkId > this.latest && since !== undefined && this.outages.at(-1)?.since !== since) {
      const until = Date.parse(checkId);
      if (until - since > this.outageMs) this.outages.push({ since, until });
    }
    if (checkId > this.latest) this.latest = checkId;
    this.completedAt = completedAt ?? since;
  }

  /** @returns what is wrong */
  wrote(caseId: string, call: Call): string | undefined {
    const given = this.calls.get(caseId) ?? { deadline: call.deadline, sent: [] };
    this.calls.set(caseId, given);
    if (!given.sent.includes(call.sentAt)) given.sent.push(call.sentAt);
    if (!call.isExpired || this.policy.outageGrace === 'none') return undefined;
    const missing = given.deadline + this.outageOf(given) - call.deadline;
    // It is said once: later deadlines remind of it.
    this.calls.set(caseId, { deadline: Number.NEGATIVE_INFINITY, sent: [] });
    return missing > 0 ? `${caseId} expired ${missing} ms early` : undefined;
  }

  private outageOf({ sent }: Given): number {
    return this.outages
      .map(({ since, until }) => {
        const told = sent.filter((at) => at < until);
        return told.length === 0 ? 0 : until - Math.max(since, ...told);
      })
      .filter((length) => length > this.outageMs)
      .reduce((sum, length) => sum + length, 0);
  }
}
