import type { OptionCharge, OptionCharges, OptionRule } from '../market/option-rule.ts';

import type { RatePair } from '../market/schedule.ts';
import { type Arithmetic, type Coefficient, coefficient } from '../number/arithmetic.ts';
import { type Amount, isZero, timesUp } from '../number/decimal.ts';

interface CompiledCharge {
  readonly rate: Coefficient;
  readonly lessOutOfTheMoney: boolean;
  readonly floor: Coefficient;
  readonly floorOf: OptionCharge['floorOf'];
  readonly ofMark: Coefficient;
  /** Absent: none. */
  readonly minimum?: Amount | undefined;
}

interface CompiledCharges {
  readonly initial: CompiledCharge;
  readonly maintenance: CompiledCharge;
}

export interface CompiledOptionRule {
  readonly call: CompiledCharges;
  readonly put: CompiledCharges;
  readonly putInitialOverMaintenance: Coefficient;
  readonly factor: { readonly initial: Coefficient; readonly maintenance: Coefficient };
  readonly underlyingPrice: OptionRule['underlyingPrice'];
  readonly initialMark: OptionRule['initialMark'];
  readonly balanceValue: OptionRule['balanceValue'];
  readonly strangles: OptionRule['strangles'];
  readonly unpaired?:
    | { readonly initial: Coefficient; readonly maintenance: Coefficient }
    | undefined;
}

/** @param scale volatility scale of the charges */
export function compileOptionRule(rule: OptionRule, scale: RatePair): CompiledOptionRule {
  const { expiryNetting, factor } = rule;
  return {
    call: compileCharges(rule.shortCall),
    put: compileCharges(rule.shortPut),
    putInitialOverMaintenance: coefficient(rule.putInitialOverMaintenance),
    factor: {
      initial: coefficient(timesUp(factor, scale.initial)),
      maintenance: coefficient(timesUp(factor, scale.maintenance)),
    },
    underlyingPrice: rule.underlyingPrice,
    initialMark: rule.initialMark,
    balanceValue: rule.balanceValue,
    strangles: rule.strangles,
    unpaired: expiryNetting && {
      initial: coefficient(expiryNetting.initial),
      maintenance: coefficient(expiryNetting.maintenance),
    },
  };
}

const compileCharges = ({ initial, maintenance }: OptionCharges): CompiledCharges => ({
  initial: compileCharge(initial),
  maintenance: compileCharge(maintenance),
});

const compileCharge = (charge: OptionCharge): CompiledCharge => ({
  ...charge,
  rate: coefficient(charge.rate),
  floor: coefficient(charge.floor),
  ofMark: coefficient(charge.ofMark),
  minimum: isZero(charge.minimum) ? undefined : charge.minimum,
});

/** One option at one price. Amounts are per unit of underlying. */
export interface OptionAt<T> {
  readonly type: 'call' | 'put';
  readonly underlying: T;
  readonly strike: T;
  readonly mark: T;
  /** The least that the mark counts initially. Absent: nothing. */
  readonly leastMark?: T | undefined;
  /** An amount that does not move with the price. */
  fixed(amount: Amount): T;
}

export interface Required<T> {
  readonly initial: T;
  readonly maintenance: T;
}

/** Requirement of a short option per unit of underlying, mark included; initial ≥ maintenance. */
export function shortOptionRequirement<T>(
  arithmetic: Arithmetic<T>,
  rule: CompiledOptionRule,
  option: OptionAt<T>,
): Required<T> {
  const charges = rule[option.type];
  const { mark, leastMark } = option;
  const initialMark = leastMark === undefined ? mark : arithmetic.max(mark, leastMark);
  const withMark = (kind: 'initial' | 'maintenance', counted: T): T => {
    const charged = chargeOf(arithmetic, charges[kind], option);
    return arithmetic.add(arithmetic.scale(charged, rule.factor[kind]), counted);
  };
  const maintenance = withMark('maintenance', mark);
  const initial = arithmetic.max(withMark('initial', initialMark), maintenance);
  if (option.type === 'call' || rule.putInitialOverMaintenance.near === 0) {
    return { initial, maintenance };
  }
  const least = arithmetic.scale(maintenance, rule.putInitialOverMaintenance);
  return { initial: arithmetic.max(initial, least), maintenance };
}

function chargeOf<T>(arithmetic: Arithmetic<T>, charge: CompiledCharge, option: OptionAt<T>): T {
  const { underlying, strike, mark } = option;
  const full = arithmetic.scale(underlying, charge.rate);
  const rated = charge.lessOutOfTheMoney ? lessOutOfTheMoney(arithmetic, full, option) : full;
  const floor = arithmetic.scale(charge.floorOf === 'strike' ? strike : underlying, charge.floor);
  const shared = arithmetic.max(rated, floor);
  const { minimum } = charge;
  const least = minimum === undefined ? shared : arithmetic.max(shared, option.fixed(minimum));
  if (charge.ofMark.near === 0) return arithmetic.max(least, arithmetic.zero);
  return arithmetic.max(least, arithmetic.scale(mark, charge.ofMark));
}

/** full − max(away, 0), as min(full, full − away): each step rounds up. */
function lessOutOfTheMoney<T>(arithmetic: Arithmetic<T>, full: T, option: OptionAt<T>): T {
  const { type, underlying, strike } = option;
  const [near, far] = type === 'call' ? [underlying, strike] : [strike, underlying];
  return arithmetic.min(full, arithmetic.subtract(arithmetic.add(full, near), far));
}
