import type { SentPlan } from '../margin/case/case.ts';
import type { Policy } from '../margin/market/policy.ts';
import {
  type Amount,
  type Ratio,
  roundUp,
  textOf,
  textOfPlaces,
} from '../margin/number/decimal.ts';
import { FRACTION_PLACES, SHARES_MAX } from '../margin/number/limits.ts';
import type { Deleveraging } from '../margin/waterfall/deleveraging.ts';
import type { Share } from '../margin/waterfall/haircut.ts';
import { fitted } from './fitted.ts';
import { isoTime, type MessageOrigin, messageHeader } from './header.ts';
import type { DeleveragingMessage, FundMessage } from './messages.ts';

export interface Composing extends MessageOrigin {
  readonly policy: Policy;
}

/** A sub-account without collateral left. */
export interface Bankrupt {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly caseId: string;
}

/** drawn + socialized + uncovered = amount. */
export interface PaidClaim extends Bankrupt {
  readonly claimId: string;
  readonly amount: Amount;
  readonly drawn: Amount;
  readonly socialized: Amount;
  readonly uncovered: Amount;
  readonly lossId?: string | undefined;
  /** After the payment. */
  readonly balance: Amount;
}

export function composeDrawn(claim: PaidClaim, composing: Composing): FundMessage {
  const { claimId, lossId } = claim;
  const { numeraire, amountPlaces } = composing.policy;
  const text = (amount: Amount) => amountText(amount, amountPlaces);
  return fitted({
    type: 'fund.drawn',
    ...messageHeader('fund.drawn', claimId, composing),
    ...bankruptOf(claim),
    claimId,
    numeraire,
    shortfall: text(claim.amount),
    drawn: text(claim.drawn),
    socialized: text(claim.socialized),
    uncovered: text(claim.uncovered),
    ...(lossId === undefined ? {} : { lossId }),
    fundBalance: text(claim.balance),
  });
}

export interface HaircutLoss {
  readonly lossId: string;
  readonly amount: Amount;
  readonly fraction: Ratio;
  readonly shares: readonly Share[];
  readonly excluded: number;
  readonly pages: number;
  readonly claims: readonly PaidClaim[];
}

export function composeHaircut(loss: HaircutLoss, composing: Composing): FundMessage {
  const { lossId, amount, fraction, shares, excluded, pages, claims } = loss;
  const { numeraire, amountPlaces } = composing.policy;
  const text = (each: Amount) => amountText(each, amountPlaces);
  const listed = shares.slice(0, SHARES_MAX);
  return fitted({
    type: 'loss.socialized',
    ...messageHeader('loss.socialized', lossId, composing),
    lossId,
    numeraire,
    amount: text(amount),
    method: 'haircut',
    fraction: textOf(roundUp(fraction, FRACTION_PLACES)),
    accounts: shares.length,
    excluded,
    losses: claims.map((claim) => ({
      ...bankruptOf(claim),
      claimId: claim.claimId,
      amount: text(claim.socialized),
    })),
    ...(listed.length === shares.length
      ? { shares: listed.map((share) => ({ ...share, amount: text(share.amount) })) }
      : {}),
    sharesAt: { pk: lossKey(lossId), pages },
  });
}

/** One position, transferred at its bankruptcy price. */
export interface DeleveragedLoss {
  readonly bankrupt: Bankrupt;
  /** Decided with it. */
  readonly plan: Pick<SentPlan, 'planId' | 'expiresAt'>;
  readonly deleveraging: Deleveraging;
}

export function composeDeleveraged(
  { bankrupt, plan, deleveraging }: DeleveragedLoss,
  composing: Composing,
): DeleveragingMessage {
  const { numeraire, amountPlaces } = composing.policy;
  const { market, side, price, quantity, amount, counterparties } = deleveraging;
  const lossId = `${plan.planId}/${market}`;
  return fitted({
    type: 'loss.socialized',
    ...messageHeader('loss.socialized', lossId, composing),
    lossId,
    numeraire,
    amount: amountText(amount, amountPlaces),
    ...bankruptOf(bankrupt),
    method: 'adl',
    planId: plan.planId,
    expiresAt: isoTime(plan.expiresAt),
    market,
    side,
    price: textOf(price),
    quantity: textOf(quantity),
    counterparties: counterparties.map(({ accountId, position, ...taken }) => ({
      accountId,
      ...(position === undefined ? {} : { position }),
      quantity: textOf(taken.quantity),
      score: textOf(taken.score),
    })),
  });
}

export const lossKey = (lossId: string): string => `loss#${lossId}`;

const bankruptOf = ({ accountId, position, caseId }: Bankrupt) => ({
  accountId,
  ...(position === undefined ? {} : { position }),
  caseId,
});

/** At least `places` decimals; more if the amount has more. */
export function amountText(amount: Amount, places: number): string {
  const exact = textOf(amount);
  const given = exact.split('.')[1]?.length ?? 0;
  return given > places ? exact : textOfPlaces(amount, places);
}
