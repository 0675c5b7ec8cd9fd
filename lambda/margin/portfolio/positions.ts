/** The positions that a portfolio requirement is for: holdings with the orders of one filling. */

import type { NotionalCharge } from '../market/portfolio-rules.ts';
import type { Requirement } from '../market/schedule.ts';
import { coefficient } from '../number/arithmetic.ts';
import {
  type Amount,
  absolute,
  add,
  addUp,
  approximately,
  asRatio,
  countOf,
  isNegative,
  isZero,
  NO_AMOUNT,
  NO_QUANTITY,
  type Quantity,
  type Ratio,
  subtract,
  sumOf,
  times,
  timesDown,
  timesUp,
  worthOfUp,
  ZERO,
} from '../number/decimal.ts';
import { groupBy } from '../number/group-by.ts';
import type { OptionLeg } from '../option/option-leg.ts';
import { fixedShare } from './cells.ts';
import type { ClassTerms } from './class-terms.ts';
import {
  type Filling,
  type HeldLinear,
  type HeldOption,
  legOf,
  type PortfolioHoldings,
  quantityAfter,
  type ScannedLinear,
  type ScannedOption,
  unitsIn,
} from './holdings.ts';

export interface Expiry {
  /** Absent if the model does not separate expiries. */
  readonly expiresAt?: number | undefined;
  readonly years: number;
  /** r. */
  readonly rate: number;
  /** By which the values of its options are discounted: r or 0. */
  readonly valueRate: number;
  readonly options: readonly OptionLeg[];
  /** Gain of its futures per unit of the price multiple, without the part already fixed. */
  readonly slope: Amount;
}

export interface PortfolioPositions {
  readonly expiries: readonly Expiry[];
  /** Gain of perpetuals, futures and included collateral per unit of the price multiple. */
  readonly slope: Amount;
  /** Gain of included coin with a price of its own, which does not grow with the price. */
  readonly ownPriced: Amount;
  /** Part of `slope` that is included coin. */
  readonly ownCoin: Amount;
  /** Part of `slope` that no scenario moves, because it is already fixed for settlement. */
  readonly fixed: Amount;
  /** The included coin was chosen to offset the delta. */
  readonly isHedge: boolean;
  /** Σ |slope| of the positions, longs and shorts not netted, without collateral. */
  readonly grossSlope: Amount;
  readonly perpetualNotional: Amount;
  readonly futureNotional: Amount;
  readonly collateral: Amount;
  /** S for each naked short unit. */
  readonly naked: Amount;
  /** Bases of the minimum: the notional for its tiers, and the amount due for all contracts. */
  readonly minimumNotional: Amount;
  readonly perContract: Requirement;
}

interface LinearPosition {
  readonly terms: ScannedLinear;
  readonly quantity: Quantity;
  /** Without its sign. */
  readonly contracts: Quantity;
  readonly notionalOn: Readonly<Record<NotionalCharge['on'], Amount>>;
  readonly slope: Amount;
  /** Part of the slope that no scenario moves. */
  readonly fixed: Amount;
}

interface OptionPosition {
  readonly terms: ScannedOption;
  readonly quantity: Quantity;
  readonly units: Ratio;
}

export interface IncludedCoin {
  /** Gain per unit of the price multiple. */
  readonly collateral: Amount;
  /** Value of coin with a price of its own. */
  readonly ownPriced: Amount;
  /** The coin was chosen to offset the delta. */
  readonly isHedge: boolean;
}

export function positionsOf(
  holdings: PortfolioHoldings,
  { filling, collateral, ownPriced, isHedge }: IncludedCoin & { readonly filling: Filling },
): PortfolioPositions {
  const { ofClass } = holdings;
  const linears = holdings.linears.map((held) => linearPosition(held, { filling, ofClass }));
  const filled = filledOptions(holdings.options, filling);
  const options = filled.positions;
  const rules = ofClass.portfolio?.rules;
  const notionalOf = (type: ScannedLinear['type'], on: NotionalCharge['on'] = 'mark'): Amount =>
    linears
      .filter(({ terms }) => terms.type === type)
      .map((linear) => linear.notionalOn[on])
      .reduce(addUp, NO_AMOUNT);
  const notional = addUp(notionalOf('perpetual'), notionalOf('future'));
  return {
    expiries: expiriesOf({ linears, options }, filled, ofClass),
    slope: add(sumOf(linears.map(({ slope }) => slope)), collateral),
    fixed: sumOf(linears.map(({ fixed }) => fixed)),
    ownPriced,
    ownCoin: collateral,
    isHedge,
    collateral: add(collateral, ownPriced),
    perpetualNotional: notionalOf('perpetual', rules?.perpetualCharge.on),
    futureNotional: notionalOf('future', rules?.futureCharge.on),
    naked: isNakedCharged(ofClass) ? nakedOf(options) : NO_AMOUNT,
    ...minimumOn({ linears, options, notional }, ofClass),
    grossSlope: sumOf(linears.map(({ slope }) => absolute(slope))),
  };
}

function linearPosition(
  held: HeldLinear,
  { filling, ofClass }: { readonly filling: Filling; readonly ofClass: ClassTerms },
): LinearPosition {
  const { terms } = held;
  const quantity = quantityAfter(held, filling);
  const contracts = absolute(quantity);
  // Away from zero: a long loses when the price falls, a short when it rises.
  const scale = isNegative(quantity) ? timesDown : timesUp;
  const slope = scale(held.slope, countOf(quantity));
  return {
    terms,
    quantity,
    contracts,
    notionalOn: {
      mark: worthOfUp(contracts, terms.contractValue),
      index: worthOfUp(contracts, terms.indexValue ?? terms.contractValue),
    },
    slope,
    fixed: fixedSlope({ terms, slope }, ofClass),
  };
}

/** The settlement price of a future is partly fixed once its averaging window has begun. */
function fixedSlope(
  { terms, slope }: Pick<LinearPosition, 'terms' | 'slope'>,
  { portfolio }: ClassTerms,
): Amount {
  if (terms.losses !== undefined) return slope;
  if (portfolio === undefined || terms.expiresAt === undefined) return NO_AMOUNT;
  const share = fixedShare(terms, portfolio.rules);
  return share === 0 ? NO_AMOUNT : times(slope, asRatio(share));
}

function optionPosition(held: HeldOption, filling: Filling): OptionPosition {
  const quantity = quantityAfter(held, filling);
  return { terms: held.terms, quantity, units: unitsIn(held.terms, quantity) };
}

const publishedLeg = ({ losses, settlement }: ScannedLinear, quantity: Quantity): OptionLeg[] =>
  losses === undefined
    ? []
    : [{ scenarios: losses, units: coefficient(times(countOf(quantity), settlement.rate)) }];

/** Legs are made on first use: a model needs all as one, or those of each expiry. */
class FilledOptions {
  readonly positions: readonly OptionPosition[];
  private whole: readonly OptionLeg[] | undefined;
  private split: ReadonlyMap<number, readonly OptionLeg[]> | undefined;

  constructor(options: readonly HeldOption[], filling: Filling) {
    this.positions = options.map((held) => optionPosition(held, filling));
  }

  get all(): readonly OptionLeg[] {
    this.whole ??= legsOf(this.positions);
    return this.whole;
  }

  get byExpiry(): ReadonlyMap<number, readonly OptionLeg[]> {
    this.split ??= new Map(
      [...groupBy(this.positions, ({ terms }) => terms.expiresAt)].map(([expiresAt, some]) => [
        expiresAt,
        legsOf(some),
      ]),
    );
    return this.split;
  }
}

const legsOf = (some: readonly OptionPosition[]): OptionLeg[] =>
  some.map(({ terms, units }) => legOf(terms, units));

/** By filling: a book with and one without its coin have the same legs, and so the same sums. */
const FILLED = new WeakMap<readonly HeldOption[], Map<Filling, FilledOptions>>();

function filledOptions(options: readonly HeldOption[], filling: Filling): FilledOptions {
  const known = FILLED.get(options) ?? new Map<Filling, FilledOptions>();
  if (!FILLED.has(options)) FILLED.set(options, known);
  const found = known.get(filling) ?? new FilledOptions(options, filling);
  known.set(filling, found);
  return found;
}

interface Positions {
  readonly linears: readonly LinearPosition[];
  readonly options: readonly OptionPosition[];
}

function expiriesOf(
  { linears, options: held }: Positions,
  filled: FilledOptions,
  ofClass: ClassTerms,
): Expiry[] {
  const rate = approximately(ofClass.riskClass.rate);
  if (ofClass.portfolio?.isByExpiry !== true) {
    const published = linears.flatMap(({ terms, quantity }) => publishedLeg(terms, quantity));
    const options = published.length === 0 ? filled.all : [...filled.all, ...published];
    return [{ years: 0, rate, valueRate: rate, options, slope: NO_AMOUNT }];
  }
  const optionsBy = groupBy(held, ({ terms }) => terms.expiresAt);
  const futuresBy = groupBy(linears, ({ terms }) => terms.expiresAt);
  const expiries = new Set([...optionsBy.keys(), ...futuresBy.keys()]);
  return [...expiries].flatMap((expiresAt) => {
    if (expiresAt === undefined) return [];
    const [first] = optionsBy.get(expiresAt) ?? [];
    const input = first?.terms.option.input;
    const futures = futuresBy.get(expiresAt) ?? [];
    const slope = sumOf(futures.map((future) => future.slope));
    return {
      expiresAt,
      years: input?.years ?? futures[0]?.terms.years ?? 0,
      rate: input?.expiryRate ?? input?.rate ?? rate,
      valueRate: input?.rate ?? rate,
      options: filled.byExpiry.get(expiresAt) ?? [],
      slope: subtract(slope, sumOf(futures.map(({ fixed }) => fixed))),
    };
  });
}

const isNakedCharged = ({ portfolio }: ClassTerms): boolean =>
  portfolio !== undefined && !isZero(portfolio.rules.nakedShortCharge.initial);

/** S for each naked short unit: short after calls and puts of one strike and expiry are netted. */
function nakedOf(options: readonly OptionPosition[]): Amount {
  const byStrike = new Map<number, Ratio>();
  for (const { terms, units } of options) {
    const found = byStrike.get(terms.strikeId);
    byStrike.set(terms.strikeId, found === undefined ? units : add(found, units));
  }
  let short = ZERO;
  for (const units of byStrike.values()) if (isNegative(units)) short = subtract(short, units);
  return timesUp(options[0]?.terms.spot ?? NO_AMOUNT, short);
}

const NO_MINIMUM = {
  minimumNotional: NO_AMOUNT,
  perContract: { initial: NO_AMOUNT, maintenance: NO_AMOUNT },
};

/** @param on `notional`: of all linear positions. */
function minimumOn(
  on: Positions & { readonly notional: Amount },
  { portfolio }: ClassTerms,
): Pick<PortfolioPositions, 'minimumNotional' | 'perContract'> {
  const minimum = portfolio?.rules.minimum;
  if (minimum === undefined) return NO_MINIMUM;
  const counted =
    minimum.options === 'all' ? on.options : on.options.filter(({ units }) => isNegative(units));
  const optionNotional = counted
    .map(({ terms, units }) => timesUp(terms.spot, absolute(units)))
    .reduce(addUp, NO_AMOUNT);
  const contracts = [
    ...on.linears.map((linear) => linear.contracts),
    ...counted.map(({ quantity }) => absolute(quantity)),
  ].reduce(add, NO_QUANTITY);
  const count = countOf(contracts);
  return {
    minimumNotional: addUp(on.notional, optionNotional),
    perContract: {
      initial: timesUp(minimum.perContract.initial, count),
      maintenance: timesUp(minimum.perContract.maintenance, count),
    },
  };
}
