import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { type Deployment, endpointOf, locate, type Place } from '../aws/deployment.ts';
import { EXIT_CODES } from '../status/finding.ts';
import { readStatus, type Status } from '../status/read-status.ts';
import { statusTables } from '../status/tables.ts';
import { print, printJson } from './output.ts';
import { withPlace } from './place.ts';

interface StatusOptions extends Place {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly watch?: boolean;
}

export function declareStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('say in one verdict how a deployment is, and what to do')
    .description(
      'Say how a deployment is, OK, ATTENTION or CRITICAL, and list what is wrong, worst first, ' +
        'with its reason and the next command; then the last check, the open cases and the prices. ' +
        'The exit code is the verdict: 0, 1 or 3.',
    )
    .option('--verbose', 'also show the volatilities, and the moves assumed of each feed')
    .option('--watch', 'show it again and again, every few seconds, until Ctrl-C');
  withPlace(command).option('--json', 'print JSON').action(printStatus);
}

async function printStatus(options: StatusOptions): Promise<void> {
  const deployment = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const read = () => readStatus({ dynamo, deployment, now: Date.now() });
  if (options.watch) await watchStatus(read, deployment, options);
  const status = await read();
  tell(status, options);
  process.exitCode = EXIT_CODES[status.verdict];
}

function tell(status: Status, { json, verbose }: StatusOptions): void {
  if (json) printJson(status);
  else print(status, (shown) => statusTables(shown, verbose));
}

const CLEAR = '\u001b[H\u001b[2J';
const SECONDS_MAX = 10;
/** Each look reads the open accounts. */
const SECONDS_MIN = 2;

/** Until the process is stopped. */
async function watchStatus(
  read: () => Promise<Status>,
  { checkIntervalSeconds }: Pick<Deployment, 'checkIntervalSeconds'>,
  options: StatusOptions,
): Promise<never> {
  const seconds = Math.max(SECONDS_MIN, Math.min(SECONDS_MAX, checkIntervalSeconds / 2));
  for (;;) {
    const status = await read();
    if (process.stdout.isTTY && !options.json) process.stdout.write(CLEAR);
    tell(status, options);
    await setTimeout(seconds * 1000);
  }
}
