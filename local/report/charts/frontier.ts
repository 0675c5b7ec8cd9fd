import { dot, lineY, text } from '@observablehq/plot';
import { framed, largestOf, levelAxis, uprightAxis } from '../axes.ts';
import { axisTitle, figure, figureIn, type Measure } from '../figures.ts';
import { type Chart, emptyChart, type Frame } from '../report.ts';
import { paint } from '../tones.ts';

export interface FrontierPoint {
  /** `60 s` */
  readonly label: string;
  readonly cost: number;
  readonly badDebt: number;
}

export interface FrontierInput {
  readonly cost: Measure;
  readonly badDebt: Measure;
  readonly points: readonly FrontierPoint[];
  /** The label of the point that is marked. */
  readonly recommended: string;
  /** Default: recommended. */
  readonly markedAs?: string;
}

const TITLE = 'Bad debt against cost';

export function frontier(input: FrontierInput): Chart {
  const { points, recommended, cost, badDebt, markedAs = 'recommended' } = input;
  const best = points.find(({ label }) => label === recommended);
  if (best === undefined) return emptyChart(TITLE, `No setting is named ${recommended}.`);
  const rows = points.map((each) => [each.label, figure(each.cost), figure(each.badDebt)]);
  return {
    title: TITLE,
    reading: readingOf(input, best),
    legend: [
      { label: 'a setting', glyph: 'circle', tone: 'blue' },
      { label: `${markedAs}: ${recommended}`, glyph: 'diamond', tone: 'red' },
    ],
    plot: (frame) => plotOf(input, frame),
    table: {
      caption: `${TITLE}, by setting`,
      head: ['Setting', axisTitle(cost), axisTitle(badDebt)],
      rows,
    },
  };
}

function readingOf({ points, cost, badDebt }: FrontierInput, best: FrontierPoint): string {
  const cheapest = points.reduce((least, each) => (each.cost < least.cost ? each : least));
  const safest = points.reduce((least, each) => (each.badDebt < least.badDebt ? each : least));
  const at = (point: FrontierPoint) =>
    `${figureIn(point.badDebt, badDebt.unit)} of bad debt at a cost of ${figureIn(point.cost, cost.unit)}`;
  const others = [
    cheapest === best ? '' : `the cheapest, ${cheapest.label}, has ${at(cheapest)}`,
    safest === best ? '' : `the safest, ${safest.label}, has ${at(safest)}`,
  ].filter((other) => other !== '');
  return [`${best.label} has ${at(best)}`, ...others].join('; ').concat('.');
}

/** Labels closer than this share of the axis would overlap. */
const APART = 0.09;

/** Points whose labels do not overlap; the table lists all. */
function apart(points: readonly FrontierPoint[], taken: readonly FrontierPoint[]) {
  const all = [...points, ...taken];
  const [widest, highest] = [
    largestOf(all.map((each) => each.cost)),
    largestOf(all.map((each) => each.badDebt)),
  ];
  const kept: FrontierPoint[] = [...taken];
  for (const point of points) {
    const covers = kept.some(
      (each) =>
        Math.abs(each.cost - point.cost) < 2 * APART * widest &&
        Math.abs(each.badDebt - point.badDebt) < APART * highest,
    );
    if (!covers) kept.push(point);
  }
  return kept.filter((point) => !taken.includes(point));
}

function plotOf({ points, recommended, cost, badDebt }: FrontierInput, frame: Frame) {
  const along = points.toSorted((left, right) => left.cost - right.cost);
  const best = points.filter(({ label }) => label === recommended);
  const others = points.filter(({ label }) => label !== recommended);
  const place = { x: 'cost', y: 'badDebt' } as const;
  const named = { ...place, text: 'label', textAnchor: 'start', dx: 9, dy: -9 } as const;
  const halo = { stroke: paint('page'), strokeWidth: 4, fill: paint('ink') };
  return {
    ...framed(frame),
    marginRight: frame.isNarrow ? 40 : 60,
    x: { nice: true, zero: true },
    y: { nice: true, zero: true },
    marks: [
      ...uprightAxis(
        { measure: badDebt, largest: largestOf(points.map((each) => each.badDebt)) },
        frame,
      ),
      ...levelAxis({ measure: cost, largest: largestOf(points.map((each) => each.cost)) }, frame),
      lineY(along, { ...place, stroke: paint('muted'), strokeWidth: 1.25 }),
      dot(others, { ...place, r: 4, fill: paint('blue') }),
      dot(best, { ...place, r: 8, symbol: 'diamond', fill: paint('red') }),
      ...(frame.isNarrow ? [] : [text(apart(others, best), { ...named, ...halo })]),
      text(best, { ...named, ...halo, dx: 12, fontWeight: 700, fontSize: 13 }),
    ],
  };
}
