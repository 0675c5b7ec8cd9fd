import type { Command } from 'commander';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { createClients } from '../../lambda/aws/clients.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { SCAN_SEGMENTS } from '../../lambda/config.ts';
import { accountText } from '../accounts/account-text.ts';
import { viewAccount } from '../accounts/account-view.ts';
import { type DecisionRow, decisionsOf } from '../accounts/history.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { deployedMarket } from '../stress/book.ts';
import { InputError } from './input.ts';
import { note, print, printJson } from './output.ts';
import { withPlace } from './place.ts';

interface AccountOptions extends Place {
  readonly json?: boolean;
}

export function declareAccount(program: Command): void {
  const command = program
    .command('account')
    .summary('show one account: figures, positions, open case, what was said last')
    .description(
      'Show one account of a deployment on the rows and prices of now: how each figure is made up, ' +
        'its positions and liquidation prices, its open case, and the last decisions.',
    )
    .argument('<id>', 'the account');
  withPlace(command).option('--json', 'print JSON with every digit').action(printAccount);
}

const DECISIONS_SHOWN = 3;

async function printAccount(id: string, options: AccountOptions): Promise<void> {
  const deployment = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const { accountsTable, marginTable } = deployment;
  const accounts = new AccountsTable({ dynamo, table: accountsTable, segments: SCAN_SEGMENTS });
  const account = await accounts.read(id);
  const decisions = await firstOf(decisionsOf({ dynamo, table: marginTable, accountId: id }));
  if (account.rows.length === 0 && decisions.length === 0) {
    throw new InputError(`account ${id}: there is no row of it in table ${accountsTable}`);
  }
  const market = await deployedMarket({ dynamo, deployment, now: Date.now() });
  for (const fault of market.faults) note(fault);
  const margin = new MarginTable({ dynamo, table: marginTable });
  const subAccounts = await viewAccount(account, { market, margin });
  const view = { subAccounts, decisions };
  if (options.json) printJson(view);
  else print(view, accountText);
}

async function firstOf(rows: AsyncIterable<DecisionRow>): Promise<DecisionRow[]> {
  const first: DecisionRow[] = [];
  for await (const row of rows) {
    first.push(row);
    if (first.length === DECISIONS_SHOWN) break;
  }
  return first;
}
