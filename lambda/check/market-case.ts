/**
 * Markets in which a cascade is possible: said once when what a move of 1 % would put into
 * liquidation reaches the policy's share of the depth, and once when it is well below again.
 */

import type { CheckContext } from '../accounts/account-case.ts';
import { type CascadeReading, ratioText } from '../accounts/cascade-gauge.ts';
import {
  type Amount,
  isAtLeast,
  isBelow,
  type Ratio,
  ratio,
  roundUp,
  textOf,
  textOfPlaces,
  times,
} from '../margin/number/decimal.ts';
import { isoTime } from '../messages/compose.ts';
import { MESSAGE_VERSION } from '../messages/message-version.ts';
import { type Message, SEVERITIES } from '../messages/messages.ts';
import type { Settling } from '../outbox/case-runner.ts';
import type { Matter, Proposal } from '../outbox/case-subject.ts';
import { CASE } from '../outbox/case-subject.ts';
import { deliveryOf } from '../outbox/pending-messages.ts';
import type { Key } from '../outbox/stored-case.ts';

const MARKET = 'market#';

/** It has eased below this share of the ratio that it is warned of at: no flapping around that. */
const EASED_SHARE = ratio('0.8');

const marketKey = (market: string): Key => ({ pk: `${MARKET}${market}`, sk: CASE });

export const marketOfKey = ({ pk }: Key): string | undefined =>
  pk.startsWith(MARKET) ? pk.slice(MARKET.length) : undefined;

type MarketContext = Pick<CheckContext, 'checkId' | 'snapshot'>;

/** @param isWhole whether all accounts are in the readings: if not, none is known to have eased. */
export async function settleMarkets(
  settling: Settling,
  input: {
    readonly readings: readonly CascadeReading[];
    readonly context: MarketContext;
    readonly isWhole: boolean;
  },
): Promise<void> {
  const { readings, context, isWhole } = input;
  const { cascadeAlertRatio } = context.snapshot.policy;
  const measured = readings.flatMap((reading): Measured[] => {
    const { ratio: reached, depth } = reading;
    return reached === undefined || depth === undefined
      ? []
      : [{ ...reading, ratio: reached, depth }];
  });
  const warned = measured.filter((each) => isAtLeast(each.ratio, cascadeAlertRatio));
  const others = measured.filter((each) => !warned.includes(each));
  const open = others.filter(({ market }) => settling.isOpen(marketKey(market)));
  const gone = settling.openKeys.flatMap((key) => marketOfKey(key) ?? []).filter(isGone(context));
  await settling.attempt('the markets', () =>
    settling.settle([
      ...[...warned, ...(isWhole ? open : [])].map((each) => marketMatter(each, context)),
      ...gone.map(goneMarketMatter),
    ]),
  );
}

interface Measured extends CascadeReading {
  readonly depth: Amount;
  readonly ratio: Ratio;
}

/** Whether no row names it, or says its depth; of one whose price is not known nothing is known. */
const isGone =
  ({ snapshot: { instruments, assets } }: MarketContext) =>
  (market: string): boolean =>
    [instruments.get(market), assets.get(market)].every(
      (terms) => terms === undefined || (terms.ok && terms.value.trading.depth === undefined),
    );

interface MarketCase {
  readonly isWarned: boolean;
}

function marketMatter(reading: Measured, context: MarketContext): Matter {
  const { cascadeAlertRatio } = context.snapshot.policy;
  const isReached = isAtLeast(reading.ratio, cascadeAlertRatio);
  const isEased = isBelow(reading.ratio, times(cascadeAlertRatio, EASED_SHARE));
  return {
    key: marketKey(reading.market),
    decide: (stored) => {
      const isWarned = (stored?.state as MarketCase | undefined)?.isWarned ?? false;
      if (isWarned ? !isEased : !isReached) return undefined;
      return said(cascadeMessage(isWarned ? 'cascade.eased' : 'cascade.warned', reading, context));
    },
  };
}

function said(message: Message): Proposal {
  const isWarned = message.type === 'cascade.warned';
  const state: MarketCase = { isWarned };
  const deliveries = [deliveryOf(message, ['alerts'])];
  return { state, isActive: isWarned, keepsPlans: false, deliveries };
}

/** A market that is gone, or does not say its depth any more: its case ends, with nothing to say. */
const goneMarketMatter = (market: string): Matter => ({
  key: marketKey(market),
  decide: (stored) => {
    const isWarned = (stored?.state as MarketCase | undefined)?.isWarned ?? false;
    const state: MarketCase = { isWarned: false };
    return isWarned ? { state, isActive: false, keepsPlans: false, deliveries: [] } : undefined;
  },
});

function cascadeMessage(
  type: 'cascade.warned' | 'cascade.eased',
  { market, move, side, notional, ratio: reached, depth }: Measured,
  { checkId, snapshot }: MarketContext,
): Message {
  const { amountPlaces, numeraire } = snapshot.policy;
  const text = (amount: Amount) => textOfPlaces(roundUp(amount, amountPlaces), amountPlaces);
  return {
    type,
    id: `market:${market}/${checkId}/${type}`,
    version: MESSAGE_VERSION,
    severity: SEVERITIES[type],
    checkId,
    asOf: isoTime(snapshot.asOf),
    market,
    numeraire,
    move,
    side,
    ratio: ratioText(reached),
    notional: text(notional[move]),
    depth: textOf(depth),
  };
}
