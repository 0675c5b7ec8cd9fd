import { type Command, InvalidArgumentError } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { decisionLines } from '../accounts/account-text.ts';
import { decisionsOf } from '../accounts/history.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { readLimit } from './arguments.ts';
import { InputError } from './input.ts';
import { FINDING, note, print, printLine } from './output.ts';
import { withPlace } from './place.ts';
import { jsonOf } from './visible-texts.ts';

interface HistoryOptions extends Place {
  readonly position?: string;
  readonly since?: string;
  readonly limit: number;
  readonly replay?: boolean;
  readonly json?: boolean;
}

const SHOWN = 20;

export function declareHistory(program: Command): void {
  const command = program
    .command('history')
    .summary('show what was decided and said about an account, and why')
    .description(
      'Show the decisions about an account from their records, newest first: when, what was said, ' +
        'on which prices, and why. With --replay each is decided again; exit code 1 if the same ' +
        'rules decide otherwise, or if a record cannot be read.',
    )
    .argument('<id>', 'the account')
    .option('--position <key>', 'only this isolated position')
    .option('--since <time>', 'only checks from this time, such as 2026-01-30T08:00', timeOf)
    .option('--limit <n>', 'how many', readLimit, SHOWN)
    .option('--replay', 'decide each again from its record, and compare');
  withPlace(command).option('--json', 'print one line of JSON a decision').action(printHistory);
}

async function printHistory(accountId: string, options: HistoryOptions): Promise<void> {
  const { marginTable: table } = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const { position, since = '', limit, replay, json } = options;
  let shown = 0;
  for await (const row of decisionsOf({ dynamo, table, accountId, position }, replay)) {
    if (row.checkId < since) break;
    if (shown === limit) {
      note(`there is more; --limit ${limit * 10} shows it`);
      break;
    }
    shown++;
    if (json) printLine(jsonOf(row));
    else print(row, decisionLines);
    if (row.fault !== undefined || row.replay === 'DIFFERENT') process.exitCode = FINDING;
  }
  if (shown === 0) {
    throw new InputError(
      `account ${accountId}: no decision is recorded; records exist of what was said, and expire ` +
        'after historyDays of the policy',
    );
  }
}

function timeOf(text: string): string {
  const ms = Date.parse(
    /Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}${text.includes('T') ? 'Z' : ''}`,
  );
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new InvalidArgumentError('It must be a time such as 2026-01-30 or 2026-01-30T08:00, UTC.');
}
