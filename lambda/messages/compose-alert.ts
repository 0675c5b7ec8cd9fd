/** Messages that belong to no account. */
import type { FeedState } from '../margin/curve/risk-factor.ts';
import type { Side } from '../margin/liquidation/order-plan.ts';
import type { Policy } from '../margin/market/policy.ts';
import {
  type Amount,
  type Ratio,
  roundUp,
  textOf,
  textOfPlaces,
} from '../margin/number/decimal.ts';
import { fitted } from './fitted.ts';
import { type MessageOrigin, messageHeader } from './header.ts';
import type { Message } from './messages.ts';

export function composeFeed({ feed, price }: FeedState, origin: MessageOrigin): Message {
  const prefix = `feed:${feed}/${origin.checkId}`;
  if (price.ok) {
    const type = 'oracle.recovered';
    const header = messageHeader(type, prefix, origin);
    return fitted({ type, ...header, feed, price: textOf(price.value.price) });
  }
  const type = 'oracle.rejected';
  return fitted({
    type,
    ...messageHeader(type, prefix, origin),
    feed,
    reasons: [price.reason],
  });
}

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
