import type { Line } from '../curve/curve.ts';
import { addPoints, ORIGIN } from '../curve/figure.ts';
import type { MovingPrice, RiskFactor } from '../curve/risk-factor.ts';
import type { Policy } from '../market/policy.ts';
import { type Amount, add, NO_AMOUNT } from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SubAccount } from './account.ts';
import { type Arranged, type ArrangedBalance, arrange } from './arrange.ts';
import { balanceContribution, holdingOf, orderCharge } from './balance-contribution.ts';
import type { Book, CrossExposure, Holding } from './book.ts';
import { bookDoubt } from './book-doubt.ts';
import type { FactorValue, RequirementContribution, ValueContribution } from './contribution.ts';
import { refuseSecondRates } from './expiry-rates.ts';
import { addLines, type FactorContributions, factorCurve } from './factor-curve.ts';
import { HeldScores } from './held-scores.ts';
import { initialPriceCharge } from './initial-price.ts';
import { inverseSlope, positionContribution, profitLine } from './position-contribution.ts';
import { Reasons } from './reasons.ts';
import {
  neededPrice,
  requirementContribution,
  scannedBalance,
} from './requirement-contribution.ts';

/** A book, or everything that is missing for it. */
export type BookResult =
  | { readonly ok: true; readonly book: Book }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

/** No book if anything needed is not known. */
export function buildBook(subAccount: SubAccount, snapshot: Snapshot): BookResult {
  const reasons = new Reasons();
  const arranged = arrange(subAccount, snapshot, reasons);
  if (!reasons.isEmpty) return { ok: false, reasons: reasons.all };
  const isPortfolio = subAccount.account.marginModel === 'portfolio';
  const isolated = arranged.isolatedMargin ? [arranged.isolatedMargin] : [];
  const values = [
    ...arranged.balances.map((balance) => balanceContribution(balance, { isPortfolio })),
    ...arranged.positions.map((position) => positionContribution(position, { isPortfolio })),
    ...isolated.map((balance) => balanceContribution(balance, { isPortfolio: false })),
  ];
  const requirements = requirementsOf(arranged, { snapshot, isPortfolio, reasons });
  if (!reasons.isEmpty) return { ok: false, reasons: reasons.all };
  const book = bookOf({ arranged, values, requirements, isPortfolio, policy: snapshot.policy });
  return { ok: true, book };
}

function requirementsOf(
  { balances, positions, netPositions, isolatedMargin }: Arranged,
  of: { readonly snapshot: Snapshot; readonly isPortfolio: boolean; readonly reasons: Reasons },
): RequirementContribution[] {
  const inverseSlopes = of.isPortfolio ? inverseSlopesOf(positions) : NO_SLOPES;
  const scores = new HeldScores(netPositions);
  const context = { ...of, inverseSlopes, scores, profits: profitsOf(positions) };
  const requirements: RequirementContribution[] = [];
  for (const balance of balances) {
    requirements.push(...scannedBalance(balance, context));
    addRequirementsOf(balance, requirements);
  }
  if (isolatedMargin !== undefined) addRequirementsOf(isolatedMargin, requirements);
  for (const position of netPositions) {
    const requirement = requirementContribution(position, context);
    if (requirement !== undefined) requirements.push(requirement);
  }
  if (of.isPortfolio) refuseSecondRates(netPositions, of.reasons);
  // A scan starts from the underlying's price, whatever marks the position.
  for (const { factor, scanned } of requirements) {
    if (scanned === undefined || factor.grid !== undefined) continue;
    neededPrice(factor.feed, of.snapshot, of.reasons);
  }
  return requirements;
}

const NO_SLOPES: ReadonlyMap<string, Amount> = new Map();

function inverseSlopesOf(positions: Arranged['positions']): ReadonlyMap<string, Amount> {
  const slopes = new Map<string, Amount>();
  for (const position of positions) {
    const { terms } = position;
    if (terms.kind !== 'linear' || !terms.isInverse) continue;
    const before = slopes.get(terms.instrument) ?? NO_AMOUNT;
    slopes.set(terms.instrument, add(before, inverseSlope(position, terms)));
  }
  return slopes;
}

/** Nearly every balance has none. */
function addRequirementsOf(balance: ArrangedBalance, to: RequirementContribution[]): void {
  if (balance.terms.initialPrice !== undefined) to.push(...initialPriceCharge(balance));
  if (balance.openOrderCount !== undefined) to.push(...orderCharge(balance));
}

const NO_PROFITS: ReadonlyMap<string, Line> = new Map();

function profitsOf(positions: Arranged['positions']): ReadonlyMap<string, Line> {
  let profits: Map<string, Line> | undefined;
  for (const position of positions) {
    const { terms } = position;
    if (terms.kind !== 'linear' || terms.ofClass.riskClass.profit === undefined) continue;
    profits ??= new Map();
    const line = profitLine(position, terms);
    const before = profits.get(terms.instrument);
    profits.set(terms.instrument, before === undefined ? line : addLines(before, line));
  }
  return profits ?? NO_PROFITS;
}

function bookOf(of: {
  readonly arranged: Arranged;
  readonly values: readonly ValueContribution[];
  readonly requirements: readonly RequirementContribution[];
  readonly isPortfolio: boolean;
  readonly policy: Policy;
}): Book {
  const { arranged, values } = of;
  let constant = ORIGIN;
  const crosses: CrossExposure[] = [];
  const prices = new Map<string, MovingPrice>();
  for (const value of values) {
    if (value.constant !== undefined) constant = addPoints(constant, value.constant);
    if (value.crosses !== undefined) crosses.push(...value.crosses);
    for (const price of value.prices ?? []) prices.set(price.feed, price);
  }
  const factors = byFactor(of);
  return {
    constant,
    curves: factors.map(factorCurve),
    doubt: bookDoubt({ ...of, factors, prices: [...prices.values()], crosses }),
    positions: arranged.netPositions,
    holdings: holdingsOf(arranged),
    crosses,
    prices: [...prices.values()],
    notes: arranged.notes,
  };
}

function holdingsOf({ balances, isolatedMargin }: Arranged): Holding[] {
  const all = isolatedMargin === undefined ? balances : [...balances, isolatedMargin];
  return all.map(holdingOf).filter((holding) => holding !== undefined);
}

interface OfFactor extends FactorContributions {
  readonly factor: RiskFactor;
  readonly values: FactorValue[];
  readonly requirements: RequirementContribution[];
  readonly isPortfolio: boolean;
}

/** In the order in which the rows touch the factors. */
function byFactor(of: {
  readonly values: readonly ValueContribution[];
  readonly requirements: readonly RequirementContribution[];
  readonly isPortfolio: boolean;
}): OfFactor[] {
  const factors = new Map<string, OfFactor>();
  const at = (factor: RiskFactor): OfFactor => {
    const found = factors.get(factor.feed);
    if (found !== undefined) return found;
    const added = { factor, values: [], requirements: [], isPortfolio: of.isPortfolio };
    factors.set(factor.feed, added);
    return added;
  };
  for (const { factors: added = [] } of of.values) {
    for (const value of added) at(value.factor).values.push(value);
  }
  for (const requirement of of.requirements) at(requirement.factor).requirements.push(requirement);
  return [...factors.values()];
}
