/** The rule from check to check, and what is held over each window. */
import { at, type PriceHistory } from '../history/price-history.ts';
import { type Checks, gapBefore, gapBetween } from './checks.ts';
import type { Parameters } from './parameters.ts';
import type { Held, Rule } from './rules/rule.ts';
import { type BySide, bySide, SAME_TIME, type Window } from './windows.ts';

export interface HeldWindow extends Window, Held {
  readonly exceeded: BySide<boolean>;
}

export interface Walked {
  /** One entry per check. */
  readonly held: readonly Held[];
  readonly windows: readonly HeldWindow[];
}

export interface WalkInput {
  readonly checks: Checks;
  /** In order of time. */
  readonly windows: readonly Window[];
  readonly rule: Rule;
  readonly isRanged: boolean;
  readonly parameters: Parameters;
}

/**
 * A window that begins between two checks begins with an extra check, which sees the running gap
 * and closes none.
 */
export function walk(history: PriceHistory, input: WalkInput): Walked {
  const { checks, windows, rule } = input;
  const gapAt = gapBefore(history, input);
  const held: Held[] = [];
  const over: HeldWindow[] = [];
  for (const segment of checks.segments) {
    for (let check = segment.from; check < segment.until; check++) {
      const gap = gapAt(check, segment);
      if (gap !== undefined) rule.close(gap);
      const [time, span] = [at(checks.time, check), at(checks.span, check)];
      const now = rule.hold({ secondsSince: time - at(history.spans.start, span) });
      held.push(now);
      const until = (checks.time[check + 1] ?? Number.POSITIVE_INFINITY) - SAME_TIME;
      for (let next = over.length; (windows[next]?.time ?? until) < until; next = over.length) {
        over.push(heldOver(windows[next] as Window, { history, input, now, time, span }));
      }
    }
  }
  return { held, windows: over };
}

interface LastCheck {
  readonly history: PriceHistory;
  readonly input: WalkInput;
  readonly now: Held;
  readonly time: number;
  readonly span: number;
}

function heldOver(window: Window, last: LastCheck): HeldWindow {
  const isRegular = window.time - last.time < SAME_TIME;
  const held = isRegular ? last.now : extraCheck(window, last);
  // The buffer must pay slippage on top of the move.
  const { slippage } = last.input.parameters;
  const exceeded = bySide((side) => window.loss[side] + slippage > held.buffer[side]);
  return { ...window, ...held, exceeded };
}

function extraCheck({ time, span }: Window, { history, input, span: from }: LastCheck): Held {
  const running = gapBetween(history, { from, to: span, isRanged: input.isRanged });
  return input.rule.hold({ running, secondsSince: time - at(history.spans.start, span) });
}
