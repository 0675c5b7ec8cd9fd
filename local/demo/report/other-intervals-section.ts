import type { Section } from '../../report/report.ts';
import {
  type IntervalRun,
  intervalMeanings,
  intervalRows,
  intervalSentence,
  notesOf,
} from '../intervals.ts';

export function otherIntervalsSection(
  runs: readonly IntervalRun[],
  drawn: Parameters<typeof notesOf>[0],
): Section {
  return {
    title: drawn.hasEvents
      ? 'The same hours by the schedule alone, and by events'
      : 'The same hours at another interval',
    prose: [
      intervalSentence(runs),
      'All runs have the same accounts, prices without liquidations, quotes at shared times, venue and seed.',
      ...notesOf(drawn),
    ],
    tables: [
      {
        caption: 'Side by side, by the time between two checks',
        head: ['', ...runs.map(({ label }) => label), 'What it is'],
        rows: intervalRows(runs.map(({ figures }) => figures)).map((row, index) => [
          ...row,
          intervalMeanings[index] ?? '',
        ]),
        wordColumns: [runs.length + 1],
      },
    ],
  };
}
