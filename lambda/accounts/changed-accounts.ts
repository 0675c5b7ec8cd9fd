/** Some accounts alone, as an event check decides about those that have changed. */
import { inBatches } from '../outbox/parallel.ts';
import type { AccountSubject } from './account-case.ts';
import { AccountDecisions, type DecisionsInput } from './account-decisions.ts';

/** Read and decided together; the time that is left is looked at before each. */
const ACCOUNTS_AT_ONCE = 250;

export async function processChanged(
  input: DecisionsInput,
  accountIds: readonly string[],
): Promise<void> {
  const { runner, context } = input;
  const { limit, counters } = runner;
  const sharesLosses = context.snapshot.policy.lossSharing === 'adl';
  const decisions = new AccountDecisions({
    ...input,
    leaves: sharesLosses ? isDeficit : undefined,
  });
  await runner.attempt('the changed accounts', () =>
    inBatches(accountIds, ACCOUNTS_AT_ONCE, async (batch) => {
      if (limit.isScanOver) counters.countUnreached(batch);
      else await decisions.decideAboutAll(batch);
    }),
  );
  await decisions.processQueue();
  await decisions.processHeld();
}

/** All deficits decide what counterparties bear, so that a check of all accounts has to do it. */
const isDeficit = ({ assessed: { outcome } }: AccountSubject): boolean =>
  outcome.certainty === 'certain' && outcome.level === 'deficit';
