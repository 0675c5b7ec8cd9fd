/** A fund too small for all of its claims, and the invariants of its ledger. */
import { expect } from 'vitest';
import {
  type Amount,
  add,
  isNegative,
  NO_AMOUNT,
  recordedAmount,
  sumOf,
  textOf,
} from '../../lambda/margin/number/decimal.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import type { ClaimRow, EntryRow } from '../../lambda/record/fund-row-schemas.ts';
import { entryKey } from '../../lambda/record/fund-state.ts';
import { balance, long, MARKET } from './book.ts';
import { once } from './invariants.ts';
import type { MarginItem, Row, World } from './world.ts';

export const meter = (source: string, total: unknown): Row => ({
  kind: 'fund',
  id: source,
  total,
});

/** 600 in the fund for debts of 800.245, of which 800.24 are claimed. */
export const FUND_MARKET: readonly Row[] = [
  ...MARKET,
  meter('liquidation-fees', '99.995'),
  meter('seed', '500.005'),
];

export const FUND_ACCOUNTS: readonly Row[] = [
  ...long('healthy', '40000'),
  balance('debtor', '-500'),
  balance('other', '-300.245'),
  balance('rich', '1000'),
  balance('modest', '500.01'),
  balance('mistyped', '25,000'),
];

const isEntry = ({ pk, sk }: Row) => pk === 'fund' && String(sk).startsWith('entry#');
const isClaim = ({ pk, sk }: Row) => pk === 'fund' && String(sk).startsWith('claim#');

/** The rows already written, and those still pending in the item. */
const rowsOf = (items: readonly MarginItem[]): Row[] => {
  const pending = items
    .filter(({ pk }) => pk === 'fund')
    .flatMap((item) => (item.pending ?? []).map(({ rows }) => rows));
  expect(pending.filter((rows) => rows !== undefined)).toEqual([]);
  const rows = items.filter(({ pk }) => pk === 'fund');
  for (const row of rows) expect(row, `${row.sk} is kept`).not.toHaveProperty('expiresAtSeconds');
  return rows;
};

export async function ledgerOf(world: World) {
  const rows = rowsOf(await world.margin());
  const item = rows.find(({ sk }) => sk === 'balance') as { state?: LedgerState } | undefined;
  return {
    state: item?.state,
    entries: rows.filter(isEntry) as unknown as (EntryRow & { sk: string })[],
    claims: rows.filter(isClaim) as unknown as ClaimRow[],
  };
}

interface LedgerState {
  readonly balance: string;
  readonly sequence: number;
  readonly losses: number;
  readonly readings: Readonly<Record<string, string>>;
}

const drawnIn = (messages: readonly Message[]) =>
  once(messages).filter((message) => message.type === 'fund.drawn');

/**
 * Balance = Σ entries, never below 0 on the way, no sequence number missing. Each claim is drawn
 * once, in the amounts of its message. Every reading is the sum of what was booked for its source.
 */
export async function expectLedger(world: World): Promise<void> {
  const { state, entries, claims } = await ledgerOf(world);
  let balanced = NO_AMOUNT;
  for (const [index, entry] of entries.entries()) {
    expect(entry.sk).toBe(entryKey(index + 1));
    balanced = add(balanced, recordedAmount(entry.amount));
    expect({ [entry.sk]: textOf(balanced) }).toEqual({ [entry.sk]: entry.balance });
    expect(isNegative(balanced)).toBe(false);
  }
  expect(state?.balance ?? '0').toBe(textOf(balanced));
  expect(state?.sequence ?? 0).toBe(entries.length);
  expect(readingsOf(entries)).toEqual(state?.readings ?? {});
  const drawn = entries.flatMap((entry) =>
    entry.kind === 'drawn' ? [[entry.claimId, entry.amount]] : [],
  );
  const claimed = claims
    .filter((claim) => claim.drawn !== '0')
    .map((claim) => [claim.claimId, `-${claim.drawn}`]);
  expect(drawn.toSorted()).toEqual(claimed.toSorted());
  await expectSaid(world, claims);
}

const sum = (texts: readonly string[]): Amount => sumOf(texts.map(recordedAmount));

function readingsOf(entries: readonly EntryRow[]) {
  const bySource = Map.groupBy(entries, (entry) => (entry.kind === 'paid-in' ? entry.source : ''));
  bySource.delete('');
  return Object.fromEntries(
    [...bySource].map(([source, own]) => [source, textOf(sum(own.map(({ amount }) => amount)))]),
  );
}

/** Each claim is on both topics once, and its parts add up. */
async function expectSaid(world: World, claims: readonly ClaimRow[]): Promise<void> {
  const claimIds = claims.map(({ claimId }) => claimId).toSorted();
  for (const messages of [await world.alerts(), await world.orders()]) {
    expect(
      drawnIn(messages)
        .map(({ claimId }) => claimId)
        .toSorted(),
    ).toEqual(claimIds);
  }
  for (const said of drawnIn(await world.alerts())) {
    const row = claims.find(({ claimId }) => claimId === said.claimId);
    const paid = sum([said.drawn, said.socialized, said.uncovered]);
    expect(textOf(paid)).toBe(textOf(recordedAmount(said.shortfall)));
    for (const part of ['drawn', 'socialized', 'uncovered'] as const) {
      expect(textOf(recordedAmount(said[part]))).toBe(row?.[part]);
    }
  }
}
