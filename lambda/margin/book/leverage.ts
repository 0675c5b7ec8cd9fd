/** The leverage that an account has chosen: initially it owes at least 1 ÷ leverage of a notional. */
import { divideUp, ONE, type Ratio, smaller } from '../number/decimal.ts';
import type { AssetTerms } from '../snapshot/asset-terms.ts';

/** Absent: it has chosen none. */
export interface Leveraged {
  readonly leverage?: Ratio | undefined;
}

/** The balances of the numeraire have no weights that it could limit. */
export const withLeverage = (terms: AssetTerms, { leverage }: Leveraged): AssetTerms =>
  leverage === undefined || terms.quoted === undefined
    ? terms
    : { ...terms, weights: { ...terms.weights, leastRate: divideUp(ONE, leverage) } };

/** The least of what the account and all rows of the instrument choose. It requires most. */
export function leastLeverage(...chosen: readonly (Leveraged | undefined)[]): Leveraged {
  const [first, ...others] = chosen.flatMap((each) => each?.leverage ?? []);
  return first === undefined ? {} : { leverage: others.reduce(smaller, first) };
}
