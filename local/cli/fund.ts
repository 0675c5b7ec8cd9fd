import { type Command, Option } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { fundTables } from '../status/fund-tables.ts';
import { type FundReading, readFund } from '../status/read-fund.ts';
import { readLimit } from './arguments.ts';
import { FINDING, print, printJson } from './output.ts';
import { withPlace } from './place.ts';

const KINDS = ['paid-in', 'drawn'] as const;
const LIMIT_DEFAULT = 20;

interface FundOptions extends Place {
  readonly limit: number;
  readonly kind?: (typeof KINDS)[number];
  readonly json?: boolean;
}

export function declareFund(program: Command): void {
  const command = program
    .command('fund')
    .summary('show the insurance fund')
    .description(
      'Show the insurance fund: balance, entries, open claims. Exit code 1 if the balance is not ' +
        'the sum of its entries, or a meter is refused.',
    )
    .option('--limit <n>', 'number of newest entries to show', readLimit, LIMIT_DEFAULT)
    .addOption(new Option('--kind <kind>', 'show only entries of this kind').choices(KINDS));
  withPlace(command).option('--json', 'print JSON').action(printFund);
}

async function printFund(options: FundOptions): Promise<void> {
  const deployment = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const fund = newest(await readFund({ dynamo, deployment }), options);
  if (options.json) printJson(fund);
  else print(fund, fundTables);
  if (fund.findings.length > 0) process.exitCode = FINDING;
}

/** Runs after the audit, which covers all entries. */
function newest(
  fund: FundReading,
  { limit, kind }: Pick<FundOptions, 'limit' | 'kind'>,
): FundReading {
  const entries = fund.entries.filter((entry) => kind === undefined || entry.kind === kind);
  return { ...fund, entries: entries.slice(-limit) };
}
