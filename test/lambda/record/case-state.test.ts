import { describe, expect, it } from 'vitest';
import { type CaseState, NO_CASE } from '../../../lambda/margin/case/case.ts';
import { amount, ratio, textOf, times } from '../../../lambda/margin/number/decimal.ts';
import { readCaseState, writeCaseState } from '../../../lambda/record/case-state.ts';
import { NOW } from '../margin/build.ts';

const OPEN: CaseState = {
  isIndeterminate: true,
  open: {
    caseId: 'acc@check',
    level: 'liquidation',
    openedAt: NOW,
    call: {
      amountDue: amount('0.1234567890123456789012345678901234'),
      sentAt: NOW,
      deadline: NOW + 1,
      isExpired: true,
    },
    plan: { planId: 'acc@check#2', generation: 2, sentAt: NOW, expiresAt: NOW + 2 },
    waitingSince: NOW - 1,
    isWithheld: true,
    deficit: times(amount('1e24'), ratio('1.23456789e20')),
    fundClaims: {
      claims: 2,
      covered: amount('12.5'),
      unpaid: [{ claimId: 'acc@check/claim#2', amount: amount('2.5'), claimedAt: NOW }],
    },
  },
};

describe('the stored state of a case', () => {
  const { open } = OPEN;
  if (open === undefined) throw new Error('it is open');
  const {
    call: _call,
    plan: _plan,
    waitingSince: _since,
    deficit: _deficit,
    fundClaims: _cover,
    ...bare
  } = open;

  it.each<[string, CaseState]>([
    ['closed', NO_CASE],
    ['closed and indeterminate', { isIndeterminate: true }],
    ['open with every attribute', OPEN],
    ['open with the fewest attributes', { isIndeterminate: false, open: bare }],
    ['open with a call', { isIndeterminate: false, open: { ...bare, level: 'call' } }],
  ])('is read from JSON as it was written: %s', (_, state) => {
    const stored = JSON.stringify(writeCaseState(state));
    const read = readCaseState(JSON.parse(stored));
    expect(JSON.stringify(writeCaseState(read))).toBe(stored);
    expect(read.open?.call && textOf(read.open.call.amountDue)).toBe(
      state.open?.call && textOf(state.open.call.amountDue),
    );
    expect(read).toEqual(state);
  });

  it.each([
    ['an attribute unknown to this version', { isIndeterminate: false, extra: 1 }],
    ['an invalid amount', { isIndeterminate: false, open: { ...bare, deficit: 'NaN' } }],
    ['a time as a text', { isIndeterminate: false, open: { ...bare, openedAt: '5' } }],
    ['nothing', undefined],
  ])('is refused with %s', (_, stored) => {
    expect(() => readCaseState(stored)).toThrow();
  });
});
