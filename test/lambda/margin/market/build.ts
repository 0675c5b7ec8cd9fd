/** Quotes of one feed, from the few attributes that a test is about. */
import type { Quote } from '../../../../lambda/margin/market/market.ts';
import type { OracleRules } from '../../../../lambda/margin/market/policy.ts';
import { price, ratio } from '../../../../lambda/margin/number/decimal.ts';
import { NOW } from '../build.ts';

export const RULES: OracleRules = {
  staleAfterSeconds: 300,
  maxAgeSeconds: 120,
  minSources: 1,
  maxSourceSpread: ratio('0.02'),
  maxJump: ratio('0.2'),
  deviation: ratio('0'),
  staleRange: ratio('2'),
  frozenAfterSeconds: 3600,
  maxMoveWindows: [],
};

export interface GivenQuote {
  readonly price?: string;
  readonly ageMs?: number;
  readonly confidence?: string;
  readonly funding?: string;
  readonly low?: string;
  readonly high?: string;
}

export const quoteOf = (source: string, given: GivenQuote): Quote => ({
  feed: 'BTC-USD',
  source,
  price: price(given.price ?? '60000'),
  publishedAt: NOW - (given.ageMs ?? 0),
  confidence: given.confidence === undefined ? undefined : price(given.confidence),
  fundingRatePerHour: given.funding === undefined ? undefined : ratio(given.funding),
  low: given.low === undefined ? undefined : price(given.low),
  high: given.high === undefined ? undefined : price(given.high),
});
