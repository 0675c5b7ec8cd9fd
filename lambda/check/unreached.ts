/** Accounts that a check has found and not reached are first in line at the next. */
import type { MarginTable } from '../aws/margin-table.ts';
import type { Key } from '../outbox/stored-case.ts';

const KEY: Key = { pk: 'unreached', sk: 'accounts' };

/** An item holds 400 KB. The others have their turn with all accounts. */
const BYTES_MAX = 300_000;
const ENTRY_BYTES = 4;

export async function readUnreached(margin: MarginTable): Promise<ReadonlySet<string>> {
  const accountIds = (await margin.readRow(KEY))?.accountIds;
  return new Set(Array.isArray(accountIds) ? accountIds.map(String) : []);
}

/** @param before what this check has read. Writes nothing if none was and none is unreached. */
export async function keepUnreached(
  margin: MarginTable,
  of: {
    readonly before: ReadonlySet<string>;
    readonly accountIds: readonly string[];
    readonly checkId: string;
  },
): Promise<void> {
  const { before, accountIds, checkId } = of;
  if (before.size === 0 && accountIds.length === 0) return;
  let bytes = 0;
  const fitting = accountIds.filter((accountId) => {
    bytes += Buffer.byteLength(accountId) + ENTRY_BYTES;
    return bytes <= BYTES_MAX;
  });
  await margin.putLater(KEY, { checkId, accountIds: fitting }, undefined);
}
