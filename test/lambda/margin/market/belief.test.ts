import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Belief, believe, staleRangeOf } from '../../../../lambda/margin/market/belief.ts';
import type { Quote } from '../../../../lambda/margin/market/market.ts';
import type { RememberedPrice } from '../../../../lambda/margin/market/oracle.ts';
import type { OracleRules } from '../../../../lambda/margin/market/policy.ts';
import { price, ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { Result } from '../../../../lambda/margin/number/reason.ts';
import { NOW } from '../build.ts';
import { RULES } from './build.ts';

const MINUTE = 60_000;

interface Said {
  readonly source?: string;
  readonly price: string;
  /** Of the quote, before the check. */
  readonly age?: number;
  readonly score?: string;
}

interface Check {
  readonly said: readonly Said[];
  readonly rules?: Partial<OracleRules>;
  /** Minutes since the check before. */
  readonly after?: number;
}

interface Seen {
  readonly price: string | undefined;
  readonly standing: string | undefined;
  readonly doubt: readonly [string, string] | undefined;
  readonly memory: RememberedPrice | undefined;
  readonly belief: Belief;
}

function seenAt(
  asOf: number,
  { said, rules }: Check,
  previous: RememberedPrice | null | undefined,
) {
  const quotes = said.map(
    ({ source = 'a', price: text, age = 0, score }): Quote => ({
      feed: 'X',
      source,
      price: price(text),
      publishedAt: asOf - age * 1000,
      confidenceScore: score === undefined ? undefined : ratio(score),
    }),
  );
  const belief = believe({ feed: 'X', quotes, rules: { ...RULES, ...rules }, asOf, previous });
  const now = belief.price.ok ? belief.price.value : undefined;
  return {
    price: now && textOf(now.price),
    standing: now?.standing,
    doubt: now?.doubt && ([textOf(now.doubt.low), textOf(now.doubt.high)] as const),
    memory: belief.memory,
    belief,
  };
}

/** One check a minute; each remembers what the one before left. */
function follow(
  checks: readonly Check[],
  start: RememberedPrice | null | undefined = { price: price('100'), publishedAt: NOW - MINUTE },
): Seen[] {
  const seen: Seen[] = [];
  let asOf = NOW;
  let previous: RememberedPrice | null | undefined = start;
  for (const check of checks) {
    const now = seenAt(asOf, check, previous);
    seen.push(now);
    previous = now.memory;
    asOf += (check.after ?? 1) * MINUTE;
  }
  return seen;
}

const said = (...prices: readonly string[]): Check[] =>
  prices.map((text) => ({ said: [{ price: text }] }));

const standings = (checks: readonly Check[], start?: RememberedPrice | null) =>
  follow(checks, start).map(({ price: text, standing }) => `${text} ${standing}`);

function known<T>(result: Result<T> | undefined): T {
  if (!result?.ok) throw new Error('the price is known');
  return result.value;
}

describe('A jump of one source', () => {
  it('is suspect, and the last believed price stays', () => {
    const [first] = follow(said('1000'));
    expect(first).toMatchObject({ price: '100', standing: 'suspect', doubt: ['100', '1000'] });
  });

  it('is forgotten when the price is back', () => {
    expect(standings(said('1000', '101'))).toEqual(['100 suspect', '101 fresh']);
  });

  it('is confirmed by a second source', () => {
    const both = { said: [{ price: '60' }, { source: 'b', price: '60.2' }] };
    expect(standings([both])).toEqual(['60.1 fresh']);
  });

  it('is not confirmed by the same quote once more', () => {
    const [, again] = follow([{ said: [{ price: '60' }] }, { said: [{ price: '60', age: 60 }] }]);
    expect(again).toMatchObject({ price: '100', standing: 'suspect' });
  });

  it.each([
    ['the older one nearer', ['70', '65'], '70 fresh'],
    ['the newer one nearer', ['60', '75'], '75 fresh'],
    ['the newer one far beyond', ['70', '40'], '70 suspect'],
    ['on the other side', ['70', '140'], '100 suspect'],
  ])('is confirmed by a newer one as far as both went: %s', (_, prices, expected) => {
    expect(standings(said(...prices))[1]).toBe(expected);
  });

  it('believes a crash of four minutes one check behind', () => {
    expect(standings(said('70', '49', '34.3', '24.01', '24.5', '24.4'))).toEqual([
      '100 suspect',
      '70 suspect',
      '49 suspect',
      '34.3 suspect',
      '24.5 fresh',
      '24.4 fresh',
    ]);
  });

  it('is followed at one check behind when the print that confirms it goes farther', () => {
    const [, confirmed, next, last] = follow(said('70', '60', '50', '45'));
    expect(confirmed).toMatchObject({ price: '70', standing: 'fresh', memory: { ahead: {} } });
    // From 70, 50 is a jump; 60 and 50 have both reached 60.
    expect(next).toMatchObject({ price: '60', standing: 'fresh' });
    expect(last).toMatchObject({ price: '50', standing: 'fresh' });
  });

  it('makes the price that both have reached as young as the newer one', () => {
    const checks = [{ said: [{ price: '70' }], after: 4 }, ...said('50')];
    const { ageSeconds, aged, publishedAt } = known(follow(checks)[1]?.belief.price);
    expect([ageSeconds, aged]).toEqual([0, undefined]);
    expect(publishedAt).toBe(NOW);
  });

  it('is believed as of the newer print if both are at one price', () => {
    const [, second] = follow(said('60', '60'));
    expect(second?.memory).toMatchObject({ price: price('60'), publishedAt: NOW + MINUTE });
    expect(known(second?.belief.price)).toMatchObject({
      publishedAt: NOW + MINUTE,
      ageSeconds: 0,
    });
  });

  it('takes the print that went farther at its word only if the next is on its side', () => {
    expect(standings(said('70', '60', '700', '65'))).toEqual([
      '100 suspect',
      '70 fresh',
      '70 suspect',
      '65 fresh',
    ]);
    expect(standings(said('70', '60', '6', '61'))).toEqual([
      '100 suspect',
      '70 fresh',
      '60 suspect',
      '61 fresh',
    ]);
  });

  it('never leaves the belief and its doubt outside the last two prints', () => {
    const path = fc.array(fc.integer({ min: -60, max: 150 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(path, (moves) => {
        let at = 100;
        const prices = moves.map((percent) => {
          at = Math.max(0.001, at * (1 + percent / 100));
          return at;
        });
        const seen = follow(said(...prices.map((each) => each.toFixed(6))));
        const ends = ['100', ...prices.map((each) => each.toFixed(6))].map(Number);
        seen.forEach(({ price: text, doubt }, index) => {
          const two = ends.slice(index, index + 2);
          for (const each of [text, ...(doubt ?? [])].map(Number)) {
            expect(each).toBeGreaterThanOrEqual(Math.min(...two));
            expect(each).toBeLessThanOrEqual(Math.max(...two));
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  it('never believes a print of ten times the price that only one check sees', () => {
    const [bad, next] = follow(said('1000', '100'));
    expect(bad?.price).toBe('100');
    expect(next).toMatchObject({ price: '100', standing: 'fresh', doubt: undefined });
  });
});

describe('A feed without a usable quote', () => {
  it('keeps the last believed price, with a doubt that grows with its age', () => {
    const [hour, day] = follow([
      { said: [{ price: '101', age: 600 }], after: 24 * 60 },
      { said: [] },
    ]);
    expect(hour).toMatchObject({ price: '100', standing: 'stale', doubt: ['50', '200'] });
    expect(day?.price).toBe('100');
    expect(day?.doubt?.[1]).toBe(String(100 * Number(textOf(staleRangeOf(ratio('2'), 86_460)))));
  });

  it.each([
    [1, '2'],
    [3600, '2'],
    [4 * 3600, '4'],
    [9 * 3600, '8'],
  ])('is in doubt by kᵍ, g = max(1, √hours): %i s', (age, expected) => {
    expect(textOf(staleRangeOf(ratio('2'), age))).toBe(expected);
  });

  it('includes all that sources say which disagree', () => {
    const [split] = follow([{ said: [{ price: '90' }, { source: 'b', price: '500' }] }]);
    expect(split).toMatchObject({ price: '100', standing: 'stale', doubt: ['50', '500'] });
  });

  it('includes a jump that nothing had confirmed', () => {
    const [, gone] = follow([{ said: [{ price: '1000' }] }, { said: [] }]);
    expect(gone).toMatchObject({ price: '100', standing: 'stale', doubt: ['50', '1000'] });
  });

  it('keeps the score of its quotes as long as there is none', () => {
    const scored = { said: [{ price: '101', score: '0.4' }] };
    const gone = follow([scored, { said: [] }, { said: [] }]).at(-1);
    expect(textOf(known(gone?.belief.price).confidenceScore)).toBe('0.4');
    const [, again] = follow([scored, ...said('101')]);
    expect(again?.memory?.confidenceScore).toBeUndefined();
  });

  it('takes an old quote for a price that was believed once', () => {
    const old = seenAt(NOW, { said: [{ price: '7', age: 600 }] }, undefined);
    expect(old).toMatchObject({ price: '7', standing: 'stale', doubt: ['3.5', '14'] });
  });

  it('is unknown if it never had a price', () => {
    const [never] = follow([{ said: [] }], null);
    expect(never?.belief.price).toMatchObject({ ok: false, reason: { code: 'price-missing' } });
  });

  it('stays at its price if every quote is older than one read before', () => {
    const [, back] = follow([{ said: [{ price: '101' }] }, { said: [{ price: '60', age: 100 }] }]);
    expect(back).toMatchObject({ price: '101', standing: 'fresh', doubt: undefined });
  });
});

describe('The first price of a feed', () => {
  it('is in doubt until a newer quote near it confirms it', () => {
    const [first, second] = follow(said('100', '110'), null);
    expect(first).toMatchObject({ price: '100', standing: 'first-print', doubt: ['50', '200'] });
    expect(second).toMatchObject({ price: '110', standing: 'fresh' });
  });

  it.each([
    ['the same quote', { said: [{ price: '100', age: 60 }] }],
    ['a quote far from it', { said: [{ price: '300' }] }],
  ])('is not confirmed by %s', (_, next) => {
    expect(follow([{ said: [{ price: '100' }] }, next], null)[1]?.standing).toBe('first-print');
  });

  it('is believed if two sources agree', () => {
    const both = { said: [{ price: '100' }, { source: 'b', price: '100.5' }] };
    expect(standings([both], null)).toEqual(['100.25 fresh']);
  });

  it('is believed if nothing is said of the past', () => {
    expect(seenAt(NOW, { said: [{ price: '100' }] }, undefined).standing).toBe('fresh');
  });
});

describe('Many sources', () => {
  const honest = (text: string) =>
    ['a', 'b', 'c', 'd', 'e'].map((source) => ({ source, price: text }));

  it('are not silenced by one that lies', () => {
    const [now] = follow([{ said: [...honest('101'), { source: 'liar', price: '900' }] }]);
    expect(now).toMatchObject({ price: '101', standing: 'fresh' });
    expect(now?.memory?.apart).toEqual(['liar']);
  });

  it('are refused where no more than half of them agree', () => {
    const split = ['90', '91', '110', '111'].map((text, index) => ({
      source: `s${index}`,
      price: text,
    }));
    expect(follow([{ said: split }])[0]?.standing).toBe('stale');
  });

  it('a source that disagreed and is now alone needs a newer quote near its first', () => {
    const liar = (text: string, age = 0) => ({ said: [{ source: 'liar', price: text, age }] });
    const steps = follow([
      { said: [...honest('100'), { source: 'liar', price: '110' }] },
      liar('110'),
      liar('111'),
    ]);
    expect(steps.map(({ price: text, standing }) => `${text} ${standing}`)).toEqual([
      '100 fresh',
      '100 suspect',
      '111 fresh',
    ]);
  });
});

describe('maxMoveWindows', () => {
  const rules = { maxMoveWindows: [{ seconds: 3600, maxMove: ratio('0.4') }] };
  const steps = (...prices: readonly string[]) =>
    said(...prices).map((each) => ({ ...each, rules }));

  it('stops a price that one source walks away in steps below maxJump', () => {
    expect(standings(steps('100', '85', '72', '61', '52', '50'))).toEqual([
      '100 fresh',
      '85 fresh',
      '72 fresh',
      '61 fresh',
      '61 suspect',
      '61 suspect',
    ]);
  });

  it('believes it when the window is over, if a newer quote confirms the jump', () => {
    const all = [...steps('100', '85', '72', '61', '52'), ...steps('50', '50')].map(
      (each, index) => ({ ...each, after: index === 4 ? 61 : 1 }),
    );
    expect(standings(all).at(-1)).toBe('50 fresh');
  });

  it('lets a second source confirm it at once', () => {
    const both = { said: [{ price: '50' }, { source: 'b', price: '50.1' }], rules };
    expect(standings([...steps('100', '85', '72', '61'), both]).at(-1)).toBe('50.05 fresh');
  });

  it('is off by default', () => {
    expect(standings(said('100', '85', '72', '61', '52', '45')).at(-1)).toBe('45 fresh');
  });
});

describe('A feed that repeats its price with new times', () => {
  it('is frozen after frozenAfterSeconds', () => {
    const hours = follow(Array.from({ length: 63 }, () => ({ said: [{ price: '100' }] })));
    const frozen = hours.map(({ belief }) =>
      belief.price.ok ? belief.price.value.frozenSince !== undefined : false,
    );
    expect(frozen.indexOf(true)).toBe(59);
    expect(frozen.at(-1)).toBe(true);
  });

  it('is not frozen while its quotes keep their time: that is a stale feed', () => {
    const checks = Array.from({ length: 5 }, (_, index) => ({
      said: [{ price: '100', age: index * 60 }],
    }));
    for (const { belief } of follow(checks)) {
      expect(belief.price.ok && belief.price.value.frozenSince).toBeFalsy();
    }
  });
});
