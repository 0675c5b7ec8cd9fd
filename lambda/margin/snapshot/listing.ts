/** An instrument with its settlement and its risk class, from which its terms are compiled. */

import type { Quoted, RiskFactor } from '../curve/risk-factor.ts';
import type { Instrument } from '../market/market.ts';
import type { RiskClass } from '../market/risk-class.ts';
import { type TradingTerms, tradingTerms } from '../market/trading.ts';
import type { Lookup } from '../number/reason.ts';
import { type ClassTerms, classTerms } from '../portfolio/class-terms.ts';
import type { AssetTerms, Resolved } from './asset-terms.ts';
import type { Settlement } from './instrument-terms.ts';

export interface Listing {
  readonly instrument: Instrument;
  readonly settlement: Settlement;
  readonly riskClass: RiskClass;
}

/** The market, and what its instruments share, which fills as they are compiled. */
export interface ListingContext extends Resolved {
  readonly assets: Lookup<AssetTerms>;
  /** By class and factor: all instruments of both have the same object. */
  readonly classes: Map<string, ClassTerms>;
  /** By expiry and strike. */
  readonly strikeIds: Map<string, number>;
}

export function classOf(
  { riskClass, factor }: { readonly riskClass: RiskClass; readonly factor: RiskFactor },
  { classes, feeds }: Pick<ListingContext, 'classes' | 'feeds'>,
): ClassTerms {
  const key = `${riskClass.riskClass} ${factor.feed}`;
  const found = classes.get(key);
  if (found !== undefined) return found;
  const compiled = classTerms(riskClass, factor, feeds);
  classes.set(key, compiled);
  return compiled;
}

export function strikeIdOf(
  { expiresAt, strike }: { readonly expiresAt: number; readonly strike: number },
  { strikeIds }: Pick<ListingContext, 'strikeIds'>,
): number {
  const key = `${expiresAt} ${strike}`;
  const found = strikeIds.get(key) ?? strikeIds.size;
  strikeIds.set(key, found);
  return found;
}

export const tradingOf = (
  { instrument: market, riskClass }: Listing,
  { factor }: Quoted,
): TradingTerms => tradingTerms(riskClass.liquidity, { market, volatility: factor.volatility });
