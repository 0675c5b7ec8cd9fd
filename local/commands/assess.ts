/** `margin assess`: a JSON document in, assessments out; no AWS. */
import Table from 'cli-table3';
import type { Command } from 'commander';
import {
  DocumentError,
  type Evidence,
  readDocument,
  snapshotOf,
} from '../../lambda/contract/document.ts';
import { PolicyError } from '../../lambda/contract/read-market.ts';
import { renderOutcome } from '../../lambda/contract/render.ts';
import { overMaintenance } from '../../lambda/margin/assess.ts';
import { buildBook } from '../../lambda/margin/book.ts';
import { safeRadius } from '../../lambda/margin/safe-radius.ts';
import type { Snapshot } from '../../lambda/margin/snapshot.ts';
import { assessAccount, type Subject } from '../../lambda/subjects.ts';
import { InputError, readJson } from './input.ts';
import { note, print, printJson } from './output.ts';

export function declareAssess(program: Command): void {
  program
    .command('assess')
    .description('assess the accounts of a JSON document (docs/schemas/assess-document.json)')
    .argument('[file]', 'the document; - or nothing reads standard input', '-')
    .option('--json', 'print JSON with every digit')
    .action(async (file: string, options: { json?: boolean }) => {
      const { assessments, faults } = await assessFile(file);
      for (const fault of faults) note(fault);
      if (options.json) printJson(assessments);
      else print(assessmentTable(assessments));
    });
}

export type Rendered = ReturnType<typeof renderOutcome>;

/** @throws InputError naming the file and what in it cannot be read. */
export async function assessFile(path: string): Promise<{
  readonly assessments: readonly Rendered[];
  /** Market rows that could not be read. */
  readonly faults: readonly string[];
}> {
  const document = await readJson(path);
  try {
    return assessDocument(readDocument(document));
  } catch (error) {
    if (!(error instanceof DocumentError || error instanceof PolicyError)) throw error;
    throw new InputError(`${path}: ${error.message}`);
  }
}

export function assessDocument(evidence: Evidence) {
  const { snapshot, faults } = snapshotOf(evidence);
  const assessments = evidence.accounts
    .flatMap((account) => assessAccount(account, snapshot))
    .map((subject) => renderSubject(subject, snapshot));
  return { assessments, faults: faults.map(({ detail }) => detail) };
}

function renderSubject(subject: Subject, snapshot: Snapshot): Rendered {
  return renderOutcome({ ...subject, safeRadius: radiusOf(subject, snapshot) });
}

function radiusOf({ subAccount }: Subject, snapshot: Snapshot) {
  if (subAccount === undefined) return undefined;
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) return undefined;
  const { liquidationMultiplier, callMultiplier } = snapshot.policy;
  return {
    liquidation: safeRadius(built.book, overMaintenance(liquidationMultiplier)),
    call: safeRadius(built.book, overMaintenance(callMultiplier)),
  };
}

const HEADINGS = ['account', 'level', 'certainty', 'equity', 'margin balance', 'maintenance'];
const MORE_HEADINGS = ['buffer', 'liquidation surplus', 'call surplus', 'safe radius'];
const LEFT = 3;

export function assessmentTable(assessments: readonly Rendered[]): string {
  const head = [...HEADINGS, ...MORE_HEADINGS];
  const colAligns = head.map((_, index) => (index < LEFT ? 'left' : 'right'));
  const table = new Table({ head, colAligns, style: { head: [], border: [] } });
  for (const each of assessments) table.push(rowOf(each));
  const why = assessments.flatMap(({ accountId, reasons }) =>
    reasons.map(({ detail }) => `${accountId}: ${detail}`),
  );
  return [table.toString(), ...why].join('\n');
}

function rowOf(each: Rendered): string[] {
  const name = 'position' in each ? `${each.accountId} ${each.position}` : each.accountId;
  if (each.level === null) return [name, '—', each.certainty, ...Array<string>(7).fill('—')];
  return [
    name,
    each.level,
    each.certainty,
    ...[each.equity, each.marginBalance, each.maintenanceRequirement, each.latencyBuffer].map(
      money,
    ),
    money(each.surplus.liquidation.point),
    money(each.surplus.call.point),
    percent(each.safeRadius?.liquidation),
  ];
}

/** For the eye only; --json has every digit. */
const money = (decimal: string): string =>
  Number(decimal).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const percent = (ratio: string | undefined): string =>
  ratio === undefined ? '—' : `${(Number(ratio) * 100).toFixed(2)} %`;
