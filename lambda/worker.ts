/** The Lambda function that reads accounts for checks. It reads one table and writes nothing. */

import { readPart } from './accounts/read-part.ts';
import { AccountsTable } from './aws/accounts-table.ts';
import { createDynamo } from './aws/clients.ts';
import { readWorkerConfig, SCAN_SEGMENTS } from './config.ts';

/** Once per cold start. */
let accounts: AccountsTable | undefined;

export async function handler(
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<object> {
  accounts ??= new AccountsTable({
    dynamo: createDynamo(),
    table: readWorkerConfig().accountsTable,
    segments: SCAN_SEGMENTS,
  });
  return readPart(event, { accounts, timeLeft: () => context.getRemainingTimeInMillis() });
}
