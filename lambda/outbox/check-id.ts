/**
 * The id of a scheduled check is its time. That of an event check is the id of the scheduled check
 * that began last, `~`, and its own time: it sorts after that check and before the next, and cases
 * take its decisions between theirs.
 */
import { isoTime } from '../messages/header.ts';

const MARK = '~';

export const eventCheckId = (checkId: string, asOf: number): string =>
  `${checkId}${MARK}${isoTime(asOf)}`;

export const isEventCheckId = (checkId: string): boolean => checkId.includes(MARK);

/** Milliseconds since 1970. */
export const timeOfCheck = (checkId: string): number =>
  Date.parse(checkId.slice(checkId.indexOf(MARK) + 1));
