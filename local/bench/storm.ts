/**
 * `npm run bench:storm`: ten thousand breached accounts in one check against the embedded services,
 * which have their own process. Calls and seconds count from the first decision that is written to
 * the last publication; the second reads before plans are counted on their own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { createHandler } from '../../lambda/check.ts';
import type { Config } from '../../lambda/config.ts';
import { STANDING } from '../aws/standing.ts';
import { BENCH_START } from './book.ts';

const program = new Command('bench:storm')
  .option('--accounts <count>', 'breached accounts', '10000')
  .parse();
const { accounts } = program.opts<{ accounts: string }>();

const database = fork(new URL('./database.ts', import.meta.url), [accounts, 'breached'], {
  stdio: 'inherit',
});
const [endpoints] = (await once(database, 'message')) as [
  { readonly dynamo: string; readonly sns: string; readonly config: Config },
];
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const common = { region: 'us-east-1', credentials, requestHandler: {} };
const { dynamo } = createClients({ endpoint: endpoints.dynamo, ...common });
const { sns } = createClients({ endpoint: endpoints.sns, ...common });

interface Call {
  readonly name: string;
  readonly at: number;
}
const calls: Call[] = [];
const noted =
  <Request, Answer>(
    next: (request: Request) => Promise<Answer>,
    { commandName = '' }: { readonly commandName?: string },
  ) =>
  async (request: Request): Promise<Answer> => {
    const answer = await next(request);
    calls.push({ name: commandName, at: performance.now() });
    return answer;
  };
dynamo.middlewareStack.add(noted, { step: 'initialize' });
sns.middlewareStack.add(noted, { step: 'initialize' });

const check = createHandler({
  dynamo,
  sns,
  config: { ...endpoints.config, scanSegments: 4 },
  now: () => BENCH_START,
  stopwatch: STANDING,
});
await check({
  source: 'aws.scheduler',
  'detail-type': 'Scheduled Event',
  time: new Date(BENCH_START).toISOString(),
});
database.kill();

const isPublication = ({ name }: Call) => name.startsWith('PublishBatch');
const lastPublication = calls.findLastIndex(isPublication);
/** After the scan and the first strong reads. */
const lastScan = calls.findLastIndex(({ name }) => name.startsWith('Scan'));
const firstDecision = calls.findIndex(
  ({ name }, index) => index > lastScan && name.startsWith('PutItem'),
);
const decided = calls.slice(firstDecision, lastPublication + 1);
const count = (name: string) => decided.filter((call) => call.name.startsWith(name)).length;
const [writes, batches, secondReads] = [count('PutItem'), count('PublishBatch'), count('Query')];
const seconds = ((decided.at(-1)?.at ?? 0) - (decided[0]?.at ?? 0)) / 1000;
const needed = writes + batches + secondReads;
process.stdout.write(
  `${accounts} breached accounts: ${seconds.toFixed(1)} s from decision to last publication; ` +
    `${writes} writes, ${batches} batches, ${secondReads} second reads; ` +
    `${(decided.length / needed).toFixed(3)} calls for each of them\n`,
);
