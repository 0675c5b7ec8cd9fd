/**
 * The cost of a month at any number of accounts and any interval: measured checks
 * (calm-checks.json, by `npm run bench:calm-check -- --json`), what lies between them, and the prices of
 * the cost model.
 */
import { type CheckpointCost, type MonthlyCost, monthlyCost } from '../analysis/cost.ts';

export interface CheckFigures {
  /** Of the processor; in the model also those of the function. */
  readonly seconds: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly streamReads: number;
}

/** One run of the benchmark. */
export interface CalmChecks {
  readonly accounts: number;
  readonly intervalSeconds: number;
  /** A check that reads every account, and a calm one with certificates. */
  readonly plain: CheckFigures;
  readonly certified: CheckFigures;
  readonly checkpoint: CheckpointCost;
}

export type Kind = 'plain' | 'certified';

const FIGURES = ['seconds', 'readUnits', 'writeUnits', 'streamReads'] as const;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Straight between the points and beyond them, never below 0. @param points at least two, by x */
export function straight(points: readonly Point[], x: number): number {
  const next = points.findIndex((point) => point.x >= x);
  const index = next < 0 ? points.length - 1 : Math.max(1, next);
  const [from, to] = [points[index - 1], points[index]] as [Point, Point];
  return Math.max(0, from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x));
}

export interface Setting {
  readonly accounts: number;
  readonly intervalSeconds: number;
  readonly kind: Kind;
}

/** Accounts that change between two checks are read, so with certificates the interval counts. */
export function figuresAt(measured: readonly CalmChecks[], setting: Setting): CheckFigures {
  const { accounts, intervalSeconds, kind } = setting;
  const intervals = [...new Set(measured.map((run) => run.intervalSeconds))].toSorted(ascending);
  const figures = FIGURES.map((name) => {
    const byInterval = intervals.map((x) => {
      const runs = measured.filter((run) => run.intervalSeconds === x);
      const bySize = runs
        .map((run) => ({ x: run.accounts, y: run[kind][name] }))
        .toSorted((left, right) => left.x - right.x);
      return { x, y: straight(bySize, accounts) };
    });
    const isOne = kind === 'plain' || byInterval.length === 1;
    const value = isOne ? (byInterval.at(-1)?.y ?? 0) : straight(byInterval, intervalSeconds);
    return [name, value] as const;
  });
  return Object.fromEntries(figures) as Record<(typeof FIGURES)[number], number>;
}

const ascending = (left: number, right: number): number => left - right;

/** Undefined where a check would take longer than its interval, or than Lambda lets it. */
export function costAt(measured: readonly CalmChecks[], setting: Setting): MonthlyCost | undefined {
  const { accounts, intervalSeconds, kind } = setting;
  const { seconds, ...units } = figuresAt(measured, setting);
  if (seconds > Math.min(intervalSeconds, LAMBDA_SECONDS_MAX)) return undefined;
  const check = { ...units, durationSeconds: seconds, publications: 0, intervalSeconds };
  if (kind === 'plain') return monthlyCost(check);
  return monthlyCost({
    ...check,
    hasCertificates: true,
    checkpoint: checkpointAt(measured, accounts),
  });
}

const LAMBDA_SECONDS_MAX = 900;

function checkpointAt(measured: readonly CalmChecks[], accounts: number): CheckpointCost {
  const sorted = measured.toSorted((left, right) => left.accounts - right.accounts);
  const [first] = sorted;
  const runs = sorted.filter(({ intervalSeconds }) => intervalSeconds === first?.intervalSeconds);
  const at = (name: keyof CheckpointCost) =>
    straight(
      runs.map((run) => ({ x: run.accounts, y: run.checkpoint[name] })),
      accounts,
    );
  return { bytes: at('bytes'), objects: Math.ceil(at('objects')), seconds: at('seconds') };
}
