/**
 * What a venue must remember to work order plans as docs/messages.md says: each plan once, never
 * after it has expired, never when a later generation for the same case has been seen, and never
 * when it has been told that the case is over.
 */
import type { PlanMessage } from './venue-market.ts';

export type Refusal = 'expired' | 'repeated' | 'superseded' | 'over' | 'observed';

type Named = Pick<PlanMessage, 'planId' | 'caseId' | 'generation' | 'expiresAt'>;

export class Intake {
  private readonly planIds = new Set<string>();
  private readonly generations = new Map<string, number>();
  private readonly endedCases = new Set<string>();
  private readonly messageIds = new Set<string>();

  /** @returns why a plan that has just arrived is not to be worked. */
  refuse(plan: Named & Pick<PlanMessage, 'isObserved'>, now: number): Refusal | undefined {
    const { planId, caseId = planId, generation, isObserved } = plan;
    if (isObserved) return 'observed';
    if (this.planIds.has(planId)) return 'repeated';
    this.planIds.add(planId);
    const latest = this.generations.get(caseId) ?? 0;
    this.generations.set(caseId, Math.max(latest, generation));
    return this.stopped(plan, now);
  }

  /** @returns why a plan that is being worked is not to be worked any more. */
  stopped({ planId, caseId = planId, generation, expiresAt }: Named, now: number) {
    if (this.endedCases.has(caseId)) return 'over';
    if (generation < (this.generations.get(caseId) ?? 0)) return 'superseded';
    return now < Date.parse(expiresAt) ? undefined : 'expired';
  }

  end(caseId: string): void {
    this.endedCases.add(caseId);
  }

  /** Of a message other than a plan: true the first time that its id is seen. */
  isNew(messageId: string): boolean {
    const { size } = this.messageIds;
    return this.messageIds.add(messageId).size > size;
  }
}
