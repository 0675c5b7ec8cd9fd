import { axisY, barX, ruleX, text } from '@observablehq/plot';
import { framed, largestOf, levelAxis } from '../axes.ts';
import { figure, type Measure } from '../figures.ts';
import { type Chart, emptyChart, type Frame } from '../report.ts';
import { paint, type Tone } from '../tones.ts';

export interface Bar {
  readonly label: string;
  /** 0 or more. */
  readonly value: number;
  readonly isMarked?: boolean;
}

export interface BarsInput {
  readonly title: string;
  readonly reading: string;
  readonly measure: Measure;
  /** Top to bottom; labels are distinct. */
  readonly bars: readonly Bar[];
}

const ROW = 30;
const LABEL_MAX = 22;

export function bars(input: BarsInput): Chart {
  const { title, reading } = input;
  if (input.bars.length === 0) return emptyChart(title, 'There is nothing to compare.');
  return { title, reading, legend: [], plot: (frame) => plotOf(input, frame) };
}

const shortened = (label: string): string =>
  label.length > LABEL_MAX ? `${label.slice(0, LABEL_MAX - 1)}…` : label;

function plotOf({ bars: rows, measure }: BarsInput, frame: Frame) {
  const largest = largestOf(rows.map(({ value }) => value));
  const longest = Math.max(...rows.map(({ label }) => shortened(label).length));
  const toneOf = ({ isMarked }: Bar): Tone => (isMarked ? 'red' : 'blue');
  const place = { x: 'value', y: 'label' } as const;
  return {
    ...framed(frame),
    height: rows.length * ROW + 60,
    marginTop: 8,
    marginLeft: 14 + longest * 6.6,
    marginRight: 58,
    y: { domain: rows.map(({ label }) => label), padding: 0.25, label: null },
    marks: [
      ...levelAxis({ measure, largest }, frame),
      axisY({ tickFormat: shortened, tickSize: 0, label: null }),
      barX(rows, { ...place, fill: (row: Bar) => paint(toneOf(row)) }),
      text(rows, { ...place, text: ({ value }: Bar) => figure(value), textAnchor: 'start', dx: 6 }),
      ruleX([0]),
    ],
  };
}
