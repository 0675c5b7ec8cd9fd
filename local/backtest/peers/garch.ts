/** GARCH(1,1)-t on the returns of the last 1,000 gaps, fitted again after every 100. */
import { returnVariance } from '../../../lambda/margin/statistics/range-variance.ts';
import { studentQuantile } from '../../analysis/overshoot/student.ts';
import { meanOf } from '../coverage.ts';
import { heldBy, type Rule, type RuleTerms } from '../rules/rule.ts';
import { confidenceOfEnds } from './ends.ts';
import { nextEwma, startEwma, volatilityOf } from './ewma.ts';
import { fitGarch, type Garch, nextGarch } from './garch-fit.ts';

const LAST = 1000;
const FITTED_EVERY = 100;

export function garchRule(terms: RuleTerms): Rule {
  const confidence = confidenceOfEnds(terms.parameters.confidence);
  let squares: number[] = [];
  let fit: { readonly garch: Garch; readonly mean: number } | undefined;
  let variance = startEwma(terms.training);
  let quantile = studentQuantile(confidence, 4);
  let gaps = 0;
  const refit = () => {
    const mean = meanOf(squares);
    if (!(mean > 0)) return;
    const garch = fitGarch(squares, fit?.garch);
    fit = { garch, mean };
    quantile = studentQuantile(confidence, 1 / garch.heaviness);
    variance = squares.reduce((v, square) => nextGarch(v, { mean, square, garch }), mean);
  };
  return {
    close(gap) {
      const square = returnVariance(gap.moved, gap.seconds);
      squares.push(square);
      if (squares.length > LAST) squares = squares.slice(-LAST);
      variance =
        fit === undefined ? nextEwma(variance, gap) : nextGarch(variance, { ...fit, square });
      gaps += 1;
      if (gaps % FITTED_EVERY === 0 || gaps === terms.training.length) refit();
    },
    hold: () =>
      heldBy(terms, {
        volatility: volatilityOf(variance),
        quantiles: { down: quantile, up: quantile },
      }),
  };
}
