/** Options of one risk factor on the standard model: their value and requirement. */

import type { Point } from '../curve/figure.ts';
import { type NonLinearPart, type NonLinearSegment, spansOf } from '../curve/non-linear-part.ts';
import type { PriceGrid } from '../curve/price-grid.ts';
import { ceilingOf, floorOf, type Segment, segmentArithmetic, straight } from '../curve/segment.ts';
import { type Arithmetic, type Coefficient, EXACT } from '../number/arithmetic.ts';
import {
  type Amount,
  add,
  addDown,
  approximately,
  isNegative,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  type Ratio,
  subtract,
  sumOf,
  times,
  timesDown,
  timesUp,
  ZERO,
} from '../number/decimal.ts';
import { groupBy } from '../number/group-by.ts';
import { type EntryPrice, entryIn, type OptionLeg } from './option-leg.ts';
import { type CompiledOptionRule, type Required, shortOptionRequirement } from './option-rule.ts';
import { OptionSums } from './option-sums.ts';
import type { OptionVector } from './priced-option.ts';
import type { ScenarioOption } from './scenario-option.ts';
import { type Paired, type PairedCharges, stranglesIn } from './strangles.ts';

/** One option of a book, longs and shorts netted. */
export interface StandardOption extends OptionLeg {
  readonly scenarios: ScenarioOption;
  readonly instrument: string;
  readonly type: 'call' | 'put';
  readonly expiresAt: number;
  /** `strike`, `underlying` and `forward` are prices per unit of underlying. */
  readonly strike: Amount;
  readonly underlying: Amount;
  readonly forward: Amount;
  readonly rule: CompiledOptionRule;
  /** The average, where it counts initially. */
  readonly entry?: EntryPrice | undefined;
  /** Short units of underlying with all open sell orders filled; 0 if long. */
  readonly short: Coefficient;
  /** Signed units with the same orders filled; negative if short. */
  readonly worst: Ratio;
  /** An amount for the whole position. */
  readonly quoteUncertainty: Amount;
}

export interface ShortCharge extends Required<Amount> {
  readonly instrument: string;
  /** Short units of underlying, with all open sell orders filled. */
  readonly units: Ratio;
}

/** The sum of the short charges, or the netted requirement if lower. */
export interface ExpiryRequirement extends Required<Amount> {
  readonly expiresAt: number;
  readonly shorts: readonly ShortCharge[];
  readonly netted?: Required<Amount> | undefined;
}

/** How an option's mark and prices are read, in any arithmetic. */
export interface OptionReading<T> {
  readonly arithmetic: Arithmetic<T>;
  mark(option: StandardOption, place: number): T;
  /** `moving` reads an amount in proportion to the price, `fixed` a constant one. */
  moving(amount: Amount): T;
  fixed(amount: Amount): T;
  /** The charge of the option of a pair that requires less. By default the lesser charge. */
  ofLesser?(arithmetic: Arithmetic<T>, charges: PairedCharges<T>): T;
}

type Placed = readonly { readonly option: StandardOption; readonly place: number }[];

/** The options of one expiry. */
interface Group {
  readonly placed: Placed;
  /** Absent if the rule does not net. */
  readonly netting?: Netting | undefined;
  /** None if the rule does not pair. */
  readonly strangles: readonly Paired[];
}

interface Netting {
  readonly unpaired: NonNullable<CompiledOptionRule['unpaired']>;
  readonly settlementLoss: Amount;
  /** F for each net short call. */
  readonly bareCalls: Amount;
}

export class OptionBook implements NonLinearPart {
  readonly options: readonly StandardOption[];
  private readonly counted: readonly StandardOption[];
  private readonly groups: readonly Group[];
  readonly now: Point;
  readonly quoteUncertainty: Amount;
  readonly magnitude: number;

  constructor(options: readonly StandardOption[]) {
    this.options = options;
    this.counted = options.every(countsInBalance) ? options : options.filter(countsInBalance);
    const placed = options.map((option, place) => ({ option, place }));
    const expiries = groupBy(placed, ({ option }) => option.expiresAt);
    this.groups = [...expiries.values()].map((each) => ({
      placed: each,
      netting: nettingOf(each),
      strangles: stranglesIn(each),
    }));
    const value = (counted: readonly StandardOption[]): Amount => sumOf(counted.map(heldValue));
    this.now = {
      equity: value(options),
      balance: value(this.counted),
      ...this.required(AS_IT_IS),
    };
    this.quoteUncertainty = sumOf(options.map((option) => option.quoteUncertainty));
    this.magnitude = options.reduce((sum, { units, short, underlying, strike }) => {
      const gross = Math.abs(units.near) + short.near;
      return sum + gross * (approximately(underlying) + approximately(strike));
    }, 0);
  }

  /** Nothing is short, also with all open sell orders filled: it requires nothing. */
  get isLong(): boolean {
    return this.options.every(({ units, short }) => short.near === 0 && units.near >= 0);
  }

  /** Exact requirement now, by expiry and short option. Expiries without shorts are left out. */
  breakdown(): ExpiryRequirement[] {
    return this.groups.flatMap((group) => {
      const shorts = group.placed
        .filter(({ option }) => option.short.near !== 0)
        .map(({ option, place }): ShortCharge => {
          const due = requiredOfShort(AS_IT_IS, option, place);
          return { instrument: option.instrument, units: option.short.exact, ...due };
        });
      const expiresAt = group.placed[0]?.option.expiresAt;
      if (expiresAt === undefined || shorts.length === 0) return [];
      const due = requiredOfExpiry(AS_IT_IS, group);
      return { expiresAt, shorts, netted: nettedOfExpiry(AS_IT_IS, group), ...due };
    });
  }

  required<T>(reading: OptionReading<T>): Required<T> {
    const { arithmetic } = reading;
    let [initial, maintenance] = [arithmetic.zero, arithmetic.zero];
    for (const group of this.groups) {
      const due = requiredOfExpiry(reading, group);
      initial = arithmetic.add(initial, due.initial);
      maintenance = arithmetic.add(maintenance, due.maintenance);
    }
    return { initial: arithmetic.max(initial, maintenance), maintenance };
  }

  segmentsOver(grid: PriceGrid): NonLinearSegment[] {
    const sumsOf = (counted: readonly StandardOption[]) => OptionSums.of(counted, 1, grid);
    const equity = sumsOf(this.options);
    const balance = this.counted === this.options ? equity : sumsOf(this.counted);
    // Only options that are short are asked for.
    const vectors: (OptionVector | undefined)[] = this.options.map(() => undefined);
    return spansOf(grid).map(({ index, left, right, width }) => {
      let slack = 0;
      const { initial, maintenance } = this.required<Segment>({
        arithmetic: segmentArithmetic(width),
        // The side that requires less may change within a segment, and the relief with a jump.
        ofLesser: (arithmetic, { over, call, put }) => {
          if (floorOf(over, width) > 0) return put;
          if (ceilingOf(over, width) < 0) return call;
          const apart = arithmetic.subtract(call, put);
          slack += Math.max(ceilingOf(apart, width), -floorOf(apart, width));
          return arithmetic.min(call, put);
        },
        mark: ({ scenarios }, place) => {
          vectors[place] ??= scenarios.vectorOver(grid);
          const { values, slopes } = vectors[place];
          return {
            left: values[index] as number,
            right: values[index + 1] as number,
            low: slopes[index] as number,
            high: slopes[index + 1] as number,
          };
        },
        moving: (amount) => {
          const near = approximately(amount);
          return straight(near * left, near * right, width);
        },
        fixed: (amount) => {
          const near = approximately(amount);
          return straight(near, near, width);
        },
      });
      return {
        equity: equity.segment(index, 0),
        balance: balance.segment(index, 0),
        initial: [initial],
        maintenance: [maintenance],
        ...{ slack, jump: slack },
      };
    });
  }
}

const heldValue = ({ scenarios, units }: StandardOption): Amount =>
  times(scenarios.exactly(0), units.exact);

export const countsInBalance = ({ rule, units }: StandardOption): boolean =>
  rule.balanceValue === 'all' || (rule.balanceValue === 'long' && units.near > 0);

/** At the current price. */
const AS_IT_IS: OptionReading<Amount> = {
  arithmetic: EXACT,
  mark: ({ scenarios }) => scenarios.exactly(0),
  moving: (amount) => amount,
  fixed: (amount) => amount,
  ofLesser: (arithmetic, { over, call, put }) => {
    if (isZero(over)) return arithmetic.min(call, put);
    return isNegative(over) ? call : put;
  },
};

function requiredOfExpiry<T>(reading: OptionReading<T>, group: Group): Required<T> {
  const { arithmetic } = reading;
  let [initial, maintenance] = [arithmetic.zero, arithmetic.zero];
  for (const { option, place } of group.placed) {
    if (option.short.near === 0) continue;
    const due = requiredOfShort(reading, option, place);
    initial = arithmetic.add(initial, due.initial);
    maintenance = arithmetic.add(maintenance, due.maintenance);
  }
  for (const pair of group.strangles) {
    const relief = reliefOf(reading, group, pair);
    initial = arithmetic.subtract(initial, relief.initial);
    maintenance = arithmetic.subtract(maintenance, relief.maintenance);
  }
  const netted = nettedOfExpiry(reading, group);
  if (netted === undefined) return { initial, maintenance };
  return {
    initial: arithmetic.min(initial, netted.initial),
    maintenance: arithmetic.min(maintenance, netted.maintenance),
  };
}

/** Of a pair the charge of the option that requires less, without its mark: it is not due. */
function reliefOf<T>(reading: OptionReading<T>, { placed }: Group, pair: Paired): Required<T> {
  const { arithmetic, ofLesser = ofEither } = reading;
  const dueOn = (at: number) => {
    const found = placed.find(({ place }) => place === at);
    if (found === undefined) throw new RangeError(`there is no option ${at}`);
    return { due: requiredOfUnit(reading, found.option, at), mark: reading.mark(found.option, at) };
  };
  const [call, put] = [dueOn(pair.call), dueOn(pair.put)];
  const relief = (kind: keyof Required<T>): T => {
    const over = arithmetic.subtract(call.due[kind], put.due[kind]);
    const charges = {
      call: arithmetic.subtract(call.due[kind], call.mark),
      put: arithmetic.subtract(put.due[kind], put.mark),
    };
    return ofLesser(arithmetic, {
      over: arithmetic.scale(over, pair.units),
      call: arithmetic.scale(charges.call, pair.units),
      put: arithmetic.scale(charges.put, pair.units),
    });
  };
  return { initial: relief('initial'), maintenance: relief('maintenance') };
}

const ofEither = <T>(arithmetic: Arithmetic<T>, { call, put }: PairedCharges<T>): T =>
  arithmetic.min(call, put);

function requiredOfUnit<T>(
  reading: OptionReading<T>,
  option: StandardOption,
  place: number,
): Required<T> {
  return shortOptionRequirement(reading.arithmetic, option.rule, {
    type: option.type,
    underlying: reading.moving(option.underlying),
    strike: reading.fixed(option.strike),
    mark: reading.mark(option, place),
    leastMark: entryIn(reading, option.entry),
    fixed: (amount) => reading.fixed(amount),
  });
}

function requiredOfShort<T>(
  reading: OptionReading<T>,
  option: StandardOption,
  place: number,
): Required<T> {
  const { arithmetic } = reading;
  const due = requiredOfUnit(reading, option, place);
  return {
    initial: arithmetic.scale(due.initial, option.short),
    maintenance: arithmetic.scale(due.maintenance, option.short),
  };
}

/** Settlement loss + u·F for each net short call. Undefined if the rule does not net. */
function nettedOfExpiry<T>(reading: OptionReading<T>, { netting }: Group): Required<T> | undefined {
  if (netting === undefined) return undefined;
  const { arithmetic } = reading;
  const loss = reading.fixed(netting.settlementLoss);
  const bareCalls = reading.moving(netting.bareCalls);
  const netted = (share: Coefficient): T =>
    arithmetic.add(loss, arithmetic.scale(bareCalls, share));
  return {
    initial: netted(netting.unpaired.initial),
    maintenance: netted(netting.unpaired.maintenance),
  };
}

function nettingOf(placed: Placed): Netting | undefined {
  const [first] = placed;
  const unpaired = first?.option.rule.unpaired;
  if (first === undefined || unpaired === undefined) return undefined;
  const bareCalls = timesUp(first.option.forward, netShortCalls(placed));
  return { unpaired, settlementLoss: settlementLoss(placed), bareCalls };
}

/** Largest payout of the expiry, at least 0, if it settles at 0 or at one of its strikes. */
function settlementLoss(group: Placed): Amount {
  const prices = [NO_AMOUNT, ...group.map(({ option }) => option.strike)];
  return prices.map((price) => negate(payoffAt(group, price))).reduce(larger, NO_AMOUNT);
}

/** Rounded down, so that the loss is rounded up. */
const payoffAt = (group: Placed, price: Amount): Amount =>
  group
    .map(({ option }) => timesDown(payoff(option, price), option.worst))
    .reduce(addDown, NO_AMOUNT);

/** Payoff per unit of underlying. */
export const payoff = (
  { type, strike }: Pick<StandardOption, 'type' | 'strike'>,
  price: Amount,
): Amount => larger(NO_AMOUNT, type === 'call' ? subtract(price, strike) : subtract(strike, price));

/** Units by which the calls of an expiry are net short; 0 if they are net long. */
function netShortCalls(group: Placed): Ratio {
  const calls = group.filter(({ option }) => option.type === 'call');
  const net = calls.map(({ option }) => option.worst).reduce(add, ZERO);
  return isNegative(net) ? negate(net) : ZERO;
}
