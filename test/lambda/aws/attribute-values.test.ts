import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Item, rowOf } from '../../../lambda/aws/attribute-values.ts';
import { Numeral, writeExactJson } from '../../../lambda/rows/numeral.ts';
import { readAccount } from '../../../lambda/rows/read-account.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';

const BYTES = new Uint8Array([0, 1, 2]);

describe('an item of DynamoDB', () => {
  it('keeps texts, digits, booleans, maps and lists', () => {
    const row = rowOf({
      text: { S: 'a' },
      number: { N: '1.10' },
      flag: { BOOL: false },
      map: { M: { inner: { L: [{ N: '2' }, { S: 'b' }] } } },
    });
    expect({ ...row }).toEqual({
      text: 'a',
      number: new Numeral('1.10'),
      flag: false,
      map: { inner: [new Numeral('2'), 'b'] },
    });
  });

  it('has no attribute where it says NULL, at any depth', () => {
    const inner: AttributeValue = { M: { none: { NULL: true }, some: { S: 'a' } } };
    const row = rowOf({ none: { NULL: true }, map: inner, list: { L: [inner] } });
    expect(Object.keys(row)).toEqual(['map', 'list']);
    expect(row).toEqual({ map: { some: 'a' }, list: [{ some: 'a' }] });
  });

  it('has a map, which no attribute allows, for a binary and for each kind of set', () => {
    const row = rowOf({
      b: { B: BYTES },
      bs: { BS: [BYTES] },
      ss: { SS: ['1'] },
      ns: { NS: ['1'] },
    });
    expect({ ...row }).toEqual({
      b: { B: ['AAEC'] },
      bs: { BS: ['AAEC'] },
      ss: { SS: ['1'] },
      ns: { NS: ['1'] },
    });
  });

  it('has an attribute of its own for each special name of JavaScript', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const item: Item = Object.create(null);
    for (const name of names) Object.defineProperty(item, name, ownText);
    // A name that begins with _ is the writer's own, and in no row.
    expect(Object.keys(rowOf(item))).toEqual(names.filter((name) => name !== '__proto__'));
    expect(Object.keys(rowOf({ map: { M: item } }).map as object)).toEqual(names);
  });

  it('keeps an attribute whose value the SDK has lost', () => {
    const item: Item = Object.create(null);
    Object.defineProperty(item, '__proto__', { value: undefined, enumerable: true });
    expect(Object.keys(rowOf({ map: { M: item } }).map as object)).toEqual(['__proto__']);
  });
});

const ownText = { value: { S: 'x' }, enumerable: true, configurable: true, writable: true };

const texts = fc.oneof(
  fc.constantFrom('', 'USD', 'BTC-PERP', '1', '0', '-1e30', 'standard', '__proto__'),
  fc.string({ unit: 'binary' }),
);
const numbers = fc.constantFrom('0', '1', '-7.5', '1E+125', '-1E-130', `1.${'3'.repeat(37)}`);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 4 });
const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'type', 'tiers', 'initial', 'N', 'S'),
  fc.string({ unit: 'binary' }),
);

const { value: values } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.record({ S: texts }) as fc.Arbitrary<AttributeValue>,
    fc.record({ N: numbers }) as fc.Arbitrary<AttributeValue>,
    fc.record({ BOOL: fc.boolean() }) as fc.Arbitrary<AttributeValue>,
    fc.constant<AttributeValue>({ NULL: true }),
    fc.record({ B: bytes }) as fc.Arbitrary<AttributeValue>,
    fc.record({ SS: fc.array(texts) }) as fc.Arbitrary<AttributeValue>,
    fc.record({ NS: fc.array(numbers) }) as fc.Arbitrary<AttributeValue>,
    fc.record({ BS: fc.array(bytes) }) as fc.Arbitrary<AttributeValue>,
    fc.record({ L: fc.array(tie('value')) }) as fc.Arbitrary<AttributeValue>,
    fc.record({
      M: fc.dictionary(names, tie('value'), { noNullPrototype: false }),
    }) as fc.Arbitrary<AttributeValue>,
  ),
}));

const itemWith = (key: Record<string, string>, attributes: readonly string[]): fc.Arbitrary<Item> =>
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...attributes), names), values), { maxLength: 6 })
    .map((entries) => {
      const item: Item = Object.create(null);
      for (const [name, value] of entries) Object.defineProperty(item, name, { ...ownText, value });
      for (const [name, S] of Object.entries(key)) item[name] = { S };
      return item;
    });

const ACCOUNT = ['asset', 'amount', 'location', 'instrument', 'quantity', 'entryPrice', 'labels'];
const MARKET = ['price', 'publishedAt', 'feed', 'margin', 'venue', 'underlying', 'portfolio'];

describe('a row with any attributes of any type', () => {
  it('is read as an account or refused with its table and key, and its evidence can be written', () => {
    const items = fc
      .constantFrom('profile', 'balance#USD', 'position#BTC-PERP', 'order#1')
      .chain((item) =>
        itemWith({ accountId: 'a', item }, ACCOUNT).map((row) => [item, row] as const),
      );
    fc.assert(
      fc.property(items, ([name, item]) => {
        const row = rowOf(item);
        const reading = readAccount('a', [row]);
        for (const { detail } of reading.ok ? [] : reading.reasons) {
          expect(detail.startsWith(`accounts a/${name}: `)).toBe(true);
        }
        writeExactJson(row);
      }),
      { numRuns: 2000 },
    );
  });

  it('never ends the reading of the market', () => {
    const policy = { kind: 'policy', id: 'default' };
    const items = fc
      .constantFrom('asset', 'location', 'instrument', 'risk', 'quote', 'fund', 'other')
      .chain((kind) => itemWith({ kind, id: kind === 'quote' ? 'F#s' : 'X' }, MARKET));
    fc.assert(
      fc.property(items, (item) => {
        const { faults } = readMarket([policy, rowOf(item)]);
        for (const { detail } of faults) {
          expect(detail.startsWith(`market ${item.kind?.S}/${item.id?.S}: `)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

it('reads every attribute but those that begin with _, whatever these hold', () => {
  const unreadable = { M: { deep: { L: [{ X: 'no such type' }] } } } as never;
  const row = rowOf({
    asset: { S: 'USD' },
    amount: { N: '1.50' },
    _note: { S: 'x'.repeat(300_000) },
    _: { B: new Uint8Array(100_000) },
    _tree: unreadable,
    my_note: { S: 'not the writer’s own' },
  });
  expect({ ...row }).toEqual({
    asset: 'USD',
    amount: new Numeral('1.50'),
    my_note: 'not the writer’s own',
  });
});
