/** Random changes of a sound row: values of every type, wrong keys, and missing or odd attributes. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../lambda/aws/attribute-values.ts';
import type { RandomStream } from '../analysis/random.ts';
import type { Deck } from './deck.ts';
import { copyOf, KEYS, type Table, textIn, withAttribute, withoutAttribute } from './items.ts';
import { attributeNames, kindOf } from './reader.ts';
import { anyValue, chance, numberText, ODD_NAMES, oddText, oneOf, valueOfType } from './values.ts';

/** What a summary counts. */
export const MUTATIONS = [
  'sound',
  'value',
  'number',
  'missing',
  'added',
  'key',
  'renamed',
  'nested',
  'other',
] as const;
export type Mutation = (typeof MUTATIONS)[number];

export interface Mutated {
  readonly item: Item;
  readonly mutation: Mutation;
}

type Change = (random: RandomStream, item: Item, of: Of) => Item;

interface Of {
  readonly table: Table;
  readonly deck: Deck;
}

const WEIGHTS: Readonly<Record<Mutation, number>> = {
  sound: 8,
  value: 34,
  number: 18,
  missing: 8,
  added: 8,
  key: 7,
  renamed: 5,
  nested: 8,
  other: 4,
};

export function mutated(random: RandomStream, item: Item, of: Of): Mutated {
  const mutation = drawn(random);
  const once = CHANGES[mutation](random, item, of);
  const isTwice = mutation !== 'sound' && chance(random, 0.15);
  return { mutation, item: isTwice ? CHANGES[drawn(random)](random, once, of) : once };
}

/** Each as often as it weighs. */
const DRAWN = MUTATIONS.flatMap((each) => Array.from({ length: WEIGHTS[each] }, () => each));

const drawn = (random: RandomStream): Mutation => oneOf(random, DRAWN);

const ownNames = (item: Item, table: Table): string[] =>
  Object.keys(item).filter((name) => !KEYS[table].includes(name));

/** Of the schema, whether the row has it or not. */
function schemaName(random: RandomStream, item: Item, table: Table): string {
  const names = [...attributeNames(table, kindOf(table, item)), ...ownNames(item, table)];
  return names.length === 0 ? 'amount' : oneOf(random, names);
}

const numberValue = (random: RandomStream): AttributeValue => {
  if (chance(random, 0.5)) return { N: numberText(random) };
  return { S: chance(random, 0.5) ? numberText(random) : oddText(random) };
};

const CHANGES: Readonly<Record<Mutation, Change>> = {
  sound: (_random, item) => item,
  value: (random, item, { table, deck }) => {
    const pair = deck.draw(random, { table, kind: kindOf(table, item) });
    const name = pair?.name ?? schemaName(random, item, table);
    const value = pair === undefined ? anyValue(random) : valueOfType(random, pair.type);
    return withAttribute(item, name, value);
  },
  number: (random, item, { table }) =>
    withAttribute(item, schemaName(random, item, table), numberValue(random)),
  missing: (random, item, { table }) => {
    const names = ownNames(item, table);
    return names.length === 0 ? item : withoutAttribute(item, oneOf(random, names));
  },
  added: (random, item) => withAttribute(item, oneOf(random, ODD_NAMES), anyValue(random)),
  key: (random, item, { table }) => {
    const [, sort] = KEYS[table];
    return withAttribute(item, sort, { S: wrongKey(random, textIn(item, sort) ?? '') });
  },
  renamed: (random, item, { table }) => renamed(random, item, table),
  nested: (random, item) => nested(random, item),
  other: (random, item, { table }) => {
    const [partition, sort] = KEYS[table];
    let other = copyOf(item);
    for (const name of ownNames(item, table)) other = withoutAttribute(other, name);
    if (table === 'accounts') return withAttribute(other, sort, { S: oddKey(random) });
    const kind = { S: oneOf(random, ['quote', 'asset', 'instrument', 'risk', 'fund', 'order']) };
    return withAttribute(withAttribute(other, partition, kind), sort, { S: oddKey(random) });
  },
};

/** A key of DynamoDB is never empty. */
const oddKey = (random: RandomStream): string => oddText(random).slice(0, 1000) || 'x';

function wrongKey(random: RandomStream, key: string): string {
  const forms = [
    () => `${key}#${oddKey(random)}`,
    () => `${key} `,
    () => key.toUpperCase(),
    () => key.replace('#', ''),
    () => key.replace('#', '##'),
    () => `${key}@chain`,
    () => key.slice(0, -1) || 'x',
    () => oddKey(random),
  ];
  return oneOf(random, forms)();
}

/** With its key, so that only the name is odd. */
function renamed(random: RandomStream, item: Item, table: Table): Item {
  const name = oneOf(random, [oddKey(random), oneOf(random, ODD_NAMES), 'NONE', 'BTC', 'USDC']);
  if (table === 'market') return withAttribute(item, 'id', { S: name });
  const kind = kindOf(table, item);
  const attribute = kind === 'balance' ? 'asset' : 'instrument';
  if (kind === 'profile') return item;
  const keyed = withAttribute(item, 'item', { S: `${kind}#${name}` });
  return withAttribute(keyed, attribute, { S: name });
}

/** Changes one value inside a map or list; anything at the top if there is none. */
function nested(random: RandomStream, item: Item): Item {
  const names = Object.keys(item).filter((name) => item[name]?.M ?? item[name]?.L);
  if (names.length === 0) return withAttribute(item, oneOf(random, ODD_NAMES), anyValue(random));
  const name = oneOf(random, names);
  return withAttribute(item, name, changedInside(random, item[name] as AttributeValue));
}

function changedInside(random: RandomStream, value: AttributeValue): AttributeValue {
  if (chance(random, 0.2)) return anyValue(random);
  if (value.M !== undefined) {
    const names = Object.keys(value.M);
    if (names.length === 0 || chance(random, 0.2)) {
      return { M: withAttribute(value.M, oneOf(random, ODD_NAMES), anyValue(random)) };
    }
    const name = oneOf(random, names);
    if (chance(random, 0.15)) return { M: withoutAttribute(value.M, name) };
    return { M: withAttribute(value.M, name, changedInside(random, value.M[name] as never)) };
  }
  if (value.L !== undefined && value.L.length > 0) {
    const at = random.wholeBetween(0, value.L.length - 1);
    return { L: value.L.with(at, changedInside(random, value.L[at] as AttributeValue)) };
  }
  return chance(random, 0.6) ? numberValue(random) : anyValue(random);
}
