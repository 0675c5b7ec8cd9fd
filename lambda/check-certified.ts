/**
 * The Lambda function with certificates. A file of its own, because its clients would make the cold
 * starts of all other functions longer.
 */
import { AccountsTable } from './aws/accounts-table.ts';
import { deployedMemory } from './certified/deployed-memory.ts';
import { deployedHandler } from './check.ts';

export const handler = deployedHandler(({ dynamo, stopwatch, config }) => {
  const { certificates, accountsTable: table, scanSegments: segments } = config;
  if (certificates === undefined) return undefined;
  const accounts = new AccountsTable({ dynamo, table, segments });
  return deployedMemory({ accounts, stopwatch }, certificates);
});
