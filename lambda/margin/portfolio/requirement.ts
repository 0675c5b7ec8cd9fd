/**
 * The portfolio requirement, over any arithmetic. For the book of one underlying,
 *
 *     IM, MM = max( factor·max(worst loss, expiry losses, delta floor) + charges, minimum ).
 *
 * The worst loss is the largest w·(value now − value in the scenario), at least 0. An expiry loss
 * sums a rule's losses over the expiries, each at least 0. The requirement is given as the list of
 * branches that it is the largest of, so that callers can inspect each.
 */
import type { PortfolioRules } from '../market/portfolio-rules.ts';
import type { RatePair } from '../market/schedule.ts';
import { type Arithmetic, type Coefficient, coefficient, negatedIn } from '../number/arithmetic.ts';
import { addUp, isBelow, isPositive, type Ratio, subtractUp, timesUp } from '../number/decimal.ts';
import type { Cell, CompiledPortfolio, Row } from './cells.ts';

export type Kind = 'initial' | 'maintenance';

export interface ByKind<T> {
  readonly initial: T;
  readonly maintenance: T;
}

export interface ExpiryReading<T> {
  value(cell: number): T;
  /** Gain of the expiry's linear instruments per unit of the price multiple. */
  readonly slope: T;
  /** Discount of a positive shocked value (`gain`) and of a negative one (`loss`). */
  readonly gain: Coefficient;
  readonly loss: Coefficient;
  /** base + perYear·T, by expiry charge. */
  readonly chargeFactors: readonly Coefficient[];
}

/** A book read in one arithmetic. */
export interface Reading<T> {
  readonly portfolio: CompiledPortfolio;
  readonly arithmetic: Arithmetic<T>;
  readonly expiries: readonly ExpiryReading<T>[];
  /** Gain of everything linear per unit of the price multiple, included collateral too. */
  readonly slope: T;
  readonly notional: { readonly perpetual: T; readonly future: T };
  /** S for each naked short unit. */
  readonly naked: T;
  /** (net·|Δ| + hedged·(gross − |Δ|)/2)·S */
  readonly deltaFloor: T;
  readonly minimum: ByKind<T>;
}

export interface Rates {
  readonly factor: Coefficient;
  readonly perpetual: Coefficient;
  readonly future: Coefficient;
  readonly naked: Coefficient;
}

export type ClassRates = ByKind<Rates>;

/**
 * @param on `scale`: of the factors, by volatility; `stablecoin`: its price, if the factor follows it
 */
export function ratesOf(
  { rules }: CompiledPortfolio,
  { scale, stablecoin }: { readonly scale: RatePair; readonly stablecoin?: Ratio | undefined },
): ClassRates {
  const of = (kind: Kind): Rates => ({
    factor: coefficient(timesUp(factorOf(rules, kind, stablecoin), scale[kind])),
    perpetual: coefficient(rules.perpetualCharge[kind]),
    future: coefficient(rules.futureCharge[kind]),
    naked: coefficient(rules.nakedShortCharge[kind]),
  });
  return { initial: of('initial'), maintenance: of('maintenance') };
}

/** The most that a requirement changes when a holding's value does, by 1. */
export const steepestMove = ({
  portfolio,
  rates,
}: {
  readonly portfolio?: CompiledPortfolio | undefined;
  readonly rates?: ClassRates | undefined;
}): number => {
  if (portfolio === undefined || rates === undefined) return 0;
  const moves = portfolio.rows.map(({ cell, weight }) => {
    return Math.abs(portfolio.cells[cell]?.move.near ?? 0) * weight.near;
  });
  // The initial factor may be the smaller one while the rise of its σ is limited.
  return Math.max(...moves) * Math.max(rates.initial.factor.near, rates.maintenance.factor.near);
};

/** factor + depegFactor·max(threshold − price, 0) */
function factorOf(rules: PortfolioRules, kind: Kind, stablecoin: Ratio | undefined): Ratio {
  const factor = rules[`${kind}Factor`];
  const { depegFactor } = rules;
  if (depegFactor === undefined || stablecoin === undefined) return factor;
  if (kind === 'maintenance' && depegFactor.in === 'initial') return factor;
  const below = subtractUp(depegFactor.threshold, stablecoin);
  return isPositive(below) ? addUp(factor, timesUp(below, depegFactor.factor)) : factor;
}

/** w·loss of one row; negative if it gains. */
export function lossIn<T>(reading: Reading<T>, row: Row): T {
  const { portfolio, arithmetic, expiries, slope } = reading;
  const cell = portfolio.cells[row.cell];
  if (cell === undefined) throw new RangeError(`no cell ${row.cell}`);
  const loss = expiries.reduce(
    (sum, expiry) => arithmetic.add(sum, expiryLoss(arithmetic, expiry, { row, cell })),
    arithmetic.scale(negatedIn(arithmetic, slope), cell.move),
  );
  return arithmetic.scale(loss, row.weight);
}

/** One per row. */
export const lossesIn = <T>(reading: Reading<T>): T[] =>
  reading.portfolio.rows.map((row) => lossIn(reading, row));

function expiryLoss<T>(
  arithmetic: Arithmetic<T>,
  expiry: ExpiryReading<T>,
  { row, cell }: { readonly row: Row; readonly cell: Cell },
): T {
  const { gain, loss: growth } = expiry;
  const now = expiry.value(0);
  const shocked = valueIn(arithmetic, expiry.value(row.cell), cell);
  const given = discounted(arithmetic, negatedIn(arithmetic, shocked), [growth, gain]);
  const loss = arithmetic.add(now, given);
  if (row.scenario.skew === undefined) return loss;
  const gained = arithmetic.subtract(discounted(arithmetic, shocked, [gain, growth]), now);
  return arithmetic.max(loss, gained);
}

const valueIn = <T>(arithmetic: Arithmetic<T>, value: T, { inCoin }: Cell): T =>
  inCoin === undefined ? value : arithmetic.scale(value, inCoin);

/** The part of a value above zero times the first factor, the part below times the second. */
function discounted<T>(
  arithmetic: Arithmetic<T>,
  value: T,
  [over, under]: readonly [over: Coefficient, under: Coefficient],
): T {
  if (over.near === 1 && under.near === 1) return value;
  const above = arithmetic.max(value, arithmetic.zero);
  if (above === value) return arithmetic.scale(value, over);
  const below = arithmetic.min(value, arithmetic.zero);
  if (below === value) return arithmetic.scale(value, under);
  return arithmetic.add(arithmetic.scale(above, over), arithmetic.scale(below, under));
}

export type ChargeName = 'perpetuals' | 'futures' | 'nakedShorts' | 'delta' | 'expiry';

/** The charge is of·rate. */
export interface Charge<T> {
  readonly name: ChargeName;
  readonly of: T;
  readonly rate: Coefficient;
  /** Only for a charge by expiry: the index of the charge, and of the expiry. */
  readonly place?: { readonly charge: number; readonly expiry: number } | undefined;
}

/** Charges do not depend on which scenario is the worst. */
export function chargesOf<T>(
  reading: Reading<T>,
  { rates, kind }: { readonly rates: Rates; readonly kind: Kind },
): Charge<T>[] {
  const { portfolio, notional, naked } = reading;
  const charges: Charge<T>[] = [
    { name: 'perpetuals', of: notional.perpetual, rate: rates.perpetual },
    { name: 'futures', of: notional.future, rate: rates.future },
    { name: 'nakedShorts', of: naked, rate: rates.naked },
  ];
  if (portfolio.rules.deltaFloor?.as === 'charge') {
    charges.push({
      name: 'delta',
      of: nonNegative(reading, reading.deltaFloor),
      rate: rates.factor,
    });
  }
  portfolio.expiryCharges.forEach(({ charge }, index) => {
    if (charge.as === 'charge') charges.push(...chargesByExpiry(reading, { index, kind }));
  });
  return charges;
}

const nonNegative = <T>({ arithmetic }: Reading<T>, value: T): T =>
  arithmetic.max(value, arithmetic.zero);

/** Each stands beside the worst loss: the factor applies to the largest of them all. */
export function expiryLossesIn<T>(reading: Reading<T>, kind: Kind): T[] {
  const { portfolio, arithmetic } = reading;
  return portfolio.expiryCharges.flatMap(({ charge }, index) => {
    if (charge.as === 'charge') return [];
    return chargesByExpiry(reading, { index, kind })
      .map(({ of, rate }) => arithmetic.scale(of, rate))
      .reduce((left, right) => arithmetic.add(left, right), arithmetic.zero);
  });
}

/** None if the rule does not count in this requirement. */
function chargesByExpiry<T>(
  reading: Reading<T>,
  { index, kind }: { readonly index: number; readonly kind: Kind },
): Charge<T>[] {
  const { portfolio, arithmetic, expiries } = reading;
  const compiled = portfolio.expiryCharges[index];
  if (compiled === undefined) throw new RangeError(`no expiry charge ${index}`);
  if (compiled.charge.in === 'initial' && kind === 'maintenance') return [];
  return expiries.flatMap((expiry, at) => {
    const worst = compiled.cells
      .map((cell) => lossOfExpiry(arithmetic, expiry, { cell, portfolio }))
      .reduce((left, right) => arithmetic.max(left, right), arithmetic.zero);
    const rate = expiry.chargeFactors[index];
    if (rate === undefined) return [];
    return [{ name: 'expiry' as const, of: worst, rate, place: { charge: index, expiry: at } }];
  });
}

/** Undiscounted loss of one expiry: its options and its futures. */
function lossOfExpiry<T>(
  arithmetic: Arithmetic<T>,
  expiry: ExpiryReading<T>,
  { cell, portfolio }: { readonly cell: number; readonly portfolio: CompiledPortfolio },
): T {
  const shock = portfolio.cells[cell];
  if (shock === undefined) throw new RangeError(`no cell ${cell}`);
  const shocked = valueIn(arithmetic, expiry.value(cell), shock);
  const options = arithmetic.subtract(expiry.value(0), shocked);
  return arithmetic.add(options, arithmetic.scale(negatedIn(arithmetic, expiry.slope), shock.move));
}

/**
 * One branch per loss, one for the delta floor, and one for the minimum. The initial requirement is at
 * least the maintenance requirement, unless the class has the lesser factor for it.
 */
export function branchesOf<T>(
  reading: Reading<T>,
  { rates, losses }: { readonly rates: ClassRates; readonly losses: readonly T[] },
): ByKind<readonly T[]> {
  const of = (kind: Kind) => branchesOfKind(reading, { rates: rates[kind], kind, losses });
  const [initial, maintenance] = [of('initial'), of('maintenance')];
  const { initialFactor, maintenanceFactor } = reading.portfolio.rules;
  const isLess = isBelow(initialFactor, maintenanceFactor);
  return { initial: isLess ? initial : [...initial, ...maintenance], maintenance };
}

function branchesOfKind<T>(
  reading: Reading<T>,
  {
    rates,
    kind,
    losses,
  }: { readonly rates: Rates; readonly kind: Kind; readonly losses: readonly T[] },
): T[] {
  const { portfolio, arithmetic, deltaFloor, minimum } = reading;
  const charges = chargesOf(reading, { rates, kind })
    .map(({ of, rate }) => arithmetic.scale(of, rate))
    .reduce((left, right) => arithmetic.add(left, right));
  const due = (part: T) => arithmetic.add(arithmetic.scale(part, rates.factor), charges);
  const branches = [...losses, ...expiryLossesIn(reading, kind)].map(due);
  const isFloor = portfolio.rules.deltaFloor?.as !== 'charge';
  branches.push(due(isFloor ? nonNegative(reading, deltaFloor) : arithmetic.zero));
  if (portfolio.rules.minimum !== undefined) branches.push(minimum[kind]);
  return branches;
}
