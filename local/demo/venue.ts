/**
 * The demo's venue: works the order plans that arrive on its queue by rewriting the accounts' rows.
 * A plan is worked once, never after it has expired, never when a later generation for the same case
 * has been seen, and never when it has been told that the case is over.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Amount, add, NO_AMOUNT } from '../../lambda/margin/decimal.ts';
import { put, readAccountRows, remove, writeRows } from '../rows.ts';
import type { Prices } from './feeds.ts';
import { type Fill, fillPlan, type Payment, type PlanMessage, pay } from './fill.ts';
import { readMessage } from './tally.ts';

export type Verdict = 'filled' | 'expired' | 'repeated' | 'superseded' | 'over' | 'observed';

interface Moment {
  readonly now: number;
  readonly prices: Prices;
}

export class Venue {
  /** One for each plan that arrived. */
  readonly verdicts: Verdict[] = [];
  closedNotional: Amount = NO_AMOUNT;
  absorbed: Amount = NO_AMOUNT;
  private booked: Fill[] = [];
  private readonly planIds = new Set<string>();
  private readonly generations = new Map<string, number>();
  private readonly endedCases = new Set<string>();
  private readonly dynamo: DynamoDBClient;
  private readonly table: string;

  constructor(dynamo: DynamoDBClient, accountsTable: string) {
    this.dynamo = dynamo;
    this.table = accountsTable;
  }

  /**
   * @param body of a message on the order queue: a plan, or the word to stop.
   * @returns what became of a plan.
   */
  async work(body: string, moment: Moment): Promise<Verdict | undefined> {
    const message = readMessage(body);
    if (message.type === 'liquidation.ordered') return this.workPlan(message, moment);
    if (message.type !== 'liquidation.completed') {
      throw new Error(`a message for the execution system of the type ${message.type}`);
    }
    if (message.caseId !== undefined) this.endedCases.add(message.caseId);
    return undefined;
  }

  private async workPlan(message: PlanMessage, { now, prices }: Moment): Promise<Verdict> {
    const verdict = this.judge(message, now);
    this.verdicts.push(verdict);
    if (verdict === 'filled') await this.fill(message, prices);
    return verdict;
  }

  private judge(message: PlanMessage, now: number): Verdict {
    const { planId, caseId = planId, generation, isObserved } = message;
    if (isObserved) return 'observed';
    if (this.planIds.has(planId)) return 'repeated';
    this.planIds.add(planId);
    if (this.endedCases.has(caseId)) return 'over';
    const latest = this.generations.get(caseId) ?? 0;
    this.generations.set(caseId, Math.max(latest, generation));
    if (generation < latest) return 'superseded';
    return now < Date.parse(message.expiresAt) ? 'filled' : 'expired';
  }

  private async fill(message: PlanMessage, prices: Prices): Promise<void> {
    const rows = await this.rowsOf(message.accountId);
    await this.settle(fillPlan({ rows, prices }, message));
  }

  async take(payment: Payment): Promise<void> {
    const rows = await this.rowsOf(payment.accountId);
    await this.settle(pay(rows, payment));
  }

  /** What was booked since this was last asked. */
  takeBooked(): Fill[] {
    const booked = this.booked;
    this.booked = [];
    return booked;
  }

  private rowsOf(accountId: string) {
    return readAccountRows(this.dynamo, { table: this.table, accountId });
  }

  private async settle(fill: Fill): Promise<void> {
    const { written, removed, notional, absorbed } = fill;
    const requests = [...written.map(put), ...removed.map(remove)];
    await writeRows(this.dynamo, { table: this.table, requests });
    this.closedNotional = add(this.closedNotional, notional);
    this.absorbed = add(this.absorbed, absorbed);
    this.booked.push(fill);
  }
}
