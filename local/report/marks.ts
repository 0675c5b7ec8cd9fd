/** Marks look the same in chart and legend. */
import type { DotOptions } from '@observablehq/plot';
import { type MarkSymbol, paint, type Tone } from './tones.ts';

export interface Mark {
  readonly symbol: MarkSymbol;
  readonly tone: Tone;
}

/** A cross has no area to fill. */
export function markStyle({ symbol, tone }: Mark): DotOptions {
  if (symbol === 'cross') return { symbol: 'times', stroke: paint(tone), strokeWidth: 2.5 };
  return { symbol, fill: paint(tone), fillOpacity: 0.9, stroke: paint('page'), strokeWidth: 0.75 };
}
