import { lineY } from '@observablehq/plot';
import { framed, largestOf, spanOf, timeAxis, uprightAxis } from '../axes.ts';
import type { Measure } from '../figures.ts';
import { type Chart, emptyChart, type Frame } from '../report.ts';
import { thinned } from '../thin.ts';
import { DASHES, paint, type Tone } from '../tones.ts';

export interface LinesInput {
  readonly title: string;
  readonly reading: string;
  readonly measure: Measure;
  /** At most four. */
  readonly lines: readonly Line[];
  /** Values hold until the next. */
  readonly isStepped?: boolean;
  /** False if the differences count, not the size. */
  readonly isFromZero?: boolean;
}

export interface Line {
  readonly label: string;
  /** Sorted by time. */
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
}

/** @throws RangeError for more lines than styles */
export function lines(input: LinesInput): Chart {
  const { title, reading } = input;
  if (input.lines.length > STROKES.length) {
    throw new RangeError(`at most ${STROKES.length} lines, not ${input.lines.length}`);
  }
  if (input.lines.every(({ points }) => points.length === 0)) {
    return emptyChart(title, 'Nothing was recorded.');
  }
  const legend = input.lines.map(({ label }, index) => ({ label, ...strokeOf(index) }));
  return { title, reading, legend, plot: (frame) => plotOf(input, frame) };
}

const STROKES = [
  { glyph: 'line', tone: 'blue' },
  { glyph: 'dashed', tone: 'orange' },
  { glyph: 'dotted', tone: 'red' },
  { glyph: 'line', tone: 'purple' },
] as const satisfies readonly { glyph: keyof typeof DASHES; tone: Tone }[];

const strokeOf = (index: number) => STROKES[index] as (typeof STROKES)[number];

function plotOf(
  { lines: all, measure, isStepped = false, isFromZero = true }: LinesInput,
  frame: Frame,
) {
  const points = all.flatMap((line) => line.points);
  const largest = largestOf(points.map(({ value }) => value));
  return {
    ...framed(frame),
    y: { nice: true, zero: isFromZero },
    marks: [
      ...uprightAxis({ measure, largest }, frame),
      ...timeAxis(spanOf(points), frame),
      ...all.map((line, index) => {
        const { glyph, tone } = strokeOf(index);
        const drawn = thinned(line.points, {
          spans: frame.width / 3,
          values: ({ value }) => [value],
        });
        return lineY(drawn, {
          x: ({ timeMs }: { timeMs: number }) => new Date(timeMs),
          y: 'value',
          stroke: paint(tone),
          strokeDasharray: DASHES[glyph],
          strokeWidth: 1.75,
          ...(isStepped ? { curve: 'step-after' as const } : {}),
        });
      }),
    ],
  };
}
