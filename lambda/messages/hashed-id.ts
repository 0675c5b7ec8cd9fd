/**
 * Ids that a key of DynamoDB or a FIFO topic cannot take are hashed, and a plain id never equals a
 * hashed one. An id has no `#`, so that no key of ids ends like one that is cut and hashed; a FIFO id
 * that begins like a hash is hashed too.
 */
import { createHash } from 'node:crypto';

export const PARTITION_KEY_BYTES_MAX = 2048;
/** DynamoDB takes 1,024. The rest is for numbers that are put behind a key. */
export const SORT_KEY_BYTES_MAX = 1000;

const MARK = '#sha256:';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const HASH_BYTES = MARK.length + 64;

/** Keeps the beginning of a key that is too long, for people and for queries by prefix. */
export function keyWithin(key: string, bytesMax: number): string {
  if (3 * key.length <= bytesMax || Buffer.byteLength(key) <= bytesMax) return key;
  const kept = Buffer.from(key)
    .subarray(0, bytesMax - HASH_BYTES)
    .toString();
  return `${withoutHalfCharacter(kept)}${MARK}${hashOf(key)}`;
}

/** A cut through a character leaves replacement characters. */
const withoutHalfCharacter = (text: string): string => text.replace(/\ufffd+$/, '');

/** A group or a deduplication id: 1 to 128 characters of ASCII that are visible. */
const FIFO_ID = /^(?!#sha256:)[\x21-\x7e]{1,128}$/;

export const fifoId = (id: string): string => (FIFO_ID.test(id) ? id : MARK + hashOf(id));
