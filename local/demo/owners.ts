/**
 * Some owners pay what their call last asked for, minutes before its deadline, unless it is cured
 * or the account liquidated first.
 */

import { type Amount, add, amount, NO_AMOUNT } from '../../lambda/margin/number/decimal.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { randomStream } from '../analysis/random.ts';
import { MINUTE_MS } from './black-thursday.ts';
import type { Payment } from './payments.ts';

const PAYING_SHARE = 0.6;
const MINUTES_BEFORE_DEADLINE_MIN = 5;
const MINUTES_BEFORE_DEADLINE_MAX = 28;

export class Owners {
  paidCount = 0;
  paidAmount: Amount = NO_AMOUNT;
  /** Calls that the market alone has cured. */
  curedUnpaid = 0;
  private readonly paid = new Set<string>();
  private readonly intended = new Map<string, { readonly payAt: number; payment: Payment }>();
  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  hear(message: Message): void {
    if (!('caseId' in message) || message.caseId === undefined) return;
    const { caseId } = message;
    switch (message.type) {
      case 'margin-call.issued':
      case 'margin-call.updated':
        this.intend(caseId, message);
        break;
      case 'margin-call.cured':
        if (!this.paid.has(caseId)) this.curedUnpaid += 1;
        this.intended.delete(caseId);
        break;
      case 'margin-call.expired':
      case 'liquidation.ordered':
        this.intended.delete(caseId);
    }
  }

  private intend(
    caseId: string,
    call: Extract<Message, { type: 'margin-call.issued' | 'margin-call.updated' }>,
  ): void {
    const random = randomStream(this.seed, `owner of ${caseId}`);
    if (random.uniform() >= PAYING_SHARE) return;
    const early = random.wholeBetween(MINUTES_BEFORE_DEADLINE_MIN, MINUTES_BEFORE_DEADLINE_MAX);
    const { accountId, position, amountDue } = call;
    const payment = { accountId, position, amount: amountDue };
    this.intended.set(caseId, { payAt: Date.parse(call.deadline) - early * MINUTE_MS, payment });
  }

  /** Returns each payment once, in the order of the cases. */
  payments(now: number): Payment[] {
    const due = [...this.intended].filter(([, { payAt }]) => payAt <= now);
    for (const [caseId, { payment }] of due) {
      this.intended.delete(caseId);
      this.paid.add(caseId);
      this.paidCount += 1;
      this.paidAmount = add(this.paidAmount, amount(payment.amount));
    }
    return due.map(([, { payment }]) => payment);
  }
}
