/** Random attribute values of every type of DynamoDB, and texts and names that programs stumble over. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { RandomStream } from '../analysis/random.ts';

/** DynamoDB nests no deeper. */
const DEPTH_MAX = 32;
/** DynamoDB takes items of up to 400 KB. */
const LONG_TEXT_LENGTH = 300_000;

export const ODD_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'toJSON',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'length',
  '0',
  '$unknown',
  'S',
  'N',
  'venue',
  '_venue',
  '_own',
  'amount ',
  'Amount',
  'quantité',
  '\u202eamount',
  'a.b',
  'line\nbreak',
] as const;

const ODD_TEXTS = [
  '',
  ' ',
  'NaN',
  'Infinity',
  '-Infinity',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '0x10',
  '1_000',
  '1,000',
  '1.000,5',
  '--1',
  '+1',
  '-',
  '.',
  '-.e1',
  ' 5',
  '5 ',
  '5\n',
  '٣',
  '½',
  '１２',
  '\u0000',
  '\u202e5',
  '\ud800',
  '💥',
  'é',
  "'; drop table accounts; --",
  '<script>alert(1)</script>',
  '=1+1',
  '{{7*7}}',
  '%s%n',
] as const;

const NUMBER_TEXTS = [
  '0',
  '-0',
  '0.0',
  '0e999',
  '00012',
  '.5',
  '5.',
  '1e5',
  '1E+5',
  '-1e-5',
  '1e24',
  '9.999e24',
  '1e25',
  '-1e25',
  '1e-24',
  '9.99e-25',
  '1e-25',
  '1e999',
  '1e1000',
  `${'9'.repeat(34)}`,
  `${'9'.repeat(35)}`,
  `0.${'0'.repeat(20)}1`,
  `1${'0'.repeat(99)}`,
  `1${'0'.repeat(100)}`,
  `${'0'.repeat(99)}1`,
  '8640000000000000',
  '8640000000000001',
  '31536000',
  '31536001',
  '1000000',
  '1000001',
  '12345678901234567',
  '-17000',
  '-16800',
  '17000',
] as const;

/** As DynamoDB writes them: plain, at most 38 digits, from 1e-130 to almost 1e126. */
const NUMBERS = [
  '0',
  '1',
  '-1',
  '2',
  '0.5',
  '-0.5',
  '0.000001',
  '1.0000000000000000000000000000000001',
  '12345678901234567890123456789012345678',
  '-99999999999999999999999999999999999999',
  `0.${'0'.repeat(129)}1`,
  `0.${'0'.repeat(22)}1`,
  `0.${'0'.repeat(24)}1`,
  `1${'0'.repeat(24)}`,
  `1${'0'.repeat(25)}`,
  `9${'0'.repeat(125)}`,
  `-9${'0'.repeat(125)}`,
  '8640000000000000',
  '8640000000000001',
  '31536001',
  '1000001',
] as const;

export const TYPES = ['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS'] as const;
export type Type = (typeof TYPES)[number];

export const oneOf = <T>(random: RandomStream, list: readonly T[]): T =>
  list[random.wholeBetween(0, list.length - 1)] as T;

export const chance = (random: RandomStream, share: number): boolean => random.uniform() < share;

export function oddText(random: RandomStream): string {
  const kind = random.uniform();
  if (kind < 0.4) return oneOf(random, NUMBER_TEXTS);
  if (kind < 0.8) return oneOf(random, ODD_TEXTS);
  if (kind < 0.9) return oneOf(random, ODD_NAMES);
  if (kind < 0.97) return randomText(random);
  return oneOf(random, ['x', '9', '💥', '\n', '"']).repeat(oneOf(random, [129, 501, 5000]));
}

/** Any code units, so that halves of characters are among them. */
function randomText(random: RandomStream): string {
  const length = random.wholeBetween(1, 12);
  const unit = () => random.wholeBetween(0, chance(random, 0.5) ? 0x7f : 0xffff);
  return String.fromCharCode(...Array.from({ length }, unit));
}

export function numberText(random: RandomStream): string {
  if (chance(random, 0.3)) return oneOf(random, NUMBERS);
  const places = random.wholeBetween(0, 8);
  const size = 10 ** random.wholeBetween(0, 8);
  return random
    .between(-size, size)
    .toFixed(places)
    .replace(/^-(0(?:\.0*)?)$/, '$1');
}

export const anyValue = (random: RandomStream, depth = 0): AttributeValue =>
  valueOfType(random, oneOf(random, TYPES), depth);

export function valueOfType(random: RandomStream, type: Type, depth = 0): AttributeValue {
  const bytes = () =>
    new Uint8Array(random.wholeBetween(1, 20)).map(() => random.wholeBetween(0, 255));
  const several = <T>(make: () => T): T[] =>
    Array.from({ length: random.wholeBetween(1, 3) }, make);
  switch (type) {
    case 'S':
      return { S: chance(random, 0.002) ? 'x'.repeat(LONG_TEXT_LENGTH) : oddText(random) };
    case 'N':
      return { N: numberText(random) };
    case 'B':
      return { B: bytes() };
    case 'BOOL':
      return { BOOL: chance(random, 0.5) };
    case 'NULL':
      return { NULL: true };
    case 'SS':
      return { SS: several(() => oddText(random)) };
    case 'NS':
      return { NS: several(() => numberText(random)) };
    case 'BS':
      return { BS: several(bytes) };
    case 'L':
      return chance(random, 0.05)
        ? deep('L')
        : { L: depth > 3 ? [] : several(() => anyValue(random, depth + 1)) };
    case 'M':
      return chance(random, 0.05) ? deep('M') : { M: anyMap(random, depth) };
  }
}

function anyMap(random: RandomStream, depth: number): Record<string, AttributeValue> {
  const map: Record<string, AttributeValue> = Object.create(null);
  const size = depth > 3 ? 0 : random.wholeBetween(0, 3);
  for (let at = 0; at < size; at++) map[oneOf(random, ODD_NAMES)] = anyValue(random, depth + 1);
  return map;
}

function deep(type: 'L' | 'M'): AttributeValue {
  let value: AttributeValue = { S: 'deep' };
  for (let depth = 1; depth < DEPTH_MAX; depth++) {
    value = type === 'L' ? { L: [value] } : { M: { a: value } };
  }
  return value;
}
