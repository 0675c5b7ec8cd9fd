import { isDeepStrictEqual } from 'node:util';
import { assessAccount } from '../../lambda/accounts/assess-account.ts';
import { decideSubAccount } from '../../lambda/accounts/decision.ts';
import { readCaseState } from '../../lambda/record/case-state.ts';
import {
  type DecisionRecord,
  type DecisionResult,
  recordDecision,
} from '../../lambda/record/decision-record.ts';
import { writeExactJson } from '../../lambda/rows/numeral.ts';
import { readDocument, snapshotOf } from './document.ts';

export interface Replay {
  readonly matches: boolean;
  readonly recorded: DecisionResult;
  readonly recomputed: DecisionResult;
}

/** @throws DocumentError, PolicyError if the record's evidence cannot be read. */
export function replay(record: DecisionRecord): Replay {
  const evidence = readDocument(record.evidence);
  const { snapshot } = snapshotOf(evidence);
  const { checkId, position } = record;
  const before = readCaseState(plain(record.before));
  const openPositions = position === undefined ? [] : [position];
  const assessed = evidence.accounts
    .flatMap((account) => assessAccount(account, snapshot, openPositions))
    .find((each) => each.position === position);
  if (assessed === undefined) {
    throw new Error(`the record contains no account ${record.accountId}`);
  }
  const { capacity, deleveragings } = evidence;
  const decision = decideSubAccount(assessed, before, {
    checkId,
    snapshot,
    capacity,
    deleveragings,
  });
  const again = recordDecision({ assessed, before, decision, checkId, evidence });
  const recorded = plain(record.result) as DecisionResult;
  const recomputed = plain(again.result) as DecisionResult;
  return { matches: isDeepStrictEqual(recorded, recomputed), recorded, recomputed };
}

/** As JSON has it: no undefined, plain numbers. */
const plain = (value: unknown): unknown => JSON.parse(writeExactJson(value));
