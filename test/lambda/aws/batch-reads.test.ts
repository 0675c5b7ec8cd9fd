import { BatchGetItemCommand, DynamoDBClient, type GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import type { Key, StoredCase } from '../../../lambda/outbox/stored-case.ts';
import { TABLES } from '../../../lib/names.ts';
import { clientOf } from '../../aws/client.ts';
import { MemoryTables } from '../../aws/memory-tables.ts';
import { VirtualTime } from '../../aws/virtual-time.ts';

type Answer = (command: object, answered: () => object) => object;

const keyAt = (number: number): Key => ({ pk: `account#${number}`, sk: 'case' });
const keysOf = (count: number): Key[] => Array.from({ length: count }, (_, at) => keyAt(at));

/** Cases with even numbers exist. */
async function tableWith(answer: Answer, count: number) {
  const tables = new MemoryTables({ time: new VirtualTime(0), definitions: TABLES });
  const calls: string[] = [];
  const dynamo = clientOf(DynamoDBClient, async (command) => {
    calls.push(command.constructor.name);
    return answer(command, () => tables.answer(command));
  });
  const waited: number[] = [];
  const wait = async (milliseconds: number) => void waited.push(milliseconds);
  const table = new MarginTable({ dynamo, table: 'margin', stopwatch: { wait } });
  for (const key of keysOf(count).filter((_, number) => number % 2 === 0)) {
    const stored: StoredCase = {
      ...{ key, version: 0, checkId: '1', state: { by: key.pk }, isActive: true, pending: [] },
    };
    await table.update(key, async () => stored, { stored: undefined, over: 'earlier checks' });
  }
  calls.length = 0;
  return { table, calls, waited };
}

const asIs: Answer = (_command, answered) => answered();

async function read(table: MarginTable, keys: readonly Key[]): Promise<(string | undefined)[]> {
  const cases = await table.readEach(keys);
  const found = await Promise.all(cases.map((each) => each().catch((error: Error) => error)));
  return found.map((each) =>
    each instanceof Error ? `${each.message}` : each && String((each.state as { by: string }).by),
  );
}

const expected = (count: number) =>
  keysOf(count).map(({ pk }, number) => (number % 2 === 0 ? pk : undefined));

describe('many cases', () => {
  it('are read in the order of their keys, a hundred a call, and absent ones are absent', async () => {
    const { table, calls } = await tableWith(asIs, 250);
    expect(await read(table, keysOf(250))).toEqual(expected(250));
    expect(calls).toEqual(Array(3).fill('BatchGetItemCommand'));
  });

  it('below ten are read one by one', async () => {
    const { table, calls } = await tableWith(asIs, 9);
    expect(await read(table, keysOf(9))).toEqual(expected(9));
    expect(calls).toEqual(Array(9).fill('GetItemCommand'));
  });

  it('may name a case twice', async () => {
    const { table } = await tableWith(asIs, 12);
    expect(await read(table, [...keysOf(12), keyAt(0)])).toEqual([...expected(12), 'account#0']);
  });

  it('that DynamoDB leaves are asked for again', async () => {
    let left = 3;
    const { table, calls } = await tableWith((command, answered) => {
      if (!(command instanceof BatchGetItemCommand) || left-- <= 0) return answered();
      const { Keys = [] } = command.input.RequestItems?.margin ?? {};
      return { Responses: { margin: [] }, UnprocessedKeys: { margin: { Keys } } };
    }, 20);
    expect(await read(table, keysOf(20))).toEqual(expected(20));
    expect(calls).toEqual(Array(4).fill('BatchGetItemCommand'));
  });

  it('that it never gives are read one by one: none is taken for absent', async () => {
    const { table, calls } = await tableWith((command, answered) => {
      if (!(command instanceof BatchGetItemCommand)) return answered();
      const { Keys = [] } = command.input.RequestItems?.margin ?? {};
      return { Responses: { margin: [] }, UnprocessedKeys: { margin: { Keys } } };
    }, 20);
    expect(await read(table, keysOf(20))).toEqual(expected(20));
    expect(calls.filter((each) => each === 'GetItemCommand')).toHaveLength(20);
  });

  it('whose batch fails tell the fault of each, and the others are read', async () => {
    const { table } = await tableWith((command, answered) => {
      if (command instanceof BatchGetItemCommand) throw new Error('no answer');
      const { Key } = (command as GetItemCommand).input;
      if (Key?.pk?.S === 'account#4') throw new Error('torn');
      return answered();
    }, 20);
    const found = await read(table, keysOf(20));
    expect(found).toEqual(expected(20).map((each, at) => (at === 4 ? 'torn' : each)));
  });

  it('that are throttled wait for two turns, and then each for its own', async () => {
    const { table, waited } = await tableWith((command, answered) => {
      if (!(command instanceof BatchGetItemCommand)) return answered();
      throw Object.assign(new Error('too many'), { name: 'ThrottlingException' });
    }, 20);
    expect(await read(table, keysOf(20))).toEqual(expected(20));
    expect(waited).toEqual([1_000]);
  });
});
