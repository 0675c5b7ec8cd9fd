#!/usr/bin/env node
/** The command `margin`. Exit code 0: ok; 1: a finding; 2: bad input, with one line that says what. */
import { Command, CommanderError } from 'commander';
import { assessFile, assessmentTable } from '../local/commands/assess.ts';
import { InputError, reasonOf } from '../local/commands/input.ts';
import { invocationTables, invokeAt, invokeEmbedded } from '../local/commands/invoke.ts';
import { differencesOf, replayFile, replayStored } from '../local/commands/replay.ts';

const FINDING = 1;
const BAD_INPUT = 2;

const program = new Command('margin')
  .description('Margin of crypto derivatives accounts: assess, check, replay.')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) });

const print = (text: string) => process.stdout.write(`${text}\n`);
const printJson = (value: unknown) => print(JSON.stringify(value, null, 2));

program
  .command('assess')
  .description('assess the accounts of a JSON document (docs/schemas/assess-document.json)')
  .argument('[file]', 'the document; - or nothing reads standard input', '-')
  .option('--json', 'print JSON with every digit')
  .action(async (file: string, options: { json?: boolean }) => {
    const { assessments, faults } = await assessFile(file);
    for (const fault of faults) process.stderr.write(`margin: ${fault}\n`);
    if (options.json) printJson(assessments);
    else print(assessmentTable(assessments));
  });

program
  .command('invoke')
  .description('run one check by a sample event: on embedded services with a book, or on AWS')
  .argument('<event>', 'an EventBridge event, such as test/events/scheduler.json')
  .option('--book <file>', 'what the embedded tables hold', 'docs/examples/book.json')
  .option('--aws', 'use the tables and topics that the environment names, on AWS')
  .option('--endpoint <url>', 'the same, at another endpoint')
  .option('--json', 'print JSON')
  .action(async (event: string, options: InvokeOptions) => {
    const onAws = options.aws === true || options.endpoint !== undefined;
    const invocation = onAws
      ? await invokeAt(event, options.endpoint)
      : await invokeEmbedded({ event, book: options.book });
    if (options.json) printJson(invocation);
    else print(invocationTables(invocation));
  });

interface InvokeOptions {
  readonly book: string;
  readonly aws?: boolean;
  readonly endpoint?: string;
  readonly json?: boolean;
}

program
  .command('replay')
  .description('decide again from a decision record, and compare')
  .argument('[file]', 'the record, or its row as `aws dynamodb get-item` prints it')
  .option('--table <name>', 'read it from this margin table instead')
  .option('--account <id>', 'with --table: the account')
  .option('--check <id>', 'with --table: the check, such as 2020-03-12T11:00:00.000Z')
  .option('--position <key>', 'with --table: the isolated position')
  .option('--endpoint <url>', 'with --table: where DynamoDB is')
  .option('--json', 'print JSON')
  .action(async (file: string | undefined, options: ReplayOptions) => {
    const { record, matches, recorded, recomputed } = await replayBy(file, options);
    const differences = differencesOf(recorded, recomputed);
    const { accountId, checkId, codeVersion } = record;
    if (options.json) printJson({ accountId, checkId, codeVersion, matches, differences });
    else {
      const verdict = matches ? 'gives the same decision again' : 'DIFFERS';
      print(`${accountId} at ${checkId} (version ${codeVersion}) ${verdict}`);
      for (const difference of differences) print(`  ${difference}`);
    }
    if (!matches) process.exitCode = FINDING;
  });

interface ReplayOptions {
  readonly table?: string;
  readonly account?: string;
  readonly check?: string;
  readonly position?: string;
  readonly endpoint?: string;
  readonly json?: boolean;
}

function replayBy(file: string | undefined, options: ReplayOptions) {
  if (file !== undefined) return replayFile(file);
  const { table, account: accountId, check: checkId, position, endpoint } = options;
  if (table === undefined || accountId === undefined || checkId === undefined) {
    throw new InputError('replay needs a file, or --table with --account and --check');
  }
  return replayStored({ table, accountId, checkId, position, endpoint });
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : BAD_INPUT;
  else {
    process.stderr.write(`margin: ${reasonOf(error)}\n`);
    process.exitCode = error instanceof InputError ? BAD_INPUT : FINDING;
  }
}
