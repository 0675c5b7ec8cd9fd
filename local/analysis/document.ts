/**
 * A JSON document with everything that an assessment rests on: the input of `margin assess`, and
 * the evidence in each decision record, so that the decision can be assessed again. Rows have the
 * attributes of the tables; maps are keyed by id.
 */

import * as z from 'zod';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { faultText } from '../../lambda/rows/fault.ts';
import { balanceItem, positionItem } from '../../lambda/rows/item-keys.ts';
import type { AccountRows, RawRow } from '../../lambda/rows/raw-row.ts';
import { type MarketReading, readMarket } from '../../lambda/rows/read-market.ts';
import { documentTimes } from './document-schema.ts';

/** The message says what is wrong, and where. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

const attributes = z.record(z.string(), z.unknown());
const rowsById = z.record(z.string(), attributes).prefault({});

/** Rows are read one by one later, as a check reads its tables. */
const documentShape = z.strictObject({
  ...documentTimes,
  policy: attributes,
  assets: rowsById,
  locations: rowsById,
  instruments: rowsById,
  risk: rowsById,
  quotes: z.array(z.looseObject({ feed: z.string(), source: z.string() })).prefault([]),
  marketRows: z.array(z.looseObject({ kind: z.string(), id: z.string() })).prefault([]),
  accounts: z.array(
    z.strictObject({
      accountId: z.string(),
      profile: attributes.optional(),
      balances: z.array(attributes).prefault([]),
      positions: z.array(attributes).prefault([]),
      rows: z.array(z.looseObject({ item: z.string() })).prefault([]),
    }),
  ),
});

type Shape = z.output<typeof documentShape>;

/** @throws DocumentError for the first fault. */
export function readDocument(value: unknown): Evidence {
  const parsed = documentShape.safeParse(value);
  if (!parsed.success) {
    throw new DocumentError(`the document: ${faultText(parsed.error)}`);
  }
  const shape = parsed.data;
  return {
    asOf: shape.asOf,
    gapSeconds: shape.gapSeconds,
    previousPrices: new Map(Object.entries(shape.previousPrices)),
    volatilities: new Map(Object.entries(shape.volatilities)),
    feedClasses: new Map(Object.entries(shape.feedClasses)),
    marketRows: marketRowsOf(shape),
    accounts: shape.accounts.map(accountRowsOf),
    capacity: shape.room && new Map(Object.entries(shape.room)),
    deleveragings: shape.handovers,
  };
}

function marketRowsOf(shape: Shape): RawRow[] {
  const rows = (kind: string, byId: Readonly<Record<string, RawRow>>): RawRow[] =>
    Object.entries(byId).map(([id, row]) => ({ kind, id, ...row }));
  return [
    { kind: 'policy', id: 'default', ...shape.policy },
    ...rows('asset', shape.assets),
    ...rows('location', shape.locations),
    ...rows('instrument', shape.instruments),
    ...rows('risk', shape.risk),
    ...shape.quotes.map(({ feed, source, ...quote }) => ({
      kind: 'quote',
      id: `${feed}#${source}`,
      ...quote,
    })),
    ...shape.marketRows,
  ];
}

function accountRowsOf(account: Shape['accounts'][number]): AccountRows {
  const { accountId, profile, balances, positions, rows } = account;
  const keyed = (item: string, row: RawRow): RawRow => ({ accountId, item, ...row });
  return {
    accountId,
    isUnreadable: rows.length > 0,
    rows: [
      ...(profile === undefined ? [] : [keyed('profile', profile)]),
      ...balances.map((row) => keyed(balanceItem(row), row)),
      ...positions.map(({ label, ...row }) => keyed(positionItem(row, label), row)),
      ...rows.map((row) => ({ accountId, ...row })),
    ],
  };
}

/** @throws PolicyError */
export function snapshotOf(evidence: Evidence): MarketReading & { readonly snapshot: Snapshot } {
  const reading = readMarket(evidence.marketRows, evidence.feedClasses);
  const { market } = reading;
  const { asOf: at, gapSeconds, previousPrices, volatilities } = evidence;
  const input = { market, asOf: at, gapSeconds, previousPrices, volatilities };
  return { ...reading, snapshot: takeSnapshot(input) };
}
