/** The same day under other switches. */
import { count, dollars, percent, whole } from '../report/figures.ts';
import {
  bitcoinPath,
  type ImpactFigures,
  impactFigures,
  type MinuteNotional,
  notionalByMinute,
  type PathPoint,
} from './impact.ts';
import type { MarketOptions } from './market.ts';
import type { DemoOptions } from './options.ts';
import type { Replays } from './replays.ts';
import type { DemoRun } from './run.ts';

type Switches = Pick<MarketOptions, 'throttle' | 'buffer'>;

const VARIANTS: readonly Switches[] = [
  { throttle: 'none', buffer: 'none' },
  { throttle: 'standard', buffer: 'none' },
  { throttle: 'standard', buffer: 'standard' },
];

export interface ComparedRun extends Switches {
  readonly label: string;
  readonly figures: ImpactFigures;
  readonly replays: Replays;
  readonly path: readonly PathPoint[];
  readonly minutes: readonly MinuteNotional[];
}

export function compared(run: DemoRun): ComparedRun {
  const { throttle, buffer } = run.options;
  return {
    ...{ throttle, buffer },
    label: labelOf({ throttle, buffer }),
    figures: impactFigures(run),
    replays: run.replays,
    path: bitcoinPath(run.history),
    minutes: notionalByMinute(run),
  };
}

function labelOf({ throttle, buffer }: Switches): string {
  if (throttle === buffer)
    return throttle === 'none' ? 'no throttle, no buffer' : 'throttle and buffer';
  return throttle === 'none' ? 'buffer only' : 'throttle only';
}

const isSame = (left: Switches, right: Switches): boolean =>
  left.throttle === right.throttle && left.buffer === right.buffer;

export const otherRuns = (options: DemoOptions): DemoOptions[] =>
  VARIANTS.filter((each) => !isSame(each, options)).map((each) => ({ ...options, ...each }));

/** Fewest brakes first; other runs last. */
export function inOrder(runs: readonly ComparedRun[]): ComparedRun[] {
  const placeOf = (run: ComparedRun) => {
    const place = VARIANTS.findIndex((each) => isSame(each, run));
    return place < 0 ? VARIANTS.length : place;
  };
  return runs.toSorted((left, right) => placeOf(left) - placeOf(right));
}

interface ComparedFigure {
  readonly name: string;
  readonly meaning: string;
  readonly text: (run: ImpactFigures) => string;
}

const usd = (text: string | null) => (text === null ? '' : whole(text));

const FIGURES: readonly ComparedFigure[] = [
  {
    name: 'Bad debt, USD',
    meaning: 'owed by accounts beyond all that they had; less is better',
    text: ({ badDebt }) => usd(badDebt),
  },
  {
    name: 'Largest price impact on BTC',
    meaning: 'how far liquidations pushed the price; nearer to 0 is better',
    text: (run) => percent(Number(run.largestDisplacement)),
  },
  {
    name: 'Lowest BTC price, USD',
    meaning: 'at a check, price impact included',
    text: ({ lowestBitcoin }) => usd(lowestBitcoin),
  },
  {
    name: 'Cost of price impact, USD',
    meaning: 'lost by selling below, or buying above, the price without liquidations',
    text: ({ impactCost }) => usd(impactCost),
  },
  {
    name: 'Accounts liquidated',
    meaning: 'with at least one order plan',
    text: (run) => count(run.accountsLiquidated),
  },
  {
    name: 'Notional closed, USD',
    meaning: 'filled by the venue',
    text: ({ closed }) => usd(closed),
  },
  {
    name: 'Order plans',
    meaning: 'each may close an account in part; the throttle makes more and smaller ones',
    text: ({ plans }) => count(plans),
  },
];

export const comparisonRows = (runs: readonly ImpactFigures[]): string[][] =>
  FIGURES.map(({ name, text }) => [name, ...runs.map(text)]);

export const comparisonMeanings: readonly string[] = FIGURES.map(({ meaning }) => meaning);

/** What the switches changed, from the first run to the last. */
export function comparisonSentence(
  runs: readonly Pick<ComparedRun, 'label' | 'figures'>[],
): string {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined || first === last) return '';
  const [before, after] = [first, last].map(({ figures }) => Number(figures.badDebt));
  const [pushed, still] = [first, last].map(({ figures }) => Number(figures.largestDisplacement));
  const [from, to] = [Number(before), Number(after)];
  const change = to < from ? 'less' : 'more';
  const debt =
    whole(from) === whole(to)
      ? `The bad debt is ${dollars(to)} with “${last.label}” and with “${first.label}”`
      : `The bad debt is ${dollars(to)} with “${last.label}”, ${dollars(Math.abs(from - to))} ${change} than with “${first.label}”`;
  return `${debt}; the largest price impact on BTC is ${percent(Number(still))} instead of ${percent(Number(pushed))}.`;
}
