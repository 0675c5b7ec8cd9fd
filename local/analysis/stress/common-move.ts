/**
 * One move of all prices before anybody can act: each is multiplied by 1 + move·radiusScale, at
 * least 0. Volatilities and time stay.
 */
import {
  type MovingFactor,
  optionValueAt,
  type PriceMove,
} from '../../../lambda/margin/book/equity.ts';
import {
  type Amount,
  add,
  larger,
  ONE,
  type Ratio,
  times,
  ZERO,
} from '../../../lambda/margin/number/decimal.ts';
import type { PricedOption } from '../../../lambda/margin/option/priced-option.ts';

export class CommonMove implements PriceMove {
  readonly move: Ratio;
  private readonly values = new Map<PricedOption, Amount>();

  constructor(move: Ratio) {
    this.move = move;
  }

  multipleOf({ radiusScale }: Pick<MovingFactor, 'radiusScale'>): Ratio {
    return larger(ZERO, add(ONE, times(this.move, radiusScale)));
  }

  valueOf(option: PricedOption, factor: MovingFactor): Amount {
    const found = this.values.get(option);
    if (found !== undefined) return found;
    const value = optionValueAt(option, this.multipleOf(factor));
    this.values.set(option, value);
    return value;
  }
}
