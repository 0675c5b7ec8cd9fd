import { describe, expect, it } from 'vitest';
import { alertKey, alertSubject, nameInKey } from '../../../lambda/check/alert-case.ts';
import type { Message } from '../../../lambda/messages/messages.ts';
import type { StoredCase } from '../../../lambda/outbox/stored-case.ts';

const key = alertKey('feed#', 'BTC-USD');
const compose = (isRaised: boolean) => ({ id: `raised ${isRaised}` }) as Message;
const stored = (isRejected: boolean): StoredCase => ({
  key,
  version: 1,
  checkId: 'c',
  state: { isRejected },
  isActive: isRejected,
  pending: [],
});

describe('an alert case', () => {
  it.each([
    ['no case', undefined],
    ['a cleared case', stored(false)],
  ])('is raised once, with a message: %s', (_, before) => {
    const { decide } = alertSubject({ key, flag: 'isRejected', next: () => true, compose });
    expect(decide(before)).toEqual({
      state: { isRejected: true },
      isActive: true,
      keepsPlans: false,
      messages: [{ message: { id: 'raised true' }, to: ['alerts'] }],
    });
    expect(decide(stored(true))).toBeUndefined();
  });

  it('is cleared once, with a message', () => {
    const { decide } = alertSubject({ key, flag: 'isRejected', next: () => false, compose });
    expect(decide(stored(true))).toMatchObject({
      state: { isRejected: false },
      isActive: false,
      messages: [{ message: { id: 'raised false' } }],
    });
    expect(decide(stored(false))).toBeUndefined();
    expect(decide(undefined)).toBeUndefined();
  });

  it('is cleared without a message if its subject is gone', () => {
    const { decide } = alertSubject({ key, flag: 'isRejected', next: () => false });
    expect(decide(stored(true))).toMatchObject({ isActive: false, messages: [] });
  });

  it('tells the next state from the one before', () => {
    const { decide } = alertSubject({ key, flag: 'isRejected', next: (was) => !was, compose });
    expect(decide(undefined)?.isActive).toBe(true);
    expect(decide(stored(true))?.isActive).toBe(false);
  });
});

it('a key tells the name of its own kind only', () => {
  expect(key).toEqual({ pk: 'feed#BTC-USD', sk: 'case' });
  expect(nameInKey(key, 'feed#')).toBe('BTC-USD');
  expect(nameInKey(key, 'market#')).toBeUndefined();
});
