/** Runs one path at every setting of the grid. Sharing the path makes differences sharp. */
import { type Looks, looksAt } from './looks.ts';
import { pricePath } from './price-path.ts';
import { FIGURES, runCell } from './run-cell.ts';
import type { Setup } from './setup.ts';

/** @returns figures in the order of FIGURES, cell by cell */
export function runPath(setup: Setup, path: number): Float64Array {
  const { exposures, model, cells } = setup;
  const prices = pricePath(model, { ...setup, path });
  const rows = new Float64Array(cells.length * FIGURES.length);
  let looks: Looks | undefined;
  for (const [index, { cell, terms, book, ladders }] of cells.entries()) {
    const { intervalSeconds } = cell;
    if (looks?.intervalSeconds !== intervalSeconds) {
      looks = looksAt(prices, { ...setup, intervalSeconds });
    }
    const figures = runCell({ book, ladders, exposures, path: prices, looks, terms });
    rows.set(
      FIGURES.map((name) => figures[name]),
      index * FIGURES.length,
    );
  }
  return rows;
}
