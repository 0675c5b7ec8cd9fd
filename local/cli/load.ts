import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { readMarketRows } from '../../lambda/aws/market-table.ts';
import { groupBy } from '../../lambda/margin/number/group-by.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { danglingLine, type Reference } from '../analysis/references.ts';
import { type Deployment, endpointOf, locate, type Place } from '../aws/deployment.ts';
import { putExactly, readMarketRow, writeRows } from '../aws/rows.ts';
import { danglingInBook } from '../load/dangling.ts';
import { KIND_NAMES, KINDS, type KindName } from '../load/kinds.ts';
import { type BookReading, type BookRow, readBook } from '../load/read-book.ts';
import { InputError } from './input.ts';
import { FINDING, note, print, printJson } from './output.ts';
import { withPlace } from './place.ts';
import { startProgress } from './progress.ts';

export type Tables = Pick<Deployment, 'accountsTable' | 'marketTable'>;

interface LoadOptions extends Place {
  readonly skipBad?: boolean;
  readonly liftHalt?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function declareLoad(program: Command): void {
  const command = program
    .command('load')
    .summary('write a directory of files to the tables')
    .description(
      `Write a directory of files to the tables: ${KIND_NAMES.join(', ')}, each .csv or .json. ` +
        'Stored rows that the files do not have are kept.',
    )
    .argument('<directory>', 'directory of the files, such as docs/examples/book')
    .option(
      '--dry-run',
      'only check the files, and the names in them; needs no AWS, but looks into the tables, if it ' +
        'can, for names that the files do not define',
    )
    .option('--skip-bad', 'load the good rows, except those of accounts that also have a bad one')
    .option('--lift-halt', 'let the policy file lift a halt of order plans');
  withPlace(command).option('--json', 'print JSON').action(printLoad);
}

async function printLoad(directory: string, options: LoadOptions): Promise<void> {
  const { dryRun = false } = options;
  const reading = await readBook(directory, Date.now());
  for (const fault of reading.faults) note(fault);
  if (reading.faults.length > 0 && options.skipBad !== true) throw refusalOf(reading);
  for (const line of reading.heldBack) note(line);
  const tables = dryRun ? undefined : await writeToTables(reading.rows, options);
  const kinds = countsOf(reading.rows, tables);
  const { faults, heldBack } = reading;
  const dangling = dryRun ? await noteDangling(reading.rows, options) : [];
  if (options.json) printJson({ dryRun, kinds, faults, heldBack, ...(dryRun && { dangling }) });
  else print(kinds, (each) => loadTable(each, dryRun));
  const isValid = faults.length === 0 && dangling.length === 0;
  if (!isValid) process.exitCode = FINDING;
  else if (dryRun && !options.json) print('valid; nothing was written', String);
}

async function writeToTables(rows: readonly BookRow[], options: LoadOptions): Promise<Tables> {
  const tables = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const policy = rows.find(({ kind }) => kind === 'policy')?.row;
  if (policy !== undefined && options.liftHalt !== true) {
    await refuseToLiftHalt(dynamo, { table: tables.marketTable, policy });
  }
  if (policy?.mode === 'enforce')
    note('the policy is in mode enforce: checks send order plans to the execution system');
  await writeBook({ dynamo, tables, rows });
  return tables;
}

/** Says which names neither the files nor the tables define, or that the tables were not read. */
async function noteDangling(
  rows: readonly BookRow[],
  options: LoadOptions,
): Promise<readonly Reference[]> {
  const { dangling, notRead } = await danglingInBook(rows, async () => {
    const { marketTable: table } = await locate(options);
    return readMarketRows({ dynamo: createClients(endpointOf(options)).dynamo, table });
  });
  for (const each of dangling) note(danglingLine(each));
  if (notRead !== undefined) {
    note(
      `only the files were checked, because the tables could not be read (${notRead}): the names ` +
        'above may have rows there',
    );
  }
  return dangling;
}

/** A routine load must not lift an emergency halt. */
async function refuseToLiftHalt(
  dynamo: DynamoDBClient,
  { table, policy }: { readonly table: string; readonly policy: RawRow },
): Promise<void> {
  const stored = await readMarketRow(dynamo, { table, kind: 'policy', id: 'default' });
  if (stored?.halt !== true || policy.halt === true) return;
  throw new InputError(
    'policy: nothing was loaded, because the file would lift the halt of order plans in ' +
      'policy/default; add "halt": true to the file, or lift the halt with --lift-halt',
  );
}

const refusalOf = ({ faults }: BookReading): InputError =>
  new InputError(
    `nothing was loaded because of ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}; ` +
      'correct the files, or load the rest with --skip-bad',
  );

/**
 * Only puts, so a repeat is harmless. Writes the market first, kind by kind, then account by
 * account, so that a check meanwhile sees few half-written accounts.
 */
export async function writeBook(book: {
  readonly dynamo: DynamoDBClient;
  readonly tables: Tables;
  readonly rows: readonly BookRow[];
}): Promise<void> {
  const { dynamo, tables, rows } = book;
  const progress = startProgress({ total: rows.length, unit: 'rows' });
  let done = 0;
  try {
    for (const { what, table, rows: lot } of lotsOf(rows, tables)) {
      const requests = lot.map(({ row }) => putExactly(row));
      const onWritten = (count: number) => {
        done += count;
        progress.advance(done, what);
      };
      await writeRows(dynamo, { table, requests, onWritten });
    }
  } finally {
    progress.stop();
  }
}

function lotsOf(rows: readonly BookRow[], tables: Tables) {
  const market = KIND_NAMES.filter((kind) => KINDS[kind].table === 'market').map((kind) => ({
    what: kind as string,
    table: tables.marketTable,
    rows: rows.filter((row) => row.kind === kind),
  }));
  const ofAccounts = rows.filter(({ kind }) => KINDS[kind].table === 'accounts');
  const byAccount = groupBy(ofAccounts, ({ row }) => String(row.accountId));
  const accounts = { what: 'accounts', table: tables.accountsTable };
  return [...market, { ...accounts, rows: [...byAccount.values()].flat() }];
}

const tableOf = (kind: KindName, { accountsTable, marketTable }: Tables): string =>
  KINDS[kind].table === 'accounts' ? accountsTable : marketTable;

interface KindCount {
  readonly kind: KindName;
  readonly rows: number;
  /** `accounts` or `market` after a dry run. */
  readonly table: string;
}

export function countsOf(rows: readonly BookRow[], tables: Tables | undefined): KindCount[] {
  return KIND_NAMES.flatMap((kind) => {
    const count = rows.filter((row) => row.kind === kind).length;
    const table = tables === undefined ? KINDS[kind].table : tableOf(kind, tables);
    return count === 0 ? [] : [{ kind, rows: count, table }];
  });
}

export function loadTable(kinds: readonly KindCount[], dryRun: boolean): string {
  const table = new Table({
    head: ['kind', dryRun ? 'rows (not written)' : 'rows written', 'table'],
    colAligns: ['left', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const { kind, rows, table: name } of kinds) table.push([kind, rows, name]);
  return table.toString();
}
