/** The move assumed for each feed, and how it scales dynamic requirements. */

import type { FeedState } from '../../lambda/margin/curve/risk-factor.ts';
import type { Market } from '../../lambda/margin/market/market.ts';
import type { MeasuredVolatilities } from '../../lambda/margin/market/volatility.ts';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import { requirementScale } from '../../lambda/margin/portfolio/class-terms.ts';

export interface MoveRow {
  readonly feed: string;
  /** σ in use, annual. */
  readonly volatility: string;
  /** Slower σ of the initial requirement; absent if equal. */
  readonly initialVolatility?: string;
  /** z of each side; absent without tracking. */
  readonly quantileDown?: string;
  readonly quantileUp?: string;
  /** Λ of each side. */
  readonly shockDown: string;
  readonly shockUp: string;
  readonly scales: readonly ScaleRow[];
}

export interface ScaleRow {
  readonly riskClass: string;
  readonly initial: string;
  readonly maintenance: string;
}

/** An unknown risk factor has no row; its price row says why. */
export function moveRows(
  states: Iterable<FeedState>,
  { market, measured }: { readonly market: Market; readonly measured: MeasuredVolatilities },
): MoveRow[] {
  return [...states].flatMap(({ feed, classes, factor }) => {
    if (!factor.ok) return [];
    const { volatility, initialVolatility, shockDown, shockUp } = factor.value;
    const [used, initial] = [textOf(volatility), textOf(initialVolatility)];
    const quantiles = measured.get(feed)?.forecast?.quantiles;
    return {
      feed,
      volatility: used,
      ...(initial === used ? {} : { initialVolatility: initial }),
      ...(quantiles && { quantileDown: textOf(quantiles.down), quantileUp: textOf(quantiles.up) }),
      shockDown: textOf(shockDown),
      shockUp: textOf(shockUp),
      scales: classes.flatMap((name) => scaleRow(market, name, factor.value)),
    };
  });
}

function scaleRow(
  { riskClasses }: Market,
  name: string,
  factor: Parameters<typeof requirementScale>[1],
): ScaleRow[] {
  const riskClass = riskClasses.get(name);
  if (!riskClass?.ok || riskClass.value.dynamic === undefined) return [];
  const { initial, maintenance } = requirementScale(riskClass.value, factor);
  return [{ riskClass: name, initial: textOf(initial), maintenance: textOf(maintenance) }];
}
