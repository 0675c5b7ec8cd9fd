import { normalQuantile } from '../../analysis/overshoot/normal.ts';
import { heldBy, type Rule, type RuleTerms } from '../rules/rule.ts';
import { confidenceOfEnds } from './ends.ts';
import { nextEwma, startEwma, volatilityOf } from './ewma.ts';

export function ewmaNormalRule(terms: RuleTerms): Rule {
  const quantile = normalQuantile(confidenceOfEnds(terms.parameters.confidence));
  const quantiles = { down: quantile, up: quantile };
  let variance = startEwma(terms.training);
  return {
    close(gap) {
      variance = nextEwma(variance, gap);
    },
    hold: () => heldBy(terms, { volatility: volatilityOf(variance), quantiles }),
  };
}
