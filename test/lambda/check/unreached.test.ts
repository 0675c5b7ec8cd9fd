import { describe, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { keepUnreached, readUnreached } from '../../../lambda/check/unreached.ts';
import { ITEM_BYTES_MAX, MemoryTable } from '../memory-aws.ts';

const NONE: ReadonlySet<string> = new Set();

function newMargin() {
  const table = new MemoryTable();
  return { table, margin: new MarginTable({ dynamo: table.client, table: 'margin' }) };
}

describe('accounts that a check has not reached', () => {
  it('are read by the next, in any script', async () => {
    const { margin } = newMargin();
    expect(await readUnreached(margin)).toEqual(NONE);
    await keepUnreached(margin, { before: NONE, accountIds: ['счёт', 'a'], checkId: '1' });
    expect(await readUnreached(margin)).toEqual(new Set(['счёт', 'a']));
  });

  it('are forgotten once they are reached, and not written if there are none', async () => {
    const { table, margin } = newMargin();
    await keepUnreached(margin, { before: NONE, accountIds: [], checkId: '1' });
    expect(table.puts).toBe(0);
    await keepUnreached(margin, { before: NONE, accountIds: ['a'], checkId: '2' });
    await keepUnreached(margin, { before: new Set(['a']), accountIds: [], checkId: '3' });
    expect(await readUnreached(margin)).toEqual(NONE);
  });

  it('are those of the latest check', async () => {
    const { margin } = newMargin();
    await keepUnreached(margin, { before: NONE, accountIds: ['later'], checkId: '2' });
    await keepUnreached(margin, { before: NONE, accountIds: ['earlier'], checkId: '1' });
    expect(await readUnreached(margin)).toEqual(new Set(['later']));
  });

  it('are as many, the most urgent first, as fit into an item', async () => {
    const { table, margin } = newMargin();
    const accountIds = Array.from({ length: 5_000 }, (_, index) => `${index}${'名'.repeat(60)}`);
    await keepUnreached(margin, { before: NONE, accountIds, checkId: '1' });
    const kept = [...(await readUnreached(margin))];
    expect(kept.length).toBeGreaterThan(1_000);
    expect(kept).toEqual(accountIds.slice(0, kept.length));
    expect(table.largest).toBeLessThan(ITEM_BYTES_MAX);
  });
});
