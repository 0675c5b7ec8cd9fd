import type { Ratio } from '../number/decimal.ts';

/** (1 − score)·factor·notional for an uncertain price, due while score < threshold. */
export interface ConfidenceCharge {
  readonly of: 'perpetuals' | 'futures' | 'shortOptions' | 'options' | 'collateral';
  /** Price of the notional of perpetuals and futures. */
  readonly on: 'mark' | 'index';
  /** The lesser of both scores counts. */
  readonly scoreFeed?: string | undefined;
  /** Of an option: its own, the lowest that is held of its expiry, or with perpetuals held. */
  readonly scores: 'own' | 'expiry' | 'expiryAndPerpetuals';
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/**
 * (threshold − price)·factor·S, while above 0, per unit of underlying in perpetuals, futures and
 * short options.
 */
export interface DepegCharge {
  readonly feed: string;
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/** Feeds that the charges of a class name. */
export const chargingFeeds = (of: {
  readonly confidenceCharges: readonly Pick<ConfidenceCharge, 'scoreFeed'>[];
  readonly depegCharge?: Pick<DepegCharge, 'feed'> | undefined;
  readonly portfolio?: { readonly depegFactor?: Pick<DepegCharge, 'feed'> | undefined } | undefined;
}): string[] => [
  ...(of.depegCharge ? [of.depegCharge.feed] : []),
  ...(of.portfolio?.depegFactor ? [of.portfolio.depegFactor.feed] : []),
  ...of.confidenceCharges.flatMap(({ scoreFeed }) => scoreFeed ?? []),
];

export type ChargedIn = 'initial' | 'both';
