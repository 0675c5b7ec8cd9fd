/**
 * The Lambda function: each scheduled event, or slot, runs one margin check, and each message about
 * what waits one event check.
 */

import { createClients } from './aws/clients.ts';
import { STOPWATCH } from './aws/stopwatch.ts';
import type { CertifiedMemory } from './certified/certified-memory.ts';
import { isEventMessage } from './check/event-message.ts';
import { type EventSummary, eventMetricsOf, type SkippedEvent } from './check/event-summary.ts';
import { eventLine, metricLines } from './check/log-lines.ts';
import { metricsOf } from './check/metrics.ts';
import type { CheckResources } from './check/run.ts';
import { readScheduledCheck } from './check/scheduled-check.ts';
import type { CheckSummary } from './check/summary.ts';
import { isLogged, thinnedMetrics } from './check/thinned.ts';
import { type Config, readConfig, readLogOrigin } from './config.ts';
import { CheckFailedError, runCheck } from './run-check.ts';
import { EventFailedError, runEvent } from './run-event.ts';

export interface CheckDependencies extends CheckResources {
  /** Milliseconds since 1970; read once per check. */
  readonly now: () => number;
}

/** As AWS Lambda calls it. */
interface FunctionContext {
  getRemainingTimeInMillis(): number;
}

export type CheckHandler = (event: unknown, context?: FunctionContext) => Promise<CheckSummary>;

export interface Handlers {
  readonly check: CheckHandler;
  readonly event: EventHandler;
  /** Changes that came while a check was running do not wait for the next: takes them after it. */
  readonly after: (
    summary: CheckSummary,
    context?: FunctionContext,
  ) => Promise<EventSummary | SkippedEvent>;
}

/** With less left, the function might be stopped in the middle, and lose what it remembers. */
const AFTER_MS_MIN = 15_000;

type EventHandler = (context?: FunctionContext) => Promise<EventSummary | SkippedEvent>;

/** Called once per cold start, or with substitutes for AWS and the clock. */
export function createHandlers(dependencies: CheckDependencies): Handlers {
  const { certified: memory, config, now } = dependencies;
  const intervalSeconds = config.checkIntervalSeconds;
  /** If two checks run at once, one of them reads every account. */
  const withMemory = async <T>(run: (certified: CertifiedMemory | undefined) => Promise<T>) => {
    const certified = memory?.isInUse === false ? memory : undefined;
    if (certified) certified.isInUse = true;
    try {
      return await run(certified);
    } finally {
      if (certified) certified.isInUse = false;
    }
  };
  const timeLeftIn = (context?: FunctionContext) =>
    context && (() => context.getRemainingTimeInMillis());
  const event: EventHandler = (context) => {
    const timeLeft = timeLeftIn(context);
    return withMemory((certified) => runEvent({ timeLeft, ...dependencies, certified }));
  };
  return {
    event,
    after: async ({ skipped }, context) => {
      if (!config.hasEvents) return { skipped: 'there are no events' };
      if (skipped !== undefined) return { skipped };
      const isTimeLeft = (context?.getRemainingTimeInMillis() ?? AFTER_MS_MIN) >= AFTER_MS_MIN;
      return isTimeLeft ? event(context) : { skipped: 'no time is left after the check' };
    },
    check: async (event, context) => {
      const asOf = now();
      const timeLeft = timeLeftIn(context);
      const check = readScheduledCheck(event, { now: asOf, intervalSeconds });
      return withMemory((certified) =>
        runCheck(check, asOf, { timeLeft, ...dependencies, certified }),
      );
    },
  };
}

export const createHandler = (dependencies: CheckDependencies): CheckHandler =>
  createHandlers(dependencies).check;

/** Once per cold start. */
interface Deployed extends Handlers {
  readonly config: Config;
}

type Summary = CheckSummary | EventSummary | SkippedEvent;

export type LambdaHandler = (event: unknown, context?: FunctionContext) => Promise<Summary>;

type MoreOf = (
  resources: CheckResources & { readonly config: Config },
) => Pick<CheckResources, 'certified' | 'workers'>;

/**
 * An entry point for AWS. Throws if any part of the check failed, after completing the rest.
 * @param moreOf for a function with certificates, and with workers
 */
export function deployedHandler(moreOf: MoreOf = () => ({})): LambdaHandler {
  let deployed: Deployed | undefined;
  const deploy = (config: Config): Deployed => {
    const resources = { ...createClients(), config, stopwatch: STOPWATCH };
    return { config, ...createHandlers({ ...resources, ...moreOf(resources), now: Date.now }) };
  };
  return async (event, context) => {
    const started = performance.now();
    try {
      deployed ??= deploy(readConfig());
      return await reported(deployed, { event, context, started });
    } catch (error) {
      if (error instanceof CheckFailedError || error instanceof EventFailedError) {
        log('ERROR', error.message, { summary: error.summary });
        if (deployed) measure(error.summary, started, deployed.config);
      } else {
        log('ERROR', 'the check failed', { error });
      }
      throw error;
    }
  };
}

interface Invocation {
  readonly event: unknown;
  readonly context: FunctionContext | undefined;
  /** By the performance clock. */
  readonly started: number;
}

async function reported(
  { config, check, event: checkEvent, after }: Deployed,
  { event, context, started }: Invocation,
): Promise<Summary> {
  const report = <S extends Summary>(summary: S): S => {
    if (isTold(summary, config)) log('INFO', 'check done', { summary });
    measure(summary, started, config);
    return summary;
  };
  if (isEventMessage(event)) return report(await checkEvent(context));
  const summary = report(await check(event, context));
  const found = await after(summary, context);
  if (!('skipped' in found)) report(found);
  return summary;
}

export const handler = deployedHandler();

function log(level: 'INFO' | 'ERROR', message: string, details: Record<string, unknown>): void {
  write(eventLine({ level, message, at: Date.now() }, readLogOrigin(), details));
}

const isScheduled = (summary: Summary): summary is CheckSummary => 'lateSeconds' in summary;

/** Every event check is told of, because something has happened. */
const isTold = (summary: Summary, { checkIntervalSeconds }: Config): boolean =>
  !isScheduled(summary) || isLogged(summary, checkIntervalSeconds);

function measure(summary: Summary, started: number, config: Config): void {
  const durationSeconds = (performance.now() - started) / 1000;
  const intervalSeconds = config.checkIntervalSeconds;
  const metrics = isScheduled(summary)
    ? thinnedMetrics(
        metricsOf(summary, { durationSeconds, intervalSeconds }),
        summary,
        intervalSeconds,
      )
    : eventMetricsOf(summary);
  if (metrics.length > 0) metricLines(metrics, readLogOrigin(), Date.now()).forEach(write);
}

/** Not by `console`: Lambda would put time and request before the JSON. */
function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
