/** One measure over time for a few things, each with a dash of its own. */
import { lineY } from '@observablehq/plot';
import { framed, largestOf, spanOf, timeAxis, uprightAxis } from '../axes.ts';
import type { Measure } from '../figures.ts';
import { type Chart, emptyChart, type Frame } from '../report.ts';
import { thinned } from '../thin.ts';
import { DASHES, paint, type Tone } from '../tones.ts';

export interface LinesInput {
  readonly title: string;
  /** One sentence with the numbers in it. */
  readonly reading: string;
  readonly measure: Measure;
  /** Four at most. */
  readonly lines: readonly Line[];
  /** The value holds from its time until the next one. */
  readonly isStepped?: boolean;
  /** Where what matters is how the lines differ, and not how large they are. */
  readonly isFromZero?: boolean;
}

export interface Line {
  readonly label: string;
  /** In the order of time. */
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
}

/** @throws RangeError for more lines than can be told from each other. */
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
          stretches: frame.width / 3,
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
