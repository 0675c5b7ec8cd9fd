/** Filtered historical simulation: past moves in deviations of the EWMA of their time. */
import { heldBy, type Rule, type RuleTerms } from '../rules/rule.ts';
import { nextEwma, startEwma, volatilityOf } from './ewma.ts';
import { LastMoves } from './last-moves.ts';

export function filteredRule(terms: RuleTerms): Rule {
  const moves = new LastMoves(terms.parameters.confidence);
  let variance = startEwma(terms.training);
  return {
    close(gap) {
      moves.add(gap, volatilityOf(variance));
      variance = nextEwma(variance, gap);
    },
    hold: () => heldBy(terms, { volatility: volatilityOf(variance), quantiles: moves.quantiles() }),
  };
}
