/** The Lambda function that reads and scans accounts for checks. It reads one table and writes nothing. */

import { AccountsTable } from './aws/accounts-table.ts';
import { createDynamo } from './aws/clients.ts';
import { answerQuestion } from './certified/answer-question.ts';
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
  return answerQuestion(event, { accounts, timeLeft: () => context.getRemainingTimeInMillis() });
}
