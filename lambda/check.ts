/** The Lambda function: each scheduled event runs one margin check. */

import { AccountsTable } from './aws/accounts-table.ts';
import { createClients } from './aws/clients.ts';
import { STOPWATCH } from './aws/stopwatch.ts';
import { eventLine, metricLines } from './check/log-lines.ts';
import { metricsOf } from './check/metrics.ts';
import { readScheduledCheck } from './check/scheduled-check.ts';
import type { CheckSummary } from './check/summary.ts';
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
  const { certified: memory } = dependencies;
  return async (event, context) => {
    const asOf = dependencies.now();
    const timeLeft = context && (() => context.getRemainingTimeInMillis());
    const check = readScheduledCheck(event, asOf);
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

let deployed: Promise<CheckHandler> | undefined;

async function deploy(config: Config): Promise<CheckHandler> {
  const resources = { ...createClients(), config, stopwatch: STOPWATCH };
  const certified = await memoryFor(resources);
  return createHandler({ ...resources, certified, now: Date.now });
}

async function memoryFor({ dynamo, stopwatch, config }: CheckResources) {
  const { certificates, accountsTable: table, scanSegments: segments } = config;
  if (certificates === undefined) return undefined;
  const { deployedMemory } = await import('./certified/deployed-memory.ts');
  const accounts = new AccountsTable({ dynamo, table, segments });
  return deployedMemory({ accounts, stopwatch }, certificates);
}

/** The entry point for AWS. Throws if any part of the check failed, after completing the rest. */
export const handler: CheckHandler = async (event, context) => {
  const started = performance.now();
  try {
    const config = readConfig();
    deployed ??= deploy(config);
    const summary = await (await deployed)(event, context);
    log('INFO', 'check done', { summary });
    measure(summary, started);
    return summary;
  } catch (error) {
    if (error instanceof CheckFailedError) {
      log('ERROR', error.message, { summary: error.summary });
      measure(error.summary, started);
    } else {
      log('ERROR', 'the check failed', { error });
    }
    throw error;
  }
};

function log(level: 'INFO' | 'ERROR', message: string, details: Record<string, unknown>): void {
  write(eventLine({ level, message, at: Date.now() }, readLogOrigin(), details));
}

function measure(summary: CheckSummary, started: number): void {
  const durationSeconds = (performance.now() - started) / 1000;
  const metrics = metricsOf(summary, durationSeconds);
  metricLines(metrics, readLogOrigin(), Date.now()).forEach(write);
}

/** Not by `console`: Lambda would put time and request before the JSON. */
function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
