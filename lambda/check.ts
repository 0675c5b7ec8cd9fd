/** The Lambda function: each scheduled event, or slot, runs one margin check. */

import { createClients } from './aws/clients.ts';
import { STOPWATCH } from './aws/stopwatch.ts';
import type { CertifiedMemory } from './certified/certified-memory.ts';
import { eventLine, metricLines } from './check/log-lines.ts';
import { metricsOf } from './check/metrics.ts';
import { readScheduledCheck } from './check/scheduled-check.ts';
import type { CheckSummary } from './check/summary.ts';
import { isLogged, thinnedMetrics } from './check/thinned.ts';
import { type Config, readConfig, readLogOrigin } from './config.ts';
import { CheckFailedError, type CheckResources, runCheck } from './run-check.ts';

export interface CheckDependencies extends CheckResources {
  /** Milliseconds since 1970; read once per check. */
  readonly now: () => number;
}

/** As AWS Lambda calls it. */
interface FunctionContext {
  getRemainingTimeInMillis(): number;
}

export type CheckHandler = (event: unknown, context?: FunctionContext) => Promise<CheckSummary>;

/** Called once per cold start, or with substitutes for AWS and the clock. */
export function createHandler(dependencies: CheckDependencies): CheckHandler {
  const { certified: memory, config } = dependencies;
  const intervalSeconds = config.checkIntervalSeconds;
  return async (event, context) => {
    const asOf = dependencies.now();
    const timeLeft = context && (() => context.getRemainingTimeInMillis());
    const check = readScheduledCheck(event, { now: asOf, intervalSeconds });
    // If two checks run at once, one of them reads every account.
    const certified = memory?.isInUse === false ? memory : undefined;
    if (certified) certified.isInUse = true;
    try {
      return await runCheck(check, asOf, { timeLeft, ...dependencies, certified });
    } finally {
      if (certified) certified.isInUse = false;
    }
  };
}

/** Once per cold start. */
interface Deployed {
  readonly config: Config;
  readonly check: CheckHandler;
}

type MemoryOf = (resources: CheckResources) => CertifiedMemory | undefined;

/**
 * An entry point for AWS. Throws if any part of the check failed, after completing the rest.
 * @param memoryOf for a function with certificates
 */
export function deployedHandler(memoryOf: MemoryOf = () => undefined): CheckHandler {
  let deployed: Deployed | undefined;
  const deploy = (config: Config): Deployed => {
    const resources = { ...createClients(), config, stopwatch: STOPWATCH };
    const certified = memoryOf(resources);
    return { config, check: createHandler({ ...resources, certified, now: Date.now }) };
  };
  return async (event, context) => {
    const started = performance.now();
    try {
      deployed ??= deploy(readConfig());
      const summary = await deployed.check(event, context);
      const { config } = deployed;
      if (isLogged(summary, config.checkIntervalSeconds)) log('INFO', 'check done', { summary });
      measure(summary, started, config);
      return summary;
    } catch (error) {
      if (error instanceof CheckFailedError) {
        log('ERROR', error.message, { summary: error.summary });
        if (deployed) measure(error.summary, started, deployed.config);
      } else {
        log('ERROR', 'the check failed', { error });
      }
      throw error;
    }
  };
}

export const handler = deployedHandler();

function log(level: 'INFO' | 'ERROR', message: string, details: Record<string, unknown>): void {
  write(eventLine({ level, message, at: Date.now() }, readLogOrigin(), details));
}

function measure(summary: CheckSummary, started: number, config: Config): void {
  const durationSeconds = (performance.now() - started) / 1000;
  const intervalSeconds = config.checkIntervalSeconds;
  const metrics = metricsOf(summary, { durationSeconds, intervalSeconds });
  const told = thinnedMetrics(metrics, summary, intervalSeconds);
  metricLines(told, readLogOrigin(), Date.now()).forEach(write);
}

/** Not by `console`: Lambda would put time and request before the JSON. */
function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
