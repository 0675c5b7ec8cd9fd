/** The last two kinds are one account each; longs make up the rest. */
const SHARES = {
  long: 0.46,
  short: 0.14,
  hedged: 0.12,
  lender: 0.08,
  borrower: 0.1,
  isolated: 0.1,
  'stale-feed': 0,
  malformed: 0,
} as const;

export type AccountKind = keyof typeof SHARES;
export const ACCOUNT_KINDS = Object.keys(SHARES) as readonly AccountKind[];

export const ACCOUNTS_MIN = ACCOUNT_KINDS.length;

export function countByKind(accounts: number): Map<AccountKind, number> {
  const counts = new Map<AccountKind, number>(
    ACCOUNT_KINDS.map((kind) => [kind, Math.max(1, Math.floor(SHARES[kind] * accounts))]),
  );
  const others = [...counts].reduce((sum, [kind, n]) => (kind === 'long' ? sum : sum + n), 0);
  return counts.set('long', accounts - others);
}

export const accountIdOf = (kind: AccountKind, index: number): string =>
  `${kind}-${String(index + 1).padStart(3, '0')}`;

/** @throws unless `accountIdOf` made the id. */
export function kindOf(accountId: string): AccountKind {
  const found = ACCOUNT_KINDS.find((kind) => accountId.startsWith(`${kind}-`));
  if (found === undefined) throw new Error(`${accountId} is not an account of the demo`);
  return found;
}
