/** The steps `read` and `measure` of a check: what it knows before it decides. They write nothing. */
import type { Clients } from '../aws/clients.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import { readMarketRows } from '../aws/market-table.ts';
import { checkOutage } from '../margin/market/outage.ts';
import { type Snapshot, type SnapshotInput, takeSnapshot } from '../margin/snapshot/snapshot.ts';
import { isoTime } from '../messages/header.ts';
import type { StoredCase } from '../outbox/stored-case.ts';
import type { RawRow } from '../rows/raw-row.ts';
import { type MarketReading, readMarket } from '../rows/read-market.ts';
import { type FeedReadings, readFeeds } from './feed-memory.ts';
import { FENCE_KEY, type LatestCheck, readLatestCheck } from './fence.ts';
import { bufferGapSeconds, type Timing, timingOf } from './lateness.ts';
import type { ScheduledCheck } from './scheduled-check.ts';

/** The inputs of a check. */
export interface Inputs extends MarketReading {
  readonly checkId: string;
  readonly rows: readonly RawRow[];
  /** Absent before the first check. */
  readonly fence: StoredCase | undefined;
  readonly latest: LatestCheck | undefined;
  readonly timing: Timing;
}

export interface Known extends Inputs, SnapshotInput {
  readonly readings: FeedReadings;
  readonly snapshot: Snapshot;
}

/** Both steps. */
export async function readAndMeasure(
  check: ScheduledCheck,
  asOf: number,
  resources: InputResources,
): Promise<Known> {
  return measure(await readInputs(check, asOf, resources), resources.margin);
}

interface InputResources extends Pick<Clients, 'dynamo'> {
  readonly margin: MarginTable;
  readonly config: { readonly marketTable: string; readonly checkIntervalSeconds: number };
}

export async function readInputs(
  check: ScheduledCheck,
  asOf: number,
  { margin, dynamo, config }: InputResources,
): Promise<Inputs> {
  const rows = await readMarketRows({ dynamo, table: config.marketTable });
  const reading = readMarket(rows);
  const fence = await margin.read(FENCE_KEY);
  const latest = readLatestCheck(fence);
  const { checkIntervalSeconds: intervalSeconds } = config;
  const timing = timingOf({ check, asOf, latest, intervalSeconds });
  return { ...reading, checkId: check.checkId, rows, fence, latest, timing };
}

export async function measure(inputs: Inputs, margin: MarginTable): Promise<Known> {
  const { market, latest, timing } = inputs;
  const { asOf, intervalSeconds } = timing;
  const now = { market, asOf, intervalSeconds, gapSeconds: bufferGapSeconds(timing) };
  const fencePrices = latest?.prices ?? new Map();
  const readings = await readFeeds(margin, { ...now, fencePrices });
  const { previousPrices, volatilities } = readings;
  const outage = checkOutage({ ...timing, completedAsOf: latest?.completedAsOf });
  const input = { ...now, outage, previousPrices, volatilities };
  return { ...inputs, ...input, readings, snapshot: takeSnapshot(input) };
}

export function headerOf({ checkId, timing: { asOf, lateSeconds, gapSeconds } }: Inputs) {
  const gap = gapSeconds === undefined ? {} : { gapSeconds };
  return { checkId, asOf: isoTime(asOf), lateSeconds, ...gap };
}
