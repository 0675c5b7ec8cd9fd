import { beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';
import { Owners } from '../../../local/demo/owners.ts';
import { planMessage } from './plan-message.ts';

const ISSUED = Date.parse('2020-03-12T10:00:00Z');
const DEADLINE = Date.parse('2020-03-12T10:30:00Z');
const CASES = 200;

function call(index: number, type: 'margin-call.issued' | 'margin-call.updated', amountDue = '10') {
  const { plan, planId, generation, expiresAt, isObserved, ...alert } = planMessage({
    accountId: `long-${index}`,
  });
  const deadline = new Date(DEADLINE).toISOString();
  return messageSchemas[type].parse({ ...alert, type, amountDue, deadline });
}

const issued = Array.from({ length: CASES }, (_, index) => call(index, 'margin-call.issued'));

let owners: Owners;
beforeEach(() => {
  owners = new Owners(1);
  for (const message of issued) owners.hear(message);
});

describe('the owners of called accounts', () => {
  it('pay between the call and its deadline, a good half of them', () => {
    expect(owners.payments(ISSUED)).toEqual([]);
    const paid = owners.payments(DEADLINE);
    expect(paid.length).toBeGreaterThan(CASES * 0.5);
    expect(paid.length).toBeLessThan(CASES * 0.7);
    expect(owners.paidCount).toBe(paid.length);
    expect(textOf(owners.paidAmount)).toBe(String(paid.length * 10));
  });

  it('pay only once', () => {
    owners.payments(DEADLINE);
    expect(owners.payments(DEADLINE)).toEqual([]);
  });

  it('pay the amount that the call last asked for', () => {
    for (const [index] of issued.entries()) owners.hear(call(index, 'margin-call.updated', '25'));
    expect(new Set(owners.payments(DEADLINE).map(({ amount }) => amount))).toEqual(new Set(['25']));
  });

  it('do not pay into a liquidation', () => {
    for (const { accountId } of issued) owners.hear(planMessage({ accountId }));
    expect(owners.payments(DEADLINE)).toEqual([]);
  });

  it('are the same for one seed, whatever the order of the calls', () => {
    const others = new Owners(1);
    for (const message of issued.toReversed()) others.hear(message);
    const paying = (each: Owners) => new Set(each.payments(DEADLINE).map((paid) => paid.accountId));
    expect(paying(others)).toEqual(paying(owners));
  });
});
