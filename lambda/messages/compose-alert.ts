/** Messages that belong to no account. */
import type { Side } from '../margin/liquidation/order-plan.ts';
import type { Policy } from '../margin/market/policy.ts';
import {
  type Amount,
  type Price,
  type Ratio,
  roundUp,
  textOf,
  textOfPlaces,
} from '../margin/number/decimal.ts';
import { PROSE_LENGTH_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import { fitted } from './fitted.ts';
import { isoTime, type MessageOrigin, messageHeader } from './header.ts';
import { shortened } from './headline.ts';
import { type Message, SEVERITIES } from './messages.ts';

export interface RejectedFeed {
  readonly feed: string;
  readonly reason: Reason;
  /** Left indeterminate. */
  readonly accounts: number;
  readonly largest?: readonly string[] | undefined;
}

export function composeRejected(
  { feed, reason, accounts, largest = [] }: RejectedFeed,
  origin: MessageOrigin,
): Message {
  const type = 'oracle.rejected';
  return fitted({
    type,
    ...feedHeader(type, feed, origin),
    feed,
    reasons: [reason],
    accounts,
    ...(largest.length === 0 ? {} : { largest: [...largest] }),
  });
}

export function composeRecovered(
  { feed, price }: { readonly feed: string; readonly price: Price | undefined },
  origin: MessageOrigin,
): Message {
  const type = 'oracle.recovered';
  const header = feedHeader(type, feed, origin);
  return { type, ...header, feed, ...(price === undefined ? {} : { price: textOf(price) }) };
}

export function composeFrozen(
  { feed, price, since }: { readonly feed: string; readonly price: Price; readonly since: number },
  origin: MessageOrigin,
): Message {
  const type = 'feed.frozen';
  const header = feedHeader(type, feed, origin);
  return { type, ...header, feed, price: textOf(price), since: isoTime(since) };
}

const feedHeader = <T extends Message['type']>(type: T, feed: string, origin: MessageOrigin) =>
  messageHeader(type, `feed:${feed}/${origin.checkId}`, origin);

/** A market whose liquidations after a move of 1 % would be large against its depth. */
export interface Cascade {
  readonly market: string;
  readonly move: 'fall' | 'rise';
  readonly side: Side;
  /** Notional ÷ depth. */
  readonly ratio: Ratio;
  readonly notional: Amount;
  readonly depth: Amount;
}

export function composeCascade(
  type: 'cascade.warned' | 'cascade.eased',
  { market, move, side, ratio, notional, depth }: Cascade,
  { policy, ...origin }: MessageOrigin & { readonly policy: Policy },
): Message {
  const { amountPlaces, numeraire } = policy;
  return fitted({
    type,
    ...messageHeader(type, `market:${market}/${origin.checkId}`, origin),
    market,
    numeraire,
    move,
    side,
    ratio: cascadeRatioText(ratio),
    notional: textOfPlaces(roundUp(notional, amountPlaces), amountPlaces),
    depth: textOf(depth),
  });
}

const RATIO_PLACES = 4;

/** Rounded up. */
export const cascadeRatioText = (ratio: Ratio): string => textOf(roundUp(ratio, RATIO_PLACES));

/** What an operator sets, with the notes that the policy row has about it. */
export type OperatorSetting = Pick<
  Policy,
  'mode' | 'halt' | 'changedBy' | 'changedAt' | 'changeReason'
>;

/** @param change `now` has no notes if they are those of an earlier change */
export function composeChanged(
  change: { readonly now: OperatorSetting; readonly before: OperatorSetting },
  origin: MessageOrigin,
): Message {
  const type = 'operator.changed';
  const { mode, halt, changedBy, changedAt, changeReason } = change.now;
  return fitted({
    type,
    ...messageHeader(type, `policy/${origin.checkId}`, origin),
    mode,
    halt,
    previous: { mode: change.before.mode, halt: change.before.halt },
    ...(changedBy === undefined ? {} : { changedBy }),
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(changeReason === undefined ? {} : { changeReason }),
  });
}

export interface Lateness {
  /** From the scheduled time. */
  readonly lateSeconds: number;
  /** Since the last complete check; absent before the first. */
  readonly gapSeconds?: number | undefined;
  readonly intervalSeconds: number;
}

export function composeLate(
  { lateSeconds, gapSeconds, intervalSeconds }: Lateness,
  origin: MessageOrigin,
): Message {
  const type = 'check.late';
  return fitted({
    type,
    ...messageHeader(type, `check/${origin.checkId}`, origin),
    lateSeconds,
    ...(gapSeconds === undefined ? {} : { gapSeconds }),
    intervalSeconds,
  });
}

export interface FailedCheck {
  /** The whole check, or a part: some accounts have no decision. */
  readonly extent: 'whole' | 'part';
  /** The first check that failed without a sound one after it. */
  readonly since: number;
  readonly error: string;
  readonly detail: string;
}

export function composeFailed(
  { extent, since, error, detail }: FailedCheck,
  origin: MessageOrigin,
): Message {
  const type = 'check.failed';
  return {
    type,
    ...messageHeader(type, `check/${origin.checkId}`, origin),
    severity: extent === 'whole' ? SEVERITIES[type] : 'warning',
    extent,
    since: isoTime(since),
    error: shortened(error, ERROR_LENGTH_MAX),
    detail: shortened(detail, PROSE_LENGTH_MAX),
  };
}

/** Characters of the name of an error. */
const ERROR_LENGTH_MAX = 100;
