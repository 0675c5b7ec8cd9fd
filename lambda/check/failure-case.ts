/**
 * A check that fails is an alert of its own: once per outage, again when a failure in part becomes
 * one of the whole check, and at most once an hour while it lasts. The case closes at the next sound
 * check.
 */
import { composeFailed, type FailedCheck } from '../messages/compose-alert.ts';
import type { MessageOrigin } from '../messages/header.ts';
import type { CaseRunner } from '../outbox/case-runner.ts';
import type { CaseSubject, CaseUpdate } from '../outbox/case-subject.ts';
import type { CheckCounts } from '../outbox/check-counters.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type Key, pendingMessage, type StoredCase } from '../outbox/stored-case.ts';
import * as z from '../rows/zod.ts';
import { alertKey } from './alert-case.ts';

const REPEATED_AFTER_MS = 3_600_000;

/** Not below `check`, where the records of checks are. */
export const FAILURE_KEY: Key = alertKey('check#', 'failed');

export const isFailureKey = ({ pk }: Key): boolean => pk === FAILURE_KEY.pk;

const failureState = z.strictObject({
  extent: z.enum(['whole', 'part']),
  since: z.int(),
  toldAt: z.int(),
});

type FailureState = z.infer<typeof failureState>;
export type CheckFailure = Omit<FailedCheck, 'since'>;

export function failureOf(error: unknown): CheckFailure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { extent: 'whole', error: name, detail: message };
}

/** Accounts without a decision; a message that SNS refuses is none, and has an alarm. */
export function undecided(
  { failed, unaccounted, unreached }: Pick<CheckCounts, 'failed' | 'unaccounted' | 'unreached'>,
  isComplete: boolean,
  errors: readonly string[],
): CheckFailure | undefined {
  if (isComplete && failed + unaccounted + unreached === 0) return undefined;
  const scan = isComplete ? '' : ', the scan broke off';
  const first = errors[0] ?? 'the function was about to be stopped';
  return {
    extent: 'part',
    error: 'CheckFailedError',
    detail: `${failed} accounts failed, ${unaccounted + unreached} not reached${scan}: ${first}`,
  };
}

/** Reports a check that failed as a whole. @throws Error if the tables cannot be reached */
export async function reportFailure(outbox: Outbox, error: unknown, origin: MessageOrigin) {
  const subject = failureSubject(failureOf(error), origin);
  const { subjects } = await outbox.read([subject]);
  await outbox.process(subjects);
}

/** Reports a check that failed in part, or closes the case if this one is sound. */
export async function processFailure(
  runner: CaseRunner,
  failure: CheckFailure | undefined,
  origin: MessageOrigin,
): Promise<void> {
  if (failure === undefined && !runner.isOpen(FAILURE_KEY)) return;
  const what = 'the alert about failed checks';
  const work = () => runner.process([failureSubject(failure, origin)]);
  // A check that runs out of time has accounts to report: the alert may not wait for time, too.
  await (failure === undefined ? runner.attemptInTime(what, work) : runner.attempt(what, work));
}

const failureSubject = (failure: CheckFailure | undefined, origin: MessageOrigin): CaseSubject => ({
  key: FAILURE_KEY,
  decide: (stored) => {
    const before = stateOf(stored);
    if (failure === undefined) return before && SOUND;
    return isTold(before, failure, origin.asOf) ? undefined : failed(before, failure, origin);
  },
});

const SOUND: CaseUpdate = { state: {}, isActive: false, keepsPlans: false, messages: [] };

/** A state that cannot be read must not silence the alert. */
function stateOf(stored: StoredCase | undefined): FailureState | undefined {
  return stored?.isActive ? failureState.safeParse(stored.state).data : undefined;
}

const isTold = (before: FailureState | undefined, { extent }: CheckFailure, asOf: number) =>
  before !== undefined &&
  asOf - before.toldAt < REPEATED_AFTER_MS &&
  (before.extent === 'whole' || extent === 'part');

function failed(
  before: FailureState | undefined,
  failure: CheckFailure,
  origin: MessageOrigin,
): CaseUpdate {
  const { asOf } = origin;
  const since = before?.since ?? asOf;
  const message = composeFailed({ ...failure, since }, origin);
  return {
    state: { extent: failure.extent, since, toldAt: asOf },
    isActive: true,
    keepsPlans: false,
    messages: [pendingMessage(message, ['alerts'])],
  };
}
