/** Sensitivity of equity to price, volatility and time. */
import type { Book } from '../book/book.ts';
import { isOption, type OptionPosition } from '../book/equity.ts';
import type { Curve } from '../curve/curve.ts';
import { approximately, times, unitsOf } from '../number/decimal.ts';
import { groupBy } from '../number/group-by.ts';
import { finite } from '../statistics/argument-range.ts';

/** Summed over one factor. */
export interface AccountGreeks {
  /** Equivalent units of underlying. */
  readonly delta: number;
  /** Per unit of price. */
  readonly gamma: number;
  /** Per 1.00 of volatility. */
  readonly vega: number;
  /** Per year; negative if time decay costs value. */
  readonly theta: number;
}

const NO_GREEKS: AccountGreeks = { delta: 0, gamma: 0, vega: 0, theta: 0 };

/** @throws ArgumentRangeError if one is beyond float64: a message could not state it. */
export function greeksByFactor(book: Book): ReadonlyMap<string, AccountGreeks> {
  const byFactor = new Map<string, AccountGreeks>();
  const options = book.positions.filter(isOption);
  if (options.length === 0) return byFactor;
  for (const [factor, held] of groupBy(options, ({ terms }) => terms.quoted.factor.feed)) {
    const curve = book.curves.find((each) => each.factor === factor);
    const spot = approximately((held[0] as OptionPosition).terms.spot);
    const linear = { ...NO_GREEKS, delta: curve === undefined ? 0 : slopeOf(curve) / spot };
    const greeks = held.map(greeksOf).reduce(sum, linear);
    for (const [name, value] of Object.entries(greeks)) finite(`${name} on ${factor}`, value);
    byFactor.set(factor, greeks);
  }
  return byFactor;
}

/** Per unit of the price multiple. */
const slopeOf = ({ equity, weighed }: Curve): number =>
  [equity, ...weighed.map(({ line }) => line)]
    .map(({ slope }) => approximately(slope))
    .reduce((left, right) => left + right, 0);

/** Black-76 gives Greeks by the forward, which moves in proportion to the underlying. */
function greeksOf({ terms, quantity }: OptionPosition): AccountGreeks {
  const units = unitsOf(quantity, terms.contractSize);
  const held = approximately(times(units, terms.settlement.rate));
  const { delta, gamma, vega, theta } = terms.option.greeks();
  const carry = approximately(terms.forward) / approximately(terms.spot);
  return {
    delta: held * delta * carry,
    gamma: held * gamma * carry * carry,
    vega: held * vega,
    theta: held * theta,
  };
}

const sum = (left: AccountGreeks, right: AccountGreeks): AccountGreeks => ({
  delta: left.delta + right.delta,
  gamma: left.gamma + right.gamma,
  vega: left.vega + right.vega,
  theta: left.theta + right.theta,
});
