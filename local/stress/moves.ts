import { InvalidArgumentError } from 'commander';
import {
  compare,
  DecimalError,
  isAbove,
  isBelow,
  negate,
  ONE,
  type Ratio,
  ratio,
  ratioOfCount,
  textOf,
  times,
} from '../../lambda/margin/number/decimal.ts';
import { SAFE_RADIUS_MAX } from '../../lambda/margin/number/limits.ts';

const PERCENT = ratio('0.01');
const WIDEST = ratioOfCount(SAFE_RADIUS_MAX);

export const MOVES_DEFAULT: readonly Ratio[] = [
  -50, -40, -30, -20, -10, -5, 0, 5, 10, 20, 30, 40, 50,
].map((percent) => times(ratioOfCount(percent), PERCENT));

/**
 * @param text one option's moves, such as -30%, +20 % or -0.3
 * @returns them with those before: ascending, without duplicates
 * @throws InvalidArgumentError
 */
export function movesOf(text: string, before: readonly Ratio[] = []): Ratio[] {
  const moves = [...before, ...text.split(',').map(moveOf)].sort(compare);
  return moves.filter((move, index) => index === 0 || isAbove(move, moves[index - 1] as Ratio));
}

/** @throws InvalidArgumentError */
export function moveOf(text: string): Ratio {
  const move = numberIn(text);
  if (!isAbove(move, negate(ONE))) {
    throw new InvalidArgumentError(
      `${text.trim()}: a price can only fall by less than 100 %; write 30 percent as -30% or -0.3.`,
    );
  }
  if (!isBelow(WIDEST, move)) return move;
  throw new InvalidArgumentError(
    `${text.trim()}: a price may rise by at most 1000 %; write 20 percent as 20% or 0.2.`,
  );
}

function numberIn(text: string): Ratio {
  const [, digits = '', percent] = /^\+?(.*?)\s*(%?)$/.exec(text.trim().replace('−', '-')) ?? [];
  try {
    const value = ratio(digits);
    return percent === '' ? value : times(value, PERCENT);
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    throw new InvalidArgumentError(
      `"${text.trim().slice(0, 40)}" is not a move; write it as -30% or -0.3.`,
    );
  }
}

/** For display: +20 %, −12.5 %. */
export function moveText(move: Ratio | string): string {
  const percent = Number(typeof move === 'string' ? move : textOf(move)) * 100;
  const digits = percent.toLocaleString('en-US', { maximumFractionDigits: 2 });
  return `${percent > 0 ? '+' : ''}${digits.replace('-', '−')} %`;
}
