/** The lowest confidence scores among all that an account holds on an underlying or of an expiry. */
import type { ConfidenceCharge } from '../market/charges.ts';
import { isZero, type Ratio, smaller } from '../number/decimal.ts';
import type { InstrumentTerms } from '../snapshot/instrument-terms.ts';
import type { NetPosition } from './book.ts';

export class HeldScores {
  private readonly positions: readonly NetPosition[];
  private known: ReadonlyMap<string, Ratio> | undefined;

  constructor(positions: readonly NetPosition[]) {
    this.positions = positions;
  }

  /** Without the further feed that a charge may name. */
  scoreOf(terms: InstrumentTerms, scope: ConfidenceCharge['scores']): Ratio {
    const own = ownScoreOf(terms);
    const expiry = scope === 'own' ? undefined : expiryOf(terms);
    if (expiry === undefined) return own;
    this.known ??= lowestOf(this.positions);
    const ofExpiry = this.known.get(expiry) ?? own;
    const ofPerpetuals = this.known.get(terms.quoted.factor.feed);
    return scope === 'expiry' || ofPerpetuals === undefined
      ? ofExpiry
      : smaller(ofExpiry, ofPerpetuals);
  }
}

/** An expired option rests on the price of its underlying alone. */
const ownScoreOf = (terms: InstrumentTerms): Ratio =>
  terms.kind === 'settled' && terms.scanned !== undefined
    ? terms.scanned.price.confidenceScore
    : terms.confidenceScore;

/** Undefined unless it is an option. */
function expiryOf(terms: InstrumentTerms): string | undefined {
  if (terms.kind === 'option') return `${terms.quoted.factor.feed} ${terms.expiresAt}`;
  if (terms.kind === 'linear' || terms.scanned === undefined) return undefined;
  return `${terms.quoted.factor.feed} ${terms.scanned.option.expiresAt}`;
}

/** By expiry, and by underlying for its perpetuals. */
function lowestOf(positions: readonly NetPosition[]): ReadonlyMap<string, Ratio> {
  const lowest = new Map<string, Ratio>();
  for (const { terms, quantity } of positions) {
    if (isZero(quantity)) continue;
    const isPerpetual = terms.kind === 'linear' && terms.type === 'perpetual';
    const key = isPerpetual ? terms.quoted.factor.feed : expiryOf(terms);
    if (key === undefined) continue;
    const found = lowest.get(key);
    const score = ownScoreOf(terms);
    lowest.set(key, found === undefined ? score : smaller(found, score));
  }
  return lowest;
}
