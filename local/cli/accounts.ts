import { type Command, InvalidArgumentError, Option } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { LEVELS, type ListedLevel } from '../accounts/account-row.ts';
import { accountsCsv } from '../accounts/accounts-csv.ts';
import { type ClosestAccounts, closestAccounts } from '../accounts/closest.ts';
import { type RankedAccounts, rankAccounts, SORTS, type Sort } from '../accounts/rank-accounts.ts';
import { accountsTable } from '../accounts/tables.ts';
import { type Deployment, endpointOf, locate, type Place } from '../aws/deployment.ts';
import { deployedBook } from '../stress/book.ts';
import { readLimit } from './arguments.ts';
import { InputError } from './input.ts';
import { note, print, printJson } from './output.ts';
import { withPlace } from './place.ts';
import { trackedAccounts } from './tracked-accounts.ts';

interface AccountsOptions extends Place {
  readonly level?: readonly ListedLevel[];
  readonly sort: Sort;
  readonly limit?: number;
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly closest?: boolean;
}

const SHOWN = 20;

export function declareAccounts(program: Command): void {
  const command = program
    .command('accounts')
    .summary('list the accounts that are nearest to liquidation')
    .description(
      'List the accounts of a deployment by distance to liquidation: how far all prices may move ' +
        'together until an account is liquidated, and the price that does it alone. Judged on the ' +
        'rows and prices of now.',
    )
    .option('--level <list>', `only these levels: ${LEVELS.join(', ')}`, levelsOf)
    .addOption(
      new Option('--sort <by>', 'nearest, poorest or largest first')
        .choices(SORTS)
        .default('distance'),
    )
    .option('--limit <n>', `how many to list (default: ${SHOWN}; with --csv: all)`, readLimit)
    .option(
      '--closest',
      'read only accounts that certificates do not prove to be farther away; for large books',
    )
    .option('--csv', 'print CSV with every digit');
  withPlace(command).option('--json', 'print JSON with every digit').action(printAccounts);
}

async function printAccounts(options: AccountsOptions): Promise<void> {
  const { csv, json, sort, level: levels = LEVELS } = options;
  if (csv && json) throw new InputError('give either --csv or --json, not both');
  const deployment = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const deployed = { dynamo, deployment, now: Date.now() };
  const book = await deployedBook(deployed);
  for (const fault of book.faults) note(fault);
  const snapshot = takeSnapshot(book.market);
  if (options.closest) {
    const bucket = await bucketOf(deployment, options);
    const limit = options.limit ?? SHOWN;
    show(await closestAccounts(deployed, { snapshot, levels, sort, limit, bucket }), options);
    return;
  }
  const limit = options.limit ?? (csv ? undefined : SHOWN);
  show(await rankAccounts(trackedAccounts(book), { snapshot, levels, sort, limit }), options);
}

async function bucketOf({ checkpointBucket }: Deployment, options: AccountsOptions) {
  if (options.sort !== 'distance') throw new InputError('--closest ranks by distance alone');
  if (checkpointBucket === undefined) {
    throw new InputError(
      '--closest: this deployment has no certificates, and so no checkpoint; leave it out',
    );
  }
  // No other command needs this client, which takes a while to load.
  const services = await import('../../lambda/aws/certificate-services.ts');
  return services.checkpointBucket(checkpointBucket, endpointOf(options));
}

function show(ranked: RankedAccounts | ClosestAccounts, { csv, json }: AccountsOptions): void {
  if (json) printJson(ranked);
  else print(ranked, csv ? accountsCsv : accountsTable);
}

function levelsOf(text: string): ListedLevel[] {
  return text.split(',').map((name) => {
    const level = LEVELS.find((each) => each === name.trim());
    if (level !== undefined) return level;
    throw new InvalidArgumentError(`"${name.trim()}" is no level; there are ${LEVELS.join(', ')}.`);
  });
}
