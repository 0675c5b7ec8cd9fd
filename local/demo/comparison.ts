/** The same day under other switches. */
import { count, percent } from '../report/figures.ts';
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

export function comparisonRows(runs: readonly ImpactFigures[]): string[][] {
  const usd = (text: string | null) => (text === null ? '' : count(Math.round(Number(text))));
  const figures: readonly [name: string, text: (run: ImpactFigures) => string][] = [
    ['Bad debt, USD', ({ badDebt }) => usd(badDebt)],
    ['Largest price impact on BTC', (run) => percent(Number(run.largestDisplacement))],
    ['Lowest BTC price, USD', ({ lowestBitcoin }) => usd(lowestBitcoin)],
    ['Cost of price impact, USD', ({ impactCost }) => usd(impactCost)],
    ['Accounts liquidated', (run) => count(run.accountsLiquidated)],
    ['Notional closed, USD', ({ closed }) => usd(closed)],
    ['Order plans', ({ plans }) => count(plans)],
  ];
  return figures.map(([name, text]) => [name, ...runs.map(text)]);
}
