/**
 * Compiles a portfolio model for one check: each distinct shock of its table and expiry charges
 * becomes one cell, and each row refers to its cell by index. The first cell is the current market.
 */

import type {
  Discount,
  ExpiryCharge,
  PortfolioRules,
  Scenario,
  Skew,
  SkewReach,
  VolShock,
} from '../market/portfolio-rules.ts';
import { type Coefficient, coefficient } from '../number/arithmetic.ts';
import {
  approximately,
  ONE,
  type Ratio,
  ratio,
  ratioBetween,
  subtract,
  textOf,
} from '../number/decimal.ts';
import type { OptionInput, OptionShock } from '../option/priced-option.ts';

export interface Cell {
  readonly key: string;
  readonly multiplier: number;
  /** priceMultiplier − 1: the relative move of everything linear; in coin, divided by it. */
  readonly move: Coefficient;
  /** 1/priceMultiplier, for values in coin. Absent for those in the numeraire. */
  readonly inCoin?: Coefficient | undefined;
  readonly vol: Scenario['vol'];
  readonly daysForward: number;
  readonly skew?: CompiledSkew | undefined;
}

interface CompiledSkew {
  readonly of: Skew['of'];
  readonly slope: number;
  readonly cap: number;
  readonly capPerRootYear: number;
  readonly flatAt?: Readonly<Record<keyof SkewReach, number>> | undefined;
}

export interface Row {
  readonly scenario: Scenario;
  /** Index of its cell. */
  readonly cell: number;
  readonly weight: Coefficient;
}

export interface CompiledExpiryCharge {
  readonly cells: readonly number[];
  readonly charge: ExpiryCharge;
}

export interface CompiledPortfolio {
  readonly rules: PortfolioRules;
  readonly cells: readonly Cell[];
  readonly rows: readonly Row[];
  readonly expiryCharges: readonly CompiledExpiryCharge[];
  /** True if each expiry is computed by itself; otherwise all options are summed as one. */
  readonly isByExpiry: boolean;
  /** The largest multiplier, at least 1. */
  readonly widest: number;
  /** The largest weight, at least 1. */
  readonly heaviest: number;
}

const ZERO_DAYS = ratio('0');

export function compilePortfolio(rules: PortfolioRules): CompiledPortfolio {
  const cells = new Map<string, Cell>();
  const placeOf = (shock: Omit<Scenario, 'weight'>): number => {
    const cell = cellOf(shock, rules.lossesIn);
    if (!cells.has(cell.key)) cells.set(cell.key, cell);
    return [...cells.keys()].indexOf(cell.key);
  };
  placeOf({ priceMultiplier: ONE, vol: 'none', daysForward: ZERO_DAYS });
  const rows = rules.scenarios.map(
    (scenario): Row => ({
      scenario,
      cell: placeOf(scenario),
      weight: coefficient(scenario.weight),
    }),
  );
  const expiryCharges = rules.expiryCharges.map((charge) => ({
    cells: charge.scenarios.map((shock) => placeOf({ ...shock, daysForward: ZERO_DAYS })),
    charge,
  }));
  const isByExpiry =
    expiryCharges.length > 0 ||
    rules.gainDiscount !== undefined ||
    rules.lossDiscount !== undefined ||
    rules.scenarios.some(({ skew }) => skew !== undefined);
  const all = [...cells.values()];
  const widest = Math.max(1, ...all.flatMap((cell) => [cell.multiplier, cell.inCoin?.near ?? 1]));
  const heaviest = Math.max(1, ...rows.map(({ weight }) => weight.near));
  return { rules, cells: all, rows, expiryCharges, isByExpiry, widest, heaviest };
}

function cellOf(
  { priceMultiplier, vol, daysForward, skew }: Omit<Scenario, 'weight'>,
  lossesIn: PortfolioRules['lossesIn'],
): Cell {
  const move = subtract(priceMultiplier, ONE);
  const isInCoin = lossesIn === 'coin';
  const key = [priceMultiplier, daysForward, ...(skew ? numbersOf(skew) : [])].map(textOf);
  return {
    key: [vol, skew?.of ?? '', ...key].join(' '),
    multiplier: approximately(priceMultiplier),
    move: coefficient(isInCoin ? ratioBetween(move, priceMultiplier) : move),
    inCoin: isInCoin ? coefficient(ratioBetween(ONE, priceMultiplier)) : undefined,
    vol,
    daysForward: approximately(daysForward),
    skew: skew && compileSkew(skew),
  };
}

const numbersOf = ({ slope, cap, capPerRootYear, flatAt }: Skew): Ratio[] => [
  ...[slope, cap, capPerRootYear],
  ...(flatAt
    ? [flatAt.minimum, flatAt.width, flatAt.volatility, flatAt.volatilityPerRootYear]
    : []),
];

const compileSkew = ({ of, slope, cap, capPerRootYear, flatAt }: Skew): CompiledSkew => ({
  of,
  slope: approximately(slope),
  cap: approximately(cap),
  capPerRootYear: approximately(capPerRootYear),
  flatAt: flatAt && {
    minimum: approximately(flatAt.minimum),
    width: approximately(flatAt.width),
    volatility: approximately(flatAt.volatility),
    volatilityPerRootYear: approximately(flatAt.volatilityPerRootYear),
  },
});

const YEAR_DAYS = 365;
const YEAR_SECONDS = 31_536_000;

export function shockOn(option: OptionInput, cell: Cell, rules: PortfolioRules): OptionShock {
  const years = Math.max(0, option.years - cell.daysForward / YEAR_DAYS);
  // A skew leaves the forward where it is: only what is linear moves with the price.
  const moved = cell.skew === undefined ? cell.multiplier : 1;
  return {
    multiple: moved + (1 - moved) * fixedShare(option, rules),
    volatility: skewed(option, cell, shockedVolatility(option, cell, rules.volShock)),
    years,
  };
}

/** Share of the settlement price that is already fixed; 0 before the averaging begins. */
export function fixedShare(
  { years, fixedShare: own }: Pick<OptionInput, 'years' | 'fixedShare'>,
  { settlementWindowSeconds }: Pick<PortfolioRules, 'settlementWindowSeconds'>,
): number {
  if (own !== undefined) return own;
  if (settlementWindowSeconds === 0) return 0;
  return Math.max(0, 1 - (years * YEAR_SECONDS) / settlementWindowSeconds);
}

function shockedVolatility({ years, volatility }: OptionInput, { vol }: Cell, shock: VolShock) {
  if (vol === 'none' || years === 0) return volatility;
  const [anchor, floor] = [approximately(shock.anchorDays), approximately(shock.floorDays)];
  const days = years * YEAR_DAYS;
  const power = approximately(days <= anchor ? shock.power : shock.longPower);
  const term = (anchor / Math.max(days, floor)) ** power;
  const isUp = vol === 'up';
  const move = term * (isUp ? approximately(shock.up) : -approximately(shock.down));
  const shocked =
    shock.unit === 'points' ? Math.max(0, volatility + move) : volatility * Math.max(0, 1 + move);
  return isUp ? Math.max(approximately(shock.minimum), shocked) : shocked;
}

/** Uses the current moneyness: a skew does not move with the price. */
function skewed(option: OptionInput, { skew }: Cell, volatility: number): number {
  if (skew === undefined || option.years === 0) return volatility;
  return volatility * Math.max(0, 1 + tiltOf(option, skew));
}

/** The cap holds on the side of k, so that a cap below zero, at a long T, turns the skew over. */
function tiltOf({ strike, forward, years }: OptionInput, skew: CompiledSkew): number {
  const root = Math.sqrt(years);
  const cap = skew.cap + skew.capPerRootYear * root;
  const distance = Math.log(strike / forward);
  const away = skew.of === 'absolute' ? Math.abs(distance) : distance;
  const { flatAt } = skew;
  if (flatAt === undefined) return Math.min(cap, Math.max(-cap, skew.slope * (away / root)));
  const volatility = flatAt.volatility + flatAt.volatilityPerRootYear * root;
  const reach = Math.max(flatAt.minimum, root * flatAt.width * volatility);
  if (reach === 0) return Math.sign(away) * cap;
  const tilt = (away * cap) / reach;
  return away >= 0 ? Math.min(cap, tilt) : Math.max(-cap, tilt);
}

/**
 * base·e^{−T(r·multiplier + add)} on a gain, base·e^{+T(…)} on a loss, but at most e^{rT}, with the rate
 * by which the value is discounted.
 */
export function discountFactor(
  discount: Discount | undefined,
  on: 'gain' | 'loss',
  of: { readonly years: number; readonly rate: number; readonly valueRate: number },
): number {
  if (discount === undefined) return 1;
  const { years, rate, valueRate } = of;
  const floor = discount.rateFloor === undefined ? rate : approximately(discount.rateFloor);
  const multiplier = approximately(discount.rateMultiplier);
  const yearly = Math.max(rate, floor) * multiplier + approximately(discount.add);
  const base = approximately(discount.base);
  if (on === 'gain') return base * Math.exp(-years * yearly);
  return Math.min(Math.exp(valueRate * years), base * Math.exp(years * yearly));
}

export const yearsOf = (ms: number): number => ms / 1000 / YEAR_SECONDS;
