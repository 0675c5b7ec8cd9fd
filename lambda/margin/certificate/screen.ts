/**
 * Certificates of many sub-accounts in flat arrays, and the pass that asks all of them at once. NaN
 * and anything that is not above zero make an account suspect.
 */
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Certificate } from './certify.ts';
import type { Columns } from './columns.ts';

const HOUR_MS = 3_600_000;
const LINES_FIRST = 1024;
const COLUMNS_MAX = 0xffff;
const NOBODY = 0xffff_ffff;

export class Screen {
  private readonly columns: Columns;
  /** The market's time that decay counts from. */
  private readonly epoch: number;
  private lines = 0;
  private entries = 0;
  private account = new Uint32Array(LINES_FIRST);
  private start = new Uint32Array(LINES_FIRST);
  private length = new Uint16Array(LINES_FIRST);
  private x0 = new Float64Array(LINES_FIRST);
  private decay = new Float32Array(LINES_FIRST);
  private owed = new Float32Array(LINES_FIRST);
  /** Seconds after the epoch. */
  private until = new Float32Array(LINES_FIRST);
  private column = new Uint16Array(4 * LINES_FIRST);
  /** Four an entry. */
  private slopes = new Float32Array(16 * LINES_FIRST);

  constructor(columns: Columns) {
    this.columns = columns;
    this.epoch = columns.epoch;
  }

  get size(): number {
    return this.lines;
  }

  /** @param account a number of the caller's, for `suspects` */
  add(account: number, { x0, decay, owed, until, entries }: Certificate): void {
    this.reserve(entries.length);
    const line = this.lines++;
    this.account[line] = account;
    this.start[line] = this.entries;
    this.length[line] = entries.length;
    this.x0[line] = x0;
    this.decay[line] = upward(decay);
    this.owed[line] = upward(owed);
    this.until[line] = (until - this.epoch) / 1000 - 1;
    for (const { column, down, up, slopeDown, slopeUp } of entries) {
      if (column > COLUMNS_MAX) throw new RangeError('too many columns');
      this.column[this.entries] = column;
      for (const [place, slope] of [down, up, slopeDown, slopeUp].entries()) {
        this.slopes[4 * this.entries + place] = upward(slope);
      }
      this.entries++;
    }
  }

  /** Its certificates say nothing more. */
  remove(account: number): void {
    for (let line = 0; line < this.lines; line++) {
      if (this.account[line] === account) this.account[line] = NOBODY;
    }
  }

  /** Accounts with a sub-account that is not proved healthy at this market, each once a line. */
  suspects(snapshot: Snapshot): number[] {
    const found: number[] = [];
    const bounds = this.boundsAt(snapshot);
    for (let line = 0; line < this.lines; line++) {
      const account = this.account[line] as number;
      if (account !== NOBODY && !((bounds[line] as number) > 0)) found.push(account);
    }
    return found;
  }

  /** One bound a line, in the numeraire; NaN where nothing is said. */
  boundsAt(snapshot: Snapshot): Float64Array {
    const seconds = (snapshot.asOf - this.epoch) / 1000;
    const hours = seconds / (HOUR_MS / 1000);
    const bounds = new Float64Array(this.lines);
    if (!this.columns.isRuledAt(snapshot)) return bounds.fill(Number.NaN);
    const { multipliers, accruedAt } = this.columns.at(snapshot);
    const { start, length, column, slopes, x0, decay, owed, until } = this;
    for (let line = 0; line < this.lines; line++) {
      const accrued = (decay[line] as number) * hours + (owed[line] as number);
      let bound = (x0[line] as number) - accrued * accruedAt;
      const first = start[line] as number;
      for (let entry = first; entry < first + (length[line] as number); entry++) {
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
    return bounds;
  }

  private reserve(entries: number): void {
    if (this.lines === this.x0.length) {
      this.account = grown(this.account, Uint32Array);
      this.start = grown(this.start, Uint32Array);
      this.length = grown(this.length, Uint16Array);
      this.x0 = grown(this.x0, Float64Array);
      this.decay = grown(this.decay, Float32Array);
      this.owed = grown(this.owed, Float32Array);
      this.until = grown(this.until, Float32Array);
    }
    while (this.entries + entries > this.column.length) {
      this.column = grown(this.column, Uint16Array);
      this.slopes = grown(this.slopes, Float32Array);
    }
  }
}

type Numbers = Float64Array | Float32Array | Uint32Array | Uint16Array;

function grown<T extends Numbers>(array: T, Kind: new (length: number) => T): T {
  const larger = new Kind(2 * array.length);
  larger.set(array);
  return larger;
}

const SINGLE = new Float32Array(1);
const BITS = new Int32Array(SINGLE.buffer);

/** The next float32 that is no less. */
function upward(value: number): number {
  SINGLE[0] = value;
  if ((SINGLE[0] as number) >= value) return SINGLE[0] as number;
  BITS[0] = (BITS[0] as number) + (value > 0 ? 1 : -1);
  return SINGLE[0] as number;
}
