/** The rows that the assessment of one sub-account needs, of all rows of its account. */
import type { AccountRows, RawRow } from '../rows/raw-row.ts';

const PROFILE = 'profile';
const POSITION = 'position#';

/** Kept while the account is: each of its isolated positions is looked up. */
const indexes = new WeakMap<AccountRows, ReadonlyMap<string, RawRow>>();

function indexOf(account: AccountRows): ReadonlyMap<string, RawRow> {
  const known = indexes.get(account);
  if (known !== undefined) return known;
  const index = new Map(account.rows.map((row) => [String(row.item), row]));
  indexes.set(account, index);
  return index;
}

/**
 * The profile and the row of an isolated position; all rows for the cross book. An account of n
 * isolated positions would otherwise have n records of n rows.
 */
export function ownRows(account: AccountRows, position: string | undefined): AccountRows {
  if (position === undefined) return account;
  const index = indexOf(account);
  const own = [PROFILE, `${POSITION}${position}`].map((item) => index.get(item));
  return { ...account, rows: own.filter((row) => row !== undefined) };
}
