/** DynamoDB's values: what equals what, what comes before what, and how a number is kept. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Decimal } from 'decimal.js';

export type Item = Readonly<Record<string, AttributeValue>>;

/** DynamoDB keeps 38 digits. */
const Exact = Decimal.clone({ precision: 40, toExpNeg: -400, toExpPos: 400 });

export const typeOf = (value: AttributeValue): string => Object.keys(value)[0] ?? '';

/** Texts by their UTF-8 bytes, numbers by size, binaries byte by byte. Undefined: not comparable. */
export function compared(left: AttributeValue, right: AttributeValue): number | undefined {
  if (left.S !== undefined && right.S !== undefined) return comparedTexts(left.S, right.S);
  if (left.N !== undefined && right.N !== undefined) {
    return new Exact(left.N).comparedTo(new Exact(right.N));
  }
  if (left.B !== undefined && right.B !== undefined) return Buffer.compare(left.B, right.B);
  return undefined;
}

/** UTF-16 would put astral characters before some others. */
export function comparedTexts(left: string, right: string): number {
  if (left === right) return 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

export function isEqual(left: AttributeValue, right: AttributeValue): boolean {
  if (typeOf(left) !== typeOf(right)) return false;
  const order = compared(left, right);
  if (order !== undefined) return order === 0;
  if (left.L !== undefined) return isEqualList(left.L, right.L ?? []);
  if (left.M !== undefined) return isEqualMap(left.M, right.M ?? {});
  if (left.SS !== undefined) return isEqualSet(left.SS, right.SS ?? []);
  if (left.NS !== undefined) return isEqualSet(left.NS.map(kept), (right.NS ?? []).map(kept));
  if (left.BS !== undefined) return isEqualSet(left.BS.map(hex), (right.BS ?? []).map(hex));
  return left.BOOL === right.BOOL;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function isEqualList(left: readonly AttributeValue[], right: readonly AttributeValue[]): boolean {
  return (
    left.length === right.length &&
    left.every((each, index) => isEqual(each, right[index] as AttributeValue))
  );
}

function isEqualMap(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const [one, other] = [left[name], right[name]];
      return one !== undefined && other !== undefined && isEqual(one, other);
    })
  );
}

const isEqualSet = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((each) => right.includes(each));

/** Without an exponent, and without zeros at its ends. */
export const kept = (number: string): string => new Exact(number).toFixed();

/** left + right, or left − right. */
export function summed(left: string, right: string, sign: 1 | -1): string {
  const [one, other] = [new Exact(left), new Exact(right)];
  return (sign === 1 ? one.plus(other) : one.minus(other)).toFixed();
}

/** Numbers as DynamoDB gives them back. Most values have none, and stay the object that they are. */
export function keptItem(item: Item): Item {
  return mapped(item) ?? item;
}

function mapped(item: Item): Item | undefined {
  let changed: Record<string, AttributeValue> | undefined;
  for (const [name, value] of Object.entries(item)) {
    const now = keptValue(value);
    if (now === undefined) continue;
    changed ??= { ...item };
    changed[name] = now;
  }
  return changed;
}

/** Undefined if nothing changes. */
function keptValue(value: AttributeValue): AttributeValue | undefined {
  if (value.N !== undefined) return isPlain(value.N) ? undefined : { N: kept(value.N) };
  if (value.NS !== undefined) return { NS: value.NS.map(kept) };
  if (value.L !== undefined) return { L: value.L.map((each) => keptValue(each) ?? each) };
  if (value.M === undefined) return undefined;
  const map = mapped(value.M);
  return map && { M: map };
}

const isPlain = (number: string): boolean => /^(0|-?[1-9]\d{0,37})$/.test(number);

const DIGITS_MAX = 38;
const EXPONENT_MAX = 125;
const EXPONENT_MIN = -130;

/** Why DynamoDB does not take a number; undefined if it does. */
export function numberFault(text: string): string | undefined {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? new Exact(text) : undefined;
  if (number === undefined) return `The parameter cannot be converted to a numeric value: ${text}`;
  if (number.isZero()) return undefined;
  if (number.precision() > DIGITS_MAX) {
    return 'Attempting to store more than 38 significant digits in a Number';
  }
  if (number.e > EXPONENT_MAX)
    return 'Number overflow. Attempting to store a number with magnitude larger than supported range';
  if (number.e < EXPONENT_MIN)
    return 'Number underflow. Attempting to store a number with magnitude smaller than supported range';
  return undefined;
}

/** Every number in an item, at any depth. */
export function* numbersIn(item: Item): Generator<string> {
  for (const value of Object.values(item)) yield* numbersOf(value);
}

function* numbersOf(value: AttributeValue): Generator<string> {
  if (value.N !== undefined) yield value.N;
  else if (value.NS !== undefined) yield* value.NS;
  else if (value.L !== undefined) for (const each of value.L) yield* numbersOf(each);
  else if (value.M !== undefined) yield* numbersIn(value.M);
}
