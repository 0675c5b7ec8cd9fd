/**
 * One move of all prices before anybody can act: each is multiplied by 1 + move·radiusScale, at
 * least 0. Volatilities and time stay.
 */
import {
  type Amount,
  add,
  approximately,
  asAmount,
  larger,
  ONE,
  type Ratio,
  times,
  ZERO,
} from '../../../lambda/margin/number/decimal.ts';
import type { PricedOption } from '../../../lambda/margin/option/priced-option.ts';

export class CommonMove {
  readonly move: Ratio;
  private readonly values = new Map<PricedOption, Amount>();

  constructor(move: Ratio) {
    this.move = move;
  }

  multipleOf(radiusScale: Ratio): Ratio {
    return larger(ZERO, add(ONE, times(this.move, radiusScale)));
  }

  /** Per unit of underlying. */
  valueOf(option: PricedOption, radiusScale: Ratio): Amount {
    const found = this.values.get(option);
    if (found !== undefined) return found;
    const value = valueAt(option, approximately(this.multipleOf(radiusScale)));
    this.values.set(option, value);
    return value;
  }
}

function valueAt(option: PricedOption, multiple: number): Amount {
  if (multiple === 1) return option.mark;
  const { volatility, years } = option.input;
  return asAmount(option.at(multiple, { multiple: 1, volatility, years }).value);
}
