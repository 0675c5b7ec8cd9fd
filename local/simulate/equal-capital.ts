/**
 * Intervals at equal capital: each holds so large a part of its Λ* that the mean buffer is that of
 * the shortest interval at the same confidence. Which part is found on the first paths.
 */
import { type Exposures, exposuresOf } from './compiled-book.ts';
import { heldOf } from './forecasts.ts';
import type { Cell } from './grid.ts';
import { pathFrom } from './market-paths.ts';
import { cellsAlong, type SeenCell } from './run-path.ts';
import type { CellSetup, Setup } from './setup.ts';

export const PILOT_PATHS = 100;

const SCALE_MIN = 1 / 64;
const SCALE_MAX = 256;
const SCALES_A_DOUBLING = 4;
const SCALES = Float64Array.from(
  { length: 1 + SCALES_A_DOUBLING * Math.log2(SCALE_MAX / SCALE_MIN) },
  (_, rung) => SCALE_MIN * 2 ** (rung / SCALES_A_DOUBLING),
);

/** The mean buffer of the whole book in USD, by cell and scale. */
export function pilotPath(setup: Setup, path: number): Float64Array {
  const exposures = exposuresOf(setup.slopes);
  const rows = new Float64Array(setup.cells.length * SCALES.length);
  for (const seen of cellsAlong(setup, pathFrom(setup.source, { ...setup, path }))) {
    rows.set(bufferByScale(seen, exposures), seen.index * SCALES.length);
  }
  return rows;
}

function bufferByScale({ each, looks, forecasts }: SeenCell, exposures: Exposures): Float64Array {
  if (forecasts === undefined) return SCALES.map(() => 0);
  const { shockMax } = each.terms.holding;
  return SCALES.map((scale) => {
    let sum = 0;
    for (let look = 0; look < looks.count; look++) {
      const { down, up } = heldOf(forecasts, look + 1, { scale, shockMax });
      sum += (exposures.down * down + exposures.up * up) * (looks.prices[look] as number);
    }
    return sum / Math.max(1, looks.count);
  });
}

/** The setup with a second cell, at equal capital, behind each that has a buffer. */
export function withEqualCapital(setup: Setup, pilot: readonly Float64Array[]): Setup {
  const { cells } = setup;
  const means = cells.map((_, index) => meanByScale(pilot, index));
  const shortest = Math.min(...cells.map(({ cell }) => cell.intervalSeconds));
  const targetOf = ({ confidence, executionSeconds }: Cell): number => {
    const index = cells.findIndex(
      ({ cell }) =>
        cell.intervalSeconds === shortest &&
        cell.confidence === confidence &&
        cell.executionSeconds === executionSeconds,
    );
    return at(means[index] as Float64Array, 1);
  };
  return {
    ...setup,
    cells: cells.flatMap((each, index): CellSetup[] => {
      if (each.cell.confidence === null || each.basis === 'events') return [each];
      const scale = scaleFor(means[index] as Float64Array, targetOf(each.cell));
      const holding = { ...each.terms.holding, scale };
      return [each, { ...each, basis: 'capital', terms: { ...each.terms, holding } }];
    }),
  };
}

function meanByScale(pilot: readonly Float64Array[], index: number): Float64Array {
  const mean = new Float64Array(SCALES.length);
  for (const row of pilot) {
    for (let rung = 0; rung < SCALES.length; rung++) {
      mean[rung] =
        (mean[rung] as number) + (row[index * SCALES.length + rung] as number) / pilot.length;
    }
  }
  return mean;
}

const at = (means: Float64Array, scale: number): number => means[SCALES.indexOf(scale)] as number;

/** Between two rungs the mean is taken as straight. With a bound it may never reach the target. */
function scaleFor(means: Float64Array, target: number): number {
  const above = means.findIndex((mean) => mean >= target);
  if (above < 0) return SCALE_MAX;
  const to = SCALES[above] as number;
  if (above === 0) return to;
  const [from, low, high] = [SCALES[above - 1], means[above - 1], means[above]] as number[] as [
    number,
    number,
    number,
  ];
  return from + ((to - from) * (target - low)) / (high - low);
}
