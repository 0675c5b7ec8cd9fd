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
import { MOVES_DEFAULT, movesOf } from '../stress/moves.ts';
import type { StressResult } from '../stress/result.ts';
import { runStress } from '../stress/run-stress.ts';
import { stressTables } from '../stress/tables.ts';
import { InputError } from './input.ts';
import { askedReport, FINDING, note, print, printJson } from './output.ts';
import { isPlaced, withPlace } from './place.ts';

interface StressOptions extends Place {
  readonly move?: readonly Ratio[];
  readonly fund?: Amount;
  readonly kinks?: boolean;
  readonly json?: boolean;
  readonly report?: string;
}

export function declareStress(program: Command): void {
  const command = program
    .command('stress')
    .summary('compute the bad debt if all prices moved at once')
    .description(
      'Compute the bad debt if all prices moved at once, before anybody could act, for a document ' +
        'or the deployed tables. Exit code 1 if an account is indeterminate, or if the fund is not ' +
        'enough now or at a move given with --move.',
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
    .option('--kinks', 'with --json: list every move at which the slope of the bad debt changes');
  withPlace(command)
    .option('--json', 'print JSON with every digit')
    .option('--report <file>', 'also write a report as one HTML file')
    .action(printStress);
}

async function printStress(file: string | undefined, options: StressOptions): Promise<void> {
  await askedReport(options);
  const { move: asked, kinks: hasKinks } = options;
  const book = await bookOf(file, options);
  for (const fault of book.faults) note(fault);
  const fund = options.fund ?? book.fund;
  const result = await runStress({ book, moves: asked ?? MOVES_DEFAULT, fund, hasKinks });
  if (options.json) printJson(withoutCurve(result));
  else print(result, stressTables);
  if (options.report !== undefined) await report(options.report, result);
  if (isFinding(result, asked !== undefined)) process.exitCode = FINDING;
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
