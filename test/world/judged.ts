/**
 * Holds what was decided against the independent reader: in each decision's own evidence, and for
 * every account at the last check.
 */
import { assessAccount } from '../../lambda/accounts/assess-account.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { readAndMeasure } from '../../lambda/check/inputs.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { StoredCaseState } from '../../lambda/record/case-state.ts';
import type { DecisionRecord } from '../../lambda/record/decision-record.ts';
import type { AccountRows, RawRow } from '../../lambda/rows/raw-row.ts';
import { readDocument, snapshotOf } from '../../local/analysis/document.ts';
import { plain } from '../../local/analysis/replay.ts';
import type { Process } from '../aws/network.ts';
import { FEEDS } from './actors.ts';
import { isNear, type Quoted } from './quoted.ts';
import { type Judgement, judge, type ReaderMarket } from './reader.ts';
import { readerMarketOf } from './reader-market.ts';
import { CONFIG, type World } from './world.ts';

/** float64 decides no nearer comparison. */
const MARGIN_MIN = 1e-9;

/** A record's verdict, and whether its plan was right. */
export function* evidenceFaults(
  record: DecisionRecord,
  world: Pick<World, 'atRest' | 'quoted' | 'hasFaultAt'>,
): Generator<string> {
  const { evidence, position, result } = record;
  const { atRest } = world;
  const document = readDocument(evidence);
  const { snapshot } = snapshotOf(document);
  const [account] = document.accounts;
  if (account === undefined) return;
  const isPlanned = result.messages.some(({ type }) => type === 'liquidation.ordered');
  const { changingTimeoutSeconds } = snapshot.policy;
  const waited = (snapshot.asOf - (record.before.changingSince ?? snapshot.asOf)) / 1000;
  // A plan that has waited that long waits no longer: a writer may have died.
  const mustRest = isPlanned && waited < changingTimeoutSeconds;
  if (mustRest && !atRest.has(account.accountId, account.rows, position)) {
    yield 'was ordered to be liquidated on rows in the middle of a change';
  }
  const market = readerMarketOf(snapshot, rowsIn(plain(evidence) as Evidence));
  const found = judged(account, market);
  const judgement = found.find((each) => each.position === position);
  if (judgement === undefined) return;
  const { level, certainty } = result.assessment as Pick<Judgement, 'level' | 'certainty'>;
  const said = certainty === 'indeterminate' ? certainty : level;
  if (judgement.margin > MARGIN_MIN && said !== judgement.level) {
    yield `was judged ${said}; it is ${judgement.level} by row ${judgement.row}`;
  }
  const wasCalled = record.before.open?.call !== undefined;
  if (isPlanned) yield* planFaults(judgement, wasCalled);
  yield* lieFaults(record, market, { world, account, isPlanned, snapshot });
}

/** No single liar is believed, and no plan is wrong whatever honest source is asked. */
function* lieFaults(
  { checkId, before, position }: DecisionRecord,
  market: ReaderMarket,
  of: {
    readonly world: Pick<World, 'quoted' | 'hasFaultAt'>;
    readonly account: AccountRows;
    readonly isPlanned: boolean;
    readonly snapshot: Snapshot;
  },
): Generator<string> {
  const { world, account, isPlanned, snapshot } = of;
  const lies = liesIn(market, world.quoted, snapshot.asOf);
  for (const { feed, isExcusable } of lies) {
    // Without its memory a check has no price to doubt another by.
    if (!isExcusable && !world.hasFaultAt(checkId)) yield `believed the one liar of ${feed}`;
  }
  if (!isPlanned || lies.length > 0) return;
  const wasCalled = before.open?.call !== undefined;
  const faults = honestMarkets(market, world.quoted, snapshot).map((honest) => {
    const truth = judged(account, honest).find((each) => each.position === position);
    return truth === undefined ? [] : [...planFaults(truth, wasCalled)];
  });
  const [fault] = faults.find((each) => each.length > 0) ?? [];
  if (fault !== undefined && faults.every((each) => each.length > 0)) {
    yield `${fault}, whatever honest source is asked`;
  }
}

/** Feeds of which a lie is believed. */
function liesIn({ feeds }: ReaderMarket, quoted: Quoted, asOf: number) {
  return FEEDS.flatMap((feed) => {
    const believed = feeds.get(feed)?.price;
    if (believed === undefined || !quoted.isLie(feed, believed, asOf)) return [];
    return [{ feed, isExcusable: quoted.mayBeBelieved(feed, asOf) }];
  });
}

/** The sources of a minute publish up to a second apart. */
const GRACE_SECONDS = 2;

/** One for each choice of what an honest source of each feed said last. */
function honestMarkets(
  market: ReaderMarket,
  quoted: Quoted,
  { asOf, policy }: Snapshot,
): ReaderMarket[] {
  let markets = [market];
  for (const feed of FEEDS) {
    const known = market.feeds.get(feed);
    const told = quoted.honest(feed, asOf);
    if (known === undefined || told.length === 0) continue;
    const { shockDown, shockUp } = known;
    markets = markets.flatMap((each) =>
      told.map(({ price, at }) => {
        const ageSeconds = (asOf - at) / 1000 - GRACE_SECONDS;
        const range = { low: price / STALE_RANGE, high: price * STALE_RANGE };
        const honest = {
          ...{ price, uncertainty: 0, shockDown, shockUp },
          ...(ageSeconds > policy.oracle.maxAgeSeconds && { aged: range }),
          ...(ageSeconds > policy.oracle.staleAfterSeconds && { doubt: range }),
        };
        return { ...each, feeds: new Map(each.feeds).set(feed, honest) };
      }),
    );
  }
  return markets;
}

/** `staleRange` of the policy. */
const STALE_RANGE = 2;

/** What two sources have just agreed on is believed, whatever a third says. */
export function* agreementFaults({ snapshot }: Seen, quoted: Quoted): Generator<string> {
  for (const feed of FEEDS) {
    const [agreed, state] = [quoted.agreed(feed, snapshot.asOf), snapshot.feeds.get(feed)?.price];
    if (agreed === undefined) continue;
    const isBelieved =
      state?.ok && state.value.standing === 'fresh' && isNear(Number(state.value.price), agreed);
    if (!isBelieved) yield `${feed} is not believed to be ${agreed}, on which two sources agree`;
  }
}

/** A quote older than one that was read before is no news: neither a price nor a doubt follows it. */
export function* oldNewsFaults({ snapshot }: Seen, quoted: Quoted): Generator<string> {
  for (const feed of FEEDS) {
    const [old, state] = [quoted.oldNews(feed, snapshot.asOf), snapshot.feeds.get(feed)?.price];
    if (old === undefined || !state?.ok) continue;
    const { price, doubt } = state.value;
    const ends = doubt === undefined ? [] : [doubt.from, doubt.to];
    const followed = [1, ...ends].map((multiple) => Number(multiple) * Number(price));
    if (followed.some((each) => isNear(each, old))) yield `${feed} follows an old quote of ${old}`;
  }
}

function* planFaults({ level, margin, expiry }: Judgement, wasCalled: boolean): Generator<string> {
  if (level === 'liquidation' || level === 'deficit' || margin <= MARGIN_MIN) return;
  if (wasCalled && (expiry.isLiquidation || expiry.margin <= MARGIN_MIN)) return;
  yield `was ordered to be liquidated; it is ${level} at some price that may be true`;
}

interface Evidence {
  readonly assets?: Readonly<Record<string, object>>;
  readonly instruments?: Readonly<Record<string, object>>;
  readonly risk?: Readonly<Record<string, object>>;
}

function rowsIn({ assets = {}, instruments = {}, risk = {} }: Evidence): Record<string, unknown>[] {
  const rows = (kind: string, all: Readonly<Record<string, object>>) =>
    Object.entries(all).map(([id, attributes]) => ({ kind, id, ...attributes }));
  return [...rows('asset', assets), ...rows('instrument', instruments), ...rows('risk', risk)];
}

/** @throws NotCovered, which no account of this world may need */
const judged = ({ rows }: AccountRows, market: ReaderMarket): Judgement[] =>
  judge(
    rows.filter(({ item }) => item !== 'profile'),
    market,
  );

/** The market of a check, as the check itself reads it. */
export interface Seen {
  readonly rows: readonly RawRow[];
  readonly snapshot: Snapshot;
}

interface LookTimes {
  readonly scheduledAt: number;
  readonly asOf: number;
  readonly checkIntervalSeconds: number;
}

export function lookAt({ dynamo }: Process, times: LookTimes): Promise<Seen> {
  const { scheduledAt, asOf, checkIntervalSeconds } = times;
  const check = { checkId: new Date(scheduledAt).toISOString(), scheduledAt };
  const margin = new MarginTable({ dynamo, table: CONFIG.marginTable });
  return readAndMeasure(check, asOf, {
    dynamo,
    margin,
    config: { ...CONFIG, checkIntervalSeconds },
  });
}

/** The core and the reader say the same. */
export function* readerFaults(account: AccountRows, seen: Seen): Generator<string> {
  for (const { judgement, said } of judgedBoth(account, seen)) {
    if (said !== judgement.level) yield `is ${said}; by the reader it is ${judgement.level}`;
  }
}

function* judgedBoth(account: AccountRows, { rows, snapshot }: Seen) {
  const found = judged(account, readerMarketOf(snapshot, rows));
  for (const { position, outcome } of assessAccount(account, snapshot, undefined)) {
    const judgement = found.find((each) => each.position === position);
    if (judgement === undefined || judgement.margin <= MARGIN_MIN) continue;
    const said = outcome.certainty === 'indeterminate' ? outcome.certainty : outcome.level;
    yield { judgement, said };
  }
}

/** The case says what the reader says. */
export function* accountFaults(
  account: AccountRows,
  seen: Seen,
  stateOf: (position: string | undefined) => StoredCaseState | undefined,
): Generator<string> {
  for (const { judgement } of judgedBoth(account, seen)) {
    yield* caseFaults(judgement, stateOf(judgement.position));
  }
}

/** Once quotes are in order again, every price is believed as it is quoted. */
export function* priceFaults(
  { snapshot }: Seen,
  prices: Readonly<Record<string, number>>,
): Generator<string> {
  for (const [feed, quoted] of Object.entries(prices)) {
    const price = snapshot.feeds.get(feed)?.price;
    if (price?.ok !== true) yield `${feed} has no price`;
    else if (price.value.standing !== 'fresh') yield `${feed} is still ${price.value.standing}`;
    else if (String(price.value.price) !== String(Number(quoted.toFixed(4)))) {
      yield `${feed} is believed to be ${price.value.price}, and is quoted at ${quoted}`;
    }
  }
}

/** Far enough above its line for any case to have been closed. */
const SAFE_SHARE = 0.2;

function* caseFaults(
  { level, figures, size }: Judgement,
  state: StoredCaseState | undefined,
): Generator<string> {
  const open = state?.open;
  // Somebody writes the account's rows: it is decided at the next check.
  if (state?.changingSince !== undefined) return;
  if (level === 'indeterminate') {
    if (!state?.isIndeterminate) yield 'is indeterminate, and nobody was told';
    return;
  }
  if (state?.isIndeterminate) yield `is ${level}, and is said to be indeterminate`;
  const isBreached = level === 'liquidation' || level === 'deficit';
  if (isBreached && open?.level !== 'liquidation') yield `is ${level}, and has no such case`;
  if (level === 'call' && open === undefined) yield 'is below its call line, and has no case';
  if (open?.level === 'call' && open.call === undefined) yield 'has a case without a call';
  const isSafe = level === 'healthy' && figures.call.least > SAFE_SHARE * size;
  if (isSafe && open !== undefined) yield `is healthy, and its ${open.level} is still open`;
}
