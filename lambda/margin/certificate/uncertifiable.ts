import type { Position, SubAccount } from '../book/account.ts';
import type { Book } from '../book/book.ts';
import { isZero } from '../number/decimal.ts';
import type { AssetTerms } from '../snapshot/asset-terms.ts';
import type { LinearTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** Why a sub-account has to be read at every check. */
export type Uncertifiable =
  | 'portfolio margin'
  | 'in doubt'
  | 'not straight-lined'
  | 'expired'
  | 'inverse on a mark of its own'
  | 'inverse, charged by scores'
  | 'charged by size'
  | 'closed'
  | 'rounded'
  | 'phased in';

/** Undefined if it can be certified. */
export const whyNot = (
  subAccount: SubAccount,
  book: Book,
  snapshot: Snapshot,
): Uncertifiable | undefined => whyNotHeld(subAccount, snapshot) ?? whyNotBook(book);

function whyNotHeld(
  { account, balances, positions, isolatedMargin }: SubAccount,
  { assets }: Snapshot,
): Uncertifiable | undefined {
  if (account.marginModel === 'portfolio') return 'portfolio margin';
  // The asset of its margin is then named by a row that nothing else rests on.
  if (isolatedMargin !== undefined && positions.every(isEmpty)) return 'closed';
  const isScaled = balances.some(({ asset }) => {
    const found = assets.get(asset);
    return found?.ok && followsSize(found.value);
  });
  return isScaled ? 'charged by size' : undefined;
}

const isEmpty = ({ quantity, openBuyQuantity, openSellQuantity }: Position): boolean =>
  [quantity, openBuyQuantity, openSellQuantity].every(isZero);

/** Its weight changes with interest, and with what is settled in it. */
const followsSize = ({ weights }: AssetTerms): boolean =>
  !isZero(weights.scaling) || !isZero(weights.initialScaling);

/** The age of a price alone speaks against a liquidation, and against no certificate. */
export const isInDoubt = ({ doubt }: Book): boolean => doubt !== undefined && !doubt.isOnlyAged;

function whyNotBook(book: Book): Uncertifiable | undefined {
  if (isInDoubt(book)) return 'in doubt';
  const { curves, positions } = book;
  if (curves.some(({ nonLinear }) => nonLinear !== undefined)) return 'not straight-lined';
  for (const { terms } of positions) {
    if (terms.kind !== 'linear') return terms.kind === 'option' ? 'not straight-lined' : 'expired';
    const why = whyNotOn(terms);
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyNotOn(terms: LinearTerms): Uncertifiable | undefined {
  const { ofClass, isInverse, quoted, settlement } = terms;
  const { riskClass } = ofClass;
  if (terms.sizedRule !== undefined || followsSize(settlement.asset)) return 'charged by size';
  const coin = settlement.asset.quoted?.price.feed;
  if (isInverse && (quoted.price.feed !== quoted.factor.feed || coin !== quoted.price.feed)) {
    return 'inverse on a mark of its own';
  }
  const isCharged = riskClass.confidenceCharges.length > 0 || riskClass.depegCharge !== undefined;
  if (isInverse && isCharged) return 'inverse, charged by scores';
  if (riskClass.requirementPlaces !== undefined) return 'rounded';
  return riskClass.phaseIn === undefined ? undefined : 'phased in';
}
