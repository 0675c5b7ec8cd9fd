import { accountAttributes } from '../../lambda/rows/account-rows.ts';
import { balanceItem, positionItem } from '../../lambda/rows/item-keys.ts';
import { marketAttributes } from '../../lambda/rows/market-rows.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import * as z from '../../lambda/rows/zod.ts';
import { TABLES } from '../../lib/names.ts';

export interface Kind {
  readonly table: 'accounts' | 'market';
  /** The schema that the check uses too. */
  readonly attributes: z.ZodMiniType;
  /** Columns that identify the row and are not attributes. */
  readonly ids: readonly string[];
  readonly optionalIds: readonly string[];
  /** The row's two key attributes. */
  keyOf(row: RawRow): RawRow;
}

interface OwnIds {
  readonly ids: readonly string[];
  readonly optionalIds?: readonly string[];
}

function market(
  kind: keyof typeof marketAttributes,
  { ids, idOf }: OwnIds & { idOf(row: RawRow): unknown },
): Kind {
  const attributes = marketAttributes[kind];
  const keyOf = (row: RawRow) => ({ kind, id: idOf(row) });
  return { table: 'market', attributes, ids, optionalIds: [], keyOf };
}

function account(
  kind: keyof typeof accountAttributes,
  { optionalIds = [], itemOf }: Partial<OwnIds> & { itemOf(row: RawRow): string },
): Kind {
  const attributes = accountAttributes[kind];
  const keyOf = (row: RawRow) => ({ accountId: row.accountId, item: itemOf(row) });
  return { table: 'accounts', attributes, ids: ['accountId'], optionalIds, keyOf };
}

/** In writing order: terms before books, in case a check runs meanwhile. */
export const KINDS = {
  policy: market('policy', { ids: [], idOf: () => 'default' }),
  risk: market('risk', { ids: ['riskClass'], idOf: (row) => row.riskClass }),
  assets: market('asset', { ids: ['asset'], idOf: (row) => row.asset }),
  locations: market('location', { ids: ['location'], idOf: (row) => row.location }),
  instruments: market('instrument', { ids: ['instrument'], idOf: (row) => row.instrument }),
  quotes: market('quote', {
    ids: ['feed', 'source'],
    idOf: ({ feed, source }) => `${feed}#${source}`,
  }),
  funds: market('fund', { ids: ['source'], idOf: (row) => row.source }),
  accounts: account('profile', { itemOf: () => 'profile' }),
  balances: account('balance', { itemOf: balanceItem }),
  positions: account('position', {
    optionalIds: ['label'],
    itemOf: (row) => positionItem(row, row.label),
  }),
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as KindName[];

export const isKindName = (name: string): name is KindName => Object.hasOwn(KINDS, name);

export function keyNamesOf({ table }: Kind): readonly [string, string] {
  const { partitionKey, sortKey } = TABLES[table];
  return [partitionKey, sortKey];
}

/** Dotted names of boolean attributes, which CSV can only spell. */
export function booleansOf({ attributes }: Kind): ReadonlySet<string> {
  const schema = z.toJSONSchema(attributes, { io: 'input', unrepresentable: 'any' });
  return new Set(booleansIn(schema as Described));
}

interface Described {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

function booleansIn({ properties = {} }: Described): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    if (property.type === 'boolean') return [name];
    return booleansIn(property).map((inner) => `${name}.${inner}`);
  });
}
