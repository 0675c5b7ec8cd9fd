/**
 * Market capacity that checks share, where they follow each other within a minute. What the plans of
 * a check order is written before the plans are, on condition that no other check has taken it. A run
 * that dies in between has spent capacity on nothing, which comes back within a minute.
 */
import { randomUUID } from 'node:crypto';
import type { MarginTable } from '../aws/margin-table.ts';
import {
  type AllSpent,
  leftBeside,
  NOTHING_SPENT,
  type Refill,
  type Spent,
  spendOn,
  stillSpent,
} from '../margin/liquidation/spent-capacity.ts';
import {
  type Amount,
  add,
  isBelow,
  isPositive,
  NO_AMOUNT,
  subtract,
  textOf,
} from '../margin/number/decimal.ts';
import type { Reservations } from '../outbox/ports.ts';
import { type Key, keyText, type StoredCase } from '../outbox/stored-case.ts';
import { recordedSum } from '../record/recorded.ts';
import { readStored } from '../rows/fault.ts';
import { onFirstUse } from '../rows/fields.ts';
import * as z from '../rows/zod.ts';
import type { MarketCapacity } from './market-capacity.ts';

export const CAPACITY_KEY: Key = { pk: 'capacity', sk: 'spent' };

/** An item holds 400 KB. */
const BYTES_MAX = 350_000;

/** The names of an entry's attributes, and what DynamoDB counts for their types. */
const ENTRY_BYTES = 40;

const capacityState = onFirstUse(() =>
  z.strictObject({
    /** Two checks that order the same write different items. */
    writeId: z.optional(z.string()),
    spent: z.record(
      z.string(),
      z.strictObject({ ofDepth: recordedSum, ofVolume: recordedSum, at: z.int() }),
    ),
  }),
);

export interface KeptCapacityInput extends Refill {
  readonly margin: Pick<MarginTable, 'read' | 'update'>;
  readonly capacity: MarketCapacity;
  readonly checkId: string;
}

export class KeptCapacity implements Reservations {
  private readonly input: KeptCapacityInput;
  /** This check has written so much, by `capacityKey`. */
  private written: ReadonlyMap<string, Amount> = new Map();

  constructor(input: KeptCapacityInput) {
    this.input = input;
  }

  /**
   * Leaves the check what others have left.
   * @returns why it cannot be read. Then it counts as unspent, and what is ordered now replaces it.
   */
  async load(): Promise<Error | undefined> {
    const stored = await this.input.margin.read(CAPACITY_KEY);
    this.limit(stored);
    return stored && readSpent(stored).fault;
  }

  private limit(stored: StoredCase | undefined): void {
    const left = new Map(leftBeside(this.input.limits, this.spentIn(stored)));
    for (const [key, amount] of this.written) {
      const others = left.get(key);
      if (others !== undefined) left.set(key, add(others, amount));
    }
    this.input.capacity.limitTo(left);
  }

  private spentIn(stored: StoredCase | undefined): AllSpent {
    return stillSpent(stored === undefined ? NOTHING_SPENT : readSpent(stored).spent, this.input);
  }

  /** Plans that cannot be kept are given back, so that the worst again takes first. */
  async keep(): Promise<boolean> {
    const { capacity } = this.input;
    let isKept = false;
    try {
      isKept = await this.write(this.unwritten());
    } finally {
      if (isKept) capacity.keep();
      else capacity.giveBack();
    }
    return isKept;
  }

  private async write(wanted: ReadonlyMap<string, Amount>): Promise<boolean> {
    if (wanted.size === 0) return true;
    const { margin, asOf, limits, checkId } = this.input;
    const writeId = randomUUID();
    const decide = (stored: StoredCase | undefined): StoredCase | undefined => {
      const spent = this.spentIn(stored);
      const left = leftBeside(limits, spent);
      const fits = [...wanted].every(([key, amount]) => !isBelow(left.get(key) ?? amount, amount));
      return fits
        ? itemOf(stored, { checkId, writeId, spent: spendOn(spent, wanted, asOf) })
        : undefined;
    };
    const { isWritten, stored } = await margin.update(CAPACITY_KEY, decide, { over: 'any check' });
    if (isWritten) this.written = summed(this.written, wanted);
    else this.limit(stored);
    return isWritten;
  }

  /** Orders that are not written yet. What a plan gives back stays spent. */
  private unwritten(): ReadonlyMap<string, Amount> {
    const unwritten = new Map<string, Amount>();
    for (const [key, amount] of this.input.capacity.ordered()) {
      if (!this.input.limits.has(key)) continue;
      const more = subtract(amount, this.written.get(key) ?? NO_AMOUNT);
      if (isPositive(more)) unwritten.set(key, more);
    }
    return unwritten;
  }
}

function summed(
  left: ReadonlyMap<string, Amount>,
  right: ReadonlyMap<string, Amount>,
): ReadonlyMap<string, Amount> {
  const sums = new Map(left);
  for (const [key, amount] of right) sums.set(key, add(sums.get(key) ?? NO_AMOUNT, amount));
  return sums;
}

function readSpent({ state }: StoredCase): { readonly spent: AllSpent; readonly fault?: Error } {
  try {
    const { spent } = readStored(capacityState, state, keyText(CAPACITY_KEY));
    return { spent: new Map(Object.entries(spent)) };
  } catch (error) {
    return { spent: NOTHING_SPENT, fault: error as Error };
  }
}

function itemOf(
  stored: StoredCase | undefined,
  {
    checkId,
    writeId,
    spent,
  }: { readonly checkId: string; readonly writeId: string; readonly spent: AllSpent },
): StoredCase {
  const latest = fitting([...spent].toSorted(([, left], [, right]) => right.at - left.at));
  const state = { writeId, spent: Object.fromEntries(latest) };
  const version = stored?.version ?? 0;
  const before = stored?.checkId ?? '';
  const latestId = before > checkId ? before : checkId;
  return { key: CAPACITY_KEY, version, checkId: latestId, state, isActive: false, pending: [] };
}

function fitting(spent: readonly (readonly [string, Spent])[]) {
  let bytes = 0;
  return spent.map(entryOf).filter((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + ENTRY_BYTES;
    return bytes <= BYTES_MAX;
  });
}

const entryOf = ([key, { ofDepth, ofVolume, at }]: readonly [string, Spent]) =>
  [key, { ofDepth: textOf(ofDepth), ofVolume: textOf(ofVolume), at }] as const;
