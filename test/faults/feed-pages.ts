/** The pages of the margin table on which checks remember feeds, and those with their scores. */
import { gunzipSync } from 'node:zlib';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Call } from './injector.ts';
import { checkIdOf, type Row, type World } from './world.ts';

export interface StoredFeed {
  readonly price?: Row;
  readonly volatility?: Row;
  readonly goneSince?: number;
}

export interface StoredPage {
  readonly sk: string;
  readonly checkId: string;
  readonly feeds: Readonly<Record<string, StoredFeed>>;
}

export const pagesIn = (world: World): Promise<StoredPage[]> => pagesUnder(world, 'feeds');

/** Of scores: an entry has the scores of a feed. */
export const scorePagesIn = (world: World): Promise<StoredPage[]> => pagesUnder(world, 'scores');

async function pagesUnder(world: World, kind: string): Promise<StoredPage[]> {
  const items = (await world.margin()).filter(({ pk }) => pk === kind);
  return items.map(({ sk, checkId, feeds }) => {
    const text = feeds instanceof Uint8Array ? gunzipSync(feeds).toString() : String(feeds);
    return { sk, checkId, feeds: JSON.parse(text) };
  });
}

/** What is remembered of a feed that is on one page at most. */
export async function rememberedIn(world: World, feed = 'BTC-USD'): Promise<StoredFeed> {
  const found = (await pagesIn(world)).flatMap(({ feeds }) => feeds[feed] ?? []);
  if (found.length > 1) throw new Error(`${feed} is on ${found.length} pages`);
  return found[0] ?? {};
}

/** Writes a page as the check one minute before the first would have. */
export async function writePage(
  world: World,
  feeds: Readonly<Record<string, unknown>>,
  attributes: Row = {},
): Promise<void> {
  const own = { checkId: checkIdOf(-1), feeds: JSON.stringify(feeds) };
  await putMargin(world, { pk: 'feeds', sk: 'page-0', ...own, ...attributes });
}

export async function putMargin(world: World, row: Row): Promise<void> {
  const { marginTable: TableName } = world.services.config;
  const Item = marshall(row, { removeUndefinedValues: true });
  await world.dynamo.send(new PutItemCommand({ TableName, Item }));
}

const isReadOf = ({ command, target, input }: Call, pk: string): boolean => {
  const values = JSON.stringify(input.ExpressionAttributeValues ?? {});
  return command === 'Query' && target === 'margin' && values.includes(`"S":"${pk}"`);
};

const isWriteOf = ({ command, input }: Call, pk: string): boolean =>
  command === 'PutItem' && (input.Item as { pk?: { S: string } })?.pk?.S === pk;

export const isPageRead = (call: Call): boolean => isReadOf(call, 'feeds');
export const isPageWrite = (call: Call): boolean => isWriteOf(call, 'feeds');
export const isScoreRead = (call: Call): boolean => isReadOf(call, 'scores');
export const isScoreWrite = (call: Call): boolean => isWriteOf(call, 'scores');
