import Table from 'cli-table3';
import type { EntryRow } from '../../lambda/record/fund-row-schemas.ts';
import type { FundReading } from './read-fund.ts';

const style = { head: [], border: [] };
const NONE = '—';

export function fundTables(fund: FundReading): string {
  return [
    verdictOf(fund),
    totalsOf(fund),
    ...sourceTable(fund),
    ...entryTable(fund),
    ...claimTable(fund),
  ].join('\n');
}

const verdictOf = ({ balance, findings }: FundReading): string =>
  findings.length === 0
    ? `ok: insurance fund ${balance}, equal to the sum of its entries`
    : `NOT OK: insurance fund ${balance}: ${findings.join('; ')}`;

const totalsOf = ({ totals: { paidIn, drawn, socialized, uncovered } }: FundReading): string =>
  `paid in ${paidIn}, drawn ${drawn}; losses shared by others ${socialized}, uncovered ${uncovered}`;

function sourceTable({ sources }: FundReading): string[] {
  if (sources.length === 0) return [];
  const table = new Table({
    head: ['source', 'booked', 'meter now'],
    colAligns: ['left', 'right', 'right'],
    style,
  });
  for (const { source, booked, total } of sources) table.push([source, booked, total ?? NONE]);
  return [table.toString()];
}

function entryTable({ entries }: FundReading): string[] {
  if (entries.length === 0) return ['no entries'];
  const table = new Table({
    head: ['entry', 'time', 'kind', 'source or account', 'amount', 'balance'],
    colAligns: ['right', 'left', 'left', 'left', 'right', 'right'],
    style,
  });
  for (const entry of entries) {
    const { sequence, at, kind, amount, balance } = entry;
    table.push([sequence, at, kind, whoseOf(entry), amount, balance]);
  }
  return [table.toString()];
}

function whoseOf(entry: EntryRow): string {
  if (entry.kind === 'paid-in') return entry.source;
  return entry.position === undefined ? entry.accountId : `${entry.accountId} ${entry.position}`;
}

function claimTable({ openClaims }: FundReading): string[] {
  if (openClaims.length === 0) return ['no open claims'];
  const table = new Table({ head: ['open claim', 'amount'], colAligns: ['left', 'right'], style });
  for (const { claimId, amount } of openClaims) table.push([claimId, amount]);
  return [table.toString()];
}
