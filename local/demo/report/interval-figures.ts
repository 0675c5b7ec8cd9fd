/** What the check interval cost, and what the forecast of the latency shock said of it. */
import type { DemoRun } from '../run.ts';
import type { ToldDay } from './day.ts';

export type IntervalFigures = ReturnType<typeof intervalFigures>;

export function intervalFigures({ history, owners, options }: DemoRun, { breaches }: ToldDay) {
  const shocks = history.checks.map(({ shock }) => shock);
  return {
    charge: options.charge,
    /** Liquidation lines crossed between two checks. */
    breaches: breaches.length,
    beyondBuffer: breaches.filter((each) => each.overshootUsd > each.bufferUsd).length,
    beyondForecast: breaches.filter((each) => each.overshootUsd > each.forecastUsd).length,
    liquidatedByBuffer: shocks.reduce((sum, each) => sum + each.liquidatedByBuffer, 0),
    /** Largest of all checks, USD. */
    badDebtAtShock: Math.max(0, ...shocks.map((each) => Number(each.badDebtAtShock))).toFixed(2),
    callsCuredUnpaid: owners.curedUnpaid,
  };
}
