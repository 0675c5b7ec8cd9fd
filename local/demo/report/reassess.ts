/** The checks of a run once more, from its history, by the functions that the handler itself uses. */
import { snapshotOf } from '../../../lambda/contract/document.ts';
import type { RawRow } from '../../../lambda/contract/fault.ts';
import { parseExactJson } from '../../../lambda/contract/numeral.ts';
import { bufferGapSeconds } from '../../../lambda/fence.ts';
import type { Assessment } from '../../../lambda/margin/assess.ts';
import { textOf } from '../../../lambda/margin/decimal.ts';
import { type RememberedPrice, remember } from '../../../lambda/margin/oracle.ts';
import type { Snapshot } from '../../../lambda/margin/snapshot.ts';
import { assessAccount } from '../../../lambda/subjects.ts';
import type { History } from '../history.ts';
import { demoMarketRows } from '../market.ts';

/** The demo's checks are a minute apart. */
const INTERVAL_SECONDS = 60;

export interface CheckView {
  /** Its place in the run. */
  readonly index: number;
  readonly asOf: number;
  readonly gapSeconds?: number | undefined;
  readonly snapshot: Snapshot;
  /** Annual, by risk class. */
  readonly volatility: (riskClass: string) => number;
}

/** Each check of the run, in order. */
export function* checkViews({ checks }: History): Generator<CheckView> {
  const terms = rawRows(demoMarketRows());
  let previousPrices: ReadonlyMap<string, RememberedPrice> = new Map();
  for (const [index, { asOf, gapSeconds, quotes }] of checks.entries()) {
    const timing = { asOf, lateSeconds: 0, gapSeconds, intervalSeconds: INTERVAL_SECONDS };
    const { market, snapshot } = snapshotOf({
      asOf,
      gapSeconds: bufferGapSeconds(timing),
      previousPrices,
      feedClasses: new Map(),
      marketRows: [...terms, ...rawRows(quotes)],
      accounts: [],
    });
    const volatility = (riskClass: string): number => {
      const found = market.riskClasses.get(riskClass);
      return found?.ok ? Number(textOf(found.value.volatility)) : 0;
    };
    yield { index, asOf, gapSeconds, snapshot, volatility };
    previousPrices = remembered(snapshot, previousPrices);
  }
}

/** As a table gives them back: numbers by their text. */
const rawRows = (rows: readonly object[]): RawRow[] =>
  parseExactJson(JSON.stringify(rows)) as RawRow[];

function remembered(
  { feeds }: Snapshot,
  previous: ReadonlyMap<string, RememberedPrice>,
): Map<string, RememberedPrice> {
  const kept = [...feeds.values()].flatMap(({ feed, price }) => {
    const now = remember(price, previous.get(feed));
    return now === undefined ? [] : [[feed, now] as const];
  });
  return new Map(kept);
}

/** The cross book of an account, or one isolated position of it. */
export interface SubjectName {
  readonly accountId: string;
  readonly position?: string | undefined;
}

/**
 * What a subject came to at a check.
 * @returns undefined when it was indeterminate, or there was no such subject.
 */
export function assessedAt(
  { accountId, position }: SubjectName,
  { snapshot, index }: Pick<CheckView, 'snapshot' | 'index'>,
  history: History,
): Assessment | undefined {
  const account = { accountId, rows: rawRows(history.rowsAt(accountId, index)) };
  const open = position === undefined ? [] : [position];
  const subjects = assessAccount(account, snapshot, open);
  const outcome = subjects.find((each) => each.position === position)?.outcome;
  return outcome === undefined || outcome.certainty === 'indeterminate' ? undefined : outcome;
}
