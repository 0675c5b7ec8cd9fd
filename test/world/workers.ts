/** Workers of the world's checks, each of which may fail, be late, or answer something else. */
import type { AccountWorkers } from '../../lambda/accounts/account-workers.ts';
import { packed, unpacked } from '../../lambda/aws/worker-answer.ts';
import { type Fault, memoryWorkers } from '../aws/memory-workers.ts';
import type { Process } from '../aws/network.ts';

/** As long as a check waits for an answer. */
const PATIENCE_MS = 10_000;

export const WORKER_FAULTS = [
  'fails',
  'is late',
  'answers nothing',
  'answers an earlier question',
  'gives accounts twice',
  'gives half',
  'is of another version',
  'has other sources',
] as const;

export type WorkerFault = (typeof WORKER_FAULTS)[number];

interface WorldWorkersInput {
  /** The process of the check. */
  readonly process: Process;
  readonly workerProcess: Process;
  readonly table: string;
  /** What happens to the next answer; undefined: nothing. */
  readonly nextFault: () => WorkerFault | undefined;
}

export function worldWorkers(input: WorldWorkersInput): AccountWorkers {
  const { process, workerProcess, table, nextFault } = input;
  let earlier: object = {};
  const fault: Fault = async (_, answer) => {
    const kind = nextFault();
    const given = await answer();
    const before = earlier;
    earlier = given;
    switch (kind) {
      case 'fails':
        throw new Error('the worker failed (Unhandled)');
      case 'is late':
        await process.wait(PATIENCE_MS);
        throw new Error('the worker did not answer in time');
      case 'answers nothing':
        return null;
      case 'answers an earlier question':
        return before;
      case 'gives accounts twice':
        return withAccounts(given, (accounts) => [...accounts, ...accounts]);
      case 'gives half':
        return 'safe' in given ? halved(given) : withAccounts(given, (all) => all.slice(1));
      case 'is of another version':
        return { ...given, format: 'rows/0' };
      case 'has other sources':
        return { ...given, sources: 'others' };
      default:
        return given;
    }
  };
  return memoryWorkers({ dynamo: workerProcess.dynamo, table, atOnce: 2, accountsMin: 0, fault });
}

/** The accounts of a list, or those that a scan has found. */
const LISTS = ['rows', 'safe', 'suspects'];

const withLists = (answer: object, change: (text: string) => string): object =>
  Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [
      name,
      LISTS.includes(name) ? change(value) : value,
    ]),
  );

const withAccounts = (answer: object, change: (accounts: unknown[]) => unknown[]): object =>
  withLists(answer, (text) =>
    packed(JSON.stringify(change(JSON.parse(unpacked(text)) as unknown[]))),
  );

/** A worker is believed when it says that a segment has no other accounts. */
const halved = (answer: object): object =>
  withLists(answer, (text) => text.slice(0, text.length / 2));
