/** The rule of the check, by the check's own functions. */
import { forecastVolatility } from '../../../lambda/margin/statistics/gap-variance.ts';
import {
  forecastQuantiles,
  horizonGapsOf,
  nextForecast,
  startForecast,
} from '../../../lambda/margin/statistics/shock-forecast.ts';
import { allowedBy } from '../parameters.ts';
import { heldBy, type Rule, type RuleTerms } from './rule.ts';

/** Annual. It counts for the first twelve gaps, and after a long silence. */
const STRESS_DEFAULT = 1;

export function trackedRule(terms: RuleTerms): Rule {
  const { parameters, intervalSeconds, executionSeconds } = terms;
  const own = {
    intervalSeconds,
    horizonGaps: horizonGapsOf(intervalSeconds, executionSeconds),
    allowed: allowedBy(parameters.confidence),
    stress: parameters.stress ?? STRESS_DEFAULT,
  };
  let memory = startForecast(own.stress, own.allowed);
  let quantiles = forecastQuantiles(memory, own);
  return {
    close(gap) {
      memory = nextForecast(memory, gap, own);
      quantiles = forecastQuantiles(memory, own);
    },
    hold({ running, secondsSince }) {
      // The running gap widens σ̂. It gives no score before it ends.
      const seen = running === undefined ? memory : nextForecast(memory, running, own);
      return heldBy(terms, { volatility: forecastVolatility(seen, secondsSince, own), quantiles });
    },
  };
}
