/** What a market's classes say about the latency shock of one feed. */
import { classesByFeed } from '../../lambda/margin/market/dynamics.ts';
import type { Market } from '../../lambda/margin/market/market.ts';
import { SHOCK_MAX_WITHOUT_RATES, shockMaxOf } from '../../lambda/margin/market/shock-max.ts';
import { approximately, smaller } from '../../lambda/margin/number/decimal.ts';

export interface ShockTerms {
  /** Jump floor and slippage. */
  readonly floor: number;
  /** The policy charges for no more. */
  readonly shockMax: number;
}

/** The larger floor and the smaller bound of several classes, as in a check. */
export function shockTerms(market: Market, feed: string): ShockTerms {
  const names = classesByFeed(market).find((each) => each.feed === feed)?.classes ?? [];
  const classes = names.flatMap((name) => {
    const found = market.riskClasses.get(name);
    return found?.ok ? [found.value] : [];
  });
  const floors = classes.map(
    ({ jumpFloor, liquidity }) => approximately(jumpFloor) + approximately(liquidity.slippage),
  );
  const bounds = classes.map((riskClass) => shockMaxOf(riskClass, market.policy));
  return {
    floor: Math.max(0, ...floors),
    shockMax: approximately(bounds.length === 0 ? SHOCK_MAX_WITHOUT_RATES : bounds.reduce(smaller)),
  };
}
