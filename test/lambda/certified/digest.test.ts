import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../lambda/certified/digest.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';

type Value = string | boolean | Numeral | Value[] | { [name: string]: Value };

const names = fc.oneof(fc.constantFrom('quantity', 'price', 'asset', ''), fc.string());
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'a', '[', ']', '{', '0', 'true', 'null'),
);
const numerals = fc.integer().map((number) => new Numeral(`${number}`));

const { value: values } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    texts,
    numerals,
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3 }),
  ),
}));

const rows: fc.Arbitrary<Record<string, Value>> = fc.dictionary(names, values, { maxKeys: 6 });
const accounts = fc.array(rows, { minLength: 1, maxLength: 5 });

/** With every map's attributes in another order, at any depth. */
function turned(value: Value): Value {
  if (typeof value !== 'object' || value instanceof Numeral) return value;
  if (Array.isArray(value)) return value.map(turned);
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, each]) => [name, turned(each)]));
}

/** With every number as its text. */
function asTexts(value: Value): Value {
  if (value instanceof Numeral) return value.text;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(asTexts);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asTexts(each)]));
}

/** The same for values that are read alike. */
const read = (value: Value): string =>
  JSON.stringify(asTexts(value), (_, each) =>
    typeof each === 'object' && !Array.isArray(each)
      ? Object.entries(each).sort(([left], [right]) => (left < right ? -1 : 1))
      : each,
  );

describe('the digest of an account’s rows', () => {
  it('is a whole number that a float64 holds', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        const digest = digestOf(account);
        expect(Number.isSafeInteger(digest)).toBe(true);
        expect(digest).toBeGreaterThanOrEqual(0);
        expect(digest).toBeLessThan(2 ** 52);
      }),
    );
  });

  it('is the same for any order of attributes', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        expect(digestOf(account.map(turned) as RawRow[])).toBe(digestOf(account));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same for a number and its text', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        expect(digestOf(account.map(asTexts) as RawRow[])).toBe(digestOf(account));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same for a row without a prototype', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        const bare = account.map((row) => Object.assign(Object.create(null), row) as RawRow);
        expect(digestOf(bare)).toBe(digestOf(account));
      }),
    );
  });

  it('is another for each other digit', () => {
    const digestsOf = (numbers: readonly string[]) =>
      new Set(numbers.map((text) => digestOf([{ quantity: new Numeral(text) }])));
    expect(digestsOf(['1', '-1', '10', '01', '1.0', '1e0', '1E0', '+1']).size).toBe(8);
  });

  it('is another when one attribute has another value', () => {
    fc.assert(
      fc.property(accounts, fc.nat(), fc.nat(), values, (account, drawn, place, value) => {
        const row = account[drawn % account.length] ?? {};
        const name = Object.keys(row)[place % Math.max(1, Object.keys(row).length)];
        fc.pre(name !== undefined && read(row[name] ?? '') !== read(value));
        const changed = account.map((each) => (each === row ? { ...row, [name]: value } : each));
        expect(digestOf(changed)).not.toBe(digestOf(account));
      }),
      { numRuns: 2000 },
    );
  });

  it('is another when one character of an attribute is another', () => {
    const anyText = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(anyText, fc.nat(), anyText, (text, drawn, [character = '']) => {
        const place = drawn % text.length;
        const changed = text.slice(0, place) + character + text.slice(place + 1);
        fc.pre(changed !== text);
        expect(digestOf([{ text: changed }])).not.toBe(digestOf([{ text }]));
      }),
      { numRuns: 2000 },
    );
  });

  it('is another when an attribute has another name, comes or goes', () => {
    fc.assert(
      fc.property(rows, names, names, values, (row, name, other, value) => {
        fc.pre(name !== other && !(name in row) && !(other in row));
        const digests = [row, { ...row, [name]: value }, { ...row, [other]: value }];
        expect(new Set(digests.map((each) => digestOf([each]))).size).toBe(3);
      }),
      { numRuns: 2000 },
    );
  });

  it('is another when a row comes or goes', () => {
    fc.assert(
      fc.property(accounts, rows, fc.nat(5), (account, row, drawn) => {
        const place = drawn % (account.length + 1);
        const more = account.toSpliced(place, 0, row);
        expect(digestOf(more)).not.toBe(digestOf(account));
      }),
      { numRuns: 2000 },
    );
    expect(digestOf([{}])).not.toBe(digestOf([]));
  });

  it('is another when two rows change places', () => {
    fc.assert(
      fc.property(rows, rows, (one, other) => {
        fc.pre(read(one) !== read(other));
        expect(digestOf([one, other])).not.toBe(digestOf([other, one]));
      }),
      { numRuns: 1000 },
    );
  });

  it('is another when a text moves from one attribute or row to the next', () => {
    const halves = fc.tuple(fc.string(), fc.string({ minLength: 1 }), fc.string());
    fc.assert(
      fc.property(halves, ([first, moved, last]) => {
        const digests = [
          [{ a: first + moved, b: last }],
          [{ a: first, b: moved + last }],
          [{ a: first + moved }, { a: last }],
          [{ a: first }, { a: moved + last }],
          [{ a: [first + moved, last] }],
          [{ a: [first, moved + last] }],
          [{ a: [first, moved, last] }],
        ];
        expect(new Set(digests.map(digestOf)).size).toBe(digests.length);
      }),
      { numRuns: 2000 },
    );
    expect(digestOf([{ ab: 'c' }])).not.toBe(digestOf([{ a: 'bc' }]));
  });

  it('tells a text, a list, a map and a truth value from each other', () => {
    const alike = ['', '[', '{', 'true', 'false', true, false, [], {}, [''], { '': '' }, [[]]];
    expect(new Set(alike.map((value) => digestOf([{ value }]))).size).toBe(alike.length);
  });

  it('is of its own for each of 300,000 accounts', () => {
    const seen = new Set<number>();
    // Rows that differ in the last digits only are the hardest to tell apart.
    for (let number = 0; number < 100_000; number++) {
      const text = new Numeral(`${number}`);
      seen.add(digestOf([{ item: 'balance#USD', amount: text }]));
      seen.add(digestOf([{ item: `position#${number % 10}`, quantity: text, entryPrice: '1' }]));
      seen.add(digestOf([{ item: 'balance#USD' }, { item: `order#${number}`, amount: '1' }]));
    }
    expect(seen.size).toBe(300_000);
  });

  it('is of its own for each of 100,000 random rows', () => {
    const drawn = fc.sample(fc.tuple(fc.string(), fc.double({ noNaN: true })), 110_000);
    const written = new Set<string>();
    const digests = new Set<number>();
    for (const [text, number] of drawn) {
      const row = { item: text, amount: new Numeral(`${number}`) };
      written.add(JSON.stringify(row));
      digests.add(digestOf([row]));
    }
    expect(written.size).toBeGreaterThan(100_000);
    expect(digests.size).toBe(written.size);
  });
});

it('tells a truth value from its text', () => {
  expect(digestOf([{ a: true }])).not.toBe(digestOf([{ a: 'true' }]));
});
