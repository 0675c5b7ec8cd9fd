import type { Command } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { emailOf } from '../../lambda/messages/email.ts';
import type { DecisionRecord } from '../../lambda/record/decision-record.ts';
import { writeExactJson } from '../../lambda/rows/numeral.ts';
import { decisionLines } from '../accounts/account-text.ts';
import {
  type DecisionRow,
  decisionRow,
  decisionsOf,
  type HistoryAsked,
} from '../accounts/history.ts';
import { plain } from '../analysis/replay.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { explain } from './assess/explain.ts';
import { InputError } from './input.ts';
import { print, printLine } from './output.ts';
import { withPlace } from './place.ts';
import { replayStored } from './replay.ts';

interface DecisionOptions extends Place {
  readonly position?: string;
  readonly json?: boolean;
}

export function declareDecision(program: Command): void {
  const command = program
    .command('decision')
    .summary('show one decision whole: prices, figures, messages')
    .description(
      'Show one decision from its record: the prices and figures that it rests on, the case before ' +
        'and after, and each message as an e-mail has it. --json prints the record, which ' +
        '`margin replay` reads.',
    )
    .argument('<id>', 'the account')
    .argument(
      '[check]',
      'the check, such as 2020-03-12T11:00:00.000Z (see `margin history`); default: the latest',
    )
    .option('--position <key>', 'an isolated position of the account');
  withPlace(command).option('--json', 'print the record').action(printDecision);
}

async function printDecision(
  accountId: string,
  check: string | undefined,
  options: DecisionOptions,
): Promise<void> {
  const { marginTable: table } = await locate(options);
  const asked = { checkId: check ?? '', position: options.position };
  const { checkId, position } =
    check === undefined
      ? await latestOf({ table, accountId, position: options.position, options })
      : asked;
  const { record } = await replayStored({
    table,
    accountId,
    checkId,
    position,
    ...endpointOf(options),
  });
  if (options.json) printLine(writeExactJson(record));
  else
    print(
      { record: plain(record) as DecisionRecord, row: decisionRow(record, true) },
      decisionText,
    );
}

/** Of the cross book or any isolated position. */
async function latestOf({
  options,
  ...asked
}: Omit<HistoryAsked, 'dynamo'> & { readonly options: DecisionOptions }): Promise<
  Pick<DecisionRow, 'checkId' | 'position'>
> {
  const { dynamo } = createClients(endpointOf(options));
  for await (const decision of decisionsOf({ dynamo, ...asked })) return decision;
  throw new InputError(`account ${asked.accountId}: no decision is recorded`);
}

interface Decided {
  /** With plain numbers. */
  readonly record: DecisionRecord;
  readonly row: DecisionRow;
}

function decisionText({ record, row }: Decided): string {
  const { messages, assessment } = record.result;
  return [
    `account ${record.accountId}: decided by version ${record.codeVersion}`,
    decisionLines(row),
    explain([assessment]),
    ...messages.map((message) => `${'─'.repeat(72)}\n${emailOf(message)}`),
  ].join('\n\n');
}
