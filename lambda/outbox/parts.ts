/**
 * An item holds 400 KB. What is larger lies in rows of its own, its parts, which are put before the
 * item that names them. They expire, so that parts of an item that was never written vanish.
 */
import { inParallel } from './parallel.ts';
import { DECISION, type Key, keyText } from './stored-case.ts';

/** 10 % below what an item holds, for its keys. */
export const PART_BYTES_MAX = 360_000;

export const partsOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / PART_BYTES_MAX) }, (_, index) =>
    bytes.subarray(index * PART_BYTES_MAX, (index + 1) * PART_BYTES_MAX),
  );

/** The attribute of a part's row. */
export const PART = 'part';

/** @throws Error that names the first missing part */
export async function joined(
  keys: readonly Key[],
  read: (key: Key) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array> {
  const parts = await inParallel(keys, read);
  const missing = parts.indexOf(undefined);
  const key = keys[missing];
  if (key === undefined) return Buffer.concat(parts as Uint8Array[]);
  throw new Error(`${keyText(key)} is missing: part ${missing + 1} of ${keys.length}`);
}

const PART_DIGITS = 3;

/** @param record key of the row that counts them */
export const recordPartKeys = ({ pk, sk }: Key, count: number): Key[] =>
  Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(PART_DIGITS, '0');
    return { pk, sk: `${PART}#${sk.slice(DECISION.length)}#${number}` };
  });
