/**
 * Markets and accounts for tests, from rows as a user would write them, read as in production. The
 * defaults are the simplest: no buffer, no uncertainty, weights of 1, quotes published now.
 */

import { type Assessment, assess, assessBook } from '../../../lambda/margin/assess/assess.ts';
import type { Figure } from '../../../lambda/margin/assess/figures.ts';
import { type SubAccount, subAccounts } from '../../../lambda/margin/book/account.ts';
import type { Book } from '../../../lambda/margin/book/book.ts';
import { buildBook } from '../../../lambda/margin/book/build-book.ts';
import type { Bound, Range } from '../../../lambda/margin/curve/figure.ts';
import type { RememberedPrice } from '../../../lambda/margin/market/oracle.ts';
import type { Policy } from '../../../lambda/margin/market/policy.ts';
import {
  type Rates,
  type Schedule,
  tieredSchedule,
} from '../../../lambda/margin/market/schedule.ts';
import {
  type Amount,
  amount,
  price,
  type Ratio,
  ratio,
  textOf,
} from '../../../lambda/margin/number/decimal.ts';
import {
  type Snapshot,
  type SnapshotInput,
  takeSnapshot,
} from '../../../lambda/margin/snapshot/snapshot.ts';
import { balanceItem } from '../../../lambda/rows/item-keys.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { readAccount } from '../../../lambda/rows/read-account.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';

export const NOW = 1_700_000_000_000;

type RowsById = Readonly<Record<string, RawRow>>;

export interface MarketRows {
  readonly policy?: RawRow;
  readonly assets?: RowsById;
  readonly locations?: RowsById;
  readonly instruments?: RowsById;
  readonly risk?: RowsById;
  /** By `<feed>#<source>`. Published now by default. */
  readonly quotes?: RowsById;
  readonly asOf?: number;
  readonly gapSeconds?: number;
  /** By feed: the price last accepted. */
  readonly previousPrices?: Readonly<Record<string, string | null>>;
  /** By feed: σ_ewma, or null if it could not be read. */
  readonly volatilities?: Readonly<Record<string, string | null>>;
  /** By feed with a volatility, which is σ̂ too: z of a fall and of a rise. */
  readonly quantiles?: Readonly<Record<string, readonly [string, string]>>;
  /** By feed with a volatility: σ as the initial requirement saw it. */
  readonly initials?: Readonly<Record<string, string>>;
}

export interface AccountRows {
  readonly profile?: RawRow;
  readonly balances?: readonly RawRow[];
  /** The label, if any, is one more attribute. */
  readonly positions?: readonly RawRow[];
}

export const BARE = { latencyBuffer: 'none', uncertainty: 'none' };

const rowsOf = (kind: string, byId: RowsById = {}): RawRow[] =>
  Object.entries(byId).map(([id, row]) => ({ kind, id, ...row }));

/** As the market table has them. */
export const tableRowsOf = (rows: MarketRows): RawRow[] => [
  { kind: 'policy', id: 'default', ...BARE, ...rows.policy },
  ...rowsOf('asset', rows.assets),
  ...rowsOf('location', rows.locations),
  ...rowsOf('instrument', rows.instruments),
  ...rowsOf('risk', rows.risk),
  ...rowsOf('quote', rows.quotes).map((row) => ({ publishedAt: String(NOW), ...row })),
];

export const marketOf = (rows: MarketRows) => readMarket(tableRowsOf(rows)).market;

export const snapshotOf = (rows: MarketRows): Snapshot => takeSnapshot(inputOf(rows));

export function inputOf(rows: MarketRows): SnapshotInput {
  const previous = Object.entries(rows.previousPrices ?? {});
  const measured = Object.entries(rows.volatilities ?? {});
  return {
    market: marketOf(rows),
    asOf: rows.asOf ?? NOW,
    gapSeconds: rows.gapSeconds ?? 60,
    previousPrices: new Map(
      previous.map(([feed, text]): [string, RememberedPrice | null] => [
        feed,
        text === null ? null : { price: price(text) },
      ]),
    ),
    volatilities: new Map(
      measured.map(([feed, text]) => {
        if (text === null) return [feed, null];
        const [down, up] = rows.quantiles?.[feed] ?? [];
        const initial = rows.initials?.[feed];
        const slowed = initial === undefined ? {} : { initial: ratio(initial) };
        const annual = ratio(text);
        if (down === undefined || up === undefined) return [feed, { annual, ...slowed }];
        const quantiles = { down: ratio(down), up: ratio(up) };
        return [feed, { annual, forecast: { volatility: annual, quantiles }, ...slowed }];
      }),
    ),
  };
}

/** The cross book first, then each isolated position. */
export function subAccountsOf(rows: AccountRows): SubAccount[] {
  const { profile, balances = [], positions = [] } = rows;
  const reading = readAccount('account', [
    ...(profile === undefined ? [] : [{ item: 'profile', ...profile }]),
    ...balances.map((row) => ({ item: balanceItem(row), ...row })),
    ...positions.map(({ label, ...row }) => {
      const item = `position#${String(row.instrument)}`;
      return { item: label === undefined ? item : `${item}#${String(label)}`, ...row };
    }),
  ]);
  if (!reading.ok) throw new Error(reading.reasons.map(({ detail }) => detail).join('; '));
  return subAccounts(reading.account);
}

export function crossOf(rows: AccountRows): SubAccount {
  const [cross] = subAccountsOf(rows);
  if (cross === undefined) throw new Error('an account always has a cross book');
  return cross;
}

export function bookOf(rows: AccountRows, snapshot: Snapshot): Book {
  const built = buildBook(crossOf(rows), snapshot);
  if (!built.ok) throw new Error(built.reasons.map(({ detail }) => detail).join('; '));
  return built.book;
}

export function assessed(rows: AccountRows, snapshot: Snapshot): Assessment {
  const outcome = assess(crossOf(rows), snapshot);
  if (outcome.certainty !== 'indeterminate') return outcome;
  throw new Error(outcome.reasons.map(({ detail }) => detail).join('; '));
}

export function assessedBook(book: Book, { policy }: Snapshot): Assessment {
  const outcome = assessBook(book, policy);
  if (outcome.certainty !== 'indeterminate') return outcome;
  throw new Error(outcome.reasons.map(({ detail }) => detail).join('; '));
}

/** Each reason as `code subject`. Empty if there is an assessment. */
export function reasonsOf(rows: AccountRows, snapshot: Snapshot): string[] {
  const outcome = assess(crossOf(rows), snapshot);
  if (outcome.certainty !== 'indeterminate') return [];
  return outcome.reasons.map(({ code, subject }) => `${code} ${subject}`);
}

export const policyOf = (policy: RawRow): Policy => marketOf({ policy }).policy;

/** Each tier is `[floor, initial, maintenance]`. */
export const scheduleOf = (...tiers: readonly (readonly [string, string, string])[]): Schedule =>
  tieredSchedule(
    tiers.map(
      ([floor, initial, maintenance]): Rates => ({
        floor: amount(floor),
        initial: ratio(initial),
        maintenance: ratio(maintenance),
      }),
    ),
  );

/** Of prices that are uncertain but in no doubt. */
export const rangeOf = (low: string, point = low, high = point): Figure => ({
  low: amount(low),
  least: amount(point),
  point: amount(point),
  most: amount(point),
  high: amount(high),
  agedHigh: amount(high),
  mostLow: amount(low),
});

export const boundText = (bound: Bound): string => (bound === 'unbounded' ? bound : textOf(bound));

export const textsOf = ({ low, point, high }: Range): [string, string, string] => [
  boundText(low),
  textOf(point),
  boundText(high),
];

/** All five numbers: low, least, point, most, high. */
export const fiveOf = ({ low, least, point, most, high }: Range): string[] =>
  [low, least, point, most, high].map(boundText);

/** For figures that nothing in doubt leaves open. */
export function bounded(bound: Bound): Amount {
  if (bound === 'unbounded') throw new Error('the figure has no bound');
  return bound;
}

/** For example `{ at: '60000' }`: every measure of an object as text, to compare whole figures. */
export const plain = <K extends string>(
  figures: Readonly<Record<K, Amount | Ratio>>,
): Record<K, string> => {
  const entries = Object.entries<Amount | Ratio>(figures);
  return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)])) as Record<
    K,
    string
  >;
};
