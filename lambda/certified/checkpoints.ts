/**
 * Every few minutes a function stores its certified book, with the position in the stream that it
 * belongs to. A function that has just started reads the newest one, hears what has changed since,
 * and has no need to read the whole table.
 *
 *     <check>/1 … <check>/n   the arrays, in parts
 *     <check>/head            what else belongs to them, and the checksum of each part
 *     margin table            certificates/checkpoint: which one counts, and the head's checksum
 *
 * The item is put last, so a checkpoint is whole or there is none. Whatever is wrong with one, the
 * function reads the table.
 */
import type { MarginTable } from '../aws/margin-table.ts';
import * as z from '../rows/zod.ts';
import { fillFrom, isPart, type Part, partOf, partsOf } from './byte-parts.ts';
import type { CertifiedBook } from './certified-book.ts';
import { messageOf } from './message-of.ts';
import { restoredBook, type StoredBook, storedBook } from './stored-book.ts';
import type { StoredFollower } from './stream-follower.ts';

const LATEST = { pk: 'certificates', sk: 'checkpoint' } as const;
const PART_BYTES = 8 * 1024 * 1024;
/** Each has a part in memory. */
const AT_ONCE = 4;
export const CHECKPOINT_SECONDS = 600;
/** Records stay in the stream for 24 hours, and a certificate holds as long. */
const AGE_MS_MAX = 12 * 3_600_000;

/** Where the parts are. */
export interface CheckpointObjects {
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array>;
}

interface Head {
  readonly asOf: number;
  readonly book: StoredBook;
  readonly follower: StoredFollower;
  readonly parts: readonly Part[];
}

const latestCheckpoint = z.looseObject({
  checkId: z.string(),
  code: z.string(),
  bytes: z.string(),
  crc32: z.string(),
});

/** One that was read and can be used. */
export interface Checkpoint {
  readonly checkId: string;
  /** The check by which its book was whole. */
  readonly filledBy: string | undefined;
  readonly follower: StoredFollower;
  /** Makes the book what it was. */
  restore(book: CertifiedBook): void;
}

/** A checkpoint stores this. The book must not change until it is stored. */
export interface CheckpointOf {
  readonly book: CertifiedBook;
  /** Where the stream is read on: the book knows all that was written before. */
  readonly follower: StoredFollower;
  readonly checkId: string;
  readonly asOf: number;
  readonly hasTime: () => boolean;
}

function checkTime({ hasTime }: CheckpointOf): void {
  if (!hasTime()) throw new Error('no time was left to store it');
}

/** A checkpoint that must not be used. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

export interface CheckpointsInput {
  readonly objects: CheckpointObjects;
  readonly code: string;
  /** Whether the certificates of some code may be used; by default only the code's own. */
  readonly isOwn?: (code: string) => boolean;
  readonly partBytes?: number | undefined;
}

/** A warm function keeps this from check to check. */
export class Checkpoints {
  /** Whether the function has looked for one. */
  wasRead = false;
  /** Why the last one could not be stored; absent if it was. */
  failure: string | undefined;
  /** Time of the last one that was read, or stored, or could not be stored. */
  private latest: number | undefined;
  private readonly input: CheckpointsInput;

  constructor(input: CheckpointsInput) {
    this.input = input;
  }

  /** Unless that has been done in the last few minutes. A failure is told, and loses no decision. */
  async writeIfDue(margin: MarginTable, of: CheckpointOf): Promise<void> {
    const { latest = Number.NEGATIVE_INFINITY } = this;
    if (of.asOf - latest < CHECKPOINT_SECONDS * 1000) return;
    this.latest = of.asOf;
    try {
      await this.write(margin, of);
      this.failure = undefined;
    } catch (error) {
      this.failure = messageOf(error);
    }
  }

  /**
   * @returns its size in bytes
   * @throws Error if there is no time left, or what the bucket and the table throw
   */
  async write(margin: MarginTable, of: CheckpointOf): Promise<number> {
    const { objects, code, partBytes = PART_BYTES } = this.input;
    const { checkId, asOf, follower } = of;
    const { head: book, sections } = storedBook(of.book);
    const parts: Part[] = [];
    let puts: Promise<void>[] = [];
    for (const part of partsOf(sections, partBytes)) {
      // Never with calls under way, whose errors nobody would catch.
      if (puts.length === 0) checkTime(of);
      puts.push(objects.put(`${checkId}/${parts.push(partOf(part))}`, part));
      if (puts.length < AT_ONCE) continue;
      await Promise.all(puts);
      puts = [];
    }
    await Promise.all(puts);
    checkTime(of);
    const head: Head = { asOf, book, follower, parts };
    const bytes = Buffer.from(JSON.stringify(head));
    await objects.put(`${checkId}/head`, bytes);
    const { bytes: size, crc32 } = partOf(bytes);
    const item = { checkId, code, bytes: `${size}`, crc32: `${crc32}` };
    await margin.putLater(LATEST, item, undefined);
    return parts.reduce((sum, part) => sum + part.bytes, size);
  }

  /**
   * @param hasTime Without time it is given up: a function that is stopped while it reads one would
   *   begin with the same one again.
   * @returns undefined before the first one
   * @throws CheckpointError if it must not be used; Error if it cannot be read
   */
  async read(
    margin: MarginTable,
    asOf: number,
    hasTime = () => true,
  ): Promise<Checkpoint | undefined> {
    this.wasRead = true;
    const row = await margin.readRow(LATEST);
    if (row === undefined) return undefined;
    const latest = z.parse(latestCheckpoint, row);
    const { checkId } = latest;
    const { code, isOwn = (made: string) => made === code } = this.input;
    if (!isOwn(latest.code)) {
      throw new CheckpointError(`the one of ${checkId} was stored by other code`);
    }
    const head = await this.readHead(latest);
    const age = asOf - head.asOf;
    if (age < 0) throw new CheckpointError(`the one of ${checkId} is of a later time than now`);
    if (!(age <= AGE_MS_MAX)) throw new CheckpointError(`the one of ${checkId} is too old`);
    const { book, follower, parts } = head;
    const goOn = () => {
      if (!hasTime()) throw new CheckpointError(`no time was left to read the one of ${checkId}`);
    };
    const restore = await restoredBook(book, {
      fill: (sections) => fillFrom(this.readParts(checkId, parts, goOn), sections),
      goOn,
    });
    this.latest = head.asOf;
    return { checkId, filledBy: book.filledBy, follower, restore };
  }

  private async readHead(latest: z.output<typeof latestCheckpoint>): Promise<Head> {
    const bytes = await this.input.objects.get(`${latest.checkId}/head`);
    const { bytes: size, crc32 } = latest;
    if (!isPart(bytes, { bytes: Number(size), crc32: Number(crc32) })) {
      throw new CheckpointError(`the head of ${latest.checkId} is damaged`);
    }
    return JSON.parse(Buffer.from(bytes).toString()) as Head;
  }

  /** In order, some ahead. */
  private async *readParts(
    checkId: string,
    parts: readonly Part[],
    goOn: () => void,
  ): AsyncGenerator<Uint8Array> {
    const ahead: Promise<Uint8Array>[] = [];
    let asked = 0;
    for (const [place, part] of parts.entries()) {
      goOn();
      while (ahead.length < AT_ONCE && asked < parts.length) {
        const read = this.input.objects.get(`${checkId}/${++asked}`);
        // The loop throws what it fails with, once it is its turn.
        read.catch(() => undefined);
        ahead.push(read);
      }
      const bytes = (await ahead.shift()) ?? new Uint8Array();
      if (!isPart(bytes, part)) {
        throw new CheckpointError(`part ${place + 1} of ${checkId} is damaged`);
      }
      yield bytes;
    }
  }
}
