/** The accounts of a deployment by distance to liquidation, read in one pass. */
import { assessAccount } from '../../lambda/accounts/assess-account.ts';
import { overMaintenance } from '../../lambda/margin/assess/formulas.ts';
import {
  approximately,
  asRatio,
  type Ratio,
  textOf,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { liquidationMultiples } from '../analysis/liquidation-price.ts';
import {
  type AccountRow,
  accountRow,
  distanceOf,
  LEVELS,
  type ListedLevel,
} from './account-row.ts';

export const SORTS = ['distance', 'surplus', 'leverage', 'notional', 'equity', 'account'] as const;
export type Sort = (typeof SORTS)[number];

export interface AccountsAsked {
  readonly levels: readonly ListedLevel[];
  readonly sort: Sort;
  /** Absent: all. */
  readonly limit?: number | undefined;
  /** Whether no account that is left can be nearer than the farthest of those listed. */
  readonly isEnough?: (farthest: number) => boolean;
}

/** Decimal texts. */
export interface ListedAccount {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly level: ListedLevel;
  readonly reason?: string | undefined;
  /** Of all prices together, until it is liquidated. */
  readonly distance: string;
  /** The price that liquidates it after the smallest move of its own. */
  readonly nearest?: NearestPrice | undefined;
  readonly surplus?: string | undefined;
  readonly equity?: string | undefined;
  readonly leverage?: string | undefined;
  readonly notional?: string | undefined;
}

export interface NearestPrice {
  readonly factor: string;
  /** Relative. */
  readonly move: string;
  readonly price?: string | undefined;
}

export interface RankedAccounts {
  readonly accounts: number;
  /** Of sub-accounts. */
  readonly counts: Readonly<Record<ListedLevel, number>>;
  /** Listed, of those with the levels asked for. */
  readonly matching: number;
  readonly rows: readonly ListedAccount[];
}

interface Kept {
  readonly key: number;
  readonly name: string;
  readonly row: AccountRow;
  /** Known if it is the key. */
  readonly distance?: Ratio | undefined;
}

type Lots = AsyncIterable<readonly AccountRows[]> | Iterable<readonly AccountRows[]>;

export async function rankAccounts(
  lots: Lots,
  { snapshot, ...asked }: AccountsAsked & { readonly snapshot: Snapshot },
): Promise<RankedAccounts> {
  const { levels, sort, limit = Number.POSITIVE_INFINITY, isEnough } = asked;
  const counts = Object.fromEntries(LEVELS.map((level) => [level, 0])) as Record<
    ListedLevel,
    number
  >;
  const ranking = new Ranking(limit);
  let accounts = 0;
  let matching = 0;
  for await (const lot of lots) {
    accounts += lot.length;
    for (const assessed of lot.flatMap((account) => assessAccount(account, snapshot))) {
      const row = accountRow(assessed);
      counts[row.level]++;
      if (!levels.includes(row.level)) continue;
      matching++;
      const { name } = assessed;
      if (sort === 'distance') ranking.addByDistance({ name, row }, snapshot);
      else ranking.add({ key: keyOf(row, sort), name, row });
    }
    const farthest = isEnough && ranking.farthest;
    if (farthest !== undefined && isEnough?.(farthest)) break;
  }
  const rows = ranking.sorted().map((each) => listed(each, snapshot));
  return { accounts, counts, matching, rows };
}

/** Keeps the first `limit` and forgets the others as it goes. */
class Ranking {
  private readonly limit: number;
  private kept: Kept[] = [];
  /** The key of the last of `limit` that were kept once. */
  private last: number | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(each: Kept): void {
    this.kept.push(each);
    if (this.kept.length < 2 * this.limit) return;
    this.kept = this.sorted();
    this.last = this.kept.at(-1)?.key;
  }

  /** Most accounts are shown to be farther away than the last one, without their distance. */
  addByDistance({ name, row }: Pick<Kept, 'name' | 'row'>, snapshot: Snapshot): void {
    const within = this.last === undefined ? undefined : asRatio(Math.max(0, this.last));
    const distance = distanceOf(row, snapshot, within);
    if (distance === undefined) return;
    this.add({ key: nearKey(row, distance), name, row, distance });
  }

  /** The key of the last of those listed; undefined while there are fewer. */
  get farthest(): number | undefined {
    return this.kept.length < this.limit ? undefined : this.sorted().at(-1)?.key;
  }

  sorted(): Kept[] {
    return this.kept.toSorted(byKey).slice(0, this.limit);
  }
}

const byKey = (left: Kept, right: Kept): number =>
  left.key - right.key || (left.name < right.name ? -1 : 1);

/** Below 0 for accounts at the line or below it: those that lack most first. */
function nearKey({ figures }: AccountRow, distance: Ratio): number {
  const near = approximately(distance);
  if (near > 0) return near;
  const surplus = figures === undefined ? 0 : approximately(figures.surplus);
  return Math.min(0, surplus) / (1 + Math.abs(surplus)) - 1;
}

/** The smallest comes first: the poorest, the most levered, the largest. */
function keyOf({ figures }: AccountRow, sort: Exclude<Sort, 'distance'>): number {
  if (sort === 'account') return 0;
  if (figures === undefined) return Number.POSITIVE_INFINITY;
  const { surplus, equity, leverage, notional } = figures;
  if (sort === 'surplus') return approximately(surplus);
  if (sort === 'equity') return approximately(equity);
  if (sort === 'notional') return -approximately(notional);
  return leverage === undefined ? Number.NEGATIVE_INFINITY : -approximately(leverage);
}

function listed({ row, distance }: Kept, snapshot: Snapshot): ListedAccount {
  const { figures, ...named } = row;
  const away = textOf(distance ?? distanceOf(row, snapshot) ?? ZERO);
  if (figures === undefined) return { ...named, distance: away };
  const { surplus, equity, leverage, notional } = figures;
  return {
    ...named,
    distance: away,
    nearest: row.level === 'undecided' ? undefined : nearestOf(figures, snapshot),
    surplus: textOf(surplus),
    equity: textOf(equity),
    leverage: leverage && textOf(leverage),
    notional: textOf(notional),
  };
}

function nearestOf(
  { book, surplus }: NonNullable<AccountRow['figures']>,
  { policy }: Snapshot,
): NearestPrice | undefined {
  const line = overMaintenance(policy.liquidationMultiplier);
  const ends = liquidationMultiples(book, surplus, line).flatMap(({ factor, price, ...sides }) =>
    [sides.below, sides.above].flatMap((multiple) => {
      if (multiple === undefined) return [];
      const move = approximately(multiple) - 1;
      const at = price === undefined ? {} : { price: String(approximately(price) * (1 + move)) };
      return [{ factor, move: String(move), ...at }];
    }),
  );
  return ends.toSorted((left, right) => Math.abs(+left.move) - Math.abs(+right.move))[0];
}
