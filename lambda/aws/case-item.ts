/** A case as an item of the margin table. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { keyWithin, PARTITION_KEY_BYTES_MAX } from '../messages/hashed-id.ts';
import type { Message } from '../messages/messages.ts';
import { partsOf } from '../outbox/parts.ts';
import {
  isListed,
  type Key,
  keyText,
  type ListedKey,
  type PendingDecision,
  type PendingRow,
  type StoredCase,
  type Topic,
} from '../outbox/stored-case.ts';
import type { Item } from './attribute-values.ts';

export const MARSHALL = { removeUndefinedValues: true };

/** An item holds 409,600 bytes. The rest is for the state of the case. */
const PENDING_BYTES_MAX = 250_000;

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

/** The index holds nothing but keys, so its own key tells which write of the case it has seen. */
const listedAs = ({ key, version }: StoredCase): string =>
  keyWithin(`v${version} ${key.pk}`, PARTITION_KEY_BYTES_MAX);

/** @param items of the index */
export function listedKeys(items: Iterable<Item>): ListedKey[] {
  const found = new Map<string, ListedKey>();
  for (const item of items) {
    const { openSubject, ...rest } = unmarshall(item);
    const key = rest as Key;
    // A case is listed twice while a write moves it within the index.
    const version = found.has(keyText(key)) ? undefined : versionIn(openSubject);
    found.set(keyText(key), { ...key, version });
  }
  return [...found.values()];
}

/** Undefined for a case that an older version of the checker has written. */
function versionIn(openSubject: unknown): number | undefined {
  const [, digits] = /^v(\d+) /.exec(String(openSubject)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

export function itemOf(stored: StoredCase): CaseItem {
  const { key, expiresAtSeconds, pending, ...attributes } = stored;
  const listing = isListed(stored) ? { openSubject: listedAs(stored) } : { expiresAtSeconds };
  const rest = { ...key, ...attributes, forgetAfterSeconds: expiresAtSeconds, ...listing };
  const inline = isKnownToBeLarge(pending) ? undefined : pending.map(packedDecision);
  if (inline !== undefined && sumOf(inline.map(bytesIn)) <= PENDING_BYTES_MAX) {
    return { item: marshall({ ...rest, pending: inline }, MARSHALL), parts: [] };
  }
  const parts = partsOf(Buffer.concat(pending.map(frameOf))).map(partOf);
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
      : decisionsIn(Buffer.from(await read(pendingParts as string[])));
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

/** As read or made before, because a case is written more than once. */
const packedMessages = new WeakMap<Message, Uint8Array>();

function packedMessage(message: Message): Uint8Array {
  const known = packedMessages.get(message) ?? packed(message);
  packedMessages.set(message, known);
  return known;
}

function unpackedMessage(bytes: Uint8Array): Message {
  const message = unpacked(bytes) as Message;
  packedMessages.set(message, bytes);
  return message;
}

const packedDecision = ({ messages, rows, ...decision }: PendingDecision): PackedDecision => ({
  ...decision,
  ...(rows && { rows: packed(rows) }),
  deliveries: messages.map(({ message, to }) => {
    return { messageId: message.id, message: packedMessage(message), to };
  }),
});

const unpackedDecision = ({ deliveries, rows, ...decision }: PackedDecision): PendingDecision => ({
  ...decision,
  ...(rows && { rows: unpacked(rows) as PendingRow[] }),
  messages: deliveries.map(({ message, to }) => ({ message: unpackedMessage(message), to })),
});

/** The attributes around a message in the item. */
const DELIVERY_BYTES = 100;

const bytesIn = ({ record, rows, deliveries }: PackedDecision): number =>
  (record?.length ?? 0) +
  (rows?.length ?? 0) +
  sumOf(
    deliveries.map(
      ({ messageId, message }) => Buffer.byteLength(messageId) + message.length + DELIVERY_BYTES,
    ),
  );

const sumOf = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/**
 * A decision among the parts: its length in 4 bytes, then compressed JSON. While decisions are only
 * added, all but the last part stay as they are.
 */
const LENGTH_BYTES = 4;

/** As read or made before: a long list is not compressed again at every check. */
const frames = new WeakMap<PendingDecision, Buffer>();

const isKnownToBeLarge = (pending: readonly PendingDecision[]): boolean =>
  sumOf(pending.map((decision) => frames.get(decision)?.length ?? 0)) > PENDING_BYTES_MAX;

function frameOf(decision: PendingDecision): Buffer {
  const known = frames.get(decision);
  if (known !== undefined) return known;
  const { record, ...rest } = decision;
  const text = record === undefined ? {} : { record: Buffer.from(record).toString('base64') };
  const json = packed({ ...rest, ...text });
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  const frame = Buffer.concat([length, json]);
  frames.set(decision, frame);
  return frame;
}

function decisionsIn(bytes: Buffer): PendingDecision[] {
  const decisions: PendingDecision[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + LENGTH_BYTES + bytes.readUInt32BE(at);
    const frame = bytes.subarray(at, end);
    const decision = decisionIn(frame);
    frames.set(decision, frame);
    decisions.push(decision);
    at = end;
  }
  return decisions;
}

function decisionIn(frame: Buffer): PendingDecision {
  const read = unpacked(frame.subarray(LENGTH_BYTES)) as PendingDecision & { record?: string };
  const { record, ...decision } = read;
  return record === undefined ? decision : { ...decision, record: Buffer.from(record, 'base64') };
}

/** Named by its content: a run that loses against another changes none of the other's parts. */
function partOf(bytes: Uint8Array): Part {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return { sk: `pending#${hash}`, bytes };
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
