/**
 * One JSON document that holds everything an assessment rests on: what `margin assess` reads, and
 * the evidence inside every decision record, so that a decision can be assessed again by hand.
 * Its rows have the attributes of the tables; maps are keyed by id.
 */
import { z } from 'zod';
import { textOf } from '../margin/decimal.ts';
import type { RememberedPrice } from '../margin/oracle.ts';
import { type Snapshot, takeSnapshot } from '../margin/snapshot.ts';
import { balanceAttributes, positionAttributes, profileAttributes } from './account-rows.ts';
import { type RawRow, rowFault } from './fault.ts';
import { idField, priceField, spanField, timeField } from './fields.ts';
import {
  assetAttributes,
  instrumentAttributes,
  policyAttributes,
  quoteAttributes,
  riskAttributes,
} from './market-rows.ts';
import { Numeral } from './numeral.ts';
import { readAccount } from './read-account.ts';
import { type MarketReading, readMarket } from './read-market.ts';

export interface AccountRows {
  readonly accountId: string;
  readonly rows: readonly RawRow[];
}

export interface Evidence {
  readonly asOf: number;
  /** Δ: what the latency buffer reckons to lie between two checks. */
  readonly gapSeconds: number;
  readonly previousPrices: ReadonlyMap<string, RememberedPrice>;
  /** Risk classes of a feed, besides those that follow from the assets and instruments. */
  readonly feedClasses: ReadonlyMap<string, readonly string[]>;
  readonly marketRows: readonly RawRow[];
  readonly accounts: readonly AccountRows[];
}

/** Thrown when a document cannot be read: what is wrong, and where. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

export const GAP_SECONDS_DEFAULT = 60;
/** Twice the longest interval that the stack allows, a day. */
const GAP_SECONDS_MAX = 2 * 86_400;

const asOf = z
  .unknown()
  .transform((value, context): number => {
    const text = value instanceof Numeral ? value.text : value;
    const time = typeof text === 'string' ? timeOf(text) : Number.NaN;
    if (Number.isFinite(time)) return time;
    const message = 'must be a time: milliseconds since 1970, or 2020-03-12T10:12:00Z';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', format: 'date-time' },
    ],
    description: 'The time of the assessment: milliseconds since 1970, or ISO 8601.',
  });

const isoTime = z.iso.datetime({ offset: true });

/** Milliseconds since 1970 or ISO 8601; NaN for anything else. */
export function timeOf(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  return isoTime.safeParse(text).success ? Date.parse(text) : Number.NaN;
}

const times = {
  asOf,
  gapSeconds: spanField('Seconds between two checks, for the latency buffer.', {
    secondsMax: GAP_SECONDS_MAX,
  }).prefault(String(GAP_SECONDS_DEFAULT)),
  previousPrices: z
    .record(
      z.string(),
      z.strictObject({
        price: priceField('Last believed.'),
        suspect: z
          .strictObject({
            price: priceField('Not believed yet.'),
            publishedAt: timeField('Its time.'),
          })
          .optional(),
      }),
    )
    .prefault({})
    .meta({ description: 'By feed, from the check before; without one no jump can be seen.' }),
  feedClasses: z
    .record(z.string(), z.array(z.string()))
    .prefault({})
    .meta({ description: 'By feed: risk classes besides those its assets and instruments name.' }),
};

/** The document in full, for its JSON Schema. Reading one refuses a bad row, not the document. */
export const documentSchema = z.strictObject({
  ...times,
  policy: policyAttributes,
  assets: z.record(z.string(), assetAttributes).prefault({}),
  instruments: z.record(z.string(), instrumentAttributes).prefault({}),
  risk: z.record(z.string(), riskAttributes).prefault({}),
  quotes: z.array(
    quoteAttributes.extend({ feed: idField('Name of the feed.'), source: idField('Whose price.') }),
  ),
  marketRows: z
    .array(z.looseObject({ kind: z.string(), id: z.string() }))
    .prefault([])
    .meta({ description: 'Rows as they stand in the market table, besides those above.' }),
  accounts: z.array(
    z.strictObject({
      accountId: idField('The account.'),
      profile: profileAttributes.prefault({}),
      balances: z.array(balanceAttributes).prefault([]),
      positions: z
        .array(positionAttributes.extend({ label: idField('Tells positions apart.').optional() }))
        .prefault([]),
      rows: z
        .array(z.looseObject({ item: z.string() }))
        .prefault([])
        .meta({ description: 'Instead of the three: rows as they stand in the accounts table.' }),
    }),
  ),
});

const attributes = z.record(z.string(), z.unknown());
const rowsById = z.record(z.string(), attributes).prefault({});

/** Loose about rows, which are read one by one as the check reads them from its tables. */
const documentShape = z.strictObject({
  ...times,
  policy: attributes,
  assets: rowsById,
  locations: z.record(z.string(), attributes).prefault({}),
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

/** @throws DocumentError with the first fault. */
export function readDocument(value: unknown): Evidence {
  const parsed = documentShape.safeParse(value);
  if (!parsed.success) {
    throw new DocumentError(rowFault('the document', parsed.error).detail);
  }
  const shape = parsed.data;
  return {
    asOf: shape.asOf,
    gapSeconds: shape.gapSeconds,
    previousPrices: new Map(Object.entries(shape.previousPrices)),
    feedClasses: new Map(Object.entries(shape.feedClasses)),
    marketRows: marketRowsOf(shape),
    accounts: shape.accounts.map(accountRowsOf),
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
    rows: [
      ...(profile === undefined ? [] : [keyed('profile', profile)]),
      ...balances.map((row) => keyed(balanceItem(row), row)),
      ...positions.map(({ label, ...row }) => keyed(positionItem(row, label), row)),
      ...rows.map((row) => ({ accountId, ...row })),
    ],
  };
}

export const balanceItem = (row: RawRow): string => `balance#${plainText(row.asset)}`;

export const positionItem = (row: RawRow, label: unknown): string => {
  const item = `position#${plainText(row.instrument)}`;
  return label === undefined ? item : `${item}#${plainText(label)}`;
};

const plainText = (value: unknown): string =>
  value instanceof Numeral ? value.text : String(value);

/** The document as JSON: the inverse of reading one. */
export function writeDocument(evidence: Evidence): Record<string, unknown> {
  const { marketRows } = evidence;
  const byId = (kind: string) =>
    Object.fromEntries(
      marketRows.filter((row) => row.kind === kind).map((row) => [String(row.id), unkeyed(row)]),
    );
  const [policy] = Object.values(byId('policy'));
  const quotes = marketRows.filter(({ kind }) => kind === 'quote');
  const oddQuotes = quotes.filter((row) => !isPlainQuote(row));
  const previous = [...evidence.previousPrices].map(([feed, at]) => [feed, writeRemembered(at)]);
  return {
    asOf: evidence.asOf,
    gapSeconds: evidence.gapSeconds,
    previousPrices: Object.fromEntries(previous),
    feedClasses: Object.fromEntries(evidence.feedClasses),
    policy,
    assets: byId('asset'),
    instruments: byId('instrument'),
    risk: byId('risk'),
    quotes: quotes.filter(isPlainQuote).map(({ kind: _kind, id, ...row }) => {
      const [feed, source] = String(id).split('#');
      return { feed, source, ...row };
    }),
    ...(oddQuotes.length === 0 ? {} : { marketRows: oddQuotes }),
    accounts: evidence.accounts.map(writeAccount),
  };
}

/** One that can be told by its feed and its source; any other is kept as the row that it is. */
const isPlainQuote = (row: RawRow): boolean =>
  String(row.id).split('#').length === 2 && !('feed' in row) && !('source' in row);

/** As it stands in a document, and in the fence. */
export const writeRemembered = ({ price, suspect }: RememberedPrice) => ({
  price: textOf(price),
  ...(suspect === undefined ? {} : { suspect: { ...suspect, price: textOf(suspect.price) } }),
});

const unkeyed = ({ kind: _kind, id: _id, ...row }: RawRow): RawRow => row;

/** An account that cannot be read keeps its rows as they are, so that it is refused again. */
function writeAccount({ accountId, rows }: AccountRows): Record<string, unknown> {
  const bare = rows.map(({ accountId: _accountId, ...row }) => row);
  if (!readAccount(accountId, rows).ok) return { accountId, rows: bare };
  const ofKind = (kind: string) =>
    bare
      .filter(({ item }) => String(item).split('#')[0] === kind)
      .map(({ item, ...row }) => ({ item: String(item), row }));
  const [profile] = ofKind('profile');
  return {
    accountId,
    ...(profile === undefined ? {} : { profile: profile.row }),
    balances: ofKind('balance').map(({ row }) => row),
    positions: ofKind('position').map(({ item, row }) => {
      const label = item.slice(positionItem(row, undefined).length + 1);
      return label === '' ? row : { ...row, label };
    }),
  };
}

/** The market of a document, read and resolved. @throws PolicyError */
export function snapshotOf(evidence: Evidence): MarketReading & { readonly snapshot: Snapshot } {
  const { market, faults } = readMarket(evidence.marketRows, evidence.feedClasses);
  const { asOf: at, gapSeconds, previousPrices } = evidence;
  return {
    market,
    faults,
    snapshot: takeSnapshot({ market, asOf: at, gapSeconds, previousPrices }),
  };
}
