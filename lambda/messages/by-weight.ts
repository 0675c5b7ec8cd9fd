import type { Assessment, FactorDetail } from '../margin/assess/assess.ts';
import { type Amount, absolute, add, compare, NO_AMOUNT } from '../margin/number/decimal.ts';
import { EMAIL_LINES_MAX } from '../margin/number/limits.ts';

type Moving = Pick<Assessment, 'factors' | 'prices'>;

/**
 * Begins with the factors that weigh most, and with their prices, so that a list that is cut keeps
 * those. Short lists stay in the order of the account's rows.
 */
export function byWeight({ factors, prices }: Moving): Moving {
  if (prices.length <= EMAIL_LINES_MAX) return { factors, prices };
  const weights = new Map(factors.map((factor) => [factor.factor, weightOf(factor)]));
  const heaviestFirst = (one: string, other: string) =>
    compare(weights.get(other) ?? NO_AMOUNT, weights.get(one) ?? NO_AMOUNT);
  return {
    factors: factors.toSorted((one, other) => heaviestFirst(one.factor, other.factor)),
    prices: prices.toSorted((one, other) => heaviestFirst(one.feed, other.feed)),
  };
}

/** The value at stake, the margin that it needs, and the loss that the buffer covers. */
const weightOf = ({ balance, maintenance, loss }: FactorDetail): Amount =>
  add(add(absolute(balance), maintenance), loss.worst);
