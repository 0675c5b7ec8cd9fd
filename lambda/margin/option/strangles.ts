/**
 * Short calls and short puts of one expiry, paired unit by unit: the price cannot hurt both. Calls
 * from the lowest strike meet puts from the highest, so that near charges meet near ones.
 */
import { type Coefficient, coefficient } from '../number/arithmetic.ts';
import { type Amount, compare, isPositive, smaller, subtract } from '../number/decimal.ts';
import type { CompiledOptionRule } from './option-rule.ts';

export interface Paired {
  /** Places in the book. */
  readonly call: number;
  readonly put: number;
  /** Units of underlying in both. */
  readonly units: Coefficient;
}

/** Of a pair, for its units: `over` is what the call requires more than the put, marks included. */
export interface PairedCharges<T> {
  readonly over: T;
  readonly call: T;
  readonly put: T;
}

export interface ShortOption {
  readonly place: number;
  readonly type: 'call' | 'put';
  readonly strike: Amount;
  readonly short: Coefficient;
}

/** The pairs of one expiry. There are none if its rule does not pair. */
export function stranglesIn(
  placed: readonly {
    readonly option: Omit<ShortOption, 'place'> & {
      readonly rule: Pick<CompiledOptionRule, 'strangles'>;
    };
    readonly place: number;
  }[],
): Paired[] {
  if (placed[0]?.option.rule.strangles !== 'pairs') return [];
  return stranglesOf(placed.map(({ option, place }) => ({ ...option, place })));
}

export function stranglesOf(options: readonly ShortOption[]): Paired[] {
  const shorts = (type: 'call' | 'put', sign: 1 | -1) =>
    options
      .filter((option) => option.type === type && isPositive(option.short.exact))
      .sort((left, right) => sign * compare(left.strike, right.strike))
      .map(({ place, short }) => ({ place, left: short.exact }));
  const [calls, puts] = [shorts('call', 1), shorts('put', -1)];
  const pairs: Paired[] = [];
  let [atCall, atPut] = [0, 0];
  for (;;) {
    const [call, put] = [calls[atCall], puts[atPut]];
    if (call === undefined || put === undefined) return pairs;
    const units = smaller(call.left, put.left);
    pairs.push({ call: call.place, put: put.place, units: coefficient(units) });
    call.left = subtract(call.left, units);
    put.left = subtract(put.left, units);
    if (!isPositive(call.left)) atCall++;
    if (!isPositive(put.left)) atPut++;
  }
}
