/** What a market's classes say about the latency shock of one feed. */
import { classesByFeed } from '../../lambda/margin/market/dynamics.ts';
import type { Market } from '../../lambda/margin/market/market.ts';
import type { MarginRule } from '../../lambda/margin/market/schedule.ts';
import { approximately } from '../../lambda/margin/number/decimal.ts';

export interface ShockTerms {
  /** Jump floor and slippage. */
  readonly floor: number;
  /** The policy charges for no more. */
  readonly shockMax: number;
}

/** Where there is no schedule. */
const SHOCK_MAX_DEFAULT = 0.1;

/** The larger floor and the smaller bound of several classes. */
export function shockTerms(market: Market, feed: string): ShockTerms {
  const names = classesByFeed(market).find((each) => each.feed === feed)?.classes ?? [];
  const classes = names.flatMap((name) => {
    const found = market.riskClasses.get(name);
    return found?.ok ? [found.value] : [];
  });
  const floors = classes.map(
    ({ jumpFloor, liquidity }) => approximately(jumpFloor) + approximately(liquidity.slippage),
  );
  const bounds = classes.flatMap(({ margin }) => (margin === undefined ? [] : [boundOf(margin)]));
  return {
    floor: Math.max(0, ...floors),
    shockMax: bounds.length === 0 ? SHOCK_MAX_DEFAULT : Math.min(...bounds),
  };
}

/**
 * Initial less maintenance rate of the smallest position: within it, nobody who meets the initial
 * requirement is liquidated by the buffer alone.
 */
function boundOf(rule: MarginRule): number {
  if (rule.type === 'phased') return Math.min(boundOf(rule.now), boundOf(rule.before));
  if (rule.type === 'tiered') {
    const [{ initial, maintenance }] = rule.tiers;
    return approximately(initial) - approximately(maintenance);
  }
  if (rule.type === 'sizeLadder') {
    return approximately(rule.initial.base) - approximately(rule.maintenance.base);
  }
  return approximately(rule.initial) - approximately(rule.maintenance);
}
