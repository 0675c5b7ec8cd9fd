/** The accounts table, account by account: any number of them in little memory. */
import type { AccountsTable } from '../../../lambda/aws/accounts-table.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { readAccountParts } from '../../../lambda/rows/read-account.ts';
import { type DefinedNames, danglingIn, danglingLine } from '../../analysis/references.ts';
import { type Finding, FindingList } from './finding.ts';
import { nameFinding, rowFinding } from './market-rows.ts';

export interface AccountsCheck {
  readonly findings: readonly Finding[];
  readonly accounts: number;
}

export async function checkAccounts(
  table: AccountsTable,
  defined: DefinedNames,
): Promise<AccountsCheck> {
  const [refused, names] = [new FindingList(), new FindingList()];
  let accounts = 0;
  await table.forEachAccount(({ accountId, rows }: AccountRows) => {
    accounts++;
    const { ofAll, ofPart } = readAccountParts(accountId, rows);
    for (const reason of [...ofAll, ...[...ofPart.values()].flat()])
      refused.add(rowFinding(reason));
    for (const row of rows) {
      for (const each of danglingIn(row, defined)) names.add(nameFinding(danglingLine(each)));
    }
  });
  return { findings: [...refused.findings, ...names.findings], accounts };
}
