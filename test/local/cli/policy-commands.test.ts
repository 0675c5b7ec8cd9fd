import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { setPolicy } from '../../../local/operate/set-policy.ts';
import { runMargin } from './margin.ts';

const KEY = { kind: 'policy', id: 'default' };
const AT = '2020-03-12T11:00:00.000Z';

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());

const put = (row: object) =>
  services.dynamo.send(
    new PutItemCommand({
      TableName: services.config.marketTable,
      Item: marshall({ ...KEY, ...row }),
    }),
  );

async function policy() {
  const command = new GetItemCommand({
    TableName: services.config.marketTable,
    Key: marshall(KEY),
  });
  const { Item } = await services.dynamo.send(command);
  return Item && unmarshall(Item);
}

const place = () => ({ dynamo: services.dynamo, table: services.config.marketTable });
const margin = (...words: string[]) => runMargin(services, ...words, '--environment');

describe('the change of a setting', () => {
  beforeEach(() => put({ callGraceSeconds: 600, _own: 'mine' }));
  const halt = { set: { halt: true }, by: 'alice', reason: 'odd prices', at: AT } as const;

  it('writes the setting and its notes, and leaves the rest of the row alone', async () => {
    const outcome = await setPolicy(place(), halt);
    const notes = { changedBy: 'alice', changedAt: AT, changeReason: 'odd prices' };
    expect(outcome).toMatchObject({
      isChanged: true,
      before: { mode: 'observe', halt: false },
      now: { mode: 'observe', halt: true, ...notes },
    });
    expect(await policy()).toEqual({
      ...{ ...KEY, callGraceSeconds: 600, _own: 'mine' },
      ...{ halt: true, ...notes },
    });
  });

  it('writes nothing if the row is so already', async () => {
    await setPolicy(place(), halt);
    const before = await policy();
    const again = { ...halt, by: 'bob' };
    expect(await setPolicy(place(), again)).toMatchObject({ isChanged: false });
    expect(await policy()).toEqual(before);
  });

  it.each([
    ['the setting', { halt: true }],
    ['the other setting', { mode: 'enforce' }],
    ['a note', { changeReason: 'changed and changed back' }],
  ])('is refused if %s has changed since it was read', async (_, row) => {
    const dynamo = meanwhile(() => put({ ...row, changedBy: 'bob' }));
    const changing = setPolicy({ ...place(), dynamo }, halt);
    await expect(changing).rejects.toThrow(
      /^market policy\/default: nothing was written, because the row was changed by bob since it was read; it now says mode (observe|enforce), halt (true|false): /,
    );
    expect(await policy()).toMatchObject(row);
  });

  it('knows its own write if only the answer was lost', async () => {
    const { dynamo } = services;
    const losing = meanwhile(async () => {
      await setPolicy(place(), halt);
    }, dynamo);
    expect(await setPolicy({ ...place(), dynamo: losing }, halt)).toMatchObject({
      isChanged: true,
    });
  });

  it('compares notes of any type as they are stored', async () => {
    await put({ changedBy: 7, changedAt: new Set(['a']), changeReason: 'x'.repeat(1000) });
    expect(await setPolicy(place(), halt)).toMatchObject({ isChanged: true });
  });

  it.each([
    ['missing', undefined, /this row is missing, so no check runs and no order plan leaves/],
    ['malformed', { mode: 'on' }, /mode must be .*; no check runs and no order plan leaves until/],
  ])('is refused if the row is %s', async (_, row, fault) => {
    const { marketTable: TableName } = services.config;
    if (row !== undefined) await put(row);
    else await services.dynamo.send(new DeleteItemCommand({ TableName, Key: marshall(KEY) }));
    await expect(setPolicy(place(), halt)).rejects.toThrow(fault);
  });
});

/** Something happens between the reading of the row and the write. */
function meanwhile(happens: () => Promise<unknown>, client = services.dynamo): typeof client {
  let isDone = false;
  const send = async (command: { readonly constructor: { readonly name: string } }) => {
    if (command.constructor.name === 'UpdateItemCommand' && !isDone) {
      isDone = true;
      await happens();
    }
    return client.send(command as never);
  };
  return { send } as unknown as typeof client;
}

describe('margin halt, resume, enforce and observe', () => {
  it('change the policy, and say what holds from the next check on', async () => {
    await put({});
    const halted = await margin('halt', '--reason', 'drill', '--by', 'alice');
    expect(halted).toEqual({
      code: 0,
      err: '',
      out: 'mode observe, halt true (before: mode observe, halt false), by alice; in force from the next check, which says so\n',
    });
    const enforced = await margin('enforce', '--reason', 'go');
    expect(enforced.code).toBe(0);
    expect(enforced.err).toBe('margin: order plans are halted: none leaves until margin resume\n');
    expect(await policy()).toMatchObject({
      mode: 'enforce',
      halt: true,
      changedBy: expect.stringMatching(/^.+@.+$/),
      changeReason: 'go',
    });
    const again = await margin('enforce', '--reason', 'go');
    expect(again).toEqual({
      code: 0,
      err: '',
      out: 'nothing to do: the policy already has mode enforce, halt true\n',
    });
  }, 300_000);

  it('refuse a reason that is no line', async () => {
    const lines = await margin('halt', '--reason', 'a\nb');
    expect(lines.code).toBe(2);
    expect(lines.err).toContain('It must be one line of 1 to 200 characters.');
  }, 300_000);
});
