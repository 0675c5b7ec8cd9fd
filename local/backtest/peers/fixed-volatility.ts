/** One volatility for ever, measured on the training days, and Student-t: a table of haircuts. */
import { YEAR_SECONDS } from '../../../lambda/margin/statistics/scale.ts';
import { studentQuantile } from '../../../lambda/margin/statistics/student.ts';
import { heldBy, type Rule, type RuleTerms } from '../rules/rule.ts';
import { confidenceOfEnds } from './ends.ts';

export function fixedVolatilityRule(terms: RuleTerms): Rule {
  const { training, parameters } = terms;
  const squares = training.reduce((sum, { moved }) => sum + moved ** 2, 0);
  const seconds = training.reduce((sum, gap) => sum + gap.seconds, 0);
  const volatility = Math.sqrt((squares / seconds) * YEAR_SECONDS);
  const quantile = studentQuantile(confidenceOfEnds(parameters.confidence));
  const held = heldBy(terms, { volatility, quantiles: { down: quantile, up: quantile } });
  return { close: () => {}, hold: () => held };
}
