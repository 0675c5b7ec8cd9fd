/**
 * A JSON document with everything that an assessment rests on: the input of `margin assess`, and
 * the evidence in each decision record, so that the decision can be assessed again. Rows have the
 * attributes of the tables; maps are keyed by id.
 */

import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { faultText } from '../../lambda/rows/fault.ts';
import { balanceItem, positionItem } from '../../lambda/rows/item-keys.ts';
import { type AccountRows, type RawRow, withoutAbsent } from '../../lambda/rows/raw-row.ts';
import { type MarketReading, readMarket } from '../../lambda/rows/read-market.ts';
import * as z from '../../lambda/rows/zod.ts';
import { documentTimes } from './document-schema.ts';

/** The message says what is wrong, and where. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

const attributes = z.record(z.string(), z.unknown());
const rowsById = z.prefault(z.record(z.string(), attributes), {});

/** Rows are read one by one later, as a check reads its tables. */
const documentShape = z.strictObject({
  ...documentTimes,
  policy: attributes,
  assets: rowsById,
  locations: rowsById,
  instruments: rowsById,
  risk: rowsById,
  quotes: z.prefault(z.array(z.looseObject({ feed: z.string(), source: z.string() })), []),
  marketRows: z.prefault(z.array(z.looseObject({ kind: z.string(), id: z.string() })), []),
  accounts: z.array(
    z.strictObject({
      accountId: z.string(),
      profile: z.optional(attributes),
      balances: z.prefault(z.array(attributes), []),
      positions: z.prefault(z.array(attributes), []),
      rows: z.prefault(z.array(z.looseObject({ item: z.string() })), []),
    }),
  ),
});

type Shape = z.output<typeof documentShape>;

/**
 * The rows in a document.
 * @param value from `parseExactJson`, or with decimals as texts.
 * @throws DocumentError for the first fault.
 */
export function readDocument(value: unknown): Evidence {
  const parsed = documentShape.safeParse(value);
  if (!parsed.success) {
    throw new DocumentError(`the document: ${faultText(parsed.error)}`);
  }
  const shape = parsed.data;
  return {
    asOf: shape.asOf,
    gapSeconds: shape.gapSeconds,
    ...(shape.outage === undefined ? {} : { outage: shape.outage }),
    previousPrices: new Map(Object.entries(shape.previousPrices)),
    volatilities: new Map(Object.entries(shape.volatilities)),
    feedClasses: new Map(Object.entries(shape.feedClasses)),
    marketRows: marketRowsOf(shape).map(withoutAbsent),
    accounts: shape.accounts.map(accountRowsOf),
    capacity: shape.room && new Map(Object.entries(shape.room)),
    ...(shape.rowsDiffer === undefined ? {} : { rowsDiffer: shape.rowsDiffer }),
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
  const { accountId, profile, balances, positions, rows } = withoutAbsent(account);
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

/** Reads the market rows of a document, and takes the snapshot. @throws PolicyError */
export function snapshotOf(evidence: Evidence): MarketReading & { readonly snapshot: Snapshot } {
  const reading = readMarket(evidence.marketRows, evidence.feedClasses);
  const { market } = reading;
  const { asOf: at, gapSeconds, outage, previousPrices, volatilities } = evidence;
  const input = { market, asOf: at, gapSeconds, outage, previousPrices, volatilities };
  return { ...reading, snapshot: takeSnapshot(input) };
}
