/** The insurance fund's balance, and what it could not pay. */
import { accountOfKey } from '../../lambda/accounts/account-case.ts';
import type { MarginTable } from '../../lambda/aws/margin-table.ts';
import { openClaims } from '../../lambda/fund/claims.ts';
import { FUND, FUND_KEY } from '../../lambda/fund/fund-item.ts';
import { isPositive, sumOf, textOf } from '../../lambda/margin/number/decimal.ts';
import { claimRow } from '../../lambda/record/fund-row-schemas.ts';
import { CLAIM, readLedger } from '../../lambda/record/fund-state.ts';

export interface FundNow {
  /** Absent until something is paid in or claimed. */
  readonly balance?: string | undefined;
  /** Of the last day, while the fund is used up; absent if nothing is. */
  readonly uncovered?: { readonly amount: string; readonly claims: readonly string[] } | undefined;
  /** Claimed by open cases and not paid; absent if nothing is. */
  readonly owed?: string | undefined;
  /** It cannot be read. */
  readonly fault?: string | undefined;
}

const DAY_MS = 86_400_000;

export async function readFundNow(margin: MarginTable, now: number): Promise<FundNow> {
  try {
    const stored = await margin.read(FUND_KEY);
    if (stored === undefined) return {};
    const { balance } = readLedger(stored.state);
    // While something is in the fund, nothing is owed or uncovered.
    if (isPositive(balance)) return { balance: textOf(balance) };
    const bankrupt = (await margin.openKeys()).flatMap((key) => accountOfKey(key) ?? []);
    const open = await openClaims(margin, { bankrupt, checkId: LAST_OF_ALL });
    const owed = sumOf(open.map(({ amount }) => amount));
    return {
      balance: textOf(balance),
      uncovered: await uncoveredSince(margin, now - DAY_MS),
      ...(isPositive(owed) ? { owed: textOf(owed) } : {}),
    };
  } catch {
    const { pk, sk } = FUND_KEY;
    return {
      fault: `no claim on the insurance fund is paid: the item margin ${pk}/${sk} cannot be read; restore it`,
    };
  }
}

async function uncoveredSince(margin: MarginTable, from: number): Promise<FundNow['uncovered']> {
  const claims = [];
  for await (const row of margin.rowsUnder({ pk: FUND, sk: CLAIM })) {
    const parsed = claimRow.safeParse(row);
    if (parsed.success && Date.parse(parsed.data.at) >= from) claims.push(parsed.data);
  }
  const unpaid = claims.filter(({ uncovered }) => isPositive(uncovered));
  if (unpaid.length === 0) return undefined;
  return {
    amount: textOf(sumOf(unpaid.map(({ uncovered }) => uncovered))),
    claims: unpaid.map(({ accountId, uncovered }) => `${accountId}: ${textOf(uncovered)}`),
  };
}

/** Sorts after every check. */
const LAST_OF_ALL = '\uffff';
