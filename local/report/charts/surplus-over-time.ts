import { areaY, dot, lineY, ruleY } from '@observablehq/plot';
import { framed, largestOf, spanOf, timeAxis, uprightAxis } from '../axes.ts';
import { clockText, dollars } from '../figures.ts';
import { type Mark, markStyle } from '../marks.ts';
import { type Chart, emptyChart, type Frame, type LegendEntry } from '../report.ts';
import { thinned } from '../thin.ts';
import { DASHES, paint, type Tone } from '../tones.ts';

/** Relative to the liquidation line; NaN if indeterminate. */
export interface SurplusPoint {
  readonly timeMs: number;
  readonly lowUsd: number;
  readonly pointUsd: number;
  readonly highUsd: number;
  readonly callLineUsd: number;
  readonly restoreLineUsd: number;
}

export interface SurplusInput {
  readonly accountId: string;
  /** `called and cured` */
  readonly story: string;
  /** Sorted by time. */
  readonly points: readonly SurplusPoint[];
  readonly events: readonly SurplusEvent[];
}

export interface SurplusEvent {
  readonly timeMs: number;
  readonly kind: 'call' | 'cure' | 'liquidation' | 'deficit';
}

const MARKS: Readonly<Record<SurplusEvent['kind'], Mark & { readonly label: string }>> = {
  call: { label: 'called', symbol: 'triangle', tone: 'orange' },
  cure: { label: 'cured', symbol: 'circle', tone: 'teal' },
  liquidation: { label: 'liquidation ordered', symbol: 'diamond', tone: 'red' },
  deficit: { label: 'deficit', symbol: 'cross', tone: 'purple' },
};

export function surplusOverTime(input: SurplusInput): Chart {
  const title = `${input.accountId}: ${input.story}`;
  const known = input.points.filter(({ pointUsd }) => !Number.isNaN(pointUsd));
  if (known.length === 0) return emptyChart(title, 'Its margin was unknown at every check.');
  const kinds = new Set(input.events.map(({ kind }) => kind));
  const marked = [...kinds].map((kind): LegendEntry => {
    const { label, symbol, tone } = MARKS[kind];
    return { label, glyph: symbol, tone };
  });
  return {
    title,
    reading: readingOf(known),
    legend: [
      { label: 'surplus at the quoted prices', glyph: 'line', tone: 'blue' },
      { label: 'surplus within the uncertainty of the prices', glyph: 'band', tone: 'blue' },
      { label: 'liquidation line', glyph: 'line', tone: 'red' },
      { label: 'call line', glyph: 'dashed', tone: 'orange' },
      { label: 'restore line', glyph: 'dotted', tone: 'muted' },
      ...marked,
    ],
    plot: (frame) => plotOf(input, frame),
  };
}

function readingOf(known: readonly SurplusPoint[]): string {
  const first = known[0] as SurplusPoint;
  const last = known.at(-1) ?? first;
  const lowest = known.reduce((low, each) => (each.pointUsd < low.pointUsd ? each : low));
  return (
    `At ${clockText(first.timeMs)} UTC it was ${sideText(first)}, at its lowest, at ` +
    `${clockText(lowest.timeMs)}, ${sideText(lowest)} (${dollars(lowest.lowUsd)} to ` +
    `${dollars(lowest.highUsd)} within the uncertainty of the prices), and at the end ${sideText(last)}.`
  );
}

const sideText = ({ pointUsd }: SurplusPoint): string =>
  `${dollars(Math.abs(pointUsd))} ${pointUsd < 0 ? 'below' : 'above'} its liquidation line`;

const x = ({ timeMs }: { readonly timeMs: number }) => new Date(timeMs);

function plotOf({ points, events }: SurplusInput, frame: Frame) {
  const measure = { name: 'Above the liquidation line', unit: 'USD' } as const;
  const values = (each: SurplusPoint) => [
    each.lowUsd,
    each.pointUsd,
    each.highUsd,
    each.callLineUsd,
  ];
  const drawn = thinned(points, { spans: frame.width / 4, values });
  const largest = largestOf(drawn.flatMap(values));
  return {
    ...framed(frame),
    y: { nice: true },
    marks: [
      ...uprightAxis({ measure, largest }, frame),
      ...timeAxis(spanOf(points), frame),
      areaY(drawn, { x, y1: 'lowUsd', y2: 'highUsd', fill: paint('blue'), fillOpacity: 0.22 }),
      ruleY([0], { stroke: paint('red'), strokeWidth: 1.5 }),
      lineY(drawn, lineOf('restoreLineUsd', 'muted', DASHES.dotted)),
      lineY(drawn, lineOf('callLineUsd', 'orange', DASHES.dashed)),
      lineY(drawn, { x, y: 'pointUsd', stroke: paint('blue'), strokeWidth: 1.75 }),
      ...events.map((event) => markOf(event, points)),
    ],
  };
}

const lineOf = (y: keyof SurplusPoint, tone: Tone, strokeDasharray: string) => ({
  x,
  y,
  strokeDasharray,
  stroke: paint(tone),
  strokeWidth: 1.25,
});

function markOf({ timeMs, kind }: SurplusEvent, points: readonly SurplusPoint[]) {
  const near = points.reduce((best, each) =>
    Math.abs(each.timeMs - timeMs) < Math.abs(best.timeMs - timeMs) ? each : best,
  );
  return dot([near], {
    x,
    y: 'pointUsd',
    r: 5,
    ...markStyle(MARKS[kind]),
  });
}
