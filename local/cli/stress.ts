import { type Command, InvalidArgumentError } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import {
  type Amount,
  amount,
  DecimalError,
  isNegative,
  type Ratio,
} from '../../lambda/margin/number/decimal.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { deployedBook, documentBook, type StressBook } from '../stress/book.ts';
import { DAYS } from '../stress/days.ts';
import { factorStressCsv } from '../stress/factor-csv.ts';
import type { FactorStressResult } from '../stress/factor-result.ts';
import { factorStressTables } from '../stress/factor-tables.ts';
import { type FactorMoves, factorMoveOf } from '../stress/factors.ts';
import { MOVES_DEFAULT, movesOf } from '../stress/moves.ts';
import type { StressResult } from '../stress/result.ts';
import { runFactorStress, runStress } from '../stress/run-stress.ts';
import { stressTables } from '../stress/tables.ts';
import { readLimit } from './arguments.ts';
import { InputError } from './input.ts';
import { askedReport, FINDING, note, print, printJson } from './output.ts';
import { isPlaced, withPlace } from './place.ts';
import { trackedAccounts } from './tracked-accounts.ts';

interface StressOptions extends Place {
  readonly move?: readonly Ratio[];
  readonly factor?: FactorMoves;
  readonly day?: string;
  readonly limit: number;
  readonly fund?: Amount;
  readonly kinks?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly report?: string;
}

export function declareStress(program: Command): void {
  const command = program
    .command('stress')
    .summary(
      'compute the bad debt if all prices moved at once, or who is hit if single prices move',
    )
    .description(
      'Compute the bad debt if all prices moved at once, before anybody could act, for a document ' +
        'or the deployed tables. Exit code 1 if an account is indeterminate, or if the fund is not ' +
        'enough now or at a move given with --move. With --factor or --day single prices move: ' +
        'who would be called, liquidated and in deficit, by name. Exit code 1 then only if the ' +
        'fund does not cover the shortfall.',
    )
    .argument(
      '[file]',
      'an assess document; - reads standard input; without a file, the deployed tables',
    )
    .option('--move <list>', 'moves, such as -30%,+20% or -0.3; can be repeated', movesOf)
    .option(
      '--fund <amount>',
      'amount in the insurance fund (default: that of the deployment)',
      fundOf,
    )
    .option(
      '--factor <name=move>',
      'move one risk factor, such as BTC-USD=-10%; can be repeated. The others stand still',
      factorMoveOf,
    )
    .option(
      '--day <date>',
      `move each price by its largest fall of that day, as far as it is known: ${DAYS.join(', ')}`,
    )
    .option('--limit <n>', 'with --factor or --day: accounts named per level', readLimit, 20)
    .option('--csv', 'with --factor or --day: print those accounts as CSV with every digit')
    .option('--kinks', 'with --json: list every move at which the slope of the bad debt changes');
  withPlace(command)
    .option('--json', 'print JSON with every digit')
    .option('--report <file>', 'also write a report as one HTML file')
    .action(printStress);
}

async function printStress(file: string | undefined, options: StressOptions): Promise<void> {
  const isOfFactors = options.factor !== undefined || options.day !== undefined;
  assertTogether(options, isOfFactors);
  await askedReport(options);
  const book = await bookOf(file, options);
  for (const fault of book.faults) note(fault);
  const tracked = { ...book, accounts: trackedAccounts(book) };
  await (isOfFactors ? stressFactors(tracked, options) : stressAll(tracked, options));
}

/** @throws InputError for options that have no meaning together */
function assertTogether(options: StressOptions, isOfFactors: boolean): void {
  const { move, kinks, csv, json } = options;
  if (isOfFactors && (move !== undefined || kinks)) {
    const name = kinks ? '--kinks' : '--move';
    throw new InputError(
      `${name} is about a move of all prices, --factor and --day move single ones: give one of the two`,
    );
  }
  if (csv && !isOfFactors) throw new InputError('--csv lists accounts: it needs --factor or --day');
  if (csv && json) throw new InputError('give either --csv or --json, not both');
}

async function stressAll(book: StressBook, options: StressOptions): Promise<void> {
  const { move: asked, kinks: hasKinks } = options;
  const fund = options.fund ?? book.fund;
  const result = await runStress({ book, moves: asked ?? MOVES_DEFAULT, fund, hasKinks });
  if (options.json) printJson(withoutCurve(result));
  else print(result, stressTables);
  if (options.report !== undefined) await report(options.report, result);
  if (isFinding(result, asked !== undefined)) process.exitCode = FINDING;
}

async function stressFactors(book: StressBook, options: StressOptions): Promise<void> {
  const { factor: factors, day, limit } = options;
  const fund = options.fund ?? book.fund;
  const result = await runFactorStress({ book, factors, day, fund, limit });
  if (options.json) printJson(result);
  else print(result, options.csv ? factorStressCsv : factorStressTables);
  if (options.report !== undefined) await reportFactors(options.report, result);
  if (result.fund !== undefined && result.fund.beyondFund !== '0') process.exitCode = FINDING;
}

async function bookOf(file: string | undefined, options: StressOptions): Promise<StressBook> {
  if (file !== undefined) {
    if (!isPlaced(options)) return documentBook(file);
    throw new InputError(
      'give either a file or a deployment (--stack, --environment, --endpoint), not both',
    );
  }
  const deployment = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  return deployedBook({ dynamo, deployment, now: Date.now() });
}

/** For the chart; `--kinks` gives the same exactly. */
const withoutCurve = ({ curve: _curve, ...result }: StressResult) => result;

/** Loaded on demand: chart modules are slow to load. */
async function report(file: string, result: StressResult): Promise<void> {
  const { stressReport } = await import('../stress/report.ts');
  const { writeReport } = await import('../report/write-report.ts');
  await writeReport(file, stressReport(result));
}

async function reportFactors(file: string, result: FactorStressResult): Promise<void> {
  const { factorStressReport } = await import('../stress/factor-report.ts');
  const { writeReport } = await import('../report/write-report.ts');
  await writeReport(file, factorStressReport(result));
}

/** Shortfalls count only at moves that were asked for. */
function isFinding({ indeterminate, fund, moves }: StressResult, isAsked: boolean): boolean {
  const isBeyond = moves.some(({ beyondFund = '0' }) => beyondFund !== '0');
  return indeterminate.length > 0 || fund?.isEnoughNow === false || (isAsked && isBeyond);
}

function fundOf(text: string): Amount {
  try {
    const fund = amount(text);
    if (!isNegative(fund)) return fund;
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
  }
  throw new InvalidArgumentError('It must be an amount, 0 or more.');
}
