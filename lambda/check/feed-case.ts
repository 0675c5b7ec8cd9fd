/** Feeds whose price cannot be used: said once, and once when it can be again. */

import type { CheckContext } from '../accounts/account-case.ts';
import type { FeedState } from '../margin/curve/risk-factor.ts';
import { textOf } from '../margin/number/decimal.ts';
import { isoTime } from '../messages/compose.ts';
import { MESSAGE_VERSION } from '../messages/message-version.ts';
import { type Message, SEVERITIES } from '../messages/messages.ts';
import type { Settling } from '../outbox/case-runner.ts';
import type { Matter } from '../outbox/case-subject.ts';
import { CASE } from '../outbox/case-subject.ts';
import { deliveryOf } from '../outbox/pending-messages.ts';
import type { Key } from '../outbox/stored-case.ts';

const FEED = 'feed#';

const feedKey = (feed: string): Key => ({ pk: `${FEED}${feed}`, sk: CASE });

export const feedOfKey = ({ pk }: Key): string | undefined =>
  pk.startsWith(FEED) ? pk.slice(FEED.length) : undefined;

type FeedContext = Pick<CheckContext, 'checkId' | 'snapshot'>;

/** All that are not usable, or were not. */
export async function settleFeeds(settling: Settling, context: FeedContext): Promise<void> {
  const { feeds } = context.snapshot;
  const gone = settling.openKeys.flatMap((key) => {
    const feed = feedOfKey(key);
    return feed === undefined || feeds.has(feed) ? [] : [goneFeedMatter(feed)];
  });
  const known = [...feeds.values()]
    .filter((feed) => !feed.price.ok || settling.isOpen(feedKey(feed.feed)))
    .map((feed) => feedMatter(feed, context));
  await settling.attempt('the feeds', () => settling.settle([...known, ...gone]));
}

interface FeedCase {
  readonly isRejected: boolean;
}

function feedMatter(feed: FeedState, context: FeedContext): Matter {
  const isRejected = !feed.price.ok;
  return {
    key: feedKey(feed.feed),
    decide: (stored) => {
      const before = (stored?.state as FeedCase | undefined)?.isRejected ?? false;
      if (before === isRejected) return undefined;
      const state: FeedCase = { isRejected };
      const deliveries = [deliveryOf(feedMessage(feed, context), ['alerts'])];
      return { state, isActive: isRejected, keepsPlans: false, deliveries };
    },
  };
}

/** A feed that no row names any more: its case ends, with nothing to say. */
const goneFeedMatter = (feed: string): Matter => ({
  key: feedKey(feed),
  decide: (stored) => {
    const before = (stored?.state as FeedCase | undefined)?.isRejected ?? false;
    const state: FeedCase = { isRejected: false };
    return before ? { state, isActive: false, keepsPlans: false, deliveries: [] } : undefined;
  },
});

function feedMessage({ feed, price }: FeedState, { checkId, snapshot }: FeedContext): Message {
  const type = price.ok ? 'oracle.recovered' : 'oracle.rejected';
  const header = {
    id: `feed:${feed}/${checkId}/${type}`,
    version: MESSAGE_VERSION,
    severity: SEVERITIES[type],
    checkId,
    asOf: isoTime(snapshot.asOf),
    feed,
  } as const;
  return price.ok
    ? { type: 'oracle.recovered', ...header, price: textOf(price.value.price) }
    : { type: 'oracle.rejected', ...header, reasons: [price.reason] };
}
