import { dot, lineY } from '@observablehq/plot';
import { groupBy } from '../../../lambda/margin/number/group-by.ts';
import { framed, largestOf, spanOf, timeAxis, uprightAxis } from '../axes.ts';
import { clockText, counted, dollars } from '../figures.ts';
import { type Mark, markStyle } from '../marks.ts';
import { type Chart, emptyChart, type Frame, type LegendEntry } from '../report.ts';
import { thinned } from '../thin.ts';
import { paint } from '../tones.ts';

export type PathEventKind = 'call' | 'liquidation' | 'deficit';

export interface PricePathInput {
  /** `BTC-USD` */
  readonly feed: string;
  /** Sorted by time. */
  readonly prices: readonly { readonly timeMs: number; readonly priceUsd: number }[];
  /** In any order. */
  readonly events: readonly { readonly timeMs: number; readonly kind: PathEventKind }[];
}

interface EventMark extends Mark {
  readonly noun: string;
  /** Pixels; kinds must not hide each other. */
  readonly offset: number;
}

const MARKS: Readonly<Record<PathEventKind, EventMark>> = {
  call: { noun: 'margin call', symbol: 'triangle', tone: 'orange', offset: -17 },
  liquidation: { noun: 'order plan', symbol: 'diamond', tone: 'red', offset: 0 },
  deficit: { noun: 'deficit', symbol: 'cross', tone: 'purple', offset: 17 },
};

/** In pixels; reached at about forty events. */
const RADIUS_MAX = 9.5;

const KINDS = Object.keys(MARKS) as PathEventKind[];

export function pricePath(input: PricePathInput): Chart {
  const { feed, prices, events } = input;
  const title = `${feed} with margin calls, order plans and deficits`;
  if (prices.length === 0) return emptyChart(title, `No price of ${feed} was recorded.`);
  const present = KINDS.filter((kind) => events.some((event) => event.kind === kind));
  const legend: LegendEntry[] = present.map((kind) => {
    const { noun, symbol, tone } = MARKS[kind];
    return { label: `${noun}s (larger: more of them)`, glyph: symbol, tone };
  });
  return {
    title,
    reading: readingOf(input),
    legend: [{ label: feed, glyph: 'line', tone: 'ink' }, ...legend],
    plot: (frame) => plotOf(input, frame),
  };
}

function readingOf({ feed, prices, events }: PricePathInput): string {
  const first = prices[0] as PricePathInput['prices'][number];
  const last = prices.at(-1) ?? first;
  const lowest = prices.reduce((low, each) => (each.priceUsd < low.priceUsd ? each : low), first);
  const counts = KINDS.map((kind) => {
    const found = events.filter((event) => event.kind === kind).length;
    return counted(found, MARKS[kind].noun);
  });
  return (
    `${feed} went from ${dollars(first.priceUsd)} to ${dollars(last.priceUsd)}, with a low of ` +
    `${dollars(lowest.priceUsd)} at ${clockText(lowest.timeMs)} UTC; there were ` +
    `${counts.slice(0, -1).join(', ')} and ${counts.at(-1)}.`
  );
}

function plotOf({ prices, events }: PricePathInput, frame: Frame) {
  const span = spanOf(prices);
  const largest = largestOf(prices.map(({ priceUsd }) => priceUsd));
  const line = thinned(prices, { spans: frame.width / 2, values: (each) => [each.priceUsd] });
  return {
    ...framed(frame),
    r: { type: 'identity' as const },
    // Room for marks beside the line.
    y: { nice: true, insetTop: 20, insetBottom: 24 },
    marks: [
      ...uprightAxis(
        { measure: { name: 'Price', unit: 'USD' }, largest: Math.min(largest, 9_999) },
        frame,
      ),
      ...timeAxis(span, frame),
      lineY(line, { x: dateOf, y: 'priceUsd', stroke: paint('ink'), strokeWidth: 1.5 }),
      ...KINDS.map((kind) => marksOf(kind, { prices, events, span, frame })),
    ],
  };
}

const dateOf = ({ timeMs }: { readonly timeMs: number }) => new Date(timeMs);

interface Marking extends Pick<PricePathInput, 'prices' | 'events'> {
  readonly span: { readonly fromMs: number; readonly untilMs: number };
  readonly frame: Frame;
}

/** One mark per segment of time, at its events' mean time and the price then. */
function marksOf(kind: PathEventKind, { prices, events, span, frame }: Marking) {
  const spanMs = (span.untilMs - span.fromMs) / (frame.isNarrow ? 18 : 40) || 1;
  const own = events.filter((event) => event.kind === kind);
  const grouped = groupBy(own, ({ timeMs }) => Math.floor((timeMs - span.fromMs) / spanMs));
  const places = [...grouped.values()].map((group) => {
    const timeMs = group.reduce((sum, each) => sum + each.timeMs, 0) / group.length;
    const radius = Math.min(RADIUS_MAX, 3 + Math.sqrt(group.length));
    return { timeMs, priceUsd: priceAt(prices, timeMs), radius };
  });
  return dot(places, {
    x: dateOf,
    y: 'priceUsd',
    r: 'radius',
    dy: MARKS[kind].offset,
    ...markStyle(MARKS[kind]),
  });
}

const priceAt = (prices: PricePathInput['prices'], timeMs: number): number =>
  prices.reduce((near, each) =>
    Math.abs(each.timeMs - timeMs) < Math.abs(near.timeMs - timeMs) ? each : near,
  ).priceUsd;
