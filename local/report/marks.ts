/** How a mark is drawn, the same in a chart as in its legend. */
import type { DotOptions } from '@observablehq/plot';
import { type MarkSymbol, paint, type Tone } from './tones.ts';

export interface Mark {
  readonly symbol: MarkSymbol;
  readonly tone: Tone;
}

/** A cross has no inside; the others are set off from what lies behind them. */
export function markStyle({ symbol, tone }: Mark): DotOptions {
  if (symbol === 'cross') return { symbol: 'times', stroke: paint(tone), strokeWidth: 2.5 };
  return { symbol, fill: paint(tone), fillOpacity: 0.9, stroke: paint('page'), strokeWidth: 0.75 };
}
