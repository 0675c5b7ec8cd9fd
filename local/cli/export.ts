import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Command } from 'commander';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { createClients } from '../../lambda/aws/clients.ts';
import { SCAN_SEGMENTS } from '../../lambda/config.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { documentText } from '../accounts/export-document.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { deployedMarket, inLots, inSegments, type StressBook } from '../stress/book.ts';
import { InputError, reasonOf } from './input.ts';
import { note } from './output.ts';
import { withPlace } from './place.ts';
import { trackedAccounts } from './tracked-accounts.ts';

interface ExportOptions extends Place {
  readonly account?: readonly string[];
}

export function declareExport(program: Command): void {
  const command = program
    .command('export')
    .summary('write the deployed tables as one document for margin assess')
    .description(
      'Write the deployed tables as one JSON document for `margin assess`: the market as a check ' +
        'would read it now, and every account, one a line. Rows that are written meanwhile may ' +
        'or may not be in it.',
    )
    .argument('[file]', 'the file to write; - or none: standard output', '-')
    .option('--account <id>', 'export only this account; can be repeated', listed)
    .option('--json', 'accepted as everywhere: the document is JSON in any case');
  withPlace(command).action(exportTables);
}

const listed = (id: string, before: readonly string[] = []): string[] => [...before, id];

async function exportTables(file: string, options: ExportOptions): Promise<void> {
  const deployment = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const market = await deployedMarket({ dynamo, deployment, now: Date.now() });
  for (const fault of market.faults) note(fault);
  const book = await accountsIn(dynamo, deployment.accountsTable, options.account);
  await writeText(documentText({ market, accounts: trackedAccounts(book) }), file);
}

type Accounts = Pick<StressBook, 'accounts' | 'reading'>;

/** @throws InputError for an account without rows */
async function accountsIn(
  dynamo: DynamoDBClient,
  table: string,
  ids: readonly string[] | undefined,
): Promise<Accounts> {
  const accounts = new AccountsTable({ dynamo, table, segments: SCAN_SEGMENTS });
  if (ids === undefined) return inSegments(accounts);
  const found: AccountRows[] = [];
  for (const id of new Set(ids)) {
    const account = await accounts.read(id);
    if (account.rows.length === 0) {
      throw new InputError(`--account ${id}: the table ${table} has no rows of this account`);
    }
    found.push(account);
  }
  return inLots(found);
}

/** A file appears only when it is whole. @throws InputError if it cannot be written */
export async function writeText(text: AsyncIterable<string>, file: string): Promise<void> {
  if (file === '-') {
    await pipeline(Readable.from(text), process.stdout, { end: false });
    return;
  }
  const part = `${file}.part`;
  try {
    await pipeline(Readable.from(text), createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const { syscall } = error as NodeJS.ErrnoException;
    const isOfFile = syscall === 'open' || syscall === 'rename';
    throw isOfFile ? new InputError(`${file}: ${reasonOf(error)}`) : error;
  }
}
