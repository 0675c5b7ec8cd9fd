/**
 * The pass that asks all certificates at once what they are worth at a market. NaN, and anything below
 * zero, proves nothing.
 */
import type { Snapshot } from '../snapshot/snapshot.ts';
import { HOUR_MS } from './accruals.ts';
import type { Certificate } from './certify.ts';
import type { Columns } from './columns.ts';
import { Lines, NOBODY, type StoredLines } from './lines.ts';

/** A line of the screen's own: its bound is known, and comes out of the same arrays. */
const OWN: Certificate = {
  x0: 100,
  toLiquidation: 0,
  equity: 100,
  decay: 0,
  owed: 0,
  until: Number.POSITIVE_INFINITY,
  entries: [{ column: 0, down: 1, up: 2, slopeDown: 4, slopeUp: 8, equity: 0 }],
  exposures: [],
};
const OWN_BOUND = 100 - (1 + 2 + 4 + 8);

/** The arrays are not as they were written. */
export class ScreenError extends Error {
  override readonly name = 'ScreenError';
}

export class Screen {
  readonly columns: Columns;
  readonly lines: Lines;

  /** @param stored to make a screen for these lines again; their arrays have to be filled */
  constructor(columns: Columns, stored?: StoredLines) {
    this.columns = columns;
    this.lines =
      stored === undefined ? new Lines(columns.epoch) : Lines.sized(columns.epoch, stored);
    if (stored === undefined) this.lines.add(NOBODY, OWN);
  }

  /** Sub-accounts that have a certificate. */
  get size(): number {
    return this.lines.alive - 1;
  }

  /**
   * @param account a number of the caller's, for `suspects`
   * @returns its line
   */
  add(account: number, certificate: Certificate): number {
    return this.lines.add(account, certificate);
  }

  /** Accounts with a sub-account that is not proved healthy at this market, each once a line. */
  suspects(snapshot: Snapshot): number[] {
    const found: number[] = [];
    const bounds = this.boundsAt(snapshot);
    const { account } = this.lines.of;
    for (let line = 0; line < bounds.length; line++) {
      const own = account[line] as number;
      if (own !== NOBODY && !((bounds[line] as number) >= 0)) found.push(own);
    }
    return found;
  }

  /**
   * One bound a line, in the numeraire; NaN where nothing is said.
   * @throws ScreenError if its own line is worth something else than it should be
   */
  boundsAt(snapshot: Snapshot): Float64Array {
    const bounds = new Float64Array(this.lines.count);
    if (!this.columns.isRuledAt(snapshot)) return bounds.fill(Number.NaN);
    const seconds = (snapshot.asOf - this.columns.epoch) / 1000;
    const hours = seconds / (HOUR_MS / 1000);
    const { multipliers, accruedAt } = this.columns.at(snapshot);
    const { firstEntry, entries, x0, decay, owed, until } = this.lines.of;
    const { column, slopes } = this.lines.ofEntries;
    for (let line = 0; line < bounds.length; line++) {
      const accrued = (decay[line] as number) * hours + (owed[line] as number);
      let bound = (x0[line] as number) - accrued * accruedAt;
      const first = firstEntry[line] as number;
      for (let entry = first; entry < first + (entries[line] as number); entry++) {
        const weight = 4 * (column[entry] as number);
        const slope = 4 * entry;
        bound -=
          (multipliers[weight] as number) * (slopes[slope] as number) +
          (multipliers[weight + 1] as number) * (slopes[slope + 1] as number) +
          (multipliers[weight + 2] as number) * (slopes[slope + 2] as number) +
          (multipliers[weight + 3] as number) * (slopes[slope + 3] as number);
      }
      // Before its reference a certificate says nothing, and it expires.
      bounds[line] = seconds >= 0 && seconds <= (until[line] as number) ? bound : Number.NaN;
    }
    if (seconds >= 0 && bounds[0] !== OWN_BOUND) throw new ScreenError('the arrays are damaged');
    return bounds;
  }
}
