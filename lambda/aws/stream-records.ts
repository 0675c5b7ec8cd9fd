/** The records of two streams, as Lambda hands them over: changed accounts, and new quotes. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { isZero, type Price } from '../margin/number/decimal.ts';
import { attributesOf } from '../rows/fault.ts';
import { quoteAttributes } from '../rows/market-rows.ts';
import { canaryNumber } from './accounts-table.ts';
import { rowOf } from './attribute-values.ts';

export interface NewQuote {
  /** `<feed>#<source>` */
  readonly id: string;
  readonly price: Price;
}

export interface Records {
  readonly accountIds: ReadonlySet<string>;
  /** The latest of each source. */
  readonly quotes: ReadonlyMap<string, Price>;
  /** When the newest was written, in milliseconds since 1970; absent if none says so. */
  readonly newestAt?: number | undefined;
}

type Image = Record<string, AttributeValue>;

/** The function reads these parts of a record; anything may be missing. */
interface StreamRecord {
  readonly dynamodb?: {
    readonly Keys?: Image;
    readonly NewImage?: Image;
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime?: number;
  };
}

/** Never throws: a record that cannot be read starts nothing, and the next check reads its row. */
export function readRecords(event: unknown): Records {
  const accountIds = new Set<string>();
  const quotes = new Map<string, Price>();
  let newestAt: number | undefined;
  for (const { dynamodb } of recordsIn(event)) {
    const accountId = changedAccount(dynamodb?.Keys);
    const quote = accountId === undefined ? newQuote(dynamodb?.NewImage) : undefined;
    if (accountId !== undefined) accountIds.add(accountId);
    if (quote !== undefined) quotes.set(quote.id, quote.price);
    const seconds = dynamodb?.ApproximateCreationDateTime;
    if (accountId === undefined && quote === undefined) continue;
    if (typeof seconds === 'number') newestAt = Math.max(newestAt ?? 0, seconds * 1000);
  }
  return { accountIds, quotes, newestAt };
}

function recordsIn(event: unknown): readonly StreamRecord[] {
  const { Records } = Object(event) as { readonly Records?: unknown };
  return Array.isArray(Records) ? Records.map((record) => Object(record) as StreamRecord) : [];
}

/** Canary rows belong to no account. */
function changedAccount(keys: Image | undefined): string | undefined {
  const accountId = keys?.accountId?.S;
  const item = keys?.item?.S;
  if (accountId === undefined || item === undefined) return undefined;
  return canaryNumber({ accountId, item }) === undefined ? accountId : undefined;
}

function newQuote(image: Image | undefined): NewQuote | undefined {
  if (image?.kind?.S !== 'quote' || image.id?.S === undefined) return undefined;
  const price = priceIn(image);
  return price === undefined || isZero(price) ? undefined : { id: image.id.S, price };
}

/** A record is not validated by anybody before, and one must not stop those that come with it. */
function priceIn(image: Image): Price | undefined {
  try {
    const parsed = quoteAttributes.safeParse(attributesOf(rowOf(image), ['kind', 'id']));
    return parsed.success ? parsed.data.price : undefined;
  } catch {
    return undefined;
  }
}
