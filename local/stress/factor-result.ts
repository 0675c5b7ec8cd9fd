/** Amounts are exact decimal texts: requirements rounded up, values down. */
import {
  type Amount,
  add,
  compare,
  isAbove,
  ONE,
  subtract,
  sumOf,
  textOf,
  times,
} from '../../lambda/margin/number/decimal.ts';
import { isoTime } from '../../lambda/messages/header.ts';
import { down, up } from '../../lambda/messages/render-figures.ts';
import {
  type Breached,
  type FactorStress,
  STANDINGS,
  type Standing,
  type Undecided,
} from '../analysis/stress/factor-stress.ts';
import { coinOf, fallsOf } from './days.ts';
import type { FactorMoves } from './factors.ts';

export interface FactorStressResult {
  readonly asOf: string;
  readonly numeraire: string;
  readonly day?: string | undefined;
  readonly moves: readonly FactorMove[];
  /** Factors that stand still. */
  readonly notMoved: readonly string[];
  readonly accounts: number;
  /** Sub-accounts by level: each cross book and each isolated position is one. */
  readonly levels: readonly LevelCount[];
  /** After the moves, of all sub-accounts that are not healthy. */
  readonly totals: {
    readonly shortfall: string;
    readonly amountDue: string;
    readonly liquidatedNotional: string;
  };
  /** Largest shortfall first. */
  readonly deficits: readonly BreachedRow[];
  /** Lowest surplus first. */
  readonly liquidations: readonly BreachedRow[];
  /** Largest amount due first. */
  readonly calls: readonly BreachedRow[];
  /** In no total. Those that the moves made indeterminate first. */
  readonly indeterminate: readonly UndecidedRow[];
  /** To be liquidated, at the moved prices; largest first. */
  readonly instruments: readonly { readonly instrument: string; readonly notional: string }[];
  /** Absent without a fund. */
  readonly fund?: { readonly balance: string; readonly beyondFund: string } | undefined;
}

export interface FactorMove {
  readonly factor: string;
  readonly move: string;
  readonly price?: string | undefined;
  readonly movedPrice?: string | undefined;
  /** Where a day's fall was measured. */
  readonly source?: string | undefined;
}

export interface LevelCount {
  readonly level: Standing;
  readonly before: number;
  readonly after: number;
  /** Of those after, not there before. */
  readonly newly: number;
}

interface NamedRow {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly before: Standing;
}

export interface BreachedRow extends NamedRow {
  readonly after: Standing;
  readonly certainty: string;
  readonly isLiquidationWithheld: boolean;
  readonly equity: string;
  readonly liquidationSurplus: string;
  readonly amountDue: string;
  readonly shortfall: string;
}

export interface UndecidedRow extends NamedRow {
  readonly reasons: readonly string[];
}

interface Asked {
  readonly accounts: number;
  readonly asOf: number;
  readonly numeraire: string;
  readonly moves: FactorMoves;
  readonly factors: ReadonlySet<string>;
  readonly day?: string | undefined;
  readonly fund?: Amount | undefined;
}

export function factorStressResult(stress: FactorStress, asked: Asked): FactorStressResult {
  const { accounts, asOf, numeraire, moves, factors, day, fund } = asked;
  const { worst, undecided, shortfall, amountDue, liquidated, before, after, newly } = stress;
  const instruments = [...liquidated].sort(([, left], [, right]) => compare(right, left));
  const isBeyond = fund !== undefined && isAbove(shortfall, fund);
  return {
    asOf: isoTime(asOf),
    numeraire,
    ...(day === undefined ? {} : { day }),
    moves: [...moves].map(([factor, move]) => ({
      factor,
      move: textOf(move),
      ...pricesOf(stress, factor, moves),
      ...sourceOf(day, factor, textOf(move)),
    })),
    notMoved: [...factors].filter((factor) => !moves.has(factor)).sort(),
    accounts,
    levels: STANDINGS.map((level) => ({
      level,
      before: before[level],
      after: after[level],
      newly: newly[level],
    })),
    totals: {
      shortfall: up(shortfall),
      amountDue: up(amountDue),
      liquidatedNotional: textOf(sumOf([...liquidated.values()])),
    },
    deficits: worst.deficit.first().map(breachedRow),
    liquidations: worst.liquidation.first().map(breachedRow),
    calls: worst.call.first().map(breachedRow),
    indeterminate: undecided.first().map(undecidedRow),
    instruments: instruments.map(([instrument, notional]) => ({
      instrument,
      notional: textOf(notional),
    })),
    ...(fund === undefined
      ? {}
      : {
          fund: {
            balance: textOf(fund),
            beyondFund: isBeyond ? up(subtract(shortfall, fund)) : '0',
          },
        }),
  };
}

function pricesOf(stress: FactorStress, factor: string, moves: FactorMoves) {
  const price = stress.priceOf(factor);
  const move = moves.get(factor);
  if (price === undefined || move === undefined) return {};
  return { price: textOf(price), movedPrice: textOf(times(price, add(ONE, move))) };
}

function sourceOf(day: string | undefined, factor: string, move: string) {
  const falls = fallsOf(day ?? '') ?? [];
  const fall = falls.find((each) => each.coin === coinOf(factor) && textOf(each.move) === move);
  return fall === undefined ? {} : { source: `${fall.from} to ${fall.to}, ${fall.source}` };
}

const nameOf = ({ accountId, position, before }: NamedRow) => ({
  accountId,
  ...(position === undefined ? {} : { position }),
  before,
});

const breachedRow = (each: Breached): BreachedRow => ({
  ...nameOf(each),
  after: each.after,
  certainty: each.certainty,
  isLiquidationWithheld: each.isLiquidationWithheld,
  equity: down(each.equity),
  liquidationSurplus: down(each.surplus),
  amountDue: up(each.amountDue),
  shortfall: up(each.shortfall),
});

const undecidedRow = (each: Undecided): UndecidedRow => ({
  ...nameOf(each),
  reasons: [...new Set(each.reasons.map(({ detail }) => detail))],
});
