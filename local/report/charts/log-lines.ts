import { axisX, axisY, dot, gridX, gridY, line, text } from '@observablehq/plot';
import { framed } from '../axes.ts';
import { axisTitle, type Measure } from '../figures.ts';
import { type Chart, emptyChart, type Frame } from '../report.ts';
import { DASHES, paint, type Tone } from '../tones.ts';

export interface LogLinesInput {
  readonly title: string;
  readonly reading: string;
  readonly across: LogAxis;
  readonly upright: LogAxis;
  /** At most five. */
  readonly lines: readonly LogLine[];
  readonly dotLabel: string;
  /** Where a line has its label; default: at its last point. */
  readonly labelAt?: 'first' | 'last';
}

export interface LogAxis {
  readonly measure: Measure;
  readonly ticks: readonly number[];
  readonly tickText: (value: number) => string;
}

export interface LogPoint {
  readonly x: number;
  readonly y: number;
}

export interface LogLine {
  readonly label: string;
  readonly points: readonly LogPoint[];
  /** Shown as dots. */
  readonly measured?: readonly LogPoint[];
}

/** Both axes are logarithmic. @throws RangeError for more lines than styles */
export function logLines(input: LogLinesInput): Chart {
  const { title, reading, lines, dotLabel } = input;
  if (lines.length > STROKES.length) {
    throw new RangeError(`at most ${STROKES.length} lines, not ${lines.length}`);
  }
  if (lines.every(({ points }) => points.length === 0)) return emptyChart(title, 'No line.');
  const hasDots = lines.some(({ measured = [] }) => measured.length > 0);
  const legend = lines.map(({ label }, index) => ({ label, ...strokeOf(index) }));
  const dots = hasDots ? [{ label: dotLabel, glyph: 'circle', tone: 'ink' } as const] : [];
  return { title, reading, legend: [...legend, ...dots], plot: (frame) => plotOf(input, frame) };
}

const STROKES = [
  { glyph: 'line', tone: 'red' },
  { glyph: 'line', tone: 'orange' },
  { glyph: 'line', tone: 'teal' },
  { glyph: 'line', tone: 'blue' },
  { glyph: 'dashed', tone: 'purple' },
] as const satisfies readonly { glyph: keyof typeof DASHES; tone: Tone }[];

const strokeOf = (index: number) => STROKES[index] as (typeof STROKES)[number];

const endsOf = (ticks: readonly number[]) => [ticks[0] as number, ticks.at(-1) as number];

/** Room for the label at a line's end. */
const LABEL_PX = 130;

/** The ticks from the last one below all values to the first above them. */
function shownTicks({ ticks }: LogAxis, values: readonly number[]): readonly number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const from = ticks.findLastIndex((tick) => tick <= least);
  const until = ticks.findIndex((tick) => tick >= most);
  return ticks.slice(Math.max(0, from), until < 0 ? ticks.length : until + 1);
}

function plotOf(input: LogLinesInput, frame: Frame) {
  const { lines, across, upright, labelAt = 'last' } = input;
  const points = lines.flatMap((each) => each.points);
  const acrossTicks = shownTicks(
    across,
    points.map(({ x }) => x),
  );
  const uprightTicks = shownTicks(
    upright,
    points.map(({ y }) => y),
  );
  const common = { tickSize: 0, labelArrow: 'none' as const };
  return {
    ...framed(frame),
    marginRight: frame.isNarrow || labelAt === 'first' ? 20 : LABEL_PX,
    x: { type: 'log' as const, domain: endsOf(acrossTicks) },
    y: { type: 'log' as const, domain: endsOf(uprightTicks) },
    marks: [
      gridY({ ticks: [...uprightTicks] }),
      gridX({ ticks: [...acrossTicks] }),
      axisY(uprightTicks, {
        ...common,
        text: upright.tickText,
        label: axisTitle(upright.measure),
        labelAnchor: 'top',
      }),
      axisX(acrossTicks, {
        ...common,
        text: across.tickText,
        label: axisTitle(across.measure),
        labelAnchor: 'center',
      }),
      ...lines.flatMap(({ label, points, measured = [] }, index) => {
        const { glyph, tone } = strokeOf(index);
        const end = points.at(labelAt === 'first' ? 0 : -1);
        const dy = index === lines.length - 1 ? 14 : -9;
        const place = labelAt === 'first' ? { dx: 4, dy } : { dx: 8 };
        return [
          line(points, {
            x: 'x',
            y: 'y',
            stroke: paint(tone),
            strokeDasharray: DASHES[glyph],
            strokeWidth: 1.75,
          }),
          dot(measured, { x: 'x', y: 'y', fill: paint(tone), r: 3 }),
          ...(end === undefined || frame.isNarrow
            ? []
            : [
                text([end], {
                  x: 'x',
                  y: 'y',
                  text: () => label,
                  ...place,
                  textAnchor: 'start',
                  fill: paint(tone),
                }),
              ]),
        ];
      }),
    ],
  };
}
