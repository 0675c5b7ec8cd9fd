import type { Command } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { readStatus } from '../status/read-status.ts';
import { statusTables } from '../status/tables.ts';
import { FINDING, print, printJson } from './output.ts';
import { withPlace } from './place.ts';

interface StatusOptions extends Place {
  readonly json?: boolean;
}

export function declareStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('show the last check, the open cases and the prices')
    .description(
      'Show the last check, the open cases, the prices and the moves assumed for them. Exit code 1 ' +
        'if the last check is missing, older than 3 intervals or failed in part, or if the policy ' +
        'or a stored item cannot be read.',
    );
  withPlace(command).option('--json', 'print JSON').action(printStatus);
}

async function printStatus(options: StatusOptions): Promise<void> {
  const deployment = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const status = await readStatus({ dynamo, deployment, now: Date.now() });
  if (options.json) printJson(status);
  else print(status, statusTables);
  if (!status.isWell) process.exitCode = FINDING;
}
