import { lineY, rectY, ruleX, ruleY } from '@observablehq/plot';
import {
  OVERSHOOT_MEAN,
  overshootDensity,
  overshootQuantile,
} from '../../analysis/overshoot/stationary.ts';
import { framed, levelAxis, uprightAxis } from '../axes.ts';
import { count, counted, figure } from '../figures.ts';
import { type Chart, emptyChart, type Frame } from '../report.ts';
import { DASHES, paint } from '../tones.ts';

export interface OvershootInput {
  /** `breach`, `liquidation` */
  readonly noun: string;
  /** R: overshoot in standard deviations of one interval's move; 0 or more. */
  readonly overshootsDeviations: readonly number[];
  /** The typical latency buffer. */
  readonly bufferDeviations?: number | undefined;
}

const BINS = 24;
const CURVE_STEPS = 400;
/** The theoretical density starts at √2; it is cut at this multiple of the highest bar. */
const HEADROOM = 2.5;
const REACH_MIN_DEVIATIONS = 3;

export function overshootDistribution(input: OvershootInput): Chart {
  const { noun, overshootsDeviations: overshoots, bufferDeviations } = input;
  const title = 'How far beyond the line accounts were found';
  if (overshoots.length === 0) return emptyChart(title, `There was no ${noun} to measure.`);
  const buffer = { label: 'covered by the buffer', glyph: 'dashed', tone: 'teal' } as const;
  return {
    title,
    reading: readingOf(input),
    legend: [
      {
        label: `found, share of ${counted(overshoots.length, noun, `${noun}es`)}`,
        glyph: 'bar',
        tone: 'blue',
      },
      { label: 'theory, at the volatility that the margin assumes', glyph: 'line', tone: 'orange' },
      ...(bufferDeviations === undefined ? [] : [buffer]),
    ],
    plot: (frame) => plotOf(input, frame),
  };
}

function readingOf(input: OvershootInput): string {
  const { noun, overshootsDeviations: overshoots, bufferDeviations } = input;
  const mean = overshoots.reduce((sum, each) => sum + each, 0) / overshoots.length;
  const sorted = overshoots.toSorted((left, right) => left - right);
  const tail = shareOf(sorted, 0.99);
  const covered =
    bufferDeviations === undefined ? '' : `; the buffer covers ${figure(bufferDeviations)}`;
  return (
    `In standard deviations of one interval’s move, the mean ${noun} was ${figure(mean)} beyond the line ` +
    `(theory: ${figure(OVERSHOOT_MEAN)}) and 99 % were within ${figure(tail)} ` +
    `(theory: ${figure(overshootQuantile(0.99))})${covered}${farText(input)}.`
  );
}

/** One far overshoot must not squeeze all others into the first bar. */
const SHARE_SHOWN = 0.95;

const shareOf = (sorted: readonly number[], share: number): number =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? 0;

type Overshoots = Pick<OvershootInput, 'overshootsDeviations' | 'bufferDeviations'>;

function reachOf({ overshootsDeviations, bufferDeviations = 0 }: Overshoots): number {
  const sorted = overshootsDeviations.toSorted((left, right) => left - right);
  const farthest = Math.min(sorted.at(-1) ?? 0, 2 * shareOf(sorted, SHARE_SHOWN));
  return Math.ceil(Math.max(REACH_MIN_DEVIATIONS, bufferDeviations, farthest) * 1.02);
}

function farText(input: Overshoots): string {
  const reach = reachOf(input);
  const far = input.overshootsDeviations.filter((each) => each > reach).length;
  return far === 0 ? '' : `; the last bar also holds ${count(far)} from beyond ${reach}`;
}

function plotOf({ overshootsDeviations, bufferDeviations }: OvershootInput, frame: Frame) {
  const reach = reachOf({ overshootsDeviations, bufferDeviations });
  const bars = binned(overshootsDeviations, reach);
  const theory = Array.from({ length: CURVE_STEPS + 1 }, (_, step) => {
    const deviations = (step / CURVE_STEPS) ** 2 * reach;
    return { deviations, density: overshootDensity(deviations) };
  });
  const highest = Math.max(...bars.map(({ density }) => density));
  const largest = Math.max(highest, Math.min(Math.SQRT2, highest * HEADROOM));
  const across = {
    name: 'Overshoot, standard deviations of one interval’s move',
    unit: '',
  } as const;
  return {
    ...framed(frame),
    y: { domain: [0, largest * 1.02] },
    marks: [
      ...uprightAxis({ measure: { name: 'Density', unit: '' }, largest }, frame),
      ...levelAxis({ measure: across, largest: reach }, frame).slice(1),
      rectY(bars, { x1: 'from', x2: 'to', y: 'density', fill: paint('blue'), fillOpacity: 0.55 }),
      lineY(
        theory.filter(({ density }) => density <= largest),
        { x: 'deviations', y: 'density', stroke: paint('orange'), strokeWidth: 2 },
      ),
      ...(bufferDeviations === undefined
        ? []
        : [
            ruleX([bufferDeviations], {
              stroke: paint('teal'),
              strokeDasharray: DASHES.dashed,
              strokeWidth: 2,
            }),
          ]),
      ruleY([0]),
    ],
  };
}

/** Bar areas sum to 1. */
function binned(overshoots: readonly number[], reach: number) {
  const width = reach / BINS;
  const counts = Array<number>(BINS).fill(0);
  for (const each of overshoots) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(each / width)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((found, bin) => ({
    from: bin * width,
    to: (bin + 1) * width,
    density: found / overshoots.length / width,
  }));
}
