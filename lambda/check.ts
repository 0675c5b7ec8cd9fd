/** The Lambda function: one scheduled event, one margin check. */
import { createClients } from './aws/clients.ts';
import { readConfig } from './config.ts';
import { CheckFailedError, type CheckResources, runCheck } from './run-check.ts';
import { readScheduledCheck } from './scheduled-check.ts';
import type { CheckSummary } from './tally.ts';

export interface CheckDependencies extends CheckResources {
  /** Read once a check. */
  readonly now: () => number;
}

export type CheckHandler = (event: unknown) => Promise<CheckSummary>;

/** Once per cold start, or with stand-ins for AWS and the clock. */
export function createHandler(dependencies: CheckDependencies): CheckHandler {
  return async (event) => {
    const asOf = dependencies.now();
    return runCheck(readScheduledCheck(event, asOf), asOf, dependencies);
  };
}

let deployed: CheckHandler | undefined;

/** Called by AWS. Throws when any part of the check failed, after doing what could be done. */
export const handler: CheckHandler = async (event) => {
  deployed ??= createHandler({ ...createClients(), config: readConfig(), now: Date.now });
  try {
    const summary = await deployed(event);
    console.log(JSON.stringify(summary));
    return summary;
  } catch (error) {
    if (error instanceof CheckFailedError) console.log(JSON.stringify(error.summary));
    throw error;
  }
};
