import type { Outcome } from '../margin/assess/assess.ts';
import type { CaseState } from '../margin/case/case.ts';
import type { AccountMessage, DeleveragingMessage } from '../messages/messages.ts';
import { CODE_VERSION, RULES_VERSION } from '../version.ts';
import { type StoredCaseState, writeCaseState } from './case-state.ts';
import type { Evidence } from './evidence.ts';
import { renderOutcome } from './render.ts';
import { writeDocument } from './write-document.ts';

export type DecidedMessage = AccountMessage | DeleveragingMessage;

/** Plain JSON, except the Numerals in its evidence. Enough to decide again. */
export interface DecisionRecord {
  readonly codeVersion: string;
  /** Absent before version 2. */
  readonly rulesVersion?: number;
  readonly checkId: string;
  readonly accountId: string;
  readonly position?: string;
  readonly before: StoredCaseState;
  /** A document for `margin assess`, with this account alone. */
  readonly evidence: Record<string, unknown>;
  readonly result: DecisionResult;
}

export interface DecisionResult {
  readonly assessment: ReturnType<typeof renderOutcome>;
  readonly after: StoredCaseState;
  readonly messages: readonly DecidedMessage[];
}

export interface RecordInput {
  readonly assessed: {
    readonly accountId: string;
    readonly position?: string | undefined;
    readonly outcome: Outcome;
  };
  readonly before: CaseState;
  readonly decision: {
    readonly next: CaseState;
    readonly messages: readonly DecidedMessage[];
  };
  readonly checkId: string;
  readonly evidence: Evidence;
}

export function recordDecision(input: RecordInput): DecisionRecord {
  const { assessed, before, decision, checkId, evidence } = input;
  const { accountId, position, outcome } = assessed;
  return {
    codeVersion: CODE_VERSION,
    rulesVersion: RULES_VERSION,
    checkId,
    accountId,
    ...(position === undefined ? {} : { position }),
    before: writeCaseState(before),
    evidence: writeDocument(evidence),
    result: {
      assessment: renderOutcome({ accountId, position, outcome }),
      after: writeCaseState(decision.next),
      messages: decision.messages,
    },
  };
}
