import { axisX, axisY, gridX, gridY, type Markish, type PlotOptions } from '@observablehq/plot';
import { axisTitle, clockText, dateText, type Measure, tickText } from './figures.ts';
import type { Frame } from './report.ts';

const DAY_MS = 86_400_000;

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export const spanOf = (points: readonly { readonly timeMs: number }[]): Span => ({
  fromMs: points.reduce((least, { timeMs }) => Math.min(least, timeMs), Infinity),
  untilMs: points.reduce((most, { timeMs }) => Math.max(most, timeMs), -Infinity),
});

export const framed = ({ width, height, isNarrow }: Frame): PlotOptions => ({
  width,
  height,
  marginLeft: isNarrow ? 46 : 58,
  marginRight: 20,
  marginTop: 32,
  marginBottom: 44,
});

export interface Upright {
  readonly measure: Measure;
  /** The largest absolute value shown. */
  readonly largest: number;
}

export const uprightAxis = ({ measure, largest }: Upright, frame: Frame): Markish[] => [
  gridY({ ticks: tickCount(frame.height) }),
  axisY({
    ticks: tickCount(frame.height),
    tickFormat: tickText(largest),
    tickSize: 0,
    label: axisTitle(measure),
    labelArrow: 'none',
    labelAnchor: 'top',
  }),
];

const tickCount = (height: number): number => Math.round(height / 55);

/** Hours for up to two days, then dates. */
export function timeAxis({ fromMs, untilMs }: Span, { isNarrow }: Frame): Markish[] {
  const isDays = untilMs - fromMs > 2 * DAY_MS;
  const label = isDays ? 'Date, UTC' : `${dateText(fromMs)}, UTC`;
  const tickFormat = (time: Date) => (isDays ? dayText(time) : clockText(time.getTime()));
  return [
    axisX({
      ticks: isNarrow ? 4 : 9,
      tickFormat,
      label,
      labelArrow: 'none',
      labelAnchor: 'center',
    }),
  ];
}

const dayText = (time: Date): string =>
  time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

export const levelAxis = ({ measure, largest }: Upright, { isNarrow }: Frame): Markish[] => [
  gridX({ ticks: isNarrow ? 4 : 8 }),
  axisX({
    ticks: isNarrow ? 4 : 8,
    tickFormat: tickText(largest),
    label: axisTitle(measure),
    labelArrow: 'none',
    labelAnchor: 'center',
  }),
];

/** Ignores NaN. */
export const largestOf = (values: Iterable<number>): number => {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest;
};
