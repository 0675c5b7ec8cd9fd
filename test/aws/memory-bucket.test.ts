/**
 * The rules of https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html,
 * conditional-reads.html and object-keys.html, and of
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html.
 */
import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryBuckets } from './memory-bucket.ts';
import { VirtualTime } from './virtual-time.ts';

const START = Date.UTC(2026, 0, 1) + 999;
const Bucket = 'bucket';

function createBench() {
  const time = new VirtualTime(START);
  const buckets = new MemoryBuckets(time, [Bucket]);
  const put = (Key: string, Body: string | Uint8Array, conditions = {}) =>
    (buckets.answer(new PutObjectCommand({ Bucket, Key, Body, ...conditions })) as { ETag: string })
      .ETag;
  const get = (Key: string, conditions = {}) =>
    buckets.answer(new GetObjectCommand({ Bucket, Key, ...conditions })) as GetObjectCommandOutput;
  const head = (Key: string, conditions = {}) =>
    buckets.answer(new HeadObjectCommand({ Bucket, Key, ...conditions }));
  const remove = (Key: string) => buckets.answer(new DeleteObjectCommand({ Bucket, Key }));
  const list = (rest = {}) =>
    buckets.answer(new ListObjectsV2Command({ Bucket, ...rest })) as ListObjectsV2CommandOutput;
  return { time, buckets, put, get, head, remove, list };
}

const isRefused = (name: string, httpStatusCode: number) =>
  expect.objectContaining({ name, $metadata: { httpStatusCode } });

const textOf = ({ Body }: GetObjectCommandOutput) => Body?.transformToString();
const keysOf = ({ Contents = [] }: ListObjectsV2CommandOutput) => Contents.map(({ Key }) => Key);

describe('a write', () => {
  it('with IfNoneMatch * only creates', async () => {
    const { put, get, remove } = createBench();
    put('a', 'first', { IfNoneMatch: '*' });
    const again = () => put('a', 'second', { IfNoneMatch: '*' });
    expect(again).toThrow(isRefused('PreconditionFailed', 412));
    expect(await textOf(get('a'))).toBe('first');
    remove('a');
    again();
    expect(await textOf(get('a'))).toBe('second');
  });

  it('with IfMatch only replaces what it names', async () => {
    const { put, get } = createBench();
    const first = put('a', 'first');
    const second = put('a', 'second', { IfMatch: first });
    const late = () => put('a', 'third', { IfMatch: first });
    expect(late).toThrow(isRefused('PreconditionFailed', 412));
    expect(await textOf(get('a'))).toBe('second');
    put('a', 'third', { IfMatch: second.replaceAll('"', '') });
  });

  it('with IfMatch finds no missing key', () => {
    const { put } = createBench();
    const write = () => put('a', 'first', { IfMatch: '"x"' });
    expect(write).toThrow(NoSuchKey);
    expect(write).toThrow(isRefused('NoSuchKey', 404));
  });

  it('takes no IfNoneMatch but *', () => {
    const { put } = createBench();
    expect(() => put('a', '', { IfNoneMatch: '"x"' })).toThrow(isRefused('NotImplemented', 501));
  });

  it('has a key of at most 1,024 bytes', () => {
    const { put } = createBench();
    put('ü'.repeat(512), '');
    expect(() => put(`${'ü'.repeat(512)}x`, '')).toThrow(isRefused('KeyTooLongError', 400));
  });

  it('has at most 5 GB', () => {
    const { put } = createBench();
    const ContentLength = 5 * 1024 ** 3;
    put('a', '', { ContentLength });
    const larger = () => put('a', '', { ContentLength: ContentLength + 1 });
    expect(larger).toThrow(isRefused('EntityTooLarge', 400));
  });

  it('keeps the bytes that it had', async () => {
    const { put, get } = createBench();
    const bytes = Uint8Array.of(1, 2, 255);
    const etag = put('a', bytes);
    bytes.fill(0);
    expect(etag).toBe(
      `"${createHash('md5')
        .update(Uint8Array.of(1, 2, 255))
        .digest('hex')}"`,
    );
    expect(await get('a').Body?.transformToByteArray()).toEqual(Uint8Array.of(1, 2, 255));
  });
});

describe('a read', () => {
  it('has the length, type, time in whole seconds and metadata', () => {
    const { put, get, head } = createBench();
    put('a', 'héllo', { ContentType: 'text/plain', Metadata: { owner: 'x' } });
    const headers = {
      ContentType: 'text/plain',
      ContentLength: 6,
      LastModified: new Date(START - 999),
      Metadata: { owner: 'x' },
    };
    expect(get('a')).toMatchObject(headers);
    expect(head('a')).toMatchObject(headers);
  });

  it('with IfNoneMatch of what is there is not modified', async () => {
    const { put, get, head } = createBench();
    const IfNoneMatch = put('a', 'first');
    expect(() => get('a', { IfNoneMatch })).toThrow(isRefused('Unknown', 304));
    expect(() => head('a', { IfNoneMatch })).toThrow(isRefused('Unknown', 304));
    put('a', 'second');
    expect(await textOf(get('a', { IfNoneMatch }))).toBe('second');
  });

  it('with IfMatch of something else fails', () => {
    const { put, get, head } = createBench();
    const IfMatch = put('a', 'first');
    get('a', { IfMatch });
    put('a', 'second');
    expect(() => get('a', { IfMatch })).toThrow(isRefused('PreconditionFailed', 412));
    expect(() => head('a', { IfMatch })).toThrow(isRefused('Unknown', 412));
  });

  it('of nothing names the key or the bucket', () => {
    const { buckets, get, head } = createBench();
    expect(() => get('a')).toThrow(NoSuchKey);
    expect(() => head('a')).toThrow(NotFound);
    const other = new GetObjectCommand({ Bucket: 'other', Key: 'a' });
    expect(() => buckets.answer(other)).toThrow(NoSuchBucket);
  });

  it('gives its body once', async () => {
    const { put, get } = createBench();
    put('a', 'first');
    const { Body } = get('a');
    await Body?.transformToString();
    await expect(Body?.transformToByteArray()).rejects.toThrow(/already/);
  });
});

it('a deletion of nothing succeeds', () => {
  expect(createBench().remove('a')).toEqual({});
});

it('what is not known is named', () => {
  const { buckets, get } = createBench();
  const copy = new CopyObjectCommand({ Bucket, Key: 'a', CopySource: 'b' });
  expect(() => buckets.answer(copy)).toThrow(/CopyObjectCommand/);
  expect(() => get('a', { Range: 'bytes=0-1' })).toThrow(/Range/);
});

describe('a list', () => {
  it('is in the order of the bytes of UTF-8', () => {
    const { put, list } = createBench();
    for (const key of ['\u{1f600}', '\u{ffee}', 'b', 'a/b', 'a', 'B', 'a-']) put(key, '');
    expect(keysOf(list())).toEqual(['B', 'a', 'a-', 'a/b', 'b', '\u{ffee}', '\u{1f600}']);
  });

  it('has pages of 1,000 at most', () => {
    const { put, list } = createBench();
    for (let i = 0; i < 1001; i++) put(`k${String(i).padStart(4, '0')}`, '');
    const first = list({ MaxKeys: 2000 });
    expect(first).toMatchObject({ KeyCount: 1000, IsTruncated: true });
    const second = list({ ContinuationToken: first.NextContinuationToken });
    expect(second).toMatchObject({ KeyCount: 1, IsTruncated: false });
    expect(keysOf(second)).toEqual(['k1000']);
    expect(second.NextContinuationToken).toBeUndefined();
  });

  it('of exactly one page is not truncated', () => {
    const { put, list } = createBench();
    for (const key of ['a', 'b']) put(key, '');
    expect(list({ MaxKeys: 2 }).IsTruncated).toBe(false);
  });

  it('refuses a token that it has not given', () => {
    const { list } = createBench();
    const other = () => list({ ContinuationToken: 'x' });
    expect(other).toThrow(isRefused('InvalidArgument', 400));
  });

  it('has every key of the prefix once, however long its pages', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '\u{1f600}'), minLength: 1 });
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 30 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 2 }),
        fc.integer({ min: 1, max: 7 }),
        (keys, Prefix, MaxKeys) => {
          const { put, list } = createBench();
          for (const each of keys) put(each, '');
          const seen: (string | undefined)[] = [];
          let page = list({ Prefix, MaxKeys });
          seen.push(...keysOf(page));
          while (page.IsTruncated) {
            page = list({ Prefix, MaxKeys, ContinuationToken: page.NextContinuationToken });
            seen.push(...keysOf(page));
          }
          expect(seen.toSorted()).toEqual(keys.filter((each) => each.startsWith(Prefix)).sort());
        },
      ),
    );
  });
});

it('of several writers with IfMatch, no change is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 40 }), async (turns) => {
      const { put, get } = createBench();
      put('count', '0');
      /** Each writer remembers what it has read until it writes. */
      const read = new Map<number, { etag: string | undefined; count: number }>();
      let written = 0;
      for (const writer of turns) {
        const mine = read.get(writer);
        if (mine === undefined) {
          const found = get('count');
          read.set(writer, { etag: found.ETag, count: Number(await textOf(found)) });
          continue;
        }
        read.delete(writer);
        try {
          put('count', String(mine.count + 1), { IfMatch: mine.etag });
          written++;
        } catch (error) {
          expect(error).toMatchObject({ name: 'PreconditionFailed' });
        }
      }
      expect(await textOf(get('count'))).toBe(String(written));
    }),
  );
});
