import { expect } from 'vitest';
import { isNegative, isZero, type Quantity, quantity } from '../../lambda/margin/number/decimal.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { type AccountRow, readAccountRows } from '../../local/aws/rows.ts';
import { combined } from '../../local/demo/clearing.ts';
import { totalsOf, unbalanced } from '../../local/demo/conservation.ts';
import { tableStore } from '../../local/demo/store.ts';
import { Venue } from '../../local/demo/venue.ts';
import { FLAT_PRICES, flatMarket } from '../local/demo/flat-market.ts';
import { ACCOUNTS, MARKET, PRICES } from './book.ts';
import { type Row, timeOf, type World } from './world.ts';

/** One plan a minute, each valid for two. */
export const QUICK_MARKET: readonly Row[] = MARKET.map((row) =>
  row.kind === 'policy' ? { ...row, liquidationCooldownSeconds: 30, planExpirySeconds: 120 } : row,
);

/** Later than any latency, but before a plan expires. */
const WORKED_AFTER_MS = 100_000;

const ACCOUNT_IDS = [...new Set(ACCOUNTS.map(({ accountId }) => String(accountId)))]
  // Its balance cannot be read.
  .filter((accountId) => accountId !== 'mistyped');

export function openVenue({ services }: World, depthUsd?: number): Venue {
  const { dynamo, config } = services;
  const prices = { ...FLAT_PRICES, ...PRICES };
  const store = tableStore(dynamo, config.accountsTable);
  const market = flatMarket({ prices, ...(depthUsd === undefined ? {} : { depthUsd }) });
  return new Venue({ store, market, seed: 1, refusedShare: 0 });
}

/** Delivers messages to a venue as if they arrived in this minute, and lets it work them. */
export async function work(
  venue: Venue,
  messages: readonly Message[],
  minute: number,
): Promise<void> {
  for (const message of messages) await venue.hear(JSON.stringify(message), timeOf(minute) + 500);
  await venue.workUntil(timeOf(minute) + WORKED_AFTER_MS);
}

export async function rowsIn({ services }: World): Promise<AccountRow[]> {
  const { dynamo, config } = services;
  const table = config.accountsTable;
  const rows = await Promise.all(
    ACCOUNT_IDS.map((accountId) => readAccountRows(dynamo, { table, accountId })),
  );
  return rows.flat();
}

export async function positionsIn(world: World): Promise<Map<string, Quantity>> {
  const positions = (await rowsIn(world)).filter(({ instrument }) => instrument !== undefined);
  return new Map(
    positions.map((row) => [`${row.accountId}/${row.item}`, quantity(String(row.quantity))]),
  );
}

/** Expects later that every total is unchanged and that no position has changed sides. */
export async function watch(world: World, venues: readonly Venue[]) {
  const totals = async () => {
    const clearing = venues.map((venue) => venue.clearing).reduce(combined);
    return totalsOf({ rows: await rowsIn(world), clearing }, () => '1');
  };
  const [sums, positions] = [await totals(), await positionsIn(world)];
  return async () => {
    expect(unbalanced(sums, await totals())).toEqual([]);
    for (const [name, now] of await positionsIn(world)) {
      const before = positions.get(name);
      if (isZero(now) || before === undefined) continue;
      expect(isNegative(now), `${name} flipped`).toBe(isNegative(before));
    }
  };
}
