/** The curve of one risk factor: the sum of what balances and positions add to it. */
import type { Curve, Line, MarginedNotional, NonLinear, WeighedLine } from '../curve/curve.ts';
import { HingePart } from '../curve/hinge-part.ts';
import type { NonLinearPart } from '../curve/non-linear-part.ts';
import type { RiskFactor } from '../curve/risk-factor.ts';
import { SizedPart } from '../curve/sized-part.ts';
import { flatSchedule, type Requirement } from '../market/schedule.ts';
import {
  type Amount,
  absolute,
  add,
  addUp,
  isAbove,
  isNegative,
  isZero,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  ratio,
  subtract,
  sumOf,
  times,
  timesDown,
  ZERO,
} from '../number/decimal.ts';
import { OptionBook } from '../option/option-book.ts';
import type { ClassTerms } from '../portfolio/class-terms.ts';
import { HedgingCoinPart } from '../portfolio/hedging-coin.ts';
import { PortfolioPart } from '../portfolio/portfolio-part.ts';
import type { AssetWeights, Weighing } from '../snapshot/asset-terms.ts';
import type {
  BalanceValue,
  FactorValue,
  OrderedBalance,
  RequirementContribution,
  ScannedPosition,
  SettledLine,
} from './contribution.ts';

export interface FactorContributions {
  readonly factor: RiskFactor;
  readonly values: readonly FactorValue[];
  readonly requirements: readonly RequirementContribution[];
  readonly isPortfolio: boolean;
  /** A part of a factor takes the uncertainty of the whole. */
  readonly uncertainty?: Ratio | undefined;
}

export function factorCurve(contributions: FactorContributions): Curve {
  const { factor, values, requirements } = contributions;
  const lines = new Lines();
  let uncertainty = contributions.uncertainty ?? ZERO;
  let exposed = NO_AMOUNT;
  for (const value of values) {
    if (value.uncertainty !== undefined) uncertainty = larger(uncertainty, value.uncertainty);
    if (value.exposed !== undefined) exposed = add(exposed, value.exposed);
    lines.addValue(value);
  }
  for (const { balance } of values) if (balance !== undefined) lines.addBalance(balance);
  let fixed = NOTHING_DUE;
  for (const requirement of requirements) {
    lines.margined.push(...requirement.margined);
    fixed = requirement.fixed.reduce(addRequirements, fixed);
  }
  const weighed = lines.closePools();
  // Every account comes through here, and a spread is slower than names.
  const { shockDown, shockUp, shock, forecastDown, forecastUp, radiusScale } = factor;
  return {
    factor: factor.feed,
    equity: { constant: lines.constant, slope: lines.equitySlope },
    balance: { constant: lines.constant, slope: lines.balanceSlope },
    margined: lines.margined,
    fixed,
    weighed,
    nonLinear: nonLinearOf(contributions, { coin: lines.coin, uncertainty, exposed }),
    uncertainty,
    shockDown,
    shockUp,
    shock,
    forecastDown,
    forecastUp,
    radiusScale,
  };
}

const NOTHING_DUE: Requirement = { initial: NO_AMOUNT, maintenance: NO_AMOUNT };

const addRequirements = (left: Requirement, right: Requirement): Requirement => ({
  initial: addUp(left.initial, right.initial),
  maintenance: addUp(left.maintenance, right.maintenance),
});

export const addLines = (left: Line, right: Line): Line => ({
  constant: add(left.constant, right.constant),
  slope: add(left.slope, right.slope),
});

/** A coin's balance together with the profits settled in it. */
interface Pool {
  line: Line;
  weights: Omit<AssetWeights, 'scaling' | 'initialScaling'>;
}

class Lines {
  /** The same in equity and balance, as only balances have weights, and no constant. */
  constant = NO_AMOUNT;
  equitySlope = NO_AMOUNT;
  balanceSlope = NO_AMOUNT;
  /** Gain of all balances per unit of the price's multiple. */
  coin = NO_AMOUNT;
  readonly margined: MarginedNotional[] = [];
  private pools: Map<string, Pool> | undefined;

  addValue({ line, settled, margined }: FactorValue): void {
    if (line !== undefined) this.addLine(line);
    if (settled !== undefined) this.addSettled(settled);
    if (margined !== undefined) this.margined.push(...margined);
  }

  private addLine({ constant, slope }: Line): void {
    this.constant = add(this.constant, constant);
    this.equitySlope = add(this.equitySlope, slope);
    this.balanceSlope = add(this.balanceSlope, slope);
  }

  private addSettled({ asset, line, weights }: SettledLine): void {
    this.pools ??= new Map();
    const pool = this.pools.get(asset);
    const { scaling: _, initialScaling: __, ...plain } = weights;
    if (pool === undefined) this.pools.set(asset, { line, weights: plain });
    else pool.line = addLines(pool.line, line);
  }

  /** Call after all positions: a balance joins the pool of positions that settle in it. */
  addBalance({ terms, value, weighing, isHere, ordered }: BalanceValue): void {
    if (terms.isOutOfScan !== true) this.coin = add(this.coin, value);
    const pool = isHere ? this.pools?.get(terms.asset) : undefined;
    if (pool !== undefined) {
      addToPool(pool, value, weighing);
      if (ordered !== undefined) this.addTaken(ordered.taken);
    } else if (ordered === undefined) this.addWeighed(value, weighing);
    else this.addOrdered(value, ordered);
  }

  private addOrdered(value: Amount, { maintenance, initial }: OrderedBalance): void {
    this.equitySlope = add(this.equitySlope, value);
    this.balanceSlope = add(this.balanceSlope, maintenance);
    this.addInitial(subtract(maintenance, initial));
  }

  private addTaken({ maintenance, initial }: OrderedBalance['taken']): void {
    this.balanceSlope = subtract(this.balanceSlope, maintenance);
    this.addInitial(subtract(initial, maintenance));
  }

  private addInitial(notional: Amount): void {
    if (isZero(notional)) return;
    this.margined.push({ notional, schedule: flatSchedule(ONE, ZERO) });
  }

  /** Outside a pool the balance keeps its sign, and so its weight, at every price. */
  private addWeighed(value: Amount, { maintenance, initial }: Weighing): void {
    this.equitySlope = add(this.equitySlope, value);
    this.balanceSlope = add(this.balanceSlope, timesDown(value, maintenance));
    if (maintenance === initial) return;
    const haircut = absolute(subtract(maintenance, initial));
    if (isZero(haircut)) return;
    this.margined.push({ notional: absolute(value), schedule: flatSchedule(haircut, ZERO) });
  }

  /** A pool whose weights are all 1 is an ordinary line. @returns the others */
  closePools(): WeighedLine[] {
    const weighed: WeighedLine[] = [];
    for (const { line, weights } of this.pools?.values() ?? []) {
      if (isUnweighed(weights)) this.addLine(line);
      else {
        weighed.push({
          line,
          collateralWeight: weights.collateral,
          liabilityWeight: weights.liability,
          initialCollateralWeight: weights.initialCollateral,
          initialLiabilityWeight: weights.initialLiability,
        });
      }
    }
    return weighed;
  }
}

function addToPool(pool: Pool, value: Amount, { maintenance, initial }: Weighing): void {
  pool.line = addLines(pool.line, { constant: NO_AMOUNT, slope: value });
  pool.weights = isNegative(value)
    ? { ...pool.weights, liability: maintenance, initialLiability: initial }
    : { ...pool.weights, collateral: maintenance, initialCollateral: initial };
}

const isUnweighed = (weights: Pool['weights']): boolean =>
  Object.values(weights).every((weight) => weight === ONE);

const TWO = ratio('2');

/**
 * The price grid spans the uncertainty of the underlying's own price. A less certain mark or
 * forward widens everything by the difference: once for the value, and at most once for the
 * requirement.
 */
function nonLinearOf(
  contributions: FactorContributions,
  of: { readonly coin: Amount; readonly uncertainty: Ratio; readonly exposed: Amount },
): NonLinear | undefined {
  const { factor } = contributions;
  const { grid } = factor;
  const parts = partsOf(contributions, of.coin);
  if (parts.length === 0) return undefined;
  if (grid === undefined) throw new RangeError(`${factor.feed}: no price, so no price grid`);
  const beyond = subtract(of.uncertainty, grid.uncertainty);
  const quotes = sumOf(parts.map((part) => part.quoteUncertainty));
  const unsure = isAbove(beyond, ZERO) ? times(of.exposed, times(beyond, TWO)) : NO_AMOUNT;
  return { parts, grid, quoteUncertainty: add(quotes, unsure) };
}

function partsOf(contributions: FactorContributions, coin: Amount): NonLinearPart[] {
  const { values, requirements, isPortfolio } = contributions;
  if (!isPortfolio && !requirements.some(isNonLinear)) return [];
  const elsewhere = values.flatMap(({ hedgesElsewhere }) => hedgesElsewhere ?? []);
  const options = requirements.flatMap(({ option }) => option ?? []);
  const sized = requirements.flatMap((each) => each.sized ?? []);
  const hinges = requirements.flatMap((each) => each.hinges ?? []);
  return [
    ...(options.length === 0 ? [] : [new OptionBook(options)]),
    ...(sized.length === 0 ? [] : [new SizedPart(sized)]),
    ...(hinges.length === 0 ? [] : [new HingePart(hinges)]),
    ...scannedParts(contributions, coin),
    ...(elsewhere.length === 0 ? [] : [new HedgingCoinPart(elsewhere)]),
  ];
}

const isNonLinear = ({ option, sized, hinges }: RequirementContribution): boolean =>
  option !== undefined || sized !== undefined || hinges !== undefined;

/** One part per class. The coin takes part in the class that scans all of it, else in the first. */
function scannedParts(contributions: FactorContributions, coin: Amount): PortfolioPart[] {
  const { isPortfolio, factor, values, requirements } = contributions;
  const { grid } = factor;
  if (!isPortfolio || grid === undefined) return [];
  const scanned = requirements.flatMap((each) => each.scanned ?? []);
  const hedging = values.flatMap((value) => value.hedging ?? []);
  const withCoin = classScanningAll(values) ?? scanned[0]?.ofClass;
  const classes = new Map<string, ClassTerms>();
  for (const ofClass of [withCoin, ...[...scanned, ...hedging].map((each) => each.ofClass)]) {
    const name = ofClass && classNameOf(ofClass);
    if (name !== undefined && !classes.has(name)) classes.set(name, ofClass as ClassTerms);
  }
  return [...classes].map(([name, ofClass]) => {
    const isOfClass = (of: { readonly ofClass: ClassTerms }) => classNameOf(of.ofClass) === name;
    const ownPriced = hedging.filter(isOfClass).map(({ value }) => value);
    return new PortfolioPart({
      ...{ ofClass, grid, coin: ofClass === withCoin ? coin : NO_AMOUNT },
      ownPricedCoin: ownPriced.length === 0 ? NO_AMOUNT : sumOf(ownPriced),
      ...holdingsOf(scanned.filter(isOfClass)),
    });
  });
}

const classNameOf = ({ portfolioName }: ClassTerms): string => portfolioName;

const classScanningAll = (values: readonly FactorValue[]): ClassTerms | undefined =>
  values.find(({ balance }) => balance?.terms.scannedBy)?.balance?.terms.scannedBy;

const holdingsOf = (positions: readonly ScannedPosition[]) => ({
  linears: positions.flatMap(({ linear }) => linear ?? []),
  options: positions.flatMap(({ option }) => option ?? []),
});
