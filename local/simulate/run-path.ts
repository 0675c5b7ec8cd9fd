/** Runs one path at every setting of the grid. Sharing the path makes differences sharp. */
import { bufferAt, NO_SHOCK, withCash } from './compiled-book.ts';
import { EVENT_CONFIDENCE } from './events.ts';
import { type Forecasts, forecastsOf, heldOf } from './forecasts.ts';
import { laddersOf } from './ladder.ts';
import { type Looks, looksAt } from './looks.ts';
import { pathFrom } from './market-paths.ts';
import type { PricePath } from './price-path.ts';
import { FIGURES, runCell } from './run-cell.ts';
import type { CellSetup, Setup } from './setup.ts';

/** @returns figures in the order of FIGURES, cell by cell */
export function runPath(setup: Setup, path: number): Float64Array {
  const prices = pathFrom(setup.source, { ...setup, path });
  const rows = new Float64Array(setup.cells.length * FIGURES.length);
  for (const seen of cellsAlong(setup, prices)) {
    const figures = runCellAlong(setup, seen);
    rows.set(
      FIGURES.map((name) => figures[name]),
      seen.index * FIGURES.length,
    );
  }
  return rows;
}

export interface SeenCell {
  readonly each: CellSetup;
  readonly index: number;
  readonly looks: Looks;
  /** Absent: no buffer. */
  readonly forecasts: Forecasts | undefined;
  /** Absent unless moves start checks. */
  readonly eventForecasts: Forecasts | undefined;
  readonly prices: PricePath['prices'];
}

/** Cells of one interval share what its checks see, and those of one confidence their forecast. */
export function* cellsAlong(setup: Setup, path: PricePath): Generator<SeenCell> {
  let looks: Looks | undefined;
  let forecasts: Forecasts | undefined;
  let before: CellSetup['cell'] | undefined;
  for (const [index, each] of setup.cells.entries()) {
    const { intervalSeconds, executionSeconds, confidence } = each.cell;
    if (looks?.intervalSeconds !== intervalSeconds) {
      looks = looksAt(path, { ...setup, intervalSeconds });
    }
    const isSame =
      before?.intervalSeconds === intervalSeconds &&
      before.executionSeconds === executionSeconds &&
      before.confidence === confidence;
    if (!isSame) {
      const cell = { intervalSeconds, executionSeconds };
      forecasts =
        confidence === null
          ? undefined
          : forecastsOf(looks, { ...cell, confidence }, setup.forecast);
    }
    before = each.cell;
    const terms = { intervalSeconds, executionSeconds, confidence: EVENT_CONFIDENCE };
    const eventForecasts = each.terms.isEventDriven
      ? (forecasts ?? forecastsOf(looks, terms, setup.forecast))
      : undefined;
    yield { each, index, looks, forecasts, eventForecasts, prices: path.prices };
  }
}

/** Each account holds the buffer that is required at the start of the path, if it is funded. */
export function runCellAlong(setup: Setup, seen: SeenCell) {
  const { each, looks, forecasts, eventForecasts, prices } = seen;
  const { slopes, shockMax } = setup;
  const { terms } = each;
  const isFunded = setup.collateral === 'funded' && forecasts !== undefined;
  const shock = isFunded ? heldOf(forecasts, 0, terms.holding) : NO_SHOCK;
  const cash = Float64Array.from({ length: setup.book.size }, (_, account) =>
    bufferAt(setup.book, account, { x: 1, shock }),
  );
  const book = withCash(setup.book, cash);
  const ladders = laddersOf(book, forecasts === undefined ? 0 : shockMax);
  return runCell({ book, ladders, slopes, prices, looks, forecasts, eventForecasts, terms });
}
