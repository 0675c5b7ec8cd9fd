import type { Command } from 'commander';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import {
  type Assessment,
  assessEvidence,
  type DocumentAssessment,
} from '../analysis/assess-document.ts';
import { DocumentError, readDocument } from '../analysis/document.ts';
import type { AskedWithdrawal } from '../analysis/withdrawal.ts';
import { explain } from './assess/explain.ts';
import { isAssessed, money, NONE, nameOf, percent } from './assess/format.ts';
import { whatIfOf, withdrawalOf } from './assess/what-if.ts';
import { whatIfText, withdrawalText } from './assess/what-if-table.ts';
import { readWithdrawal } from './assess/withdraw.ts';
import { levelWord } from './colour.ts';
import { InputError, placeOf, readJson } from './input.ts';
import { FINDING, note, print, printJson } from './output.ts';
import { tableOf } from './table.ts';
import { takenOn } from './venues.ts';

export function declareAssess(program: Command): void {
  program
    .command('assess')
    .summary('assess the accounts in a JSON document')
    .description(
      'Assess the accounts in a JSON document (docs/assessing.md). With orders or a withdrawal: ' +
        'compare before and after, and say whether it would be accepted and the most that would ' +
        'be. Exit code 1 if it is rejected.',
    )
    .argument('[file]', 'the document; - reads standard input', '-')
    .option('--venue <name>', 'use the rules of this venue for every class (see `margin venues`)')
    .option('--json', 'print JSON with every digit')
    .option('--explain', 'show how each amount is made up: lines, factors, Greeks, scenarios')
    .option('--with <orders>', 'compare the accounts before and after the orders in a JSON file')
    .option('--orders <orders>', 'the same as --with')
    .option(
      '--withdraw <asset=amount>',
      'compare before and after a withdrawal, such as USD=1000 or USDC@arbitrum=max',
      readWithdrawal,
    )
    .option('--account <id>', 'with --withdraw: the account, if the document has several')
    .action(async (file: string, options: AssessOptions) => {
      const orders = options.with ?? options.orders;
      assertTogether(options);
      if (orders !== undefined) await compare(file, orders, options);
      else if (options.withdraw !== undefined) await withdraw(file, options.withdraw, options);
      else await tell(file, options);
    });
}

interface AssessOptions {
  readonly json?: boolean;
  readonly explain?: boolean;
  readonly with?: string;
  readonly orders?: string;
  readonly withdraw?: Omit<AskedWithdrawal, 'accountId'>;
  readonly account?: string;
  readonly venue?: string;
}

async function tell(file: string, options: AssessOptions): Promise<void> {
  const { json, explain: isExplained, venue } = options;
  const { assessments, faults, presets } = await assessFile(file, venue);
  for (const each of [...faults, ...presets]) note(each);
  if (json) printJson(assessments);
  else print(assessments, isExplained ? explain : assessmentTable);
}

/** @throws InputError for options that have no meaning together */
function assertTogether(options: AssessOptions): void {
  const { with: orders, orders: same, withdraw: taken, account } = options;
  if ([orders, same, taken].filter((each) => each !== undefined).length > 1) {
    throw new InputError('give one of --with, --orders and --withdraw');
  }
  if (account !== undefined && taken === undefined) {
    throw new InputError('--account names the account of --withdraw, which is missing');
  }
}

async function compare(file: string, path: string, options: AssessOptions): Promise<void> {
  const { faults, ...compared } = await whatIfOf(file, path, options.venue);
  for (const fault of faults) note(fault);
  if (options.json) printJson(compared);
  else print(compared, whatIfText);
  if (options.explain && !options.json)
    print(compared.after, (after) => `\nafter\n\n${explain(after)}`);
  if (compared.acceptance.some(({ isAccepted }) => !isAccepted)) process.exitCode = FINDING;
}

async function withdraw(
  file: string,
  asked: Omit<AskedWithdrawal, 'accountId'>,
  options: AssessOptions,
): Promise<void> {
  const { account: accountId, venue } = options;
  const { faults, ...found } = await withdrawalOf(file, { ...asked, accountId }, venue);
  for (const fault of faults) note(fault);
  if (options.json) printJson(found);
  else print(found, withdrawalText);
  if (options.explain && !options.json)
    print([found.after], (after) => `\nafter\n\n${explain(after)}`);
  if (!found.withdrawal.isAccepted) process.exitCode = FINDING;
}

/** @throws InputError naming file and fault */
export async function assessFile(path: string, venue?: string): Promise<DocumentAssessment> {
  const document = await readJson(path);
  try {
    return assessEvidence(takenOn(venue, readDocument(document)));
  } catch (error) {
    if (!(error instanceof DocumentError || error instanceof PolicyError)) throw error;
    throw new InputError(`${placeOf(path)}: ${error.message}`);
  }
}

const HEADINGS = ['account', 'level', 'certainty', 'equity', 'margin balance', 'maintenance'];
const MORE_HEADINGS = ['buffer', 'liquidation surplus', 'call surplus', 'safe radius'];
const LEFT = 3;

export function assessmentTable(assessments: readonly Assessment[]): string {
  const head = [...HEADINGS, ...MORE_HEADINGS];
  const table = tableOf(head, assessments.map(rowOf), LEFT);
  const why = assessments.flatMap(({ accountId, reasons }) =>
    reasons.map(({ detail }) => `${accountId}: ${detail}`),
  );
  return [table, ...why].join('\n');
}

function rowOf(each: Assessment): string[] {
  const name = nameOf(each);
  if (!isAssessed(each))
    return [name, NONE, levelWord(each.certainty), ...Array<string>(7).fill(NONE)];
  return [
    name,
    each.level === undefined ? NONE : levelWord(each.level),
    each.certainty,
    ...[each.equity, each.marginBalance, each.maintenanceRequirement, each.latencyBuffer].map(
      money,
    ),
    money(each.surplus.liquidation.point),
    money(each.surplus.call.point),
    percent(each.safeRadius?.liquidation),
  ];
}
