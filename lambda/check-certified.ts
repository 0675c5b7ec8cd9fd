/**
 * The Lambda function with certificates, and perhaps with workers. A file of its own, because its
 * clients would make the cold starts of all other functions longer.
 */
import type { AccountWorkers } from './accounts/account-workers.ts';
import { InvokedWorkers } from './accounts/invoked-workers.ts';
import { AccountsTable } from './aws/accounts-table.ts';
import type { WorkerFunction } from './aws/worker-function.ts';
import type { CertifiedMemory } from './certified/certified-memory.ts';
import { deployedMemory } from './certified/deployed-memory.ts';
import type { CheckResources } from './check/run.ts';
import { deployedHandler } from './check.ts';
import type { Config } from './config.ts';

type Resources = CheckResources & { readonly config: Config };

export const handler = deployedHandler((resources) => ({
  certified: memoryOf(resources),
  workers: workersOf(resources),
}));

function memoryOf({ dynamo, stopwatch, config }: Resources): CertifiedMemory | undefined {
  const { certificates, accountsTable: table, scanSegments: segments } = config;
  if (certificates === undefined) return undefined;
  const accounts = new AccountsTable({ dynamo, table, segments });
  return deployedMemory({ accounts, stopwatch }, certificates);
}

function workersOf({ config }: Resources): AccountWorkers | undefined {
  if (config.workers === undefined) return undefined;
  const { functionName, atOnce } = config.workers;
  // Loaded by the first check that has so much to read.
  const loaded = () => import('./aws/worker-function.ts');
  let worker: Promise<WorkerFunction> | undefined;
  return new InvokedWorkers({
    atOnce,
    invoke: async (question) => {
      worker ??= loaded().then(({ workerFunction }) => workerFunction(functionName));
      return (await worker).invoke(question);
    },
  });
}
