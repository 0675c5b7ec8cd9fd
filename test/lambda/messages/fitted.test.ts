import { describe, expect, it } from 'vitest';
import {
  COUNTERPARTIES_MAX,
  COUNTERPARTY_NAMES_MAX,
  EMAIL_LINES_MAX,
  LISTED_MAX,
  MESSAGE_BYTES_MAX,
  OPENED_ORDERS_MAX,
  PLAN_ORDERS_MAX,
  PROSE_LENGTH_MAX,
  REASONS_MAX,
  SHARES_MAX,
  SWAPS_MAX,
} from '../../../lambda/margin/number/limits.ts';
import { alertText } from '../../../lambda/messages/alert-text.ts';
import { emailOf } from '../../../lambda/messages/email.ts';
import { fitted } from '../../../lambda/messages/fitted.ts';
import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';
import type { Message } from '../../../lambda/messages/messages.ts';
import { HUGE_TYPES, hugeMessages, type Sizes } from './huge-message.ts';

const sizesOf = (letter: string, entries: number): Sizes => {
  const named = Math.floor(COUNTERPARTY_NAMES_MAX / (2 * 128 * letter.length));
  const counterparties = Math.min(COUNTERPARTIES_MAX, named);
  const instructions = { orders: OPENED_ORDERS_MAX, swaps: SWAPS_MAX, shares: SHARES_MAX };
  return { letter, entries, most: { ...instructions, counterparties } };
};

const bytesOf = (message: Message): number => Buffer.byteLength(alertText(message));

const LETTERS = [
  ['four-byte', '𝔄'],
  ['three-byte', '帝'],
  ['escaped', '"'],
  ['plain', 'x'],
] as const;

it.each(LETTERS)('a plan without swaps and liquidator fees fits with %s letters', (_, letter) => {
  const most = { orders: PLAN_ORDERS_MAX };
  const [huge] = hugeMessages('liquidation.ordered', { letter, entries: 5000, most });
  if (huge?.type !== 'liquidation.ordered') throw new Error('it has one form');
  const { swaps: _swaps, opened: _opened, ...plan } = huge.plan;
  const orders = plan.orders.map(({ liquidatorFee: _fee, ...order }) => order);
  const message = fitted({ ...huge, plan: { ...plan, orders } });
  expect(message.plan.orders).toHaveLength(PLAN_ORDERS_MAX);
  expect(bytesOf(message)).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
});

describe.each(HUGE_TYPES)('%s', (type) => {
  it.each(LETTERS)('fits into SNS with lists of 5,000 and names of 128 %s letters', (_, letter) => {
    for (const huge of hugeMessages(type, sizesOf(letter, 5000))) {
      const message = fitted(huge);
      expect(bytesOf(message)).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
      expect(messageSchemas[type].parse(message)).toEqual(message);
      expect(fitted(message)).toEqual(message);
    }
  });

  it('is unchanged if it is small', () => {
    for (const message of hugeMessages(type, { letter: 'x', entries: 2, most: {} })) {
      const short = JSON.parse(JSON.stringify(message).replaceAll('x'.repeat(5000), 'too old'));
      expect(fitted(short)).toEqual(short);
    }
  });
});

type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

const hugeOf = <T extends Message['type']>(type: T, sizes: Sizes): MessageOf<T> =>
  hugeMessages(type, sizes)[0] as MessageOf<T>;

const ordered = (letter: string, entries: number) =>
  hugeOf('liquidation.ordered', sizesOf(letter, entries));

/** With names of ordinary length, and shocks that are covered, so that all that may be listed fits. */
function called(entries: number) {
  const huge = hugeOf('margin-call.issued', { ...sizesOf('x', entries), nameLength: 10 });
  const prices = huge.figures.prices.map(({ forecastDown: _, forecastUp: __, ...price }) => price);
  return { ...huge, figures: { ...huge.figures, prices } };
}

describe('a list that is cut', () => {
  it.each([
    [LISTED_MAX, 0],
    [LISTED_MAX + 1, 1],
    [5000, 5000 - LISTED_MAX],
  ])('of %i entries counts %i as omitted', (entries, left) => {
    const { figures, omitted } = fitted(called(entries));
    for (const name of ['prices', 'greeks', 'worstScenarios'] as const) {
      expect(figures[name]).toHaveLength(LISTED_MAX);
      expect(omitted?.[`figures.${name}`] ?? 0).toBe(left);
    }
    expect(figures.notes).toHaveLength(REASONS_MAX);
    expect(omitted?.['figures.notes']).toBe(entries - REASONS_MAX);
  });

  it('keeps its first entries', () => {
    const huge = called(5000);
    const prices = huge.figures.prices.map((each, index) => ({ ...each, ageSeconds: index }));
    const { figures } = fitted({ ...huge, figures: { ...huge.figures, prices } });
    expect(figures.prices).toEqual(prices.slice(0, LISTED_MAX));
  });

  it('adds up with what was omitted before', () => {
    const { figures, omitted = {} } = fitted(fitted(called(5000)), 40_000);
    expect(figures.prices.length).toBeLessThan(LISTED_MAX);
    expect(figures.prices.length + (omitted['figures.prices'] ?? 0)).toBe(5000);
  });

  it('shares the room with the others, and leaves to them what it does not need', () => {
    const huge = hugeOf('margin-call.issued', sizesOf('𝔄', 5000));
    const { figures } = fitted(huge);
    const lists = [figures.prices, figures.greeks, figures.worstScenarios];
    for (const list of lists) expect(list?.length).toBeGreaterThan(10);
    // A note takes up to 5 KB: its detail has 1,000 letters of 4 bytes.
    expect(figures.notes?.length).toBeGreaterThan(3);
    const without = { ...huge, figures: { ...huge.figures, greeks: undefined } };
    expect(fitted(without).figures.prices.length).toBeGreaterThan(figures.prices.length);
  });
});

describe('what is never cut', () => {
  it.each(LETTERS)('are the orders of a plan: %s', (_, letter) => {
    const huge = ordered(letter, 5000);
    expect(fitted(huge).plan.orders).toEqual(huge.plan.orders);
  });

  it('are the counterparties of a deleveraging', () => {
    for (const huge of hugeMessages('loss.socialized', sizesOf('𝔄', 5000))) {
      if (!('counterparties' in huge)) continue;
      expect(fitted(huge)).toMatchObject({ counterparties: huge.counterparties });
    }
  });

  it('are the shares of a loss: a list that does not fit is left out, and says where it is', () => {
    const haircut = (letter: string, shares: number) => {
      const sizes = sizesOf(letter, 100);
      const all = hugeMessages('loss.socialized', { ...sizes, most: { ...sizes.most, shares } });
      return fitted(all.find((each) => 'shares' in each) as Message);
    };
    expect(haircut('x', SHARES_MAX)).toMatchObject({ shares: { length: SHARES_MAX } });
    const huge = haircut('𝔄', SHARES_MAX);
    expect(huge).not.toHaveProperty('shares');
    expect(huge).toHaveProperty('sharesAt.pk');
  });
});

describe('a detail that quotes a whole row', () => {
  it.each([
    [PROSE_LENGTH_MAX, false],
    [PROSE_LENGTH_MAX + 1, true],
  ])('of %i characters is cut: %s', (length, isCut) => {
    const huge = hugeOf('account.indeterminate', sizesOf('x', 1));
    const reasons = huge.reasons.map((each) => ({ ...each, detail: 'y'.repeat(length) }));
    const { detail } = fitted({ ...huge, reasons }).reasons[0] ?? { detail: '' };
    expect(detail).toHaveLength(PROSE_LENGTH_MAX);
    expect(detail.endsWith('...')).toBe(isCut);
  });

  it('is cut between two characters', () => {
    const json = JSON.stringify(fitted(hugeOf('account.indeterminate', sizesOf('𝔄', 1))));
    expect(json).toContain('𝔄');
    expect(json).not.toContain('\\ud8');
  });
});

describe('an e-mail', () => {
  it(`shows ${EMAIL_LINES_MAX} entries of a list and counts the rest, with those omitted`, () => {
    const lines = emailOf(fitted(ordered('x', 5000))).split('\n');
    const cancels = lines.filter((line) => line.startsWith('  cancel open orders in'));
    expect(cancels).toHaveLength(EMAIL_LINES_MAX);
    const after = lines[lines.lastIndexOf(cancels[0] ?? '') + 1];
    expect(after?.trim()).toBe(`and ${5000 - EMAIL_LINES_MAX} more`);
  });

  it.each([
    [EMAIL_LINES_MAX, false],
    [EMAIL_LINES_MAX + 1, true],
  ])('of lists of %i entries counts a rest: %s', (entries, isCut) => {
    const email = emailOf(fitted(called(entries)));
    expect(email.includes('and 1 more')).toBe(isCut);
  });
});
