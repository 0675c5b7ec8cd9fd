/** The Lambda function: each scheduled event runs one margin check. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { createClients } from './aws/clients.ts';
import { METRIC_NAMESPACE, metricsOf } from './check/metrics.ts';
import { readScheduledCheck } from './check/scheduled-check.ts';
import type { CheckSummary } from './check/summary.ts';
import { readConfig } from './config.ts';
import { CheckFailedError, type CheckResources, runCheck } from './run-check.ts';

export interface CheckDependencies extends CheckResources {
  /** Milliseconds since 1970; read once per check. */
  readonly now: () => number;
}

export type CheckHandler = (event: unknown) => Promise<CheckSummary>;

/** Called once per cold start, or with substitutes for AWS and the clock. */
export function createHandler(dependencies: CheckDependencies): CheckHandler {
  return async (event) => {
    const asOf = dependencies.now();
    return runCheck(readScheduledCheck(event, asOf), asOf, dependencies);
  };
}

let deployed: CheckHandler | undefined;
const logger = new Logger();
const metrics = new Metrics({ namespace: METRIC_NAMESPACE });

/** The entry point for AWS. Throws if any part of the check failed, after completing the rest. */
export const handler: CheckHandler = async (event) => {
  const started = performance.now();
  try {
    deployed ??= createHandler({ ...createClients(), config: readConfig(), now: Date.now });
    const summary = await deployed(event);
    logger.info('check done', { summary });
    measure(summary, started);
    return summary;
  } catch (error) {
    if (error instanceof CheckFailedError) {
      logger.error(error.message, { summary: error.summary });
      measure(error.summary, started);
    } else {
      logger.error('the check failed', error as Error);
    }
    throw error;
  }
};

function measure(summary: CheckSummary, started: number): void {
  const durationSeconds = (performance.now() - started) / 1000;
  for (const { name, unit, value, market } of metricsOf(summary, durationSeconds)) {
    if (market === undefined) metrics.addMetric(name, MetricUnit[unit], value);
    else
      metrics
        .singleMetric()
        .addDimension('Market', market)
        .addMetric(name, MetricUnit[unit], value);
  }
  metrics.publishStoredMetrics();
}
