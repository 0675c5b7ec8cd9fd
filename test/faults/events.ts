/** Reasons for event checks, as the streams of the tables tell them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import type { EventSummary, SkippedEvent } from '../../lambda/check/event-summary.ts';
import { putEvent } from '../../lambda/events/put-event.ts';
import { PRICES, quote } from './book.ts';
import { openWorld, type Row, timeOf, type World, type WorldInput } from './world.ts';

/** Milliseconds since 1970, so many seconds after the slot of check 0. */
export const at = (seconds: number): number => timeOf(0) + seconds * 1000;

export const openEvents = (input: WorldInput = {}): Promise<World> =>
  openWorld({ hasEvents: true, ...input });

type Keys = Record<string, AttributeValue>;

const recordOf = (ms: number, Keys: Keys, NewImage?: Keys) => ({
  eventName: 'MODIFY',
  dynamodb: { ApproximateCreationDateTime: Math.floor(ms / 1000), Keys, NewImage },
});

export const changeRecord = (accountId: string, ms: number, item = 'balance#USD') =>
  recordOf(ms, marshall({ accountId, item }));

export const quoteRecord = (row: Row, ms: number) =>
  recordOf(ms, marshall({ kind: row.kind, id: row.id }), marshall(row));

/** @returns when messages are due that were put */
export async function tell(world: World, Records: readonly object[], ms: number) {
  const { dynamo, services } = world;
  const margin = new MarginTable({ dynamo, table: services.config.marginTable });
  const due: number[] = [];
  const queue = {
    wake: async (wakeAt: number) => {
      due.push(wakeAt);
    },
  };
  await putEvent({ Records }, { margin, queue, now: () => ms });
  return due;
}

/** Writes rows of accounts, and the stream tells of it. */
export async function change(world: World, rows: readonly Row[], seconds: number) {
  await world.writeAccounts(rows);
  const ids = [...new Set(rows.map(({ accountId }) => String(accountId)))];
  return tell(
    world,
    ids.map((id) => changeRecord(id, at(seconds))),
    at(seconds),
  );
}

/** Writes fresh quotes, and the stream tells of them. */
export async function move(
  world: World,
  prices: Readonly<Record<string, string>>,
  seconds: number,
) {
  const rows = Object.entries(prices).map(([feed, price]) => quote(feed, price, at(seconds)));
  await world.writeMarket(rows);
  return tell(
    world,
    rows.map((row) => quoteRecord(row, at(seconds))),
    at(seconds),
  );
}

/** The check of minute 0, at the usual prices, begins half a second late. */
export async function firstCheck(world: World): Promise<void> {
  await world.quoteAt(0, PRICES);
  await world.check(0);
}

export function ran(summary: EventSummary | SkippedEvent): EventSummary {
  if ('skipped' in summary) throw new Error(`skipped: ${summary.skipped}`);
  return summary;
}
