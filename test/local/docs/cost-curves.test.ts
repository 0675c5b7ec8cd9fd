import { describe, expect, it } from 'vitest';
import { monthlyCost } from '../../../local/analysis/cost.ts';
import { costByInterval, costBySize, timeOfCheck } from '../../../local/docs/cost-charts.ts';
import {
  type CalmChecks,
  costAt,
  figuresAt,
  type Kind,
  straight,
} from '../../../local/docs/cost-curves.ts';
import { draw, FRAMES } from '../../../local/report/draw.ts';

/** A book twice as large reads twice as much, and a longer interval more. */
const run = (accounts: number, intervalSeconds: number): CalmChecks => ({
  accounts,
  intervalSeconds,
  plain: { seconds: accounts * 1e-4, readUnits: accounts / 20, writeUnits: 9, streamReads: 0 },
  certified: {
    seconds: accounts * 2 ** -24 * intervalSeconds,
    readUnits: accounts / 1000 + intervalSeconds,
    writeUnits: 12,
    streamReads: 8,
  },
  checkpoint: { bytes: accounts * 170, objects: Math.ceil(accounts / 50_000), seconds: 1 },
});

const MEASURED = [run(1000, 10), run(100_000, 10), run(1000, 60), run(100_000, 60)];

describe('a straight line between measurements', () => {
  const points = [
    { x: 1, y: 10 },
    { x: 2, y: 20 },
    { x: 4, y: 0 },
  ];

  it.each([
    [1, 10],
    [1.5, 15],
    [2, 20],
    [3, 10],
    [0, 0],
    [5, 0],
    [-1, 0],
  ])('at %d is %d, and never below 0', (x, y) => {
    expect(straight(points, x)).toBeCloseTo(y, 12);
  });
});

describe('a check of any size at any interval', () => {
  it.each([
    [1000, 10],
    [100_000, 60],
  ])('is the measured one where one was measured: %d accounts, %d s', (accounts, seconds) => {
    const setting = { accounts, intervalSeconds: seconds } as const;
    const { certified, plain } = run(accounts, seconds);
    for (const [kind, figures] of Object.entries({ certified, plain })) {
      const found = figuresAt(MEASURED, { ...setting, kind: kind as Kind });
      for (const [name, value] of Object.entries(figures)) {
        expect(found[name as keyof typeof found], name).toBeCloseTo(value, 9);
      }
    }
  });

  it('lies between them in size and interval, and goes on beyond them', () => {
    const at = (accounts: number, intervalSeconds: number) =>
      figuresAt(MEASURED, { accounts, intervalSeconds, kind: 'certified' });
    expect(at(50_500, 35)).toMatchObject({ readUnits: 50.5 + 35, writeUnits: 12 });
    expect(at(1_000_000, 3600).readUnits).toBeCloseTo(1000 + 3600, 6);
  });

  it('costs what the cost model says', () => {
    const { certified, checkpoint } = run(100_000, 60);
    const { seconds, ...units } = certified;
    const check = { ...units, durationSeconds: seconds, publications: 0, intervalSeconds: 60 };
    expect(costAt(MEASURED, { accounts: 100_000, intervalSeconds: 60, kind: 'certified' })).toEqual(
      monthlyCost({ ...check, hasCertificates: true, checkpoint }),
    );
  });

  it('has no cost where it takes longer than its interval', () => {
    const at = (accounts: number) =>
      costAt(MEASURED, { accounts, intervalSeconds: 60, kind: 'plain' });
    expect(at(600_000)).toBeDefined();
    expect(at(600_001)).toBeUndefined();
  });
});

it.each([costBySize, costByInterval, timeOfCheck])('%o draws its lines', (chart) => {
  const { plot, reading, legend } = chart(MEASURED);
  if (plot === undefined) throw new Error(reading);
  const { content } = draw(plot(FRAMES.wide));
  expect(content.match(/aria-label="line"/g)?.length).toBe(
    legend.filter(({ glyph }) => glyph !== 'circle').length,
  );
});
