/**
 * Certificates in flat arrays, a line each. Lines are only appended: a removed one leaves a hole,
 * and its account is NOBODY.
 */
import type { Move } from '../book/exposures.ts';
import { grown } from '../number/grown.ts';
import type { Certificate, CertifiedExposure, Entry } from './certify.ts';

export const NOBODY = 0xffff_ffff;
/** The most columns, markets, and entries of a line. */
const WIDTH_MAX = 0xffff;
const LINES_FIRST = 1024;

const newLines = (size = LINES_FIRST) => ({
  account: new Uint32Array(size),
  firstEntry: new Uint32Array(size),
  entries: new Uint16Array(size),
  firstExposure: new Uint32Array(size),
  exposures: new Uint16Array(size),
  x0: new Float64Array(size),
  equity: new Float64Array(size),
  toLiquidation: new Float32Array(size),
  decay: new Float32Array(size),
  owed: new Float32Array(size),
  /** Seconds after the epoch. */
  until: new Float32Array(size),
});

const newEntries = (size = 4 * LINES_FIRST) => ({
  column: new Uint16Array(size),
  /** Four an entry: down, up, slopeDown, slopeUp. */
  slopes: new Float32Array(4 * size),
  equitySlope: new Float32Array(size),
});

const newExposures = (size = 4 * LINES_FIRST) => ({
  market: new Uint16Array(size),
  /** Above zero if a fall hurts, below zero if a rise does. */
  notional: new Float32Array(size),
});

/** How much of the arrays is filled, and what else belongs to them: as JSON. */
export interface StoredLines {
  readonly count: number;
  readonly alive: number;
  readonly entries: number;
  readonly exposures: number;
  readonly markets: readonly CertifiedMarket[];
}

export interface CertifiedMarket {
  readonly market: string;
  /** The column of its factor. */
  readonly column: number;
  /** Its holdings are contracts, worth what the option is. */
  readonly isOption: boolean;
}

export class Lines {
  of = newLines();
  ofEntries = newEntries();
  ofExposures = newExposures();
  readonly markets: CertifiedMarket[] = [];
  /** Lines, holes included. */
  count = 0;
  /** Lines that are no holes. */
  alive = 0;
  private entryCount = 0;
  private exposureCount = 0;
  private readonly places = new Map<string, number>();
  private readonly epoch: number;

  /** @param epoch milliseconds since 1970 */
  constructor(epoch: number) {
    this.epoch = epoch;
  }

  /** With arrays of the right size, which have to be filled through `filled`. */
  static sized(epoch: number, { markets, ...counts }: StoredLines): Lines {
    const lines = new Lines(epoch);
    const sized = (count: number) => Math.max(LINES_FIRST, count);
    lines.of = newLines(sized(counts.count));
    lines.ofEntries = newEntries(sized(counts.entries));
    lines.ofExposures = newExposures(sized(counts.exposures));
    lines.count = counts.count;
    lines.alive = counts.alive;
    lines.entryCount = counts.entries;
    lines.exposureCount = counts.exposures;
    for (const market of markets) lines.placeOf(market);
    return lines;
  }

  get stored(): StoredLines {
    const { count, alive, entryCount: entries, exposureCount: exposures, markets } = this;
    return { count, alive, entries, exposures, markets };
  }

  /** The filled part of every array, always in the same order. */
  filled(): ArrayBufferView[] {
    const { column, slopes, equitySlope } = this.ofEntries;
    return [
      ...Object.values(this.of).map((array) => array.subarray(0, this.count)),
      column.subarray(0, this.entryCount),
      slopes.subarray(0, 4 * this.entryCount),
      equitySlope.subarray(0, this.entryCount),
      ...Object.values(this.ofExposures).map((array) => array.subarray(0, this.exposureCount)),
    ];
  }

  /** @returns its line. @throws RangeError if there are too many columns or markets */
  add(account: number, certificate: Certificate): number {
    const { entries, exposures } = certificate;
    const isTooWide = entries.length > WIDTH_MAX || exposures.length > WIDTH_MAX;
    if (isTooWide || entries.some(({ column }) => column > WIDTH_MAX)) {
      throw new RangeError('too many columns');
    }
    const places = exposures.map((exposure) => this.placeOf(exposure));
    this.reserve(entries.length, exposures.length);
    const line = this.count++;
    const { of } = this;
    of.account[line] = account;
    of.firstEntry[line] = this.entryCount;
    of.entries[line] = entries.length;
    of.firstExposure[line] = this.exposureCount;
    of.exposures[line] = exposures.length;
    of.x0[line] = certificate.x0;
    of.equity[line] = certificate.equity;
    of.toLiquidation[line] = -upward(-certificate.toLiquidation);
    of.decay[line] = upward(certificate.decay);
    of.owed[line] = upward(certificate.owed);
    of.until[line] = (certificate.until - this.epoch) / 1000 - 1;
    for (const entry of entries) this.addEntry(entry);
    for (const [each, exposure] of exposures.entries()) {
      this.addExposure(exposure, places[each] as number);
    }
    this.alive++;
    return line;
  }

  /**
   * The certificate that `add` would make this line of.
   * @param columns in place of its own
   * @throws RangeError if a column is not among them, or the line leaves the arrays
   */
  certificateAt(line: number, columns: readonly number[]): Certificate {
    const { of, ofEntries, ofExposures } = this;
    const columnOf = (place: number): number => {
      const column = columns[place];
      if (column === undefined) throw new RangeError(`no column ${place}`);
      return column;
    };
    const entries = placesOf(of.firstEntry[line], of.entries[line], this.entryCount);
    const exposures = placesOf(of.firstExposure[line], of.exposures[line], this.exposureCount);
    return {
      x0: of.x0[line] as number,
      toLiquidation: of.toLiquidation[line] as number,
      equity: of.equity[line] as number,
      decay: of.decay[line] as number,
      owed: of.owed[line] as number,
      until: ((of.until[line] as number) + 1) * 1000 + this.epoch,
      entries: entries.map((entry) => ({
        column: columnOf(ofEntries.column[entry] as number),
        down: ofEntries.slopes[4 * entry] as number,
        up: ofEntries.slopes[4 * entry + 1] as number,
        slopeDown: ofEntries.slopes[4 * entry + 2] as number,
        slopeUp: ofEntries.slopes[4 * entry + 3] as number,
        equity: ofEntries.equitySlope[entry] as number,
      })),
      exposures: exposures.map((exposure) => {
        const market = this.markets[ofExposures.market[exposure] as number];
        if (market === undefined) throw new RangeError('no such market');
        const notional = ofExposures.notional[exposure] as number;
        const move: Move = notional < 0 || Object.is(notional, -0) ? 'rise' : 'fall';
        return { ...market, column: columnOf(market.column), move, notional: Math.abs(notional) };
      }),
    };
  }

  private addEntry({ column, down, up, slopeDown, slopeUp, equity }: Entry): void {
    const { ofEntries } = this;
    const entry = this.entryCount++;
    ofEntries.column[entry] = column;
    ofEntries.slopes[4 * entry] = upward(down);
    ofEntries.slopes[4 * entry + 1] = upward(up);
    ofEntries.slopes[4 * entry + 2] = upward(slopeDown);
    ofEntries.slopes[4 * entry + 3] = upward(slopeUp);
    ofEntries.equitySlope[entry] = equity;
  }

  private addExposure({ move, notional }: CertifiedExposure, place: number): void {
    const exposure = this.exposureCount++;
    this.ofExposures.market[exposure] = place;
    this.ofExposures.notional[exposure] = signed(upward(notional), move);
  }

  private placeOf({ market, column, isOption }: CertifiedMarket): number {
    const name = `${column}\n${isOption}\n${market}`;
    const found = this.places.get(name);
    if (found !== undefined) return found;
    if (this.markets.length > WIDTH_MAX) throw new RangeError('too many markets');
    const place = this.markets.push({ market, column, isOption }) - 1;
    this.places.set(name, place);
    return place;
  }

  /** @param first of an account's own lines, which follow each other */
  remove(first: number, count: number): void {
    for (let line = first; line < first + count; line++) {
      if (this.of.account[line] === NOBODY) continue;
      this.of.account[line] = NOBODY;
      this.alive--;
    }
  }

  /** Closes the holes. @param move is told the new line of each that is kept, in order */
  compact(move: (account: number, line: number) => void): void {
    const { of, ofEntries, ofExposures, count } = this;
    const arrays = Object.values(of);
    let [line, entry, exposure] = [0, 0, 0];
    for (let from = 0; from < count; from++) {
      // Line 0 is the screen's own.
      if (from > 0 && of.account[from] === NOBODY) continue;
      const first = of.firstEntry[from] as number;
      const entries = of.entries[from] as number;
      ofEntries.column.copyWithin(entry, first, first + entries);
      ofEntries.slopes.copyWithin(4 * entry, 4 * first, 4 * (first + entries));
      ofEntries.equitySlope.copyWithin(entry, first, first + entries);
      const firstExposure = of.firstExposure[from] as number;
      const exposures = of.exposures[from] as number;
      ofExposures.market.copyWithin(exposure, firstExposure, firstExposure + exposures);
      ofExposures.notional.copyWithin(exposure, firstExposure, firstExposure + exposures);
      for (const array of arrays) array[line] = array[from] as number;
      of.firstEntry[line] = entry;
      of.firstExposure[line] = exposure;
      entry += entries;
      exposure += exposures;
      move(of.account[line] as number, line);
      line++;
    }
    this.count = line;
    this.entryCount = entry;
    this.exposureCount = exposure;
  }

  private reserve(entries: number, exposures: number): void {
    if (this.count === this.of.account.length) this.of = grown(this.of);
    while (this.entryCount + entries > this.ofEntries.column.length) {
      this.ofEntries = grown(this.ofEntries);
    }
    while (this.exposureCount + exposures > this.ofExposures.market.length) {
      this.ofExposures = grown(this.ofExposures);
    }
  }
}

/** @throws RangeError beyond `end` */
function placesOf(first = 0, count = 0, end = 0): number[] {
  if (first + count > end) throw new RangeError('the arrays are too short');
  return Array.from({ length: count }, (_, each) => first + each);
}

const signed = (notional: number, move: Move): number => (move === 'fall' ? notional : -notional);

const SINGLE = new Float32Array(1);
const BITS = new Int32Array(SINGLE.buffer);

/** The next float32 that is no less. */
function upward(value: number): number {
  SINGLE[0] = value;
  if ((SINGLE[0] as number) >= value) return SINGLE[0] as number;
  BITS[0] = (BITS[0] as number) + (value > 0 ? 1 : -1);
  return SINGLE[0] as number;
}
