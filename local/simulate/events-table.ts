import { figure, whole } from '../report/figures.ts';
import type { CellResult } from './cell-result.ts';
import { isAt } from './frontier.ts';
import { confidenceText, timeText } from './sentences.ts';
import type { ExecutionResult } from './simulate.ts';

/** Each setting twice: as scheduled, and with the checks that the price starts. */
export function eventsTable({ grid, events }: ExecutionResult) {
  const head = [
    'Interval, confidence',
    'Bad debt',
    'with events',
    'Overshoot, bp',
    'with events',
    'Buffer held',
    'Liquidations a day',
    'with events',
    'Calls a day',
    'with events',
    'Events a day',
    'AWS',
    'with events',
  ];
  const rows = events.map((driven) => {
    const scheduled = grid.find(isAt(driven)) as CellResult;
    const both = (textOf: (cell: CellResult) => string) => [textOf(scheduled), textOf(driven)];
    return [
      `${timeText(driven.intervalSeconds)}, ${confidenceText(driven.confidence)}`,
      ...both(({ costPerMonth }) => whole(costPerMonth.badDebt)),
      ...both(({ meanOvershootBasisPoints: found }) => (found === null ? '–' : figure(found))),
      whole(scheduled.bufferHeld),
      ...both(({ liquidationsPerDay }) => figure(liquidationsPerDay)),
      ...both(({ callsPerDay }) => figure(callsPerDay)),
      figure(driven.eventChecksPerDay),
      ...both(({ costPerMonth }) => figure(costPerMonth.aws)),
    ];
  });
  return { head, rows };
}
