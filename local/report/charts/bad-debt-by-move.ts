import { axisX, dot, gridX, lineY, ruleX, ruleY } from '@observablehq/plot';
import { framed, largestOf, uprightAxis } from '../axes.ts';
import type { Measure } from '../figures.ts';
import { type Chart, emptyChart, type Frame, type LegendEntry } from '../report.ts';
import { DASHES, paint } from '../tones.ts';

export interface MovePoint {
  /** −0.3 is a fall of 30 %. */
  readonly move: number;
  readonly badDebt: number;
}

export interface BadDebtByMoveInput {
  readonly title: string;
  readonly reading: string;
  readonly measure: Measure;
  /** Sorted by move. */
  readonly curve: readonly MovePoint[];
  readonly marked: readonly MovePoint[];
  readonly fund?: number | undefined;
}

export function badDebtByMove(input: BadDebtByMoveInput): Chart {
  const { title, reading, curve, fund } = input;
  if (curve.length === 0) return emptyChart(title, reading);
  const legend: LegendEntry[] = [
    { label: 'bad debt', glyph: 'line', tone: 'red' },
    { label: 'a chosen move', glyph: 'circle', tone: 'blue' },
  ];
  const withFund: LegendEntry[] = [...legend, { label: 'the fund', glyph: 'dashed', tone: 'teal' }];
  return {
    title,
    reading,
    legend: fund === undefined ? legend : withFund,
    plot: (frame) => plotOf(input, frame),
  };
}

const PERCENT = 100;

const percentOf = ({ move }: MovePoint): number => move * PERCENT;

const signed = (percent: number): string =>
  `${percent > 0 ? '+' : ''}${String(percent).replace('-', '−')}`;

function plotOf({ curve, marked, fund, measure }: BadDebtByMoveInput, frame: Frame) {
  const funds = fund === undefined ? [] : [fund];
  const largest = largestOf([...curve.map(({ badDebt }) => badDebt), ...funds]);
  const place = { x: percentOf, y: 'badDebt' } as const;
  return {
    ...framed(frame),
    y: { nice: true, zero: true },
    marks: [
      ...uprightAxis({ measure, largest }, frame),
      gridX({ ticks: frame.isNarrow ? 5 : 11 }),
      axisX({
        ticks: frame.isNarrow ? 5 : 11,
        tickFormat: signed,
        label: 'Move of all prices, %',
        labelArrow: 'none',
        labelAnchor: 'center',
      }),
      ruleX([0], { stroke: paint('muted') }),
      ruleY(funds, {
        stroke: paint('teal'),
        strokeDasharray: DASHES.dashed,
        strokeWidth: 1.75,
      }),
      lineY(curve, { ...place, stroke: paint('red'), strokeWidth: 2 }),
      dot(marked, { ...place, r: 3.5, fill: paint('blue') }),
    ],
  };
}
