/** Workers that are invoked, each with one part of the accounts. */

import { FORMAT, type Question, readAnswer } from '../aws/worker-answer.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import { SOURCES } from '../version.ts';
import type { AccountWorkers } from './account-workers.ts';
import {
  readScanAnswer,
  SCAN_FORMAT,
  type ScannedPart,
  type ScanPart,
  type ScanQuestion,
} from './scan-answer.ts';

/** The check reads so many in about a second. */
const ACCOUNTS_MIN = 2_000;

/** @throws if no answer comes in time */
export type Invoke = (question: Question | ScanQuestion) => Promise<unknown>;

export class InvokedWorkers implements AccountWorkers {
  readonly atOnce: number;
  readonly accountsMin: number;
  private readonly invoke: Invoke;

  constructor(input: {
    readonly invoke: Invoke;
    readonly atOnce: number;
    readonly accountsMin?: number;
  }) {
    this.invoke = input.invoke;
    this.atOnce = input.atOnce;
    this.accountsMin = input.accountsMin ?? ACCOUNTS_MIN;
  }

  async read(accountIds: readonly string[], part: string): Promise<readonly AccountRows[]> {
    const question: Question = { format: FORMAT, part, accountIds };
    return readAnswer(await this.invoke(question), question);
  }

  async scan(part: ScanPart): Promise<ScannedPart> {
    const question: ScanQuestion = { format: SCAN_FORMAT, sources: SOURCES, ...part };
    return readScanAnswer(await this.invoke(question), question);
  }
}
