/** Amounts are exact decimal texts. */

import type { Policy } from '../../lambda/margin/market/policy.ts';
import {
  type Amount,
  add,
  compare,
  isAbove,
  negate,
  type Ratio,
  ratioBetween,
  ratioOfCount,
  subtract,
  sumOf,
  textOf,
  times,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';
import { isoTime } from '../../lambda/messages/header.ts';
import type { BadDebt } from '../analysis/stress/bad-debt.ts';
import type { MoveSum, Named, Stress, Unknown } from '../analysis/stress/stress.ts';

export interface StressResult {
  readonly asOf: string;
  readonly numeraire: string;
  readonly accounts: number;
  /** Each cross book and each isolated position is one. */
  readonly assessed: number;
  /** Assessed sub-accounts with options, or with profit in an asset whose own price moves. */
  readonly bent: number;
  /** In no sum: something about them is not known. */
  readonly indeterminate: readonly (Named & { readonly reasons: readonly string[] })[];
  readonly moves: readonly MoveResult[];
  readonly fund?: FundResult | undefined;
  readonly curve: readonly Point[];
  /** Those of the linear books. */
  readonly kinks?: readonly Point[] | undefined;
}

export interface Point {
  readonly move: string;
  readonly badDebt: string;
}

export interface MoveResult extends Point {
  readonly deficits: number;
  readonly largest: readonly (Named & { readonly shortfall: string })[];
  readonly liquidations: number;
  readonly liquidatedNotional: string;
  /** Largest first. */
  readonly instruments: readonly { readonly instrument: string; readonly notional: string }[];
  /** Absent without a fund. */
  readonly beyondFund?: string | undefined;
}

export interface FundResult {
  readonly balance: string;
  /** At current prices. */
  readonly isEnoughNow: boolean;
  /** Absent if the fund covers every move looked at. */
  readonly largestFall?: string | undefined;
  readonly largestRise?: string | undefined;
}

interface Asked {
  readonly accounts: number;
  readonly asOf: number;
  readonly policy: Policy;
  readonly fund?: Amount | undefined;
  readonly hasKinks?: boolean | undefined;
}

export function stressResult(stress: Stress, asked: Asked): StressResult {
  const { badDebt, assessed, unknown, moves } = stress;
  const { accounts, asOf, policy, fund } = asked;
  return {
    asOf: isoTime(asOf),
    numeraire: policy.numeraire,
    accounts,
    assessed,
    bent: badDebt.nonLinearCount,
    indeterminate: unknown.map(unknownRow),
    moves: moves.map((sum) => moveResult(sum, fund)),
    ...(fund === undefined ? {} : { fund: fundResult(badDebt, fund) }),
    curve: curveOf(badDebt, moves),
    ...(asked.hasKinks
      ? { kinks: rangeOf(moves).flatMap((range) => kinksOf(badDebt, range)) }
      : {}),
  };
}

const unknownRow = ({ accountId, position, reasons }: Unknown) => ({
  accountId,
  ...(position === undefined ? {} : { position }),
  reasons: [...new Set(reasons.map(({ detail }) => detail))],
});

function moveResult(sum: MoveSum, fund: Amount | undefined): MoveResult {
  const { move, badDebt, deficits, largest, liquidations, liquidated } = sum;
  const instruments = [...liquidated].sort(([, left], [, right]) => compare(right, left));
  const isCovered = fund === undefined || !isAbove(badDebt, fund);
  return {
    move: textOf(move),
    badDebt: textOf(badDebt),
    deficits,
    largest: largest.map(({ accountId, position, shortfall }) => ({
      accountId,
      ...(position === undefined ? {} : { position }),
      shortfall: textOf(shortfall),
    })),
    liquidations,
    liquidatedNotional: textOf(sumOf([...liquidated.values()])),
    instruments: instruments.map(([instrument, notional]) => ({
      instrument,
      notional: textOf(notional),
    })),
    ...(fund === undefined
      ? {}
      : { beyondFund: isCovered ? '0' : textOf(subtract(badDebt, fund)) }),
  };
}

function fundResult(badDebt: BadDebt, fund: Amount): FundResult {
  const survived = badDebt.survivedBy(fund);
  const { fall, rise } = survived ?? {};
  return {
    balance: textOf(fund),
    isEnoughNow: survived !== undefined,
    ...(fall === undefined ? {} : { largestFall: textOf(negate(fall)) }),
    ...(rise === undefined ? {} : { largestRise: textOf(rise) }),
  };
}

const pointOf = (move: Ratio, badDebt: BadDebt): Point => ({
  move: textOf(move),
  badDebt: textOf(badDebt.at(move)),
});

interface MoveRange {
  readonly low: Ratio;
  readonly high: Ratio;
}

function rangeOf(moves: readonly MoveSum[]): MoveRange[] {
  const all = [ZERO, ...moves.map(({ move }) => move)].sort(compare);
  const [low, high] = [all[0] as Ratio, all.at(-1) as Ratio];
  return isAbove(high, low) ? [{ low, high }] : [];
}

const kinksOf = (badDebt: BadDebt, { low, high }: MoveRange): Point[] =>
  badDebt.kinksBetween(low, high).map((move) => pointOf(move, badDebt));

const STEPS = 100;
/** A line on a screen has too few pixels for more. */
const KINKS_DRAWN_MAX = 800;

/** Even steps over the range, the moves asked for, and the kinks. Every value is exact. */
function curveOf(badDebt: BadDebt, moves: readonly MoveSum[]): Point[] {
  return rangeOf(moves).flatMap(({ low, high }) => {
    const kinks = badDebt.nonLinearCount === 0 ? badDebt.kinksBetween(low, high) : [];
    const drawn = kinks.length > KINKS_DRAWN_MAX ? [] : kinks;
    const width = subtract(high, low);
    const steps = Array.from({ length: STEPS + 1 }, (_, step) =>
      add(low, times(width, ratioBetween(ratioOfCount(step), ratioOfCount(STEPS)))),
    );
    const asked = [...moves.map(({ move }) => move), ...drawn];
    const places = [...steps, ZERO, ...asked].sort(compare);
    const once = places.filter(
      (move, index) => index === 0 || isAbove(move, places[index - 1] as Ratio),
    );
    return once.map((move) => pointOf(move, badDebt));
  });
}
