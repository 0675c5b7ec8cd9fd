import { describe, expect, it } from 'vitest';
import type { Message } from '../../../lambda/messages/messages.ts';
import {
  isWithdrawn,
  publicationsOf,
  remaining,
  withoutOrderPlans,
  withSuccessor,
} from '../../../lambda/outbox/pending-messages.ts';
import type { PendingDecision, PendingMessage } from '../../../lambda/outbox/stored-case.ts';

const NOW = Date.parse('2020-03-12T11:05:00.000Z');

const messageTo = (id: string, to: PendingMessage['to'], message: object = {}): PendingMessage => ({
  message: { id, ...message } as Message,
  to,
});

const both = messageTo('both', ['alerts', 'orders']);
const alert = messageTo('alert', ['alerts']);
const pending: PendingDecision = {
  checkId: 'c',
  messages: [both, alert],
  record: new Uint8Array([1]),
};

describe('publications', () => {
  it('are one for each message and topic that it has not reached', () => {
    const sent = { ...pending, messages: [...pending.messages, messageTo('none', [])] };
    expect(
      publicationsOf([sent, pending]).map((each) => [each.pending.message.id, each.topic]),
    ).toEqual([
      ['both', 'alerts'],
      ['both', 'orders'],
      ['alert', 'alerts'],
      ['both', 'alerts'],
      ['both', 'orders'],
      ['alert', 'alerts'],
    ]);
  });
});

describe('what is left of a decision', () => {
  it('is all of it when nothing was published', () => {
    expect(remaining(pending, new Map())).toEqual(pending);
  });

  it('is the topic that was not reached', () => {
    const left = remaining(pending, new Map([[both, ['alerts']]]));
    expect(left.messages).toEqual([{ ...both, to: ['orders'] }, alert]);
  });

  it('is nothing when all was reached, and its record stays with it', () => {
    const reached = new Map<PendingMessage, PendingMessage['to']>([
      [both, ['orders', 'alerts']],
      [alert, ['alerts']],
    ]);
    expect(remaining(pending, reached)).toEqual({ ...pending, messages: [] });
  });

  it('goes by the message object: another with the same id is another', () => {
    const reached = new Map([[{ ...alert }, alert.to]]);
    expect(remaining(pending, reached)).toEqual(pending);
  });

  it('without plans is what goes to the alerts, and the word to stop', () => {
    const plan = messageTo('plan', ['alerts', 'orders'], { type: 'liquidation.ordered' });
    const bare = messageTo('bare', ['orders'], { type: 'liquidation.ordered' });
    const stop = messageTo('stop', ['alerts', 'orders'], { type: 'liquidation.completed' });
    const left = withoutOrderPlans({ ...pending, messages: [plan, bare, stop, alert] });
    expect(left).toEqual({ ...pending, messages: [{ ...plan, to: ['alerts'] }, stop, alert] });
  });
});

describe('an order plan is withdrawn', () => {
  const planUntil = (expiresAt: string) =>
    messageTo('plan', ['alerts', 'orders'], { type: 'liquidation.ordered', expiresAt });
  const at = { isObserving: false, asOf: NOW };

  it.each([
    ['just before it expires', '2020-03-12T11:05:00.001Z', false],
    ['when it expires', '2020-03-12T11:05:00.000Z', true],
    ['just after it has expired', '2020-03-12T11:04:59.999Z', true],
  ])('%s', (_, expiresAt, isBack) => {
    expect(isWithdrawn({ pending: planUntil(expiresAt), topic: 'orders' }, at)).toBe(isBack);
  });

  it('in mode observe', () => {
    const publication = {
      pending: planUntil('2020-03-12T12:00:00.000Z'),
      topic: 'orders',
    } as const;
    expect(isWithdrawn(publication, { ...at, isObserving: true })).toBe(true);
  });

  it('and its alert is not, whatever the time and mode', () => {
    const publication = {
      pending: planUntil('2020-03-12T10:00:00.000Z'),
      topic: 'alerts',
    } as const;
    expect(isWithdrawn(publication, { ...at, isObserving: true })).toBe(false);
  });

  it('and the word that a liquidation is completed does not expire', () => {
    const completed = messageTo('done', ['orders'], { type: 'liquidation.completed' });
    expect(isWithdrawn({ pending: completed, topic: 'orders' }, at)).toBe(false);
  });
});

describe('a deleveraging that goes out with a plan', () => {
  const deleveraged = messageTo('loss', ['alerts', 'orders'], {
    ...{ type: 'loss.socialized', method: 'adl' },
    expiresAt: '2020-03-12T11:05:00.000Z',
  });
  const shared = messageTo('loss', ['orders'], { type: 'loss.socialized', method: 'haircut' });

  it('is withdrawn with it, and a share of a loss is not', () => {
    const { messages } = withoutOrderPlans({ ...pending, messages: [deleveraged, shared] });
    expect(messages).toEqual([{ ...deleveraged, to: ['alerts'] }, shared]);
    const at = { asOf: NOW, isObserving: false };
    expect(isWithdrawn({ pending: deleveraged, topic: 'orders' }, at)).toBe(true);
    expect(isWithdrawn({ pending: deleveraged, topic: 'alerts' }, at)).toBe(false);
    expect(isWithdrawn({ pending: shared, topic: 'orders' }, at)).toBe(false);
  });
});

describe('what a new plan leaves of what was pending', () => {
  const plan = (to: PendingMessage['to'], more: object = {}) =>
    messageTo('plan', to, { type: 'liquidation.ordered', caseId: 'k', isObserved: false, ...more });
  const deleveraged = (to: PendingMessage['to']) =>
    messageTo('adl', to, { type: 'loss.socialized', method: 'adl', caseId: 'k' });
  const next = [plan(['alerts', 'orders'])];
  const left = (...messages: PendingMessage[]) =>
    withSuccessor([{ ...pending, messages }], next).flatMap((each) => each.messages);

  it.each([
    ['that has reached nobody', plan(['alerts', 'orders']), false],
    ['that people were told of', plan(['orders']), false],
    ['that has left, though people were not told', plan(['alerts']), true],
    ['of another case', plan(['alerts', 'orders'], { caseId: 'other' }), true],
    ['in mode observe', plan(['alerts'], { isObserved: true }), false],
  ])('keeps a plan %s: %#', (_, before, isKept) => {
    expect(left(before, alert)).toEqual(isKept ? [before, alert] : [alert]);
  });

  it('takes the deleveraging of a plan that has not left with it', () => {
    const gone = deleveraged(['alerts', 'orders']);
    const done = deleveraged(['alerts']);
    expect(left(gone, done)).toEqual([done]);
  });

  it('is the same object if nothing is replaced, so that it is not compressed again', () => {
    const [same] = withSuccessor([pending], next);
    expect(same).toBe(pending);
  });
});
