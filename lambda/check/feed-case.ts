import type { CheckContext } from '../accounts/account-case.ts';
import type { FeedState } from '../margin/curve/risk-factor.ts';
import { composeFeed } from '../messages/compose-alert.ts';
import type { CaseRunner } from '../outbox/case-runner.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
import type { Key } from '../outbox/stored-case.ts';
import { alertKey, alertSubject, nameInKey } from './alert-case.ts';

const FEED = 'feed#';
const flag = 'isRejected';

const feedKey = (feed: string): Key => alertKey(FEED, feed);

export const feedOfKey = (key: Key): string | undefined => nameInKey(key, FEED);

type FeedContext = Pick<CheckContext, 'checkId' | 'snapshot'>;

export async function processFeeds(runner: CaseRunner, context: FeedContext): Promise<void> {
  const { feeds } = context.snapshot;
  const gone = runner.openKeys.flatMap((key) => {
    const feed = feedOfKey(key);
    return feed === undefined || feeds.has(feed) ? [] : [goneSubject(feed)];
  });
  const known = [...feeds.values()]
    .filter(({ feed, price }) => !price.ok || runner.isOpen(feedKey(feed)))
    .map((state) => feedSubject(state, context));
  await runner.attemptInTime('the feeds', () => runner.process([...known, ...gone]));
}

function feedSubject(state: FeedState, { checkId, snapshot }: FeedContext): CaseSubject {
  return alertSubject({
    key: feedKey(state.feed),
    flag,
    next: () => !state.price.ok,
    compose: () => composeFeed(state, { checkId, asOf: snapshot.asOf }),
  });
}

/** No row names the feed any more. */
const goneSubject = (feed: string): CaseSubject =>
  alertSubject({ key: feedKey(feed), flag, next: () => false });
