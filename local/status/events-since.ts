/** The event checks since the last scheduled one, from their records. */
import * as z from 'zod';
import type { MarginTable } from '../../lambda/aws/margin-table.ts';
import { eventRecordKey } from '../../lambda/check/event-summary.ts';
import { counted } from '../report/figures.ts';

/** Loose: older versions recorded less. */
const eventRecord = z.looseObject({
  changed: z.looseObject({ count: z.number() }),
  feeds: z.array(z.string()),
  published: z.number(),
  latencySeconds: z.number(),
});

export interface EventsSince {
  readonly checks: number;
  /** Accounts that had changed, each as often as it was checked. */
  readonly changed: number;
  /** Their prices had moved. */
  readonly feeds: readonly string[];
  readonly published: number;
  /** Of the last. */
  readonly latencySeconds: number;
}

/** @param checkId of the last scheduled check. @returns undefined if there were none */
export async function readEventsSince(
  margin: Pick<MarginTable, 'rowsUnder'>,
  checkId: string,
): Promise<EventsSince | undefined> {
  let since: EventsSince | undefined;
  for await (const row of margin.rowsUnder(eventRecordKey(checkId))) {
    const { success, data } = eventRecord.safeParse(row);
    if (!success) continue;
    const { checks = 0, changed = 0, feeds = [], published = 0 } = since ?? {};
    since = {
      checks: checks + 1,
      changed: changed + data.changed.count,
      feeds: [...new Set([...feeds, ...data.feeds])],
      published: published + data.published,
      latencySeconds: data.latencySeconds,
    };
  }
  return since;
}

export function eventsLine({ checks, changed, feeds, published }: EventsSince): string {
  const reasons = [
    ...(changed === 0 ? [] : [`${counted(changed, 'account')} changed`]),
    ...(feeds.length === 0 ? [] : [`${feeds.join(', ')} moved`]),
  ];
  return `${counted(checks, 'event check')}: ${reasons.join(', ')}; ${published} published`;
}
