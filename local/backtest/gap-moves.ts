/**
 * Moves across the gaps of a history, against the buffer of the last check before each: the move
 * over a weekend is the one that hurts. The buffer is of Δ + L and not of the gap, so these moves are
 * told apart from the windows, and no confidence applies to them.
 */
import { at } from '../history/price-history.ts';
import { meanOf } from './coverage.ts';
import type { RunFrame } from './frame.ts';
import type { Held } from './rules/rule.ts';
import type { Side } from './windows.ts';

export interface GapMoves {
  readonly side: Side;
  readonly gaps: number;
  readonly exceedances: number;
  readonly meanSeconds: number;
  /** Adverse, from the last check before a gap: a fraction of the price. */
  readonly largest: number;
  readonly shortfallBasisPoints: number;
}

interface GapMove {
  readonly seconds: number;
  readonly loss: number;
  readonly buffer: number;
}

export function gapMovesOf(frame: RunFrame, side: Side): GapMoves {
  const { slippage } = frame.terms.parameters;
  const moves = movesOf(frame, side);
  const beyond = moves.map(({ loss, buffer }) => Math.max(0, loss + slippage - buffer));
  return {
    side,
    gaps: moves.length,
    exceedances: beyond.filter((each) => each > 0).length,
    meanSeconds: moves.length === 0 ? 0 : meanOf(moves.map(({ seconds }) => seconds)),
    largest: Math.max(0, ...moves.map(({ loss }) => loss)),
    shortfallBasisPoints: beyond.reduce((sum, each) => sum + each, 0) * 1e4,
  };
}

function movesOf({ history, checks, held, times }: RunFrame, side: Side): GapMove[] {
  const { spans } = history;
  const extreme = side === 'long' ? spans.low : spans.high;
  return checks.segments.slice(1).flatMap((segment, index) => {
    const last = (checks.segments[index]?.until ?? 0) - 1;
    const time = at(checks.time, last);
    if (time < times.reportFrom) return [];
    const [from, to] = [at(checks.span, last), segment.spans.from];
    const price = at(spans.open, from);
    const reached = [...extreme.subarray(from, to), at(spans.open, to)];
    const loss =
      side === 'long' ? 1 - Math.min(...reached) / price : Math.max(...reached) / price - 1;
    const { buffer } = held[last] as Held;
    return [{ seconds: at(spans.start, to) - time, loss, buffer: buffer[side] }];
  });
}
