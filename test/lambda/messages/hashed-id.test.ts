import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fifoId,
  keyWithin,
  PARTITION_KEY_BYTES_MAX,
  SORT_KEY_BYTES_MAX,
} from '../../../lambda/messages/hashed-id.ts';

const bytesOf = (text: string) => Buffer.byteLength(text);
const FOUR_BYTES = '𐌀';

describe('a key', () => {
  it.each([
    ['at its limit', 'x'.repeat(SORT_KEY_BYTES_MAX)],
    ['at its limit in another script', 'ж'.repeat(SORT_KEY_BYTES_MAX / 2)],
    ['at its limit in characters of four bytes', FOUR_BYTES.repeat(SORT_KEY_BYTES_MAX / 4)],
    ['as it is stored', keyWithin('x'.repeat(2000), SORT_KEY_BYTES_MAX)],
  ])('%s is taken as it is', (_, key) => {
    expect(keyWithin(key, SORT_KEY_BYTES_MAX)).toBe(key);
  });

  it.each([
    ['a byte beyond its limit', 'x'.repeat(SORT_KEY_BYTES_MAX + 1)],
    ['beyond it in another script', 'ж'.repeat(SORT_KEY_BYTES_MAX / 2 + 1)],
    ['beyond it in characters of four bytes', `a${FOUR_BYTES.repeat(SORT_KEY_BYTES_MAX / 4)}`],
  ])('%s is cut between two characters, and hashed', (_, key) => {
    const kept = keyWithin(key, SORT_KEY_BYTES_MAX);
    expect(bytesOf(kept)).toBeLessThanOrEqual(SORT_KEY_BYTES_MAX);
    expect(bytesOf(kept)).toBeGreaterThan(SORT_KEY_BYTES_MAX - 4);
    const [beginning = '', hash] = kept.split('#sha256:');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(key.startsWith(beginning)).toBe(true);
    expect(keyWithin(`${key}y`, SORT_KEY_BYTES_MAX)).not.toBe(kept);
  });

  it('has another limit for a partition', () => {
    expect(bytesOf(keyWithin('x'.repeat(3000), PARTITION_KEY_BYTES_MAX))).toBe(2048);
  });
});

describe('a FIFO id', () => {
  it.each([
    ['128 visible characters', 'x'.repeat(128)],
    ['every punctuation mark', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
    ['one character', 'a'],
    ['the digits of a hash alone', 'a'.repeat(64)],
  ])('of %s is taken as it is', (_, id) => {
    expect(fifoId(id)).toBe(id);
  });

  it.each([
    ['129 characters', 'x'.repeat(129)],
    ['letters that are not ASCII', 'Kонто'],
    ['characters of four bytes', FOUR_BYTES.repeat(128)],
    ['a space', 'a b'],
    ['a line break', 'a\n'],
    ['nothing', ''],
    ['a hashed id', fifoId('a b')],
  ])('of %s is hashed', (_, id) => {
    expect(fifoId(id)).toMatch(/^#sha256:[0-9a-f]{64}$/);
    expect(fifoId(id)).not.toBe(id);
  });
});

describe('for any two different ids', () => {
  const ids = fc.string({ unit: 'binary', maxLength: 300 }).map((id) => id.replaceAll('#', '+'));

  it('keys differ, and DynamoDB takes them', () => {
    const keyOf = ([position, label]: readonly string[]) =>
      keyWithin(`decision#${position}#${label}`, 200);
    const positions = fc.tuple(ids, ids);
    fc.assert(
      fc.property(positions, positions, (one, other) => {
        expect(bytesOf(keyOf(one))).toBeLessThanOrEqual(200);
        if (one.join('#').toWellFormed() === other.join('#').toWellFormed()) return;
        expect(keyOf(one)).not.toBe(keyOf(other));
      }),
      { numRuns: 2000 },
    );
  });

  it('FIFO ids differ, also from those of a forger, and SNS takes them', () => {
    const forged = fc.oneof(ids, ids.map(fifoId));
    fc.assert(
      fc.property(forged, forged, (one, other) => {
        expect(fifoId(one)).toMatch(/^[\x21-\x7e]{1,128}$/);
        if (one.toWellFormed() === other.toWellFormed()) return;
        expect(fifoId(one)).not.toBe(fifoId(other));
      }),
      { numRuns: 2000 },
    );
  });
});
