import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  Certificate,
  CertifiedExposure,
  Entry,
} from '../../../../lambda/margin/certificate/certify.ts';
import { ENVELOPE } from '../../../../lambda/margin/certificate/envelope.ts';
import { Lines, NOBODY } from '../../../../lambda/margin/certificate/lines.ts';

const EPOCH = Date.UTC(2026, 0, 1);

const entryOf = (column: number, rest: Partial<Entry> = {}): Entry => ({
  ...{ column, down: 0, up: 0, slopeDown: 0, slopeUp: 0, equity: 0 },
  ...rest,
});

const exposureOf = (market: string, rest: Partial<CertifiedExposure> = {}): CertifiedExposure => ({
  market,
  column: 1,
  move: 'fall',
  notional: 1,
  isOption: false,
  ...rest,
});

const certificateOf = (rest: Partial<Certificate> = {}): Certificate => ({
  ...{ x0: 0, toLiquidation: 0, equity: 0, decay: 0, owed: 0, until: EPOCH },
  ...{ entries: [], exposures: [] },
  ...rest,
});

/** Lines with these certificates, each of the account with its place. */
function linesOf(certificates: readonly Certificate[]): Lines {
  const lines = new Lines(EPOCH);
  for (const [account, each] of certificates.entries()) lines.add(account, each);
  return lines;
}

/** A line as it is kept, in the units of a certificate. */
function kept(lines: Lines, line: number) {
  const { of, ofEntries, ofExposures } = lines;
  const [entry = 0, exposure = 0] = [of.firstEntry[line], of.firstExposure[line]];
  const [entries = 0, exposures = 0] = [of.entries[line], of.exposures[line]];
  return {
    account: of.account[line],
    x0: of.x0[line],
    equity: of.equity[line],
    toLiquidation: of.toLiquidation[line],
    decay: of.decay[line],
    owed: of.owed[line],
    entries: Array.from({ length: entries }, (_, place) => ({
      column: ofEntries.column[entry + place],
      slopes: [...ofEntries.slopes.subarray(4 * (entry + place), 4 * (entry + place) + 4)],
      equity: ofEntries.equitySlope[entry + place],
    })),
    exposures: Array.from({ length: exposures }, (_, place) => ({
      ...lines.markets[ofExposures.market[exposure + place] ?? -1],
      notional: ofExposures.notional[exposure + place],
    })),
  };
}

describe('lines', () => {
  it('keep what a certificate says, each where it is asked for', () => {
    const certificate = certificateOf({
      ...{ x0: 1.1, toLiquidation: 2, equity: 3.3, decay: 4, owed: 5 },
      entries: [
        { column: 7, down: 1, up: 2, slopeDown: 3, slopeUp: 4, equity: 5 },
        { column: 65_535, down: -1, up: -2, slopeDown: 0, slopeUp: 0.5, equity: -5 },
      ],
      exposures: [
        exposureOf('BTC-PERP', { notional: 100 }),
        exposureOf('ETH-PERP', { column: 2, move: 'rise', notional: 50 }),
      ],
    });
    const lines = linesOf([certificateOf(), certificate]);
    expect(kept(lines, 1)).toEqual({
      ...{ account: 1, x0: 1.1, toLiquidation: 2, equity: 3.3, decay: 4, owed: 5 },
      entries: [
        { column: 7, slopes: [1, 2, 3, 4], equity: 5 },
        { column: 65_535, slopes: [-1, -2, 0, 0.5], equity: -5 },
      ],
      exposures: [
        { market: 'BTC-PERP', column: 1, notional: 100, isOption: false },
        { market: 'ETH-PERP', column: 2, notional: -50, isOption: false },
      ],
    });
    expect(kept(lines, 0)).toMatchObject({ account: 0, entries: [], exposures: [] });
  });

  it('name a market once for each factor', () => {
    const lines = linesOf([
      certificateOf({ exposures: [exposureOf('a'), exposureOf('b')] }),
      certificateOf({ exposures: [exposureOf('b'), exposureOf('a', { column: 2 })] }),
      certificateOf({ exposures: [exposureOf('a')] }),
    ]);
    expect(lines.markets).toEqual([
      { market: 'a', column: 1, isOption: false },
      { market: 'b', column: 1, isOption: false },
      { market: 'a', column: 2, isOption: false },
    ]);
  });

  it('keep every value when they grow', () => {
    const numbers = Array.from({ length: 3000 }, (_, number) => number);
    const placesOf = (number: number) =>
      Array.from({ length: (number * 7) % 31 }, (_, place) => place);
    const lines = new Lines(EPOCH);
    const added = numbers.map((number) =>
      lines.add(
        number,
        certificateOf({
          ...{ x0: number, equity: -number, toLiquidation: number, decay: 1, owed: 2 },
          entries: placesOf(number).map((place) => entryOf(place, { down: number, equity: place })),
          exposures: placesOf(number).map((place) => exposureOf(`${place}`, { notional: number })),
        }),
      ),
    );
    expect(added).toEqual(numbers);
    expect(lines).toMatchObject({ count: 3000, alive: 3000 });
    expect(numbers.map((number) => kept(lines, number))).toEqual(
      numbers.map((number) => ({
        account: number,
        ...{ x0: number, equity: -number, toLiquidation: number, decay: 1, owed: 2 },
        entries: placesOf(number).map((place) => ({
          ...{ column: place, equity: place },
          slopes: [number, 0, 0, 0],
        })),
        exposures: placesOf(number).map((place) => ({
          ...{ market: `${place}`, column: 1, isOption: false },
          notional: number,
        })),
      })),
    );
  });

  it('take a certificate that is larger than all before it', () => {
    const certificate = certificateOf({
      entries: Array.from({ length: 50_000 }, (_, column) => entryOf(column, { up: column })),
      exposures: Array.from({ length: 50_000 }, (_, market) => exposureOf(`${market}`)),
    });
    const lines = linesOf([certificateOf(), certificate, certificateOf()]);
    const { entries, exposures } = kept(lines, 1);
    expect(entries).toHaveLength(50_000);
    expect(entries[49_999]).toEqual({ column: 49_999, slopes: [0, 49_999, 0, 0], equity: 0 });
    expect(exposures[49_999]).toMatchObject({ market: '49999', column: 1, notional: 1 });
  });

  it('refuse a column above 65,535', () => {
    const lines = linesOf([certificateOf({ entries: [entryOf(65_535)] })]);
    const certificate = certificateOf({ entries: [entryOf(65_536)] });
    expect(() => lines.add(1, certificate)).toThrow(RangeError);
  });

  it('refuse a market after 65,536 others', () => {
    const exposures = Array.from({ length: 32_768 }, (_, market) => exposureOf(`${market}`));
    const others = exposures.map((each) => ({ ...each, column: 2 }));
    const lines = linesOf([certificateOf({ exposures }), certificateOf({ exposures: others })]);
    expect(kept(lines, 1).exposures[32_767]).toMatchObject({ market: '32767', column: 2 });
    lines.add(2, certificateOf({ exposures: [exposureOf('0')] }));
    const certificate = certificateOf({ exposures: [exposureOf('0', { column: 3 })] });
    expect(() => lines.add(3, certificate)).toThrow(RangeError);
  });
});

describe('removed lines', () => {
  const four = () => linesOf([0, 1, 2, 3].map((x0) => certificateOf({ x0 })));
  const accountsOf = ({ of, count }: Lines) => [...of.account.subarray(0, count)];

  it('are holes that belong to nobody', () => {
    const lines = four();
    lines.remove(1, 2);
    expect(accountsOf(lines)).toEqual([0, NOBODY, NOBODY, 3]);
    expect(lines).toMatchObject({ count: 4, alive: 2 });
  });

  it('are removed once', () => {
    const lines = four();
    lines.remove(1, 2);
    lines.remove(1, 2);
    lines.remove(2, 2);
    lines.remove(0, 0);
    expect(accountsOf(lines)).toEqual([0, NOBODY, NOBODY, NOBODY]);
    expect(lines).toMatchObject({ count: 4, alive: 1 });
  });

  it('are not filled again', () => {
    const lines = four();
    lines.remove(3, 1);
    expect(lines.add(9, certificateOf({ x0: 9 }))).toBe(4);
    expect(lines.of.x0[3]).toBe(3);
    expect(lines).toMatchObject({ count: 5, alive: 4 });
  });

  it('are counted right in any order of additions and removals', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ remove: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const lines = new Lines(EPOCH);
        const accounts: { first: number; count: number; isRemoved: boolean }[] = [];
        const add = (count: number) => {
          accounts.push({ first: lines.count, count, isRemoved: false });
          for (let one = 0; one < count; one++) lines.add(accounts.length - 1, certificateOf());
        };
        const remove = (account: (typeof accounts)[number] | undefined) => {
          if (account === undefined) return;
          lines.remove(account.first, account.count);
          account.isRemoved = true;
        };
        for (const each of steps) {
          if ('add' in each) add(each.add);
          else remove(accounts[each.remove % Math.max(1, accounts.length)]);
        }
        const expected = accounts.flatMap(({ count, isRemoved }, account) =>
          Array.from({ length: count }, () => (isRemoved ? NOBODY : account)),
        );
        expect(accountsOf(lines)).toEqual(expected);
        expect(lines.alive).toBe(expected.filter((account) => account !== NOBODY).length);
      }),
    );
  });
});

const SINGLE_MAX = 2 ** 128 - 2 ** 104;
const SMALLEST = 2 ** -149;

/** The next float32 below. */
function below(single: number): number {
  if (single === 0) return -SMALLEST;
  const value = new Float32Array([single]);
  const bits = new Int32Array(value.buffer);
  bits[0] = (bits[0] ?? 0) + (single > 0 ? -1 : 1);
  return value[0] ?? Number.NaN;
}

const values = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  // Where float64 has a digit more than float32.
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value * (1 + 2 ** -40)),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e-50, -1e-50, SMALLEST, -SMALLEST, SINGLE_MAX, -SINGLE_MAX, 1e39, -1e39),
);

/** No lower, and the next below would be. */
function expectUpward(single: number | undefined, value: number): void {
  expect(single).toBeGreaterThanOrEqual(value);
  expect(below(single ?? Number.NaN)).toBeLessThan(value);
}

describe('rounding', () => {
  it('lets what is lost only grow, by one float32 at most', () => {
    fc.assert(
      fc.property(fc.tuple(values, values, values, values, values, values), (drawn) => {
        const [down, up, slopeDown, slopeUp, decay, owed] = drawn;
        const entries = [entryOf(1, { down, up, slopeDown, slopeUp })];
        const line = kept(linesOf([certificateOf({ decay, owed, entries })]), 0);
        const lost = [...(line.entries[0]?.slopes ?? []), line.decay, line.owed];
        for (const [place, value] of drawn.entries()) expectUpward(lost[place], value);
      }),
      { numRuns: 2000 },
    );
  });

  it('lets the way to liquidation only shrink', () => {
    fc.assert(
      fc.property(values, (toLiquidation) => {
        const { toLiquidation: single = Number.NaN } = kept(
          linesOf([certificateOf({ toLiquidation })]),
          0,
        );
        expectUpward(-single, -toLiquidation);
      }),
      { numRuns: 1000 },
    );
  });

  it('lets a notional only grow, whichever move hurts', () => {
    fc.assert(
      fc.property(values.map(Math.abs), fc.constantFrom('fall', 'rise'), (notional, move) => {
        const exposures = [exposureOf('a', { move, notional })];
        const [exposure] = kept(linesOf([certificateOf({ exposures })]), 0).exposures;
        const { notional: single = Number.NaN } = exposure ?? {};
        expectUpward(move === 'fall' ? single : -single, notional);
      }),
      { numRuns: 1000 },
    );
  });

  it('lets no certificate live longer, and takes two seconds at most', () => {
    const times = fc.double({ min: 0, max: 2 * ENVELOPE.hours * 3_600_000, noNaN: true });
    fc.assert(
      fc.property(times, (milliseconds) => {
        const lines = linesOf([certificateOf({ until: EPOCH + milliseconds })]);
        const seconds = lines.of.until[0] ?? Number.NaN;
        expect(seconds).toBeLessThanOrEqual(milliseconds / 1000);
        expect(seconds).toBeGreaterThan(milliseconds / 1000 - 2);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves the surplus and the equity as they are', () => {
    fc.assert(
      fc.property(values, values, (x0, equity) => {
        expect(kept(linesOf([certificateOf({ x0, equity })]), 0)).toMatchObject({ x0, equity });
      }),
    );
  });

  it('takes what is no number, or without end, for the same', () => {
    const none = Number.NaN;
    const endless = Number.POSITIVE_INFINITY;
    const entries = [entryOf(1, { down: none, up: endless, slopeDown: -endless })];
    const certificate = certificateOf({ x0: none, decay: none, until: endless, entries });
    const lines = linesOf([certificate]);
    expect(kept(lines, 0)).toMatchObject({
      x0: none,
      decay: none,
      entries: [{ slopes: [none, endless, -endless, 0] }],
    });
    expect(lines.of.until[0]).toBe(endless);
  });
});

describe('a certificate that does not fit', () => {
  const wide = Array.from({ length: 65_536 }, (_, column) => entryOf(column));

  it.each<[string, Partial<Certificate>]>([
    ['more entries than a line counts', { entries: wide }],
    ['one of many columns too far', { entries: [entryOf(1), entryOf(65_536)] }],
  ])('is refused, and leaves nothing: %s', (_name, rest) => {
    const lines = new Lines(EPOCH);
    expect(() => lines.add(3, certificateOf(rest))).toThrow(RangeError);
    expect(lines).toMatchObject({ count: 0, alive: 0 });
  });
});

describe('closing the holes', () => {
  const certificateWith = (width: number, account: number) =>
    certificateOf({
      x0: account,
      entries: Array.from({ length: width }, (_, each) => entryOf(each + 1, { up: account })),
      exposures: [exposureOf(`M${account % 3}`, { notional: account + 1 })],
    });

  /** As it was added. */
  const readBack = ({ of, ofEntries, ofExposures }: Lines, line: number) => {
    const first = of.firstEntry[line] as number;
    const entries = Array.from({ length: of.entries[line] as number }, (_, each) => [
      ofEntries.column[first + each],
      ofEntries.slopes[4 * (first + each) + 1],
    ]);
    const notional = ofExposures.notional[of.firstExposure[line] as number];
    return { account: of.account[line], x0: of.x0[line], entries, notional };
  };

  it('keeps every line that is alive, with its entries and exposures, in order', () => {
    const drawing = fc.record({ width: fc.integer({ min: 0, max: 4 }), isRemoved: fc.boolean() });
    fc.assert(
      fc.property(fc.array(drawing), (drawn) => {
        const lines = new Lines(EPOCH);
        lines.add(NOBODY, certificateOf({ x0: 100, entries: [entryOf(0, { down: 1 })] }));
        for (const [account, { width }] of drawn.entries()) {
          lines.add(account, certificateWith(width, account));
        }
        const before = drawn.map((_, account) => readBack(lines, account + 1));
        const kept = [...drawn.keys()].filter((account) => drawn[account]?.isRemoved !== true);
        for (const account of drawn.keys())
          if (!kept.includes(account)) lines.remove(account + 1, 1);
        const moved: [number, number][] = [];
        lines.compact((account, line) => moved.push([account, line]));
        expect(lines.count).toBe(lines.alive);
        expect(moved.slice(1).map(([account]) => account)).toEqual(kept);
        expect(moved.slice(1).map(([, line]) => readBack(lines, line))).toEqual(
          kept.map((account) => before[account]),
        );
      }),
    );
  });
});
