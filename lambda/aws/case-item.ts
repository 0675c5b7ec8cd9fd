/** A case as an item of the margin table. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Message } from '../messages/messages.ts';
import { partsOf } from '../outbox/parts.ts';
import {
  isListed,
  type Key,
  type PendingDecision,
  type PendingRow,
  type StoredCase,
  type Topic,
} from '../outbox/stored-case.ts';
import type { Item } from './attribute-values.ts';

export const MARSHALL = { removeUndefinedValues: true };

/** An item holds 409,600 bytes. */
const ITEM_BYTES_MAX = 380_000;

/** A row that the item names. */
export interface Part {
  readonly sk: string;
  readonly bytes: Uint8Array;
}

export interface CaseItem {
  readonly item: Item;
  /** Empty unless the pending messages are too large for the item. */
  readonly parts: readonly Part[];
}

export function itemOf(stored: StoredCase): CaseItem {
  const { key, expiresAtSeconds, pending, ...attributes } = stored;
  const listing = isListed(stored) ? { openSubject: key.pk } : { expiresAtSeconds };
  const rest = { ...key, ...attributes, forgetAfterSeconds: expiresAtSeconds, ...listing };
  const item = marshall({ ...rest, pending: pending.map(packedDecision) }, MARSHALL);
  if (bytesOf({ M: item }) <= ITEM_BYTES_MAX) return { item, parts: [] };
  const parts = partsOf(Buffer.concat(pending.map(packedLine))).map(partOf);
  const pendingParts = parts.map(({ sk }) => sk);
  return { item: marshall({ ...rest, pending: [], pendingParts }, MARSHALL), parts };
}

/** @param read puts the parts that the item names together */
export async function caseOf(
  key: Key,
  item: Item,
  read: (sks: readonly string[]) => Promise<Uint8Array>,
): Promise<StoredCase> {
  const { pendingParts, ...attributes } = unmarshall(item);
  const { version, checkId, state, isActive, forgetAfterSeconds: expiresAtSeconds } = attributes;
  const pending =
    pendingParts === undefined
      ? (attributes.pending as PackedDecision[]).map(unpackedDecision)
      : unpackedLines(await read(pendingParts as string[]));
  return { key, version, checkId, state, isActive, pending, expiresAtSeconds };
}

/** Compresses each message, because a large plan is a large message. */
interface PackedDecision extends Omit<PendingDecision, 'messages' | 'rows'> {
  readonly rows?: Uint8Array;
  readonly deliveries: readonly {
    readonly messageId: string;
    readonly message: Uint8Array;
    readonly to: readonly Topic[];
  }[];
}

const packed = (value: unknown): Uint8Array => gzipSync(JSON.stringify(value));
const unpacked = (bytes: Uint8Array): unknown => JSON.parse(gunzipSync(bytes).toString('utf8'));

const packedDecision = ({ messages, rows, ...decision }: PendingDecision): PackedDecision => ({
  ...decision,
  ...(rows && { rows: packed(rows) }),
  deliveries: messages.map(({ message, to }) => {
    return { messageId: message.id, message: packed(message), to };
  }),
});

const unpackedDecision = ({ deliveries, rows, ...decision }: PackedDecision): PendingDecision => ({
  ...decision,
  ...(rows && { rows: unpacked(rows) as PendingRow[] }),
  messages: deliveries.map(({ message, to }) => ({ message: unpacked(message) as Message, to })),
});

/**
 * One line of JSON a decision, each compressed by itself: while decisions are only added, all but
 * the last part stay as they are.
 */
const packedLine = ({ record, ...decision }: PendingDecision): Uint8Array => {
  const text = record === undefined ? {} : { record: Buffer.from(record).toString('base64') };
  return gzipSync(`${JSON.stringify({ ...decision, ...text })}\n`);
};

const unpackedLines = (bytes: Uint8Array): PendingDecision[] =>
  gunzipSync(bytes).toString('utf8').trimEnd().split('\n').map(decisionIn);

function decisionIn(line: string): PendingDecision {
  const { record, ...decision } = JSON.parse(line);
  return record === undefined ? decision : { ...decision, record: Buffer.from(record, 'base64') };
}

/** Named by its content: a run that loses against another changes none of the other's parts. */
function partOf(bytes: Uint8Array): Part {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return { sk: `pending#${hash}`, bytes };
}

/** As DynamoDB counts, or a little more. */
function bytesOf(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return value.N.length;
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return value.L.reduce((sum, each) => sum + 1 + bytesOf(each), 3);
  if (value.M === undefined) return 1;
  return Object.entries(value.M).reduce(
    (sum, [name, each]) => sum + 1 + Buffer.byteLength(name) + bytesOf(each),
    3,
  );
}

export const isSameItem = (left: Item, right: Item): boolean =>
  isDeepStrictEqual(comparable(left), comparable(right));

/** As text, because a Buffer does not equal a Uint8Array of the same bytes. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, comparable(each)]));
}
