/**
 * A price in doubt is reported once per feed, with the number of accounts that it leaves
 * indeterminate, and again when that number has grown. So is a feed that repeats one price.
 */
import type { CheckContext } from '../accounts/account-case.ts';
import type { FeedInDoubt } from '../accounts/feed-tally.ts';
import type { FeedState } from '../margin/curve/risk-factor.ts';
import { approximately, type Ratio } from '../margin/number/decimal.ts';
import type { Reason } from '../margin/number/reason.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { composeFrozen, composeRecovered, composeRejected } from '../messages/compose-alert.ts';
import type { Message } from '../messages/messages.ts';
import type { CaseRunner } from '../outbox/case-runner.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
import { type Key, pendingMessage } from '../outbox/stored-case.ts';
import { alertKey, nameInKey } from './alert-case.ts';

const FEED = 'feed#';

const feedKey = (feed: string): Key => alertKey(FEED, feed);

export const feedOfKey = (key: Key): string | undefined => nameInKey(key, FEED);

type FeedContext = Pick<CheckContext, 'checkId' | 'snapshot'>;

export interface FeedsInput {
  readonly context: FeedContext;
  readonly inDoubt: readonly FeedInDoubt[];
  /** Whether all accounts were read; if not, no feed in doubt counts as recovered. */
  readonly isWhole: boolean;
}

export async function processFeeds(runner: CaseRunner, input: FeedsInput): Promise<void> {
  const { feeds } = input.context.snapshot;
  const inDoubt = new Map(input.inDoubt.map((each) => [each.feed, each]));
  const open = runner.openKeys.flatMap((key) => feedOfKey(key) ?? []);
  const known = [...feeds.values()].filter(isOdd).map(({ feed }) => feed);
  const all = new Set([...known, ...inDoubt.keys(), ...open]);
  const subjects = [...all].map((feed) =>
    feedSubject({ feed, state: feeds.get(feed), found: inDoubt.get(feed) }, input),
  );
  await runner.attemptInTime('the feeds', () => runner.process(subjects));
}

const isOdd = (state: FeedState): boolean =>
  rejectionOf(state) !== undefined || frozenSinceOf(state) !== undefined;

const frozenSinceOf = (state: FeedState | undefined): number | undefined =>
  state?.price.ok ? state.price.value.frozenSince : undefined;

/** Why no source can be used. A jump or a first price is no fault by itself. */
function rejectionOf({ price }: FeedState): Reason | undefined {
  if (!price.ok) return price.reason;
  const { standing, why = '', feed } = price.value;
  return standing === 'stale' ? { code: 'price-stale', subject: feed, detail: why } : undefined;
}

interface FeedNow {
  readonly feed: string;
  /** Absent if no market row names the feed; an option's own feed has none. */
  readonly state: FeedState | undefined;
  readonly found: FeedInDoubt | undefined;
}

/** As last sent. */
interface Sent {
  readonly isRejected?: boolean;
  /** Left indeterminate. */
  readonly accounts?: number;
  readonly isFrozen?: boolean;
}

function feedSubject(now: FeedNow, input: FeedsInput): CaseSubject {
  return {
    key: feedKey(now.feed),
    decide: (stored) => {
      const before = (stored?.state ?? {}) as Sent;
      const { next, messages } = decideFeed(before, now, input);
      if (messages.length === 0 && JSON.stringify(next) === JSON.stringify(before))
        return undefined;
      return {
        state: next,
        isActive: next.isRejected === true || next.isFrozen === true,
        keepsPlans: false,
        messages: messages.map((message) => pendingMessage(message, ['alerts'])),
      };
    },
  };
}

function decideFeed(
  before: Sent,
  now: FeedNow,
  input: FeedsInput,
): { readonly next: Sent; readonly messages: readonly Message[] } {
  const rejected = decideRejection(before, now, input);
  const frozen = decideFrozen(before, now, input);
  return {
    next: { ...rejected.next, ...frozen.next },
    messages: [...rejected.messages, ...frozen.messages],
  };
}

function decideRejection(before: Sent, now: FeedNow, { context, isWhole }: FeedsInput) {
  const { feed, state, found } = now;
  const { checkId, snapshot } = context;
  const origin = { checkId, asOf: snapshot.asOf };
  const reason = (state && rejectionOf(state)) ?? found?.reason;
  const accounts = found?.accounts ?? 0;
  const { isRejected = false, accounts: sent = 0 } = before;
  if (reason !== undefined) {
    const isToBeSaid = !isRejected || hasGrown(accounts, sent, snapshot.policy.callUpdateFraction);
    if (!isToBeSaid) return { next: { isRejected, accounts: sent }, messages: [] };
    const message = composeRejected({ feed, reason, accounts, largest: found?.largest }, origin);
    return { next: { isRejected: true, accounts }, messages: [message] };
  }
  if (!isRejected) return { next: { isRejected: false }, messages: [] };
  // Accounts that were not read may still depend on the doubt.
  if (!isWhole && isInDoubt(state)) return { next: { isRejected, accounts: sent }, messages: [] };
  const price = state?.price.ok ? state.price.value.price : undefined;
  const isNamed = state !== undefined || isOptionFeed(feed, snapshot);
  const messages = isNamed ? [composeRecovered({ feed, price }, origin)] : [];
  return { next: { isRejected: false }, messages };
}

const isOptionFeed = (feed: string, { instruments }: Snapshot): boolean =>
  [...instruments.values()].some(
    (terms) => terms.ok && terms.value.kind === 'option' && terms.value.quoted.price.feed === feed,
  );

const isInDoubt = (state: FeedState | undefined): boolean =>
  state?.price.ok === true && state.price.value.doubt !== undefined;

const hasGrown = (accounts: number, sent: number, fraction: Ratio): boolean =>
  accounts > sent && accounts >= sent * (1 + approximately(fraction));

function decideFrozen(before: Sent, { feed, state }: FeedNow, { context }: FeedsInput) {
  const since = frozenSinceOf(state);
  const isFrozen = since !== undefined;
  const next = isFrozen ? { isFrozen } : {};
  if (!isFrozen || before.isFrozen === true || !state?.price.ok) return { next, messages: [] };
  const { checkId, snapshot } = context;
  const { price } = state.price.value;
  const message = composeFrozen({ feed, price, since }, { checkId, asOf: snapshot.asOf });
  return { next, messages: [message] };
}
