/**
 * One event check, in the order of its steps:
 *
 *     idle        wait until no scheduled check is running
 *     take        what waits for it: changed accounts, and feeds that have moved
 *     read        the market rows, and what the last check left
 *     measure     each feed's volatility, with the quotes of now. Nothing of it is remembered
 *     changed     unless a feed has moved: read the changed accounts, assess them, decide about them
 *     scan …      if one has: keep the prices seen, and check all accounts as a scheduled check does
 *     summarise   put its record
 *
 * It acts under the id of the last check with a suffix, never moves the fence, and leaves the cases of
 * feeds, markets, policy and failures, the fund and all memory to the scheduled check. Once that
 * begins, this one decides and publishes nothing more.
 */
import { AccountScan } from './accounts/account-scan.ts';
import { processChanged } from './accounts/changed-accounts.ts';
import type { MarginTable } from './aws/margin-table.ts';
import {
  type EventSummary,
  eventRecordKey,
  reasonsOf,
  type SkippedEvent,
} from './check/event-summary.ts';
import { FENCE_KEY } from './check/fence.ts';
import { idleFence } from './check/idle-fence.ts';
import { type Known, readAndMeasure } from './check/inputs.ts';
import {
  type CheckResources,
  capacityFor,
  marginTable,
  outboxFor,
  type Run,
  startRun,
} from './check/run.ts';
import { keepSeen } from './events/seen-prices.ts';
import type { Waiting } from './events/waiting.ts';
import { takeWaiting } from './events/waiting-item.ts';
import { isoTime } from './messages/header.ts';
import { eventCheckId } from './outbox/check-id.ts';
import { TimeLimit } from './outbox/time-limit.ts';

/** Thrown at the end of an event check in which anything failed. The next scheduled check repeats it. */
export class EventFailedError extends Error {
  override readonly name = 'EventFailedError';
  readonly summary: EventSummary;

  constructor(summary: EventSummary) {
    const first = summary.errors[0] ?? 'the function was about to be stopped';
    super(`event check ${summary.checkId}: ${first}. The next scheduled check does the rest.`);
    this.summary = summary;
  }
}

export interface EventResources extends CheckResources {
  /** Milliseconds since 1970; read once the check begins, and at its end. */
  readonly now: () => number;
}

/** @throws PolicyError before anything is decided; EventFailedError when a part of it failed */
export async function runEvent(resources: EventResources): Promise<EventSummary | SkippedEvent> {
  const margin = marginTable(resources);
  const fence = await idleFence(margin, resources.stopwatch);
  if (typeof fence === 'string') return { skipped: fence };
  const waiting = await takeWaiting(margin);
  if (waiting === undefined) return { skipped: 'nothing waits for a check' };
  const asOf = resources.now();
  const checkId = eventCheckId(fence.checkId, asOf);
  const check = { checkId, scheduledAt: asOf };
  const known = await readAndMeasure(check, asOf, { margin, ...resources });
  const run = await begin(known, { margin, ...resources, hasMoved: waiting.feeds.length > 0 });
  if (waiting.feeds.length === 0) await processChanged(run, waiting.accountIds);
  else await processAll(run, known, margin);
  return summarise(run, { known, waiting, margin, now: resources.now });
}

type Begun = Run & { readonly expiresAtSeconds: number };

async function begin(
  known: Known,
  resources: EventResources & { readonly margin: MarginTable; readonly hasMoved: boolean },
): Promise<Begun> {
  const { checkId, readings, snapshot } = known;
  const { asOf, policy } = snapshot;
  const capacity = capacityFor(known, resources);
  const shared = { limit: new TimeLimit(resources.timeLeft), ...resources };
  const outbox = outboxFor({ checkId, asOf, policy, reservations: capacity.kept }, shared);
  const { expiresAtSeconds } = outbox;
  // Accounts that have changed are read whatever their certificates say.
  const certified = resources.hasMoved ? resources.certified : undefined;
  const { failures } = readings;
  const first = new Set<string>();
  const input = { ...shared, ...capacity, outbox, first, failures, certified, isEvent: true };
  return { ...(await startRun(known, input)), expiresAtSeconds };
}

/**
 * The prices count as seen before anything is read: a check that fails or breaks off is repeated by the
 * next scheduled one, and not every second for as long as it fails.
 */
async function processAll(run: Begun, known: Known, margin: MarginTable): Promise<void> {
  await run.runner.attempt('the prices seen', () => keepSeen(margin, known));
  const scan = new AccountScan(run);
  await scan.processAccounts();
  await scan.processLiquidations();
  await scan.processCalls();
  await scan.processOthers();
}

async function summarise(
  { counters, context, proved, fanOut, expiresAtSeconds }: Begun,
  of: {
    readonly known: Known;
    readonly waiting: Waiting;
    readonly margin: MarginTable;
    readonly now: () => number;
  },
): Promise<EventSummary> {
  const { known, waiting, margin, now } = of;
  const { checkId, snapshot } = known;
  const asOf = isoTime(snapshot.asOf);
  const fence = await margin.read(FENCE_KEY);
  const certificates = proved?.summary();
  const workers = fanOut?.summary();
  const summary: EventSummary = {
    ...{ checkId, asOf },
    ...reasonsOf(waiting),
    latencySeconds: Math.max(0, now() - waiting.newestAt) / 1000,
    isOvertaken: fence === undefined || fence.checkId > checkId,
    ...counters.counts(asOf),
    carriedOver: context.capacity.summary(snapshot.policy.amountPlaces),
    ...(certificates === undefined ? {} : { certificates }),
    ...(workers === undefined ? {} : { workers }),
    errors: counters.errors,
  };
  await margin.putHistory(eventRecordKey(checkId), { ...summary }, expiresAtSeconds);
  if (counters.hasFailures && !summary.isOvertaken) throw new EventFailedError(summary);
  return summary;
}
