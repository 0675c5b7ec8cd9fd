/** Historical simulation: the quantile of past moves as they were, scaled to Δ + L. */
import { heldBy, type Rule, type RuleTerms } from '../rules/rule.ts';
import { LastMoves } from './last-moves.ts';

/** Moves are not divided by a volatility. */
const UNFILTERED = 1;

export function historicalRule(terms: RuleTerms): Rule {
  const moves = new LastMoves(terms.parameters.confidence);
  return {
    close: (gap) => moves.add(gap, UNFILTERED),
    hold: () => heldBy(terms, { volatility: UNFILTERED, quantiles: moves.quantiles() }),
  };
}
