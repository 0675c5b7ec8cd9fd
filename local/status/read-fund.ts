import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { accountOfKey } from '../../lambda/accounts/account-case.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { readMarketRows } from '../../lambda/aws/market-table.ts';
import { type OpenClaim, openClaims } from '../../lambda/fund/claims.ts';
import { FUND, FUND_KEY } from '../../lambda/fund/fund-item.ts';
import {
  type Amount,
  add,
  isNegative,
  NO_AMOUNT,
  recordedAmount,
  subtract,
  sumOf,
  textOf,
} from '../../lambda/margin/number/decimal.ts';
import { bookMeters, type Ledger } from '../../lambda/margin/waterfall/ledger.ts';
import type { StoredCase } from '../../lambda/outbox/stored-case.ts';
import { claimRow, type EntryRow, entryRow } from '../../lambda/record/fund-row-schemas.ts';
import { CLAIM, ENTRY, readLedger } from '../../lambda/record/fund-state.ts';
import { readStored } from '../../lambda/rows/fault.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import type { Deployment } from '../aws/deployment.ts';

export interface FundReading {
  readonly balance: string;
  /** Σ of the entries. */
  readonly sum: string;
  /** Sentences: contradictions, and refused meters. */
  readonly findings: readonly string[];
  readonly totals: Readonly<Record<'paidIn' | 'drawn' | 'socialized' | 'uncovered', string>>;
  readonly sources: readonly SourceRow[];
  /** Oldest first. */
  readonly entries: readonly EntryRow[];
  readonly openClaims: readonly OpenClaimRow[];
}

export interface SourceRow {
  readonly source: string;
  /** Total when last booked. */
  readonly booked: string;
  /** Total now; absent if unreadable. */
  readonly total?: string | undefined;
}

export interface OpenClaimRow {
  readonly claimId: string;
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly amount: string;
}

export interface FundPlace {
  readonly dynamo: DynamoDBClient;
  readonly deployment: Pick<Deployment, 'marketTable' | 'marginTable'>;
}

/**
 * Reads the balance first. Entries booked meanwhile have a higher sequence and are ignored; those
 * without rows come from the fund's item.
 */
export async function readFund({ dynamo, deployment }: FundPlace): Promise<FundReading> {
  const margin = new MarginTable({ dynamo, table: deployment.marginTable });
  const stored = await margin.read(FUND_KEY);
  const ledger = readLedger(stored?.state);
  const entries = await entriesOf(margin, { stored, ledger });
  const claims = await rowsUnder(margin, { prefix: CLAIM, stored });
  const paid = claims.map((row) => readStored(claimRow, row, 'a claim on the fund'));
  const totals = await metersOf({ dynamo, deployment });
  const { refused } = bookMeters(ledger, totals, { most: totals.size });
  const amounts = entries.map(({ amount }) => recordedAmount(amount));
  const ofKind = (kind: EntryRow['kind']) =>
    sumOf(entries.flatMap((entry) => (entry.kind === kind ? recordedAmount(entry.amount) : [])));
  return {
    balance: textOf(ledger.balance),
    sum: textOf(sumOf(amounts)),
    findings: [...disagreements(ledger, entries), ...refused.map(({ detail }) => detail)],
    totals: {
      paidIn: textOf(ofKind('paid-in')),
      drawn: textOf(sumOf(paid.map(({ drawn }) => drawn))),
      socialized: textOf(sumOf(paid.map(({ socialized }) => socialized))),
      uncovered: textOf(sumOf(paid.map(({ uncovered }) => uncovered))),
    },
    sources: sourcesOf(ledger, totals),
    entries,
    openClaims: (await unpaidClaims(margin)).map(({ claimId, accountId, position, amount }) => ({
      claimId,
      accountId,
      ...(position === undefined ? {} : { position }),
      amount: textOf(amount),
    })),
  };
}

async function entriesOf(
  margin: MarginTable,
  { stored, ledger }: { readonly stored: StoredCase | undefined; readonly ledger: Ledger },
): Promise<EntryRow[]> {
  const rows = await rowsUnder(margin, { prefix: ENTRY, stored });
  const entries = rows.map((row) => {
    const { amount, balance, ...entry } = readStored(entryRow, row, 'an entry of the fund');
    return { ...entry, amount: textOf(amount), balance: textOf(balance) } as EntryRow;
  });
  return entries.filter(({ sequence }) => sequence <= ledger.sequence);
}

/** Stored and pending rows, each key once. */
async function rowsUnder(
  margin: MarginTable,
  { prefix, stored }: { readonly prefix: string; readonly stored: StoredCase | undefined },
): Promise<unknown[]> {
  const rows = new Map<string, unknown>();
  for (const { sk, attributes } of stored?.pending.flatMap((each) => each.rows ?? []) ?? []) {
    if (sk.startsWith(prefix)) rows.set(sk, attributes);
  }
  for await (const row of margin.rowsUnder({ pk: FUND, sk: prefix })) rows.set(String(row.sk), row);
  return [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
}

function disagreements({ balance, sequence }: Ledger, entries: readonly EntryRow[]): string[] {
  const findings: string[] = [];
  let sum = NO_AMOUNT;
  for (const [index, entry] of entries.entries()) {
    sum = add(sum, recordedAmount(entry.amount));
    if (findings.length > 0) continue;
    if (entry.sequence !== index + 1) findings.push(`entry ${index + 1} is missing`);
    else if (textOf(sum) !== entry.balance) {
      findings.push(
        `entry ${entry.sequence} records a balance of ${entry.balance}, ` +
          `but the entries up to it sum to ${textOf(sum)}`,
      );
    } else if (isNegative(sum)) findings.push(`the balance is below 0 at entry ${entry.sequence}`);
  }
  if (findings.length === 0 && entries.length !== sequence) {
    findings.push(`entry ${entries.length + 1} of ${sequence} is missing`);
  }
  const difference: Amount = subtract(balance, sum);
  if (textOf(difference) === '0') return findings;
  return [...findings, `the balance is ${textOf(balance)}, but its entries sum to ${textOf(sum)}`];
}

async function metersOf({ dynamo, deployment }: FundPlace): Promise<ReadonlyMap<string, Amount>> {
  const rows = await readMarketRows({ dynamo, table: deployment.marketTable });
  const meters = rows.filter(({ kind }) => kind === 'fund');
  return readMarket([{ kind: 'policy', id: 'default' }, ...meters]).totals;
}

function sourcesOf({ readings }: Ledger, totals: ReadonlyMap<string, Amount>): SourceRow[] {
  const sources = [...new Set([...readings.keys(), ...totals.keys()])].sort();
  return sources.map((source) => {
    const total = totals.get(source);
    return {
      source,
      booked: textOf(readings.get(source) ?? NO_AMOUNT),
      ...(total === undefined ? {} : { total: textOf(total) }),
    };
  });
}

async function unpaidClaims(margin: MarginTable): Promise<OpenClaim[]> {
  const bankrupt = (await margin.openKeys()).flatMap((key) => accountOfKey(key) ?? []);
  return openClaims(margin, { bankrupt, checkId: LAST_OF_ALL });
}

/** Sorts after every check. */
const LAST_OF_ALL = '\uffff';
