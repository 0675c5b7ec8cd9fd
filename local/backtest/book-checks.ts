import { at, type PriceHistory } from '../history/price-history.ts';
import type { MarketAt } from './book-market.ts';
import { checksOf } from './checks.ts';
import { priceAfter } from './crossings.ts';
import type { RunResult } from './result.ts';

export interface BookCheck {
  readonly now: MarketAt;
  /** At the fill of this check's orders; absent beyond the history's end. */
  readonly fill?: MarketAt | undefined;
  /** Prices since the previous check, oldest first; the last is this check's own. */
  readonly since: readonly MarketAt[];
}

export interface BookChecksInput {
  readonly history: PriceHistory;
  readonly run: RunResult;
  readonly reportFrom: number;
}

/** Prices are multiples of the first. Moves across gaps are cut out. */
export function* bookChecks(input: BookChecksInput): Generator<BookCheck> {
  const { history, run, reportFrom } = input;
  const { spans } = history;
  const checks = checksOf(history, run.intervalSeconds);
  const { volatilities, quantiles } = run.series.checks;
  let scale: number | undefined;
  let multiple = 1;
  for (const segment of checks.segments) {
    scale = undefined;
    let before: number | undefined;
    for (let check = segment.from; check < segment.until; check++) {
      const time = at(checks.time, check);
      if (time < reportFrom) continue;
      const span = at(checks.span, check);
      scale ??= multiple / at(spans.open, span);
      const held = {
        volatility: volatilities[check] as number,
        quantiles: {
          down: quantiles.long[check] as number,
          up: quantiles.short[check] as number,
        },
      };
      const toMarket = (when: number, price: number): MarketAt => ({
        ...held,
        time: when - reportFrom,
        multiple: price * (scale as number),
      });
      const filledAt = time + run.executionSeconds;
      const filled = priceAfter(history, segment.spans, filledAt);
      const since: MarketAt[] = [];
      for (let past = (before ?? span - 1) + 1; past <= span; past++) {
        since.push(toMarket(at(spans.start, past), at(spans.open, past)));
      }
      const now = toMarket(time, at(spans.open, span));
      const fill = filled === undefined ? undefined : toMarket(filledAt, filled);
      yield { now, fill, since };
      multiple = now.multiple;
      before = span;
    }
  }
}
