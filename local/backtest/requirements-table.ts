/** The measures against procyclicality, as a table and as a section of the report. */
import { tableOf } from '../cli/table.ts';
import type { Section } from '../report/report.ts';
import type { MeasureFigures, MultiplierFigures } from './requirements.ts';

export const REQUIREMENTS_TITLE =
  'Requirements that follow the volatility: multiples of the requirement at the usual one';

const HEAD = [
  'measure',
  ...['mean', 'peak ÷ trough', 'rise in 15 min', 'rise in an hour'].map(
    (each) => `maintenance: ${each}`,
  ),
  ...['mean', 'rise in 15 min', 'rise in an hour'].map((each) => `initial: ${each}`),
];

const two = (value: number): string => value.toFixed(2);

const rises = ({ rise15Minutes, riseHour }: MultiplierFigures): string[] =>
  [rise15Minutes, riseHour].map(two);

const rowsOf = (figures: readonly MeasureFigures[]): string[][] =>
  figures.map(({ measure, maintenance, initial }) => [
    measure,
    ...[maintenance.mean, maintenance.peakToTrough].map(two),
    ...rises(maintenance),
    two(initial.mean),
    ...rises(initial),
  ]);

export const requirementsTable = (figures: readonly MeasureFigures[]): string =>
  tableOf(HEAD, rowsOf(figures));

export const requirementsSection = (figures: readonly MeasureFigures[]): Section => ({
  title: 'Requirements that follow the volatility',
  prose: [
    'A requirement that rises with the volatility asks accounts for more margin while prices fall. ' +
      'Each row is one measure against that: the mean is what it costs, and the largest rises are ' +
      'what it spares accounts. 1 is the requirement at the volatility of the training days, and 4 ' +
      'the most; maintenance is half of initial.',
  ],
  tables: [
    {
      caption: 'Multiples of the requirement at the usual volatility',
      head: HEAD,
      rows: rowsOf(figures),
    },
  ],
});
