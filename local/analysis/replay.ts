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
import { RULES_VERSION, UNNAMED_RULES_VERSION } from '../../lambda/version.ts';
import { readDocument, snapshotOf } from './document.ts';

export interface Replay {
  /** The version of the rules that decided. */
  readonly rulesVersion: number;
  /** By the rules of now, whichever decided. */
  readonly matches: boolean;
  /** The same rules decide otherwise: only this is a finding. */
  readonly isFinding: boolean;
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
  const { capacity, deleveragings, rowsDiffer } = evidence;
  const decision = decideSubAccount(assessed, before, {
    checkId,
    snapshot,
    capacity,
    deleveragings,
    rowsDiffer,
  });
  const again = recordDecision({ assessed, before, decision, checkId, evidence });
  const recorded = plain(record.result) as DecisionResult;
  const recomputed = plain(again.result) as DecisionResult;
  const matches = isDeepStrictEqual(recorded, recomputed);
  const rulesVersion = rulesVersionOf(record);
  const isFinding = !matches && rulesVersion === RULES_VERSION;
  return { rulesVersion, matches, isFinding, recorded, recomputed };
}

export const rulesVersionOf = (record: DecisionRecord): number =>
  Number(plain(record.rulesVersion ?? UNNAMED_RULES_VERSION));

/** As JSON has it: no undefined, plain numbers. */
export const plain = (value: unknown): unknown => JSON.parse(writeExactJson(value));
