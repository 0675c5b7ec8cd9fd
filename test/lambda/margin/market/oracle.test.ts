import { describe, expect, it } from 'vitest';
import { believe } from '../../../../lambda/margin/market/belief.ts';
import type { OraclePrice, RememberedPrice } from '../../../../lambda/margin/market/oracle.ts';
import { price, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { NOW } from '../build.ts';
import { type GivenQuote, quoteOf, RULES } from './build.ts';

const beliefIn = (given: readonly GivenQuote[], previous?: string | RememberedPrice) =>
  believe({
    feed: 'BTC-USD',
    quotes: given.map((each, index) => quoteOf(`source${index}`, each)),
    rules: RULES,
    asOf: NOW,
    previous: typeof previous === 'string' ? { price: price(previous) } : previous,
  });

function believed(given: readonly GivenQuote[], previous?: string | RememberedPrice): OraclePrice {
  const { price: result } = beliefIn(given, previous);
  if (!result.ok) throw new Error(result.reason.detail);
  return result.value;
}

const doubtIn = ({ doubt }: OraclePrice) =>
  doubt && [textOf(doubt.low), textOf(doubt.high)].join(' to ');

describe('a price fresh enough for a liquidation', () => {
  it.each([
    [119_999, 'fresh', undefined],
    [120_000, 'aged', '30000 to 120000'],
    [120_001, 'aged', '30000 to 120000'],
  ])('is strictly younger than maxAge: %i ms of 120 s is %s', (ageMs, standing, range) => {
    const at = believed([{ ageMs }]);
    expect(at.standing).toBe(standing);
    expect(at.doubt).toBeUndefined();
    expect(at.aged && `${textOf(at.aged.low)} to ${textOf(at.aged.high)}`).toBe(range);
  });
});

describe('a price jump', () => {
  const standingAt = (at: string, previous?: string) =>
    believed([{ price: at }], previous).standing;

  it.each([
    ['exactly maxJump up', '120', 'fresh'],
    ['just more than maxJump up', '120.00000001', 'suspect'],
    ['exactly maxJump down', '80', 'fresh'],
    ['just more than maxJump down', '79.99999999', 'suspect'],
    ['no move', '100', 'fresh'],
  ])('counts as suspect only beyond maxJump: %s from one source', (_, at, standing) => {
    expect(standingAt(at, '100')).toBe(standing);
  });

  it('is not detected at the first check', () => {
    expect(standingAt('500')).toBe('fresh');
  });

  it('is accepted if a second source reports it', () => {
    expect(believed([{ price: '150' }, { price: '151' }], '100')).toMatchObject({
      standing: 'fresh',
      sources: 2,
    });
  });

  it('is suspect if the second source is stale', () => {
    const given = [{ price: '150' }, { price: '150', ageMs: 300_001 }];
    expect(believed(given, '100').standing).toBe('suspect');
  });

  it('leaves the old price believed, in doubt as far as the new one', () => {
    const at = believed([{ price: '150' }], '100');
    expect([textOf(at.price), doubtIn(at)]).toEqual(['100', '100 to 150']);
  });

  /** 100 was believed. 150 was reported a minute ago and is suspect. */
  const doubted: RememberedPrice = {
    price: price('100'),
    suspect: { price: price('150'), publishedAt: NOW - 60_000 },
  };
  const next = (at: string, ageMs: number) => believed([{ price: at, ageMs }], doubted);

  it.each([
    ['is not confirmed by the same quote again', '150', 60_000, '100', '100 to 150'],
    ['is not confirmed by an older quote', '150', 60_001, '100', '100 to 150'],
    ['is confirmed by a newer quote at its level', '150', 59_999, '150', undefined],
    ['is confirmed as far as both went: the newer less far', '130', 0, '130', undefined],
    ['is confirmed as far as both went: the newer farther', '180', 0, '150', undefined],
    [
      'is followed by another jump if a newer quote is beyond maxJump above it',
      '180.00000001',
      0,
      '150',
      '150 to 180.00000001',
    ],
    ['is not confirmed by a jump to the other side', '60', 0, '100', '60 to 100'],
    ['is over if a newer quote returns to the believed price', '101', 0, '101', undefined],
    ['is over even if an older quote returns to it', '120', 90_000, '120', undefined],
  ])('the jump %s', (_, at, ageMs, now, doubt) => {
    const found = next(at, ageMs);
    expect([textOf(found.price), doubtIn(found)]).toEqual([now, doubt]);
  });

  it('is measured from the believed price, not from the suspect one', () => {
    // 121 is a jump from 100, though not from 150 · 0.8 = 120.
    expect(next('121', 60_000).standing).toBe('suspect');
    expect(next('119', 60_000).standing).toBe('fresh');
  });
});

describe('the remembered price of a feed', () => {
  const memoryOf = (given: GivenQuote, previous?: string | RememberedPrice) =>
    beliefIn([given], previous).memory;

  it('is the believed price and its time, without a suspect one', () => {
    expect(memoryOf({ price: '100', ageMs: 7 })).toEqual({
      price: price('100'),
      publishedAt: NOW - 7,
      sources: { source0: NOW - 7 },
      unchangedSince: NOW - 7,
    });
    expect(memoryOf({ price: '101' }, '100')).toMatchObject({ price: price('101') });
  });

  it('is the last believed price, with the suspect jump and its time beside it', () => {
    const before = { price: price('100'), publishedAt: NOW - 60_000 };
    const jump = memoryOf({ price: '150', ageMs: 500 }, before);
    expect(jump).toMatchObject({
      ...before,
      suspect: { price: price('150'), publishedAt: NOW - 500 },
    });
  });

  it('is only the jump once it is confirmed', () => {
    const first = memoryOf({ price: '150', ageMs: 500 }, '100');
    const confirmed = memoryOf({ price: '151', ageMs: 0 }, first);
    expect(confirmed).toMatchObject({ price: price('150'), publishedAt: NOW - 500 });
    expect(confirmed).not.toHaveProperty('suspect');
  });

  it('has the latest jump if one follows another on the other side', () => {
    const first = memoryOf({ price: '150', ageMs: 500 }, '100');
    expect(memoryOf({ price: '30' }, first)).toMatchObject({
      price: price('100'),
      suspect: { price: price('30'), publishedAt: NOW },
    });
  });

  it('keeps the price and its time while every quote is stale, and is nothing without one', () => {
    const before = { price: price('100'), publishedAt: NOW - 60_000 };
    expect(beliefIn([], before)).toMatchObject({
      price: { value: { standing: 'stale', price: before.price } },
      memory: before,
    });
    expect(beliefIn([]).memory).toBeUndefined();
  });
});
