/** The limit that an account sets itself: a least initial rate, 1 ÷ the leverage that it has chosen. */
import { larger, type Ratio } from '../number/decimal.ts';
import type { AssetTerms } from '../snapshot/asset-terms.ts';
import type { InstrumentTerms } from '../snapshot/instrument-terms.ts';
import type { Position } from './account.ts';
import type { NetPosition } from './book.ts';
import type { Reasons } from './reasons.ts';

/** The numeraire has none. */
export const withLimit = (terms: AssetTerms, leastRate: Ratio | undefined): AssetTerms =>
  leastRate === undefined || terms.quoted === undefined
    ? terms
    : { ...terms, weights: { ...terms.weights, leastRate } };

type Limit = Pick<NetPosition, 'leastInitialRate'>;

const NO_LIMIT: Limit = {};

export interface Limiting {
  readonly reasons: Reasons;
  readonly isPortfolio: boolean;
  /** Of the account. */
  readonly leastRate: Ratio | undefined;
}

interface LimitedPosition {
  readonly terms: InstrumentTerms;
  /** With the rows before. */
  readonly net: NetPosition | undefined;
  readonly of: Limiting;
}

/** The most cautious of the account and all rows of the instrument. */
export function limitOf(
  { leastInitialRate: own }: Position,
  { terms, net, of }: LimitedPosition,
): Limit {
  const rates = [of.leastRate, net?.leastInitialRate, own].filter((rate) => rate !== undefined);
  const [first, ...others] = rates;
  if (first === undefined) return NO_LIMIT;
  const isScanned = of.isPortfolio && terms.kind === 'linear' && terms.ofClass.portfolio;
  const isLinear = terms.kind === 'linear' && !isScanned;
  if (!isLinear && own === undefined) return NO_LIMIT;
  const isSizedInCoin = isLinear && terms.isInverse && terms.sizedRule !== undefined;
  if (isLinear && !isSizedInCoin) return { leastInitialRate: others.reduce(larger, first) };
  const subject = `position#${terms.instrument}`;
  const detail =
    `${subject}: leastInitialRate is for perpetuals and futures on the standard model, and not for ` +
    'an inverse one whose rate grows with its size';
  of.reasons.add({ code: 'row-malformed', subject, detail });
  return NO_LIMIT;
}
