/** What holdings may add to the figures whose price was never known, or whose own quote is in doubt. */
import { addBounds, type Bound, type SurplusFormula, subtractBounds } from '../curve/figure.ts';
import type { Policy } from '../market/policy.ts';
import {
  absolute,
  add,
  isNegative,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  type Price,
  type Quantity,
  type Ratio,
  smaller,
  subtract,
  times,
  unitsOf,
  worth,
  ZERO,
} from '../number/decimal.ts';
import { unitsIn } from '../portfolio/holdings.ts';
import type { MarkRange, OptionTerms, UnpricedTerms } from '../snapshot/instrument-terms.ts';
import type { Limits, NetPosition, Spread } from './book.ts';

const NOTHING: Limits = { low: NO_AMOUNT, high: NO_AMOUNT };
const ANYTHING: Limits = { low: 'unbounded', high: 'unbounded' };
const ANY_GAIN: Limits = { low: NO_AMOUNT, high: 'unbounded' };
const ANY_LOSS: Limits = { low: 'unbounded', high: NO_AMOUNT };

/** What never had a price never backed anything; a debt, or orders, may cost any amount. */
export const unpricedBalance = (amount: Quantity, hasOrders: boolean): Spread =>
  isNegative(amount)
    ? { equity: ANY_LOSS, balance: ANY_LOSS, required: NOTHING, width: 'doubt' }
    : {
        equity: isZero(amount) ? NOTHING : ANY_GAIN,
        balance: hasOrders ? ANY_LOSS : NOTHING,
        required: NOTHING,
        width: 'doubt',
      };

export interface UnpricedPosition {
  readonly terms: UnpricedTerms;
  readonly quantity: Quantity;
  readonly entryPrice: Price;
  readonly hasOrders: boolean;
}

/** At any price from 0: a long loses at most what it was bought for. */
export function unpricedPosition(position: UnpricedPosition): Spread {
  const { terms, quantity, hasOrders } = position;
  const value = valueLimits(position);
  const isFree = terms.isExpired || isOwnedOption(position) || isCoveredLong(position);
  const required = isFree && !hasOrders ? NOTHING : { low: NO_AMOUNT, high: 'unbounded' as const };
  const isKnown = !isZero(quantity);
  return {
    equity: isKnown ? value : NOTHING,
    balance: isKnown ? value : NOTHING,
    required,
    width: 'doubt',
  };
}

const isOwnedOption = ({ terms: { kind }, quantity }: UnpricedPosition): boolean =>
  (kind === 'call' || kind === 'put') && isPositive(quantity);

const isCoveredLong = ({ terms, quantity }: UnpricedPosition): boolean =>
  terms.kind === 'linear' && terms.isCovered && isPositive(quantity);

function valueLimits({ terms, quantity, entryPrice }: UnpricedPosition): Limits {
  const { kind, contractSize, rate, strike } = terms;
  if (kind === 'unbounded') return ANYTHING;
  const units = unitsOf(quantity, contractSize);
  if (kind === 'linear') {
    const bought = times(negate(worth(units, entryPrice)), rate);
    return isNegative(units)
      ? { low: 'unbounded', high: bought }
      : { low: bought, high: 'unbounded' };
  }
  const most: Bound =
    kind === 'put' && strike !== undefined ? times(worth(units, strike), rate) : 'unbounded';
  return isNegative(units) ? { low: most, high: NO_AMOUNT } : { low: NO_AMOUNT, high: most };
}

/** Of an option whose own quote is in doubt; a short's mark is in its requirement, too. */
export function optionSpreads(
  position: NetPosition,
  { terms, policy }: Pick<OptionRange, 'terms' | 'policy'>,
): Spread[] {
  const { quoteDoubt, quoteAged } = terms;
  const spread = (range: MarkRange, width: Spread['width']) =>
    optionSpread(position, { terms, policy, range, width });
  return [
    ...(quoteDoubt ? [spread(quoteDoubt, 'doubt')] : []),
    ...(quoteAged ? [spread(quoteAged, 'aged')] : []),
  ];
}

interface OptionRange {
  readonly terms: OptionTerms;
  readonly range: MarkRange;
  readonly width: Spread['width'];
  readonly policy: Policy;
}

function optionSpread(position: NetPosition, of: OptionRange): Spread {
  const { terms, range, width, policy } = of;
  const { option, settlement, ofClass } = terms;
  const fallen = subtract(range.low, option.mark);
  const risen = subtract(range.high, option.mark);
  const limitsOf = (units: Ratio): Limits => {
    const ends = [times(fallen, units), times(risen, units)];
    return { low: ends.reduce(smaller), high: ends.reduce(larger) };
  };
  const held = times(unitsIn(terms, position.quantity), settlement.rate);
  const equity = limitsOf(held);
  const rule = ofClass.optionRule;
  const isCounted =
    rule === undefined ||
    rule.balanceValue === 'all' ||
    (rule.balanceValue === 'long' && isPositive(held));
  const sold = unitsIn(terms, subtract(position.quantity, position.openSellQuantity));
  const short = isNegative(sold) ? absolute(sold) : ZERO;
  const shocked = add(absolute(held), times(short, policy.liquidationMultiplier));
  return {
    equity,
    balance: isCounted ? equity : NOTHING,
    required: limitsOf(short),
    buffer: times(range.shockReach, shocked),
    width,
  };
}

/** How far the spreads widen a surplus: the balance or equity less a multiple of the requirement. */
export function spreadOf(
  spreads: readonly Spread[],
  { of, less }: SurplusFormula,
  isBuffered: boolean,
): Limits {
  return spreads.reduce<Limits>((sum, spread) => {
    const required = less === undefined ? NOTHING : scaled(requiredBy(spread, less), less.multiple);
    const buffer = (isBuffered && spread.buffer) || NO_AMOUNT;
    const limits = spread[of];
    return {
      low: subtractBounds(subtractBounds(addBounds(sum.low, limits.low), required.high), buffer),
      high: addBounds(subtractBounds(addBounds(sum.high, limits.high), required.low), buffer),
    };
  }, NOTHING);
}

const requiredBy = (
  { required, initial = required }: Spread,
  { requirement }: NonNullable<SurplusFormula['less']>,
): Limits => (requirement === 'initial' ? initial : required);

const scaled = ({ low, high }: Limits, by: Ratio): Limits => ({
  low: low === 'unbounded' ? low : times(low, by),
  high: high === 'unbounded' ? high : times(high, by),
});
