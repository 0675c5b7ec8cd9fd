/** The market of a deployment as a check would take it now. */
import type { FeedReadings, ReadFeeds } from '../../lambda/check/feed-memory.ts';
import {
  type Snapshot,
  type SnapshotInput,
  takeSnapshot,
} from '../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../lambda/rows/read-market.ts';

export interface MarketInput {
  readonly rows: readonly RawRow[];
  readonly now: number;
  readonly intervalSeconds: number;
  /** Combines what is remembered with current quotes. */
  readonly recall: (of: Omit<ReadFeeds, 'fencePrices'>) => Promise<Recalled>;
}

type Recalled = Pick<FeedReadings, 'previousPrices' | 'volatilities' | 'faults'>;

export interface MarketRead extends SnapshotInput {
  readonly volatilities: Recalled['volatilities'];
  /** Sentences: rows and memories that cannot be read. */
  readonly faults: readonly string[];
}

export interface MarketNow extends MarketRead {
  readonly snapshot: Snapshot;
}

/** Why no account can be assessed at all. */
export interface NoMarket {
  readonly policyFault: string;
}

export async function readMarketNow(input: MarketInput): Promise<MarketNow | NoMarket> {
  const read = await readMarketInput(input);
  return 'policyFault' in read ? read : { ...read, snapshot: takeSnapshot(read) };
}

export async function readMarketInput(input: MarketInput): Promise<MarketRead | NoMarket> {
  const { rows, now, intervalSeconds } = input;
  try {
    const { market, faults } = readMarket(rows);
    const known = { market, asOf: now, intervalSeconds, gapSeconds: intervalSeconds };
    const { previousPrices, volatilities, faults: ofFeeds } = await input.recall(known);
    const details = [...faults, ...ofFeeds].map(({ detail }) => detail);
    return { ...known, previousPrices, volatilities, faults: details };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { policyFault: error.message };
  }
}
