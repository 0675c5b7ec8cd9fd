/** The accounts with open cases, as the index lists them. */
import type { ListedKey } from '../outbox/stored-case.ts';
import { accountOfKey } from './account-case.ts';

export interface OpenAccount {
  readonly accountId: string;
  /** Isolated positions with a case. */
  readonly positions: string[];
  /** By sort key of each case. */
  readonly versions: Map<string, number | undefined>;
}

/** @returns by the partition of their cases */
export function openAccounts(keys: readonly ListedKey[]): Map<string, OpenAccount> {
  const found = new Map<string, OpenAccount>();
  for (const key of keys) {
    const account = accountOfKey(key);
    if (account === undefined) continue;
    const { accountId, position } = account;
    const first: OpenAccount = { accountId, positions: [], versions: new Map() };
    const open = found.get(key.pk) ?? first;
    if (position !== undefined) open.positions.push(position);
    open.versions.set(key.sk, key.version);
    found.set(key.pk, open);
  }
  return found;
}
