/** The factors that a stress moves, and by how much. */
import { InvalidArgumentError } from 'commander';
import type { Market } from '../../lambda/margin/market/market.ts';
import type { Ratio } from '../../lambda/margin/number/decimal.ts';
import { factorsOf } from '../analysis/stress/multiples.ts';
import { InputError } from '../cli/input.ts';
import { coinOf, DAYS, fallsOf } from './days.ts';
import { moveOf } from './moves.ts';

export type FactorMoves = ReadonlyMap<string, Ratio>;

/** @param text `BTC-USD=-10%`. @throws InvalidArgumentError */
export function factorMoveOf(text: string, before: FactorMoves = new Map()): FactorMoves {
  const at = text.lastIndexOf('=');
  const factor = text.slice(0, at).trim();
  if (at < 0 || factor === '') {
    throw new InvalidArgumentError(`"${text.slice(0, 40)}": write a factor as BTC-USD=-10%.`);
  }
  if (before.has(factor)) throw new InvalidArgumentError(`${factor} is given twice.`);
  return new Map([...before, [factor, moveOf(text.slice(at + 1))]]);
}

export interface AskedFactors {
  /** Each by itself. */
  readonly factors?: FactorMoves | undefined;
  /** A day of the table, for the factors that are not named. */
  readonly day?: string | undefined;
}

/** @throws InputError for a factor that the market does not have, or a day that moves none */
export function movesIn(market: Market, { factors = new Map(), day }: AskedFactors): FactorMoves {
  const known = [...factorsOf(market)].sort();
  for (const factor of factors.keys()) {
    if (!known.includes(factor)) throw new InputError(unknownText(factor, known));
  }
  const moves = new Map([...(day === undefined ? [] : movesOfDay(day, known)), ...factors]);
  if (moves.size > 0) return moves;
  const coins = fallsOf(day ?? '')?.map(({ coin }) => coin) ?? [];
  throw new InputError(
    `--day ${day}: the table knows the fall of ${coins.join(', ')}, and none of the factors is its ` +
      `price (${listOf(known)}); name moves with --factor`,
  );
}

function movesOfDay(day: string, known: readonly string[]): [string, Ratio][] {
  const falls = fallsOf(day);
  if (falls === undefined) {
    throw new InputError(`--day ${day}: not in the table; the days are ${DAYS.join(', ')}`);
  }
  return known.flatMap((factor) => {
    const fall = falls.find(({ coin }) => coin === coinOf(factor));
    return fall === undefined ? [] : [[factor, fall.move] as [string, Ratio]];
  });
}

const LISTED_MAX = 10;

function listOf(names: readonly string[]): string {
  const more = names.length - LISTED_MAX;
  const shown = names.slice(0, LISTED_MAX).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function unknownText(factor: string, known: readonly string[]): string {
  if (known.length === 0) return `--factor ${factor}: the market has no risk factor`;
  const near = known.filter((each) => isNear(each, factor));
  const which = near.length > 0 ? near : known;
  const lead = near.length > 0 ? 'near names are' : 'the factors are';
  return `--factor ${factor}: there is no such risk factor; ${lead} ${listOf(which)}`;
}

const NEAR_LETTERS = 3;

/** The same letters to begin with, whatever stands between them. */
function isNear(known: string, asked: string): boolean {
  const [one, other] = [known, asked].map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  if (one === undefined || other === undefined) return false;
  return one.startsWith(other.slice(0, NEAR_LETTERS)) || one.includes(other);
}
