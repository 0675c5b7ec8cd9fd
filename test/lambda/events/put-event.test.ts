import { describe, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { putEvent } from '../../../lambda/events/put-event.ts';
import { takeWaiting } from '../../../lambda/events/waiting-item.ts';
import { memoryServices } from '../../aws/services.ts';
import { changeRecord } from '../../faults/events.ts';

const NOW = 1_584_010_800_000;

function opened() {
  const { dynamo, config } = memoryServices();
  const margin = new MarginTable({ dynamo, table: config.marginTable });
  const due: number[] = [];
  let refusals = 0;
  const queue = {
    wake: async (at: number) => {
      if (refusals-- > 0) throw new Error('SQS is away');
      due.push(at);
    },
  };
  const put = (accountId: string, now: number) =>
    putEvent({ Records: [changeRecord(accountId, now)] }, { margin, queue, now: () => now });
  const refuse = (times: number) => {
    refusals = times;
  };
  return { margin, due, put, refuse };
}

describe('starts by records', () => {
  it('send one message for all that comes before a check takes it', async () => {
    const { margin, due, put } = opened();
    expect([await put('a', NOW), await put('b', NOW + 200)]).toEqual([true, false]);
    expect(await takeWaiting(margin)).toMatchObject({ accountIds: ['a', 'b'] });
    expect(await takeWaiting(margin)).toBeUndefined();
    expect(await put('c', NOW + 400)).toBe(true);
    expect(due).toEqual([NOW, NOW + 1_000]);
    expect(await takeWaiting(margin)).toMatchObject({ accountIds: ['c'] });
  });

  it('whose message is refused fail, and the repeated start sends it', async () => {
    const { margin, due, put, refuse } = opened();
    refuse(1);
    await expect(put('a', NOW)).rejects.toThrow('SQS is away');
    expect(await put('a', NOW + 100)).toBe(true);
    expect(due).toEqual([NOW + 100]);
    expect(await takeWaiting(margin)).toMatchObject({ accountIds: ['a'] });
  });

  it('at once, by several shards, forget nothing and send one message', async () => {
    const { margin, due, put } = opened();
    await Promise.all(['a', 'b', 'c'].map((id) => put(id, NOW)));
    const taken = await takeWaiting(margin);
    expect([...(taken?.accountIds ?? [])].sort()).toEqual(['a', 'b', 'c']);
    expect(due).toEqual([NOW]);
  });

  it('at once, for the same account, send one message', async () => {
    const { due, put } = opened();
    await Promise.all([put('a', NOW), put('a', NOW), put('a', NOW)]);
    expect(due).toEqual([NOW]);
  });

  it('are taken by one check, though the message came twice at once', async () => {
    const { margin, put } = opened();
    await put('a', NOW);
    const taken = await Promise.all([takeWaiting(margin), takeWaiting(margin)]);
    expect(taken.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('without a reason touch nothing', async () => {
    const { margin, due } = opened();
    const queue = { wake: async () => undefined };
    expect(await putEvent({ Records: [] }, { margin, queue, now: () => NOW })).toBe(false);
    expect(await takeWaiting(margin)).toBeUndefined();
    expect(due).toEqual([]);
  });
});
