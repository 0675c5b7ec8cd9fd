/**
 * The memory that a venue needs to follow docs/messages.md: it works each plan once, until the plan
 * has expired, a later generation supersedes it, or its case is over.
 */
import type { PlanMessage } from './venue-market.ts';

export type Refusal = 'expired' | 'repeated' | 'superseded' | 'over' | 'observed';

type Named = Pick<PlanMessage, 'planId' | 'caseId' | 'generation' | 'expiresAt'>;

export class Intake {
  private readonly planIds = new Set<string>();
  private readonly generations = new Map<string, number>();
  private readonly endedCases = new Set<string>();
  private readonly messageIds = new Set<string>();

  /** @returns why not to work a new plan */
  refuse(plan: Named & Pick<PlanMessage, 'isObserved'>, now: number): Refusal | undefined {
    const { planId, caseId = planId, generation, isObserved } = plan;
    if (isObserved) return 'observed';
    if (this.planIds.has(planId)) return 'repeated';
    this.planIds.add(planId);
    const latest = this.generations.get(caseId) ?? 0;
    this.generations.set(caseId, Math.max(latest, generation));
    return this.stopped(plan, now);
  }

  /** @returns why to stop working a plan */
  stopped({ planId, caseId = planId, generation, expiresAt }: Named, now: number) {
    if (this.endedCases.has(caseId)) return 'over';
    if (generation < (this.generations.get(caseId) ?? 0)) return 'superseded';
    return now < Date.parse(expiresAt) ? undefined : 'expired';
  }

  end(caseId: string): void {
    this.endedCases.add(caseId);
  }

  /** For messages other than plans. */
  isNew(messageId: string): boolean {
    const { size } = this.messageIds;
    return this.messageIds.add(messageId).size > size;
  }
}
