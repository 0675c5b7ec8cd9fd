/** Arrays of bytes, one after the other, as parts of one size. */
import { crc32 } from 'node:zlib';

export interface Part {
  readonly bytes: number;
  readonly crc32: number;
}

export const partOf = (bytes: Uint8Array): Part => ({
  bytes: bytes.length,
  crc32: crc32(bytes),
});

export const isPart = (bytes: Uint8Array, part: Part): boolean =>
  bytes.length === part.bytes && crc32(bytes) === part.crc32;

/** Copies, so that the arrays may change once a part is given. The last part is smaller. */
export function* partsOf(sections: readonly Uint8Array[], size: number): Generator<Uint8Array> {
  let part = new Uint8Array(size);
  let filled = 0;
  for (const section of sections) {
    for (let from = 0; from < section.length; ) {
      const piece = section.subarray(from, from + size - filled);
      part.set(piece, filled);
      from += piece.length;
      filled += piece.length;
      if (filled < size) continue;
      yield part;
      part = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/** Fills the arrays from parts. @throws RangeError unless they hold exactly as much */
export async function fillFrom(
  parts: AsyncIterable<Uint8Array>,
  sections: readonly Uint8Array[],
): Promise<void> {
  let [section, to] = [0, 0];
  for await (const part of parts) {
    for (let from = 0; from < part.length; ) {
      const array = sections[section];
      if (array === undefined) throw new RangeError('more bytes than the arrays take');
      const piece = part.subarray(from, from + array.length - to);
      array.set(piece, to);
      from += piece.length;
      to += piece.length;
      if (to < array.length) continue;
      section++;
      to = 0;
    }
  }
  if (sections.slice(section).some((each) => each.length > 0)) {
    throw new RangeError('fewer bytes than the arrays take');
  }
}
