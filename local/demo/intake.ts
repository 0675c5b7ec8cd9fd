/**
 * The memory that a venue needs to follow docs/messages.md. It works each plan once, and never one
 * that has expired, was superseded by a later generation for its case, or belongs to a case that is
 * over.
 */
import type { PlanMessage } from './venue-market.ts';

export type Refusal = 'expired' | 'repeated' | 'superseded' | 'over' | 'observed';

type Named = Pick<PlanMessage, 'planId' | 'caseId' | 'generation' | 'expiresAt'>;

export class Intake {
  private readonly planIds = new Set<string>();
  private readonly generations = new Map<string, number>();
  private readonly endedCases = new Set<string>();
  private readonly messageIds = new Set<string>();

  /** @returns why not to work a plan that has just arrived. */
  refuse(plan: Named & Pick<PlanMessage, 'isObserved'>, now: number): Refusal | undefined {
    const { planId, caseId = planId, generation, isObserved } = plan;
    if (isObserved) return 'observed';
    if (this.planIds.has(planId)) return 'repeated';
    this.planIds.add(planId);
    const latest = this.generations.get(caseId) ?? 0;
    this.generations.set(caseId, Math.max(latest, generation));
    return this.stopped(plan, now);
  }

  /** @returns why to stop working a plan. */
  stopped({ planId, caseId = planId, generation, expiresAt }: Named, now: number) {
    if (this.endedCases.has(caseId)) return 'over';
    if (generation < (this.generations.get(caseId) ?? 0)) return 'superseded';
    return now < Date.parse(expiresAt) ? undefined : 'expired';
  }

  end(caseId: string): void {
    this.endedCases.add(caseId);
  }

  /** For messages other than plans: true the first time that the id is seen. */
  isNew(messageId: string): boolean {
    const { size } = this.messageIds;
    return this.messageIds.add(messageId).size > size;
  }
}
