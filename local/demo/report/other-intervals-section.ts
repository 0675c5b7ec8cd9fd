import type { Section } from '../../report/report.ts';
import {
  type IntervalRun,
  intervalMeanings,
  intervalRows,
  intervalSentence,
  REFINED_NOTE,
} from '../intervals.ts';

export function otherIntervalsSection(runs: readonly IntervalRun[], isRefined: boolean): Section {
  return {
    title: 'The same hours at another interval',
    prose: [
      intervalSentence(runs),
      'Both runs have the same accounts, prices without liquidations, quotes at shared times, venue and seed.',
      ...(isRefined ? [REFINED_NOTE] : []),
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
