/**
 * A liquidation line lies a margin away from the best price since the position was opened: profit
 * is withdrawn, so the line follows. A check that finds the price beyond the line closes the
 * position at the price L later, and reopens it at its own price.
 *
 * An exceedance is a closing price further beyond the line than the buffer held when the position
 * was last found safe. Positions start anew after a gap.
 */
import { deviationOver } from '../../lambda/margin/statistics/scale.ts';
import { at, type PriceHistory, type Segment, spanAt } from '../history/price-history.ts';
import type { CheckSegment, Checks } from './checks.ts';
import type { Held } from './rules/rule.ts';
import type { Side } from './windows.ts';

export interface Crossing {
  /** Time of the check that found it. */
  readonly time: number;
  readonly side: Side;
  /** Log distance, best price to line. */
  readonly margin: number;
  /** R·s_Δ: log distance, line to the price found. */
  readonly overshoot: number;
  /** s_Δ at the previous check. */
  readonly deviation: number;
  /** Line to the price L later, as a fraction of the line; negative if the price came back. */
  readonly loss: number;
  /** Λ at the previous check. */
  readonly buffer: number;
  /** From the middle of the span that first touched the line. */
  readonly lagSeconds: number;
}

export interface Crossings {
  readonly found: readonly Crossing[];
  /** Lines touched between two checks that found them safe. */
  readonly unseen: number;
}

export interface CrossingTerms {
  readonly side: Side;
  readonly margin: number;
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  readonly reportFrom: number;
}

export interface CrossingInput {
  readonly checks: Checks;
  /** At each check. */
  readonly held: readonly Held[];
  readonly terms: CrossingTerms;
}

export function crossingsOf(history: PriceHistory, input: CrossingInput): Crossings {
  const { checks, terms } = input;
  const found: Crossing[] = [];
  let unseen = 0;
  for (const segment of checks.segments) {
    const walk = new LineWalk(history, { ...input, segment });
    for (let check = segment.from; check < segment.until; check++) {
      if (at(checks.time, check) < terms.reportFrom) continue;
      const step = walk.step(check);
      if (step === 'unseen') unseen += 1;
      else if (step !== undefined) found.push(step);
    }
  }
  return { found, unseen };
}

interface Walked extends CrossingInput {
  readonly segment: CheckSegment;
}

/** Signed log prices: a fall is a loss for either side. */
class LineWalk {
  private best: number | undefined;
  private readonly history: PriceHistory;
  private readonly of: Walked;
  private readonly sign: 1 | -1;

  constructor(history: PriceHistory, of: Walked) {
    this.history = history;
    this.of = of;
    this.sign = of.terms.side === 'long' ? 1 : -1;
  }

  step(check: number): Crossing | 'unseen' | undefined {
    const { checks, terms } = this.of;
    const price = this.valueOf(at(this.history.spans.open, at(checks.span, check)));
    if (this.best === undefined) {
      this.best = price;
      return undefined;
    }
    const line = this.best - terms.margin;
    if (price >= line) {
      this.best = Math.max(this.best, price);
      return this.touchedAt(check, line) === undefined ? undefined : 'unseen';
    }
    this.best = price;
    return this.crossing(check, { line, price });
  }

  /** Undefined if the segment ends before the fill. */
  private crossing(
    check: number,
    { line, price }: { readonly line: number; readonly price: number },
  ): Crossing | undefined {
    const { checks, held, segment, terms } = this.of;
    const time = at(checks.time, check);
    const filled = priceAfter(this.history, segment.spans, time + terms.executionSeconds);
    if (filled === undefined) return undefined;
    const { volatility, buffer } = held[check - 1] as Held;
    const touched = this.touchedAt(check, line) ?? time;
    return {
      time,
      side: terms.side,
      margin: terms.margin,
      overshoot: line - price,
      deviation: deviationOver(volatility, terms.intervalSeconds),
      loss: this.sign * (1 - filled / Math.exp(this.sign * line)),
      buffer: buffer[terms.side],
      lagSeconds: time - touched,
    };
  }

  private valueOf(price: number): number {
    return this.sign * Math.log(price);
  }

  /** Middle of the first span since the previous check that touches the line. */
  private touchedAt(check: number, line: number): number | undefined {
    const { checks } = this.of;
    const { start, end, low, high } = this.history.spans;
    const extreme = this.sign === 1 ? low : high;
    const until = at(checks.span, check);
    for (let span = at(checks.span, check - 1); span < until; span++) {
      if (this.valueOf(at(extreme, span)) < line) return (at(start, span) + at(end, span)) / 2;
    }
    return undefined;
  }
}

/** The first price at or after a time; a span's close is the price at its end. */
export function priceAfter(
  { spans }: PriceHistory,
  segment: Segment,
  time: number,
): number | undefined {
  const span = spanAt(spans, segment, time);
  if (at(spans.start, span) === time) return at(spans.open, span);
  return time <= at(spans.end, span) ? at(spans.close, span) : undefined;
}
