/** Workers in this process, on the AWS in memory: each question goes through JSON, as Lambda has it. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Invoke, InvokedWorkers } from '../../lambda/accounts/invoked-workers.ts';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { answerQuestion } from '../../lambda/certified/answer-question.ts';

export type Question = Parameters<Invoke>[0];

/** Changes what becomes of an answer. */
export type Fault = (question: Question, answer: () => Promise<object>) => Promise<unknown>;

interface Input {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly atOnce?: number | undefined;
  readonly accountsMin?: number | undefined;
  readonly fault?: Fault | undefined;
  readonly timeLeft?: (() => number) | undefined;
}

const LONG_MS = 10_000;
const passed = <T>(value: T): T => JSON.parse(JSON.stringify(value));

export function memoryWorkers(input: Input): InvokedWorkers {
  const { dynamo, table, atOnce = 3, accountsMin = 1, timeLeft = () => LONG_MS } = input;
  const { fault = (_, answer) => answer() } = input;
  const accounts = new AccountsTable({ dynamo, table, segments: 1 });
  const invoke: Invoke = (question) =>
    fault(question, async () =>
      passed(await answerQuestion(passed(question), { accounts, timeLeft })),
    );
  return new InvokedWorkers({ invoke, atOnce, accountsMin });
}
