/**
 * S3 in memory, on a virtual clock: conditional writes, strongly consistent reads and lists. The
 * rules are those of https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html,
 * API_GetObject, API_HeadObject, API_DeleteObject and API_ListObjectsV2, and of
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
 */
import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { VirtualTime } from './virtual-time.ts';

const KEY_BYTES_MAX = 1024;
/** One PutObject takes no more. */
const OBJECT_BYTES_MAX = 5 * 1024 ** 3;
const PAGE_KEYS_MAX = 1000;
const TOKEN_MARK = 'after ';

interface Stored {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lastModified: Date;
}

type Bucket = Map<string, Stored>;

/** They change what an operation does, and would be ignored. */
const NOT_SIMULATED = [
  'Delimiter',
  'IfModifiedSince',
  'IfUnmodifiedSince',
  'PartNumber',
  'Range',
  'VersionId',
  'WriteOffsetBytes',
];

export class MemoryBuckets {
  private readonly time: VirtualTime;
  private readonly buckets: ReadonlyMap<string, Bucket>;

  constructor(time: VirtualTime, names: readonly string[]) {
    this.time = time;
    this.buckets = new Map(names.map((name) => [name, new Map()]));
  }

  /** @throws as the SDK would, or an Error for what is not known */
  answer(command: object): object {
    const { input } = command as { readonly input: Readonly<Record<string, unknown>> };
    for (const name of NOT_SIMULATED) {
      if (input[name] !== undefined) throw new Error(`MemoryBuckets does not know ${name}`);
    }
    if (command instanceof PutObjectCommand) return this.put(command.input);
    if (command instanceof GetObjectCommand) return this.get(command.input);
    if (command instanceof HeadObjectCommand) return this.head(command.input);
    if (command instanceof DeleteObjectCommand) return this.delete(command.input);
    if (command instanceof ListObjectsV2Command) return this.list(command.input);
    throw new Error(`MemoryBuckets does not know ${command.constructor.name}`);
  }

  private bucket({ Bucket: name = '' }: { readonly Bucket?: string | undefined }): Bucket {
    const found = this.buckets.get(name);
    if (found !== undefined) return found;
    throw new NoSuchBucket({ message: 'The specified bucket does not exist', ...status(404) });
  }

  private put(input: PutObjectCommandInput): object {
    const bucket = this.bucket(input);
    const { Key = '', ContentType = 'application/octet-stream', Metadata = {} } = input;
    const bytes = bytesOf(input.Body);
    const length = Math.max(bytes.byteLength, input.ContentLength ?? 0);
    if (Buffer.byteLength(Key) > KEY_BYTES_MAX) throw refused('KeyTooLongError', 400);
    if (length > OBJECT_BYTES_MAX) throw refused('EntityTooLarge', 400);
    checkWrite(bucket.get(Key), input);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    bucket.set(Key, {
      bytes,
      etag,
      contentType: ContentType,
      metadata: Metadata,
      lastModified: new Date(Math.floor(this.time.now / 1000) * 1000),
    });
    return { ETag: etag };
  }

  private get(input: GetObjectCommandInput): object {
    const stored = this.bucket(input).get(input.Key ?? '');
    if (stored === undefined) throw noSuchKey();
    if (isOther(stored, input.IfMatch)) throw refused('PreconditionFailed', 412);
    if (isSame(stored, input.IfNoneMatch)) throw withoutBody(304);
    return { ...headersOf(stored), Body: bodyOf(stored.bytes) };
  }

  /** The answers of S3 to HEAD have no body, so that the SDK only sees the status. */
  private head(input: HeadObjectCommandInput): object {
    const stored = this.buckets.get(input.Bucket ?? '')?.get(input.Key ?? '');
    if (stored === undefined) throw new NotFound({ message: 'UnknownError', ...status(404) });
    if (isOther(stored, input.IfMatch)) throw withoutBody(412);
    if (isSame(stored, input.IfNoneMatch)) throw withoutBody(304);
    return headersOf(stored);
  }

  private delete(input: DeleteObjectCommandInput): object {
    if (input.IfMatch !== undefined) throw new Error('MemoryBuckets does not know IfMatch here');
    this.bucket(input).delete(input.Key ?? '');
    return {};
  }

  private list(input: ListObjectsV2CommandInput): object {
    const { Prefix = '', MaxKeys = PAGE_KEYS_MAX, StartAfter, ContinuationToken } = input;
    const bucket = this.bucket(input);
    if (MaxKeys < 0) throw refused('InvalidArgument', 400);
    const after = ContinuationToken === undefined ? StartAfter : keyOf(ContinuationToken);
    const keys = sorted([...bucket.keys()].filter((key) => key.startsWith(Prefix)));
    const left = after === undefined ? keys : keys.filter((key) => compareBytes(key, after) > 0);
    const page = left.slice(0, Math.min(MaxKeys, PAGE_KEYS_MAX));
    const last = page.at(-1);
    const isTruncated = last !== undefined && page.length < left.length;
    return {
      Name: input.Bucket,
      Prefix,
      MaxKeys,
      KeyCount: page.length,
      IsTruncated: isTruncated,
      ...(page.length > 0 && {
        Contents: page.map((key) => listed(key, bucket.get(key) as Stored)),
      }),
      ...(ContinuationToken !== undefined && { ContinuationToken }),
      ...(StartAfter !== undefined && { StartAfter }),
      ...(isTruncated && { NextContinuationToken: tokenOf(last) }),
    };
  }
}

function checkWrite(stored: Stored | undefined, input: PutObjectCommandInput): void {
  const { IfMatch, IfNoneMatch } = input;
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw refused('NotImplemented', 501);
  if (IfNoneMatch === '*' && stored !== undefined) throw refused('PreconditionFailed', 412);
  if (IfMatch === undefined) return;
  if (stored === undefined) throw noSuchKey();
  if (isOther(stored, IfMatch)) throw refused('PreconditionFailed', 412);
}

const withoutQuotes = (etag: string): string => etag.replaceAll('"', '');

const isSame = ({ etag }: Stored, given: string | undefined): boolean =>
  given !== undefined && (given === '*' || withoutQuotes(given) === withoutQuotes(etag));

const isOther = (stored: Stored, given: string | undefined): boolean =>
  given !== undefined && !isSame(stored, given);

/** A copy, since the caller may change its own. */
function bytesOf(body: PutObjectCommandInput['Body']): Uint8Array {
  if (body === undefined) return new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Uint8Array.from(body);
  throw new Error('MemoryBuckets takes texts and bytes, and no streams');
}

const headersOf = (stored: Stored) => ({
  ContentType: stored.contentType,
  ContentLength: stored.bytes.byteLength,
  ETag: stored.etag,
  LastModified: stored.lastModified,
  Metadata: { ...stored.metadata },
});

/** It can be read once, like that of the SDK. */
function bodyOf(bytes: Uint8Array): NonNullable<GetObjectCommandOutput['Body']> {
  let isRead = false;
  const read = () => {
    if (isRead) throw new Error('The stream has already been transformed.');
    isRead = true;
    return Buffer.from(bytes);
  };
  return {
    transformToByteArray: async () => new Uint8Array(read()),
    transformToString: async (encoding?: BufferEncoding) => read().toString(encoding),
  } as NonNullable<GetObjectCommandOutput['Body']>;
}

const listed = (Key: string, { etag, bytes, lastModified }: Stored) => ({
  Key,
  ETag: etag,
  Size: bytes.byteLength,
  LastModified: lastModified,
  StorageClass: 'STANDARD',
});

/** By the bytes of UTF-8, which is not the order of JavaScript beyond U+D7FF. */
const compareBytes = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

function sorted(keys: Iterable<string>): string[] {
  const withBytes = Array.from(keys, (key) => ({ key, bytes: Buffer.from(key) }));
  return withBytes
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ key }) => key);
}

const tokenOf = (key: string): string => Buffer.from(TOKEN_MARK + key).toString('base64url');

function keyOf(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith(TOKEN_MARK)) throw refused('InvalidArgument', 400);
  return text.slice(TOKEN_MARK.length);
}

const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

const noSuchKey = () =>
  new NoSuchKey({ message: 'The specified key does not exist.', ...status(404) });

/** The SDK knows no name for an answer without a body, of which 304 is one. */
const withoutBody = (code: number) => refused('Unknown', code, 'UnknownError');

function refused(name: string, code: number, message = name): S3ServiceException {
  const $fault = code < 500 ? 'client' : 'server';
  return new S3ServiceException({ name, message, $fault, ...status(code) });
}
