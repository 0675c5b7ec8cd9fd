/** The record of a run: enough to assess any account again at any check. */

import type { CheckSummary } from '../../lambda/check/summary.ts';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import type { AccountRow, MarketRow } from '../aws/rows.ts';
import type { Prices } from './feeds.ts';
import type { Change } from './fill.ts';

/** A scheduled check, or an event check of all accounts or of those that changed. */
export type LookKind = 'scheduled' | 'moved' | 'changed';

export interface Look {
  readonly asOf: number;
  /** Since the last scheduled check; absent at the first. */
  readonly gapSeconds?: number | undefined;
  /** Includes the last quotes of a silent feed. */
  readonly quotes: readonly MarketRow[];
  readonly kind: LookKind;
}

export interface CheckRecord extends Look {
  /** Displacement included. */
  readonly prices: Prices;
  /** Without liquidations. */
  readonly exogenous: Prices;
  readonly levels: CheckSummary['levels'];
  readonly shock: CheckSummary['shock'];
  /** Liquidation fees paid into the insurance fund so far, USD. */
  readonly fundPaid: number;
}

type Seen = Pick<CheckRecord, 'prices' | 'exogenous' | 'fundPaid'>;

interface Version {
  readonly fromLook: number;
  readonly rows: ReadonlyMap<string, AccountRow>;
}

export class History {
  /** Scheduled ones. */
  readonly checks: CheckRecord[] = [];
  /** All checks, by time. */
  readonly looks: Look[] = [];
  readonly terms: readonly MarketRow[];
  private readonly quotes = new Map<string, MarketRow>();
  private readonly versions = new Map<string, Version[]>();

  constructor(rows: readonly AccountRow[], terms: readonly MarketRow[]) {
    this.terms = terms;
    for (const row of rows) this.change({ written: [row], removed: [] });
  }

  get accountIds(): string[] {
    return [...this.versions.keys()].toSorted();
  }

  change({ written, removed }: Pick<Change, 'written' | 'removed'>): void {
    for (const row of written) this.edit(row.accountId, (rows) => rows.set(row.item, row));
    for (const row of removed) this.edit(row.accountId, (rows) => rows.delete(row.item));
  }

  private edit(accountId: string, change: (rows: Map<string, AccountRow>) => void): void {
    const versions = this.versions.get(accountId) ?? [];
    const rows = new Map(versions.at(-1)?.rows);
    change(rows);
    this.versions.set(accountId, [...versions, { fromLook: this.looks.length, rows }]);
  }

  quote(rows: readonly MarketRow[]): void {
    for (const row of rows) this.quotes.set(row.id, row);
  }

  check({ asOf, gapSeconds, levels, shock }: CheckSummary, seen: Seen): void {
    const look = this.look({ asOf: Date.parse(asOf), gapSeconds, kind: 'scheduled' });
    this.checks.push({ ...look, levels, shock, ...seen });
  }

  eventCheck(asOf: number, kind: LookKind): void {
    const before = this.checks.at(-1)?.asOf;
    this.look({ asOf, gapSeconds: before && (asOf - before) / 1000, kind });
  }

  private look(of: Omit<Look, 'quotes'>): Look {
    const look = { ...of, quotes: [...this.quotes.values()] };
    this.looks.push(look);
    return look;
  }

  /** @param look index in the run */
  rowsAt(accountId: string, look: number): AccountRow[] {
    const versions = this.versions.get(accountId) ?? [];
    const valid = versions.findLast(({ fromLook }) => fromLook <= look);
    return [...(valid?.rows.values() ?? [])];
  }
}

/** As a table returns them: numbers as text. */
export const rawRows = (rows: readonly object[]): RawRow[] =>
  parseExactJson(JSON.stringify(rows)) as RawRow[];
