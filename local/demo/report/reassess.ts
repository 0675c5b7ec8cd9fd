/** Uses the handler's own functions. */

import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { bufferGapSeconds } from '../../../lambda/check/lateness.ts';
import type { BookFigures } from '../../../lambda/margin/assess/assess.ts';
import {
  type MeasureInput,
  measuredFeeds,
  measuredOf,
  memoryAfter,
  type VolatilityMemory,
} from '../../../lambda/margin/market/measure.ts';
import type { RememberedPrice } from '../../../lambda/margin/market/oracle.ts';
import { type Snapshot, takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { type History, type LookKind, rawRows } from '../history.ts';

export interface CheckView {
  readonly index: number;
  readonly asOf: number;
  readonly gapSeconds?: number | undefined;
  readonly kind: LookKind;
  readonly snapshot: Snapshot;
}

export function* checkViews(
  { looks, terms: termRows }: History,
  intervalSeconds: number,
): Generator<CheckView> {
  const terms = rawRows(termRows);
  let previousPrices: ReadonlyMap<string, RememberedPrice> = new Map();
  let memories: ReadonlyMap<string, VolatilityMemory> = new Map();
  for (const [index, { asOf, gapSeconds, quotes, kind }] of looks.entries()) {
    const timing = { asOf, lateSeconds: 0, gapSeconds, intervalSeconds };
    const { market } = readMarket([...terms, ...rawRows(quotes)]);
    const gap = { intervalSeconds, gapSeconds: bufferGapSeconds(timing) };
    const known = { market, asOf, previousPrices, ...gap };
    const measured = measureNext(memories, known);
    const snapshot = takeSnapshot({ ...known, volatilities: measured.volatilities });
    yield { index, asOf, gapSeconds, kind, snapshot };
    // An event check remembers nothing.
    if (kind !== 'scheduled') continue;
    memories = measured.memories;
    previousPrices = remembered(snapshot, previousPrices);
  }
}

/** Uses the current quotes first, like the handler. */
function measureNext(before: ReadonlyMap<string, VolatilityMemory>, now: MeasureInput) {
  const { asOf } = now;
  const memories = new Map(before);
  const measured = measuredFeeds(now).flatMap(({ feed, terms, quote }) => {
    const memory = memoryAfter(memories.get(feed), { terms, quote, asOf });
    if (memory === undefined) return [];
    memories.set(feed, memory);
    return [[feed, measuredOf(memory, { asOf, terms })] as const];
  });
  return { memories, volatilities: new Map(measured) };
}

function remembered(
  { feeds }: Snapshot,
  previous: ReadonlyMap<string, RememberedPrice>,
): Map<string, RememberedPrice> {
  const kept = [...feeds.values()].flatMap(({ feed, memory = previous.get(feed) }) =>
    memory === undefined ? [] : [[feed, memory] as const],
  );
  return new Map(kept);
}

export interface SubjectName {
  readonly accountId: string;
  readonly position?: string | undefined;
}

/** @returns undefined if a row of the sub-account could not be read, or it did not exist */
export function assessedAt(
  { accountId, position }: SubjectName,
  { snapshot, index }: Pick<CheckView, 'snapshot' | 'index'>,
  history: History,
): BookFigures | undefined {
  const account = { accountId, rows: rawRows(history.rowsAt(accountId, index)) };
  const open = position === undefined ? [] : [position];
  const subjects = assessAccount(account, snapshot, open);
  const outcome = subjects.find((each) => each.position === position)?.outcome;
  return outcome?.certainty === 'indeterminate' ? outcome.figures : outcome;
}
