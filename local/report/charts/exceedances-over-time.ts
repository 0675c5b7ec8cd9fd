import { dot, ruleY } from '@observablehq/plot';
import { groupBy } from '../../../lambda/margin/number/group-by.ts';
import { kupiec } from '../../analysis/overshoot/kupiec.ts';
import { framed, largestOf, spanOf, timeAxis, uprightAxis } from '../axes.ts';
import { chance, count, counted, figure, percent } from '../figures.ts';
import { type Chart, emptyChart, type Frame } from '../report.ts';
import { paint } from '../tones.ts';

export interface BufferedLoss {
  readonly timeMs: number;
  /** Relative to the exposure: the loss beyond the line, and its buffer. */
  readonly lossBasisPoints: number;
  readonly bufferBasisPoints: number;
}

export interface ExceedancesInput {
  /** In any order. */
  readonly losses: readonly BufferedLoss[];
  /** The buffer's: 0.99. */
  readonly confidence: number;
}

const isBeyond = ({ lossBasisPoints, bufferBasisPoints }: BufferedLoss): boolean =>
  lossBasisPoints > bufferBasisPoints;

export function exceedancesOverTime(input: ExceedancesInput): Chart {
  const title = 'Losses beyond the line, and the buffer held for them';
  if (input.losses.length === 0)
    return emptyChart(title, 'There was no loss to hold a buffer for.');
  const isCut = input.losses.some((each) => each.lossBasisPoints > topOf(input.losses));
  return {
    title,
    reading: readingOf(input),
    legend: [
      { label: 'loss within the buffer', glyph: 'circle', tone: 'blue' },
      { label: 'loss beyond it: an exceedance', glyph: 'diamond', tone: 'red' },
      ...(isCut
        ? [{ label: 'exceedance above the chart', glyph: 'triangle', tone: 'red' } as const]
        : []),
      { label: 'buffer held', glyph: 'line', tone: 'teal' },
    ],
    plot: (frame) => plotOf(input, frame),
  };
}

/** The axis ends at this multiple of a high buffer: a jump must not flatten all other losses. */
const HEADROOM = 3;
const HIGH_SHARE = 0.95;

function topOf(losses: readonly BufferedLoss[]): number {
  const largest = largestOf(losses.map(({ lossBasisPoints }) => lossBasisPoints));
  const buffers = losses
    .map((each) => each.bufferBasisPoints)
    .toSorted((one, other) => one - other);
  const high = buffers[Math.ceil(buffers.length * HIGH_SHARE) - 1] ?? 0;
  return Math.min(Math.max(largest, buffers.at(-1) ?? 0), HEADROOM * high);
}

function cutText(losses: readonly BufferedLoss[]): string {
  const above = losses.filter((each) => each.lossBasisPoints > topOf(losses));
  if (above.length === 0) return '';
  const largest = largestOf(above.map(({ lossBasisPoints }) => lossBasisPoints));
  return `; ${counted(above.length, 'loss lies', 'losses lie')} above the chart, up to ${figure(largest)} bp`;
}

function readingOf({ losses, confidence }: ExceedancesInput): string {
  const beyond = losses.filter(isBeyond).length;
  const allowed = 1 - confidence;
  const { pValue } = kupiec(beyond, { cases: losses.length, allowed });
  return (
    `${count(beyond)} of ${counted(losses.length, 'loss', 'losses')} (${percent(beyond / losses.length)}) went ` +
    `beyond the buffer; at ${percent(confidence)} confidence ${figure(allowed * losses.length)} would be expected ` +
    `(Kupiec’s test: p ${equalTo(chance(pValue))})${cutText(losses)}.`
  );
}

const equalTo = (text: string): string => (text.startsWith('<') ? text : `= ${text}`);

const x = ({ timeMs }: BufferedLoss) => new Date(timeMs);

/** More dots would overlap: a segment of time keeps its largest loss within the buffer. */
const WITHIN_MAX = 600;

function drawn(losses: readonly BufferedLoss[]): BufferedLoss[] {
  if (losses.length <= WITHIN_MAX) return [...losses];
  const times = losses.map(({ timeMs }) => timeMs);
  const [firstMs, lastMs] = [Math.min(...times), Math.max(...times)];
  const widthMs = (lastMs - firstMs) / WITHIN_MAX;
  const within = losses.filter((each) => !isBeyond(each));
  const whiles = groupBy(within, ({ timeMs }) => Math.floor((timeMs - firstMs) / widthMs));
  const largest = [...whiles.values()].map((some) =>
    some.reduce((most, each) => (each.lossBasisPoints > most.lossBasisPoints ? each : most)),
  );
  return [...largest, ...losses.filter(isBeyond)];
}

function plotOf(input: ExceedancesInput, frame: Frame) {
  const losses = drawn(input.losses);
  const top = topOf(input.losses);
  const measure = { name: 'Share of the exposure', unit: 'bp' } as const;
  const place = { x, y: 'lossBasisPoints' } as const;
  const isAbove = ({ lossBasisPoints }: BufferedLoss) => lossBasisPoints > top;
  const [within, beyond] = [losses.filter((each) => !isBeyond(each)), losses.filter(isBeyond)];
  const buffers = losses.filter((each) => each.bufferBasisPoints <= top);
  const red = { fill: paint('red'), fillOpacity: 0.85 } as const;
  return {
    ...framed(frame),
    y: { nice: true, domain: [0, top] },
    marks: [
      ...uprightAxis({ measure, largest: top }, frame),
      ...timeAxis(spanOf(losses), frame),
      ruleY([0]),
      dot(buffers, {
        x,
        y: 'bufferBasisPoints',
        symbol: dash,
        r: 5,
        stroke: paint('teal'),
        strokeWidth: 1.75,
      }),
      dot(
        within.filter((each) => !isAbove(each)),
        { ...place, r: 2.5, fill: paint('blue'), fillOpacity: 0.65 },
      ),
      dot(
        beyond.filter((each) => !isAbove(each)),
        { ...place, ...red, r: 4.5, symbol: 'diamond' },
      ),
      dot(beyond.filter(isAbove), { ...red, x, y: top, r: 4.5, symbol: 'triangle' }),
    ],
  };
}

const dash = {
  draw(
    context: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void },
    size: number,
  ) {
    const half = Math.sqrt(size) / 2;
    context.moveTo(-half, 0);
    context.lineTo(half, 0);
  },
};
