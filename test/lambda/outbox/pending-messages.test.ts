import { describe, expect, it } from 'vitest';
import {
  deliveriesLeft,
  isWithdrawn,
  parcelsOf,
  withoutPlans,
} from '../../../lambda/outbox/pending-messages.ts';
import type { Delivery, Pending } from '../../../lambda/outbox/stored-case.ts';

const NOW = Date.parse('2020-03-12T11:05:00.000Z');

const delivery = (messageId: string, to: Delivery['to'], message: object = {}): Delivery => ({
  messageId,
  message: JSON.stringify(message),
  to,
});

const both = delivery('both', ['alerts', 'orders']);
const alert = delivery('alert', ['alerts']);
const pending: Pending = { checkId: 'c', deliveries: [both, alert], record: new Uint8Array([1]) };

describe('parcels', () => {
  it('are one for each delivery and topic that it has still to reach', () => {
    const sent = { ...pending, deliveries: [...pending.deliveries, delivery('none', [])] };
    expect(parcelsOf([sent, pending]).map((each) => [each.delivery.messageId, each.topic])).toEqual(
      [
        ['both', 'alerts'],
        ['both', 'orders'],
        ['alert', 'alerts'],
        ['both', 'alerts'],
        ['both', 'orders'],
        ['alert', 'alerts'],
      ],
    );
  });
});

describe('what is left of a decision', () => {
  it('is all of it when nothing was settled', () => {
    expect(deliveriesLeft(pending, new Map())).toEqual(pending);
  });

  it('is the topic that was not reached', () => {
    const left = deliveriesLeft(pending, new Map([[both, ['alerts']]]));
    expect(left.deliveries).toEqual([{ ...both, to: ['orders'] }, alert]);
  });

  it('is nothing when all was reached, and its record stays with it', () => {
    const settled = new Map<Delivery, Delivery['to']>([
      [both, ['orders', 'alerts']],
      [alert, ['alerts']],
    ]);
    expect(deliveriesLeft(pending, settled)).toEqual({ ...pending, deliveries: [] });
  });

  it('goes by the delivery itself: another of the same id is another', () => {
    const settled = new Map([[{ ...alert }, alert.to]]);
    expect(deliveriesLeft(pending, settled)).toEqual(pending);
  });

  it('without plans is what goes to the alerts, and the word to stop', () => {
    const plan = delivery('plan', ['alerts', 'orders'], { type: 'liquidation.ordered' });
    const bare = delivery('bare', ['orders'], { type: 'liquidation.ordered' });
    const stop = delivery('stop', ['alerts', 'orders'], { type: 'liquidation.completed' });
    const left = withoutPlans({ ...pending, deliveries: [plan, bare, stop, alert] });
    expect(left).toEqual({ ...pending, deliveries: [{ ...plan, to: ['alerts'] }, stop, alert] });
  });
});

describe('an order plan is withdrawn', () => {
  const planUntil = (expiresAt: string) =>
    delivery('plan', ['alerts', 'orders'], { type: 'liquidation.ordered', expiresAt });
  const at = { isObserving: false, asOf: NOW };

  it.each([
    ['just before it expires', '2020-03-12T11:05:00.001Z', false],
    ['when it expires', '2020-03-12T11:05:00.000Z', true],
    ['just after it has expired', '2020-03-12T11:04:59.999Z', true],
  ])('%s', (_, expiresAt, isBack) => {
    expect(isWithdrawn({ delivery: planUntil(expiresAt), topic: 'orders' }, at)).toBe(isBack);
  });

  it('in mode observe', () => {
    const parcel = { delivery: planUntil('2020-03-12T12:00:00.000Z'), topic: 'orders' } as const;
    expect(isWithdrawn(parcel, { ...at, isObserving: true })).toBe(true);
  });

  it('and its alert is not, whatever the time and mode', () => {
    const parcel = { delivery: planUntil('2020-03-12T10:00:00.000Z'), topic: 'alerts' } as const;
    expect(isWithdrawn(parcel, { ...at, isObserving: true })).toBe(false);
  });

  it('and the word that a liquidation is completed does not expire', () => {
    const completed = delivery('done', ['orders'], { type: 'liquidation.completed' });
    expect(isWithdrawn({ delivery: completed, topic: 'orders' }, at)).toBe(false);
  });
});

describe('what is handed over with a plan', () => {
  const deleveraged = delivery('loss', ['alerts', 'orders'], {
    ...{ type: 'loss.socialized', method: 'adl' },
    expiresAt: '2020-03-12T11:05:00.000Z',
  });
  const shared = delivery('loss', ['orders'], { type: 'loss.socialized', method: 'haircut' });

  it('is withdrawn with it, and a share of a loss is not', () => {
    const { deliveries } = withoutPlans({ ...pending, deliveries: [deleveraged, shared] });
    expect(deliveries).toEqual([{ ...deleveraged, to: ['alerts'] }, shared]);
    const at = { asOf: NOW, isObserving: false };
    expect(isWithdrawn({ delivery: deleveraged, topic: 'orders' }, at)).toBe(true);
    expect(isWithdrawn({ delivery: deleveraged, topic: 'alerts' }, at)).toBe(false);
    expect(isWithdrawn({ delivery: shared, topic: 'orders' }, at)).toBe(false);
  });
});
