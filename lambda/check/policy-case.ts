/**
 * The first check that sees a new `mode` or `halt` announces it, once, and does not ask who wrote the
 * row (record 66). A check that sees a policy for the first time says nothing.
 */
import type { CheckContext } from '../accounts/account-case.ts';
import { composeChanged, type OperatorSetting } from '../messages/compose-alert.ts';
import type { CaseRunner } from '../outbox/case-runner.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
import { type Key, pendingMessage } from '../outbox/stored-case.ts';
import * as z from '../rows/zod.ts';
import { alertKey } from './alert-case.ts';

export const POLICY_KEY: Key = alertKey('policy#', 'default');

const note = z.optional(z.string());

const settingSeen = z.strictObject({
  mode: z.enum(['observe', 'enforce']),
  halt: z.boolean(),
  changedBy: note,
  changedAt: note,
  changeReason: note,
});

type PolicyContext = Pick<CheckContext, 'checkId' | 'snapshot'>;

export async function processPolicy(runner: CaseRunner, context: PolicyContext): Promise<void> {
  await runner.attemptInTime('the policy', () => runner.process([policySubject(context)]));
}

export function policySubject({ checkId, snapshot }: PolicyContext): CaseSubject {
  const { mode, halt, changedBy, changedAt, changeReason } = snapshot.policy;
  const now: OperatorSetting = { mode, halt, changedBy, changedAt, changeReason };
  return {
    key: POLICY_KEY,
    decide: (stored) => {
      // One that another version wrote counts as none: it must not fail every check.
      const before = settingSeen.safeParse(stored?.state).data;
      if (before !== undefined && textOf(now) === textOf(before)) return undefined;
      const change = before && changeOf(now, before);
      const origin = { checkId, asOf: snapshot.asOf };
      const messages = change === undefined ? [] : [composeChanged(change, origin)];
      return {
        state: now,
        isActive: false,
        isKept: true,
        keepsPlans: false,
        messages: messages.map((message) => pendingMessage(message, ['alerts'])),
      };
    },
  };
}

const notesOf = ({ changedBy, changedAt, changeReason }: OperatorSetting): string =>
  JSON.stringify([changedBy, changedAt, changeReason]);

const NO_NOTES = notesOf({ mode: 'observe', halt: false });

const textOf = (setting: OperatorSetting): string =>
  `${setting.mode} ${setting.halt} ${notesOf(setting)}`;

/** Notes of an earlier change say nothing about this one. */
function changeOf(now: OperatorSetting, before: OperatorSetting) {
  const { mode, halt } = now;
  const hasNotes = notesOf(now) !== NO_NOTES && notesOf(now) !== notesOf(before);
  const isSame = mode === before.mode && halt === before.halt;
  if (isSame && !hasNotes) return undefined;
  return { now: hasNotes ? now : { mode, halt }, before };
}
