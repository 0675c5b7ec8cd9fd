import type { Position, SubAccount } from '../book/account.ts';
import type { Book } from '../book/book.ts';
import { isOption, type OptionPosition } from '../book/equity.ts';
import { isZero } from '../number/decimal.ts';
import { groupBy } from '../number/group-by.ts';
import type { AssetTerms } from '../snapshot/asset-terms.ts';
import type { LinearTerms, OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { optionsOf } from './non-linear-slopes.ts';

/** Why a sub-account has to be read at every check. */
export type Uncertifiable =
  | 'portfolio margin'
  | 'leverage of the account'
  | 'in doubt'
  | 'not straight-lined'
  | 'expired'
  | 'leverage beside a scale'
  | 'inverse on a mark of its own'
  | 'inverse, charged by scores'
  | 'charged by the scores of an expiry'
  | 'charged by index'
  | 'charged by size'
  | 'closed'
  | 'rounded'
  | 'charged at entry'
  | 'phased in'
  | 'option scaled by volatility'
  | 'strangles'
  | 'option charged at entry'
  | 'option settled at another price'
  | 'expiry with several forwards';

/** Undefined if it can be certified. */
export const whyNot = (
  subAccount: SubAccount,
  book: Book,
  snapshot: Snapshot,
): Uncertifiable | undefined => whyNotHeld(subAccount, snapshot) ?? whyNotBook(book);

function whyNotHeld(
  { account, balances, positions, isolatedMargin }: SubAccount,
  { assets, policy }: Snapshot,
): Uncertifiable | undefined {
  if (account.marginModel === 'portfolio') return 'portfolio margin';
  // It limits the weights of balances, which that line asks.
  if (account.leverage !== undefined && policy.callAt === 'initial') {
    return 'leverage of the account';
  }
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
  if (curves.some((curve) => curve.nonLinear !== undefined && optionsOf(curve) === undefined)) {
    return 'not straight-lined';
  }
  for (const { terms, leverage } of positions) {
    if (terms.kind === 'settled') return 'expired';
    const why = terms.kind === 'option' ? whyNotOption(terms) : whyNotOn(terms);
    if (why !== undefined) return why;
    // A column follows the scale of its class, and the chosen rate does not.
    if (leverage !== undefined && terms.ofClass.riskClass.dynamic !== undefined) {
      return 'leverage beside a scale';
    }
  }
  const expiries = groupBy(positions.filter(isOption), expiryOf);
  return [...expiries.values()].some(hasSeveralForwards)
    ? 'expiry with several forwards'
    : undefined;
}

function whyNotOption({ ofClass, settlement }: OptionTerms): Uncertifiable | undefined {
  if (settlement.by === 'other') return 'option settled at another price';
  if (ofClass.riskClass.confidenceCharges.some(({ scores }) => scores !== 'own')) {
    return 'charged by the scores of an expiry';
  }
  // A pair frees an amount that follows both marks.
  if (ofClass.riskClass.optionRule?.strangles === 'pairs') return 'strangles';
  if (ofClass.riskClass.optionRule?.initialMark === 'entry') return 'option charged at entry';
  return ofClass.riskClass.dynamic === undefined ? undefined : 'option scaled by volatility';
}

const expiryOf = ({ terms }: OptionPosition): string =>
  `${terms.quoted.factor.feed} ${terms.expiresAt}`;

/** The netting of an expiry takes the forward of its first option for all. */
const hasSeveralForwards = (positions: readonly OptionPosition[]): boolean =>
  positions.some(isNetted) && new Set(positions.map(forwardOf)).size > 1;

const isNetted = ({ terms: { ofClass } }: OptionPosition): boolean =>
  ofClass.riskClass.optionRule?.expiryNetting !== undefined;

const forwardOf = ({ terms: { forward, prices, ofClass } }: OptionPosition): string =>
  JSON.stringify([forward, ofClass.riskClass.rate, prices.map(({ feed }) => feed)]);

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
  if (riskClass.confidenceCharges.some(({ on }) => on === 'index')) return 'charged by index';
  if (riskClass.requirementPlaces !== undefined) return 'rounded';
  // Otherwise it is fixed, as the curve has it.
  const isMoving = isInverse || riskClass.dynamic !== undefined;
  if (riskClass.notionalAt === 'entry' && isMoving) return 'charged at entry';
  return riskClass.phaseIn === undefined ? undefined : 'phased in';
}
