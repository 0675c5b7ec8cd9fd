/** The quantile of the furthest moves of the last 1,000 gaps, in deviations, per side. */

import type { Gap } from '../../../lambda/margin/statistics/gap-variance.ts';
import {
  codeOf,
  NO_SCORES,
  type RankedScores,
  scoreAtRank,
  sizeOf,
  withScore,
} from '../../../lambda/margin/statistics/ranked-scores.ts';
import { deviationOver } from '../../../lambda/margin/statistics/scale.ts';
import type { Sides } from '../../../lambda/margin/statistics/shock-forecast.ts';
import { studentQuantile } from '../../../lambda/margin/statistics/student.ts';
import { allowedBy } from '../parameters.ts';

const LAST = 1000;
/** Fewer say too little: Student-t. */
const MOVES_MIN = 50;

export class LastMoves {
  private readonly confidence: number;
  private readonly window: { readonly last: number; readonly ranks: number };
  private moves: Sides<RankedScores> = { down: NO_SCORES, up: NO_SCORES };

  constructor(confidence: number) {
    this.confidence = confidence;
    this.window = { last: LAST, ranks: Math.ceil(allowedBy(confidence) * (LAST + 1)) + 1 };
  }

  add({ fall, rise, seconds }: Gap, volatility: number): void {
    const deviation = deviationOver(volatility, seconds);
    const { down, up } = this.moves;
    this.moves = {
      down: withScore(down, codeOf(fall / deviation), this.window),
      up: withScore(up, codeOf(rise / deviation), this.window),
    };
  }

  quantiles(): Sides<number> {
    return { down: this.quantileOf(this.moves.down), up: this.quantileOf(this.moves.up) };
  }

  private quantileOf(moves: RankedScores): number {
    const size = sizeOf(moves, this.window);
    if (size < MOVES_MIN) return studentQuantile(this.confidence);
    const rank = size + 1 - Math.ceil(this.confidence * (size + 1));
    return scoreAtRank(moves, Math.max(1, rank));
  }
}
