/** The value of a position: its profit, or the value of an option that was paid for when bought. */
import type { Line } from '../curve/curve.ts';
import { ORIGIN } from '../curve/figure.ts';
import type { MovingPrice } from '../curve/risk-factor.ts';
import {
  type Amount,
  absolute,
  add,
  countAt,
  countOf,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  type Ratio,
  ratioBetween,
  subtract,
  subtractDown,
  times,
  timesUp,
  UNIT_PRICE,
  unitsOf,
  worth,
  ZERO,
} from '../number/decimal.ts';
import { unitsIn } from '../portfolio/holdings.ts';
import type {
  InstrumentTerms,
  LinearTerms,
  OptionTerms,
  SettledTerms,
} from '../snapshot/instrument-terms.ts';
import type { ArrangedPosition } from './arrange.ts';
import type { CrossExposure } from './book.ts';
import type { FactorValue, ValueContribution } from './contribution.ts';

export function positionContribution(
  position: ArrangedPosition,
  { isPortfolio }: { readonly isPortfolio: boolean },
): ValueContribution {
  const { terms } = position;
  switch (terms.kind) {
    case 'linear':
      return profitContribution(terms, profitLine(position, terms));
    case 'settled': {
      const line = settledProfit(position, terms);
      if (!isPortfolio || terms.scanned === undefined) return profitContribution(terms, line);
      // Its value is in the scan.
      const inOther = { value: line.constant, slope: NO_AMOUNT };
      return terms.settlement.by === 'other' ? withOtherAsset({}, terms, inOther) : {};
    }
    case 'option':
      return optionContribution(position, terms);
  }
}

/**
 * Linear: q·c·(mark − entry) less funding. Inverse: q·c·(1/entry − 1/mark) coins less funding; with
 * a coin worth p·x, that is a straight line in x, too.
 */
export function profitLine(position: ArrangedPosition, terms: LinearTerms): Line {
  const { quantity, entryPrice, funding } = position;
  const mark = terms.quoted.price.price;
  const units = unitsOf(quantity, terms.contractSize);
  if (terms.isInverse) {
    const coin = terms.settlement.asset.price;
    const atMark = times(worth(units, UNIT_PRICE), ratioBetween(coin, mark));
    return { constant: negate(atMark), slope: inverseSlope(position, terms) };
  }
  const { rate } = terms.settlement;
  const value = worth(units, mark);
  return {
    constant: times(negate(worth(units, entryPrice)), rate),
    slope: times(subtractDown(value, timesUp(value, funding)), rate),
  };
}

/** In the numeraire, per unit of the price's multiple. */
export function inverseSlope(
  { quantity, entryPrice, funding }: ArrangedPosition,
  terms: LinearTerms,
): Amount {
  const coin = terms.settlement.asset.price;
  const held = worth(unitsOf(quantity, terms.contractSize), UNIT_PRICE);
  const atMark = times(held, ratioBetween(coin, terms.quoted.price.price));
  return subtractDown(times(held, ratioBetween(coin, entryPrice)), timesUp(atMark, funding));
}

/** Fixed in the numeraire, or in coin. */
function settledProfit({ quantity, entryPrice }: ArrangedPosition, terms: SettledTerms): Line {
  const { settlementPrice, payoff, isInverse, settlement } = terms;
  const units = unitsOf(quantity, terms.contractSize);
  if (isInverse) {
    const coin = settlement.asset.price;
    const perCoin = (at: typeof coin) => times(worth(units, UNIT_PRICE), ratioBetween(coin, at));
    const slope =
      payoff === undefined
        ? subtract(perCoin(entryPrice), perCoin(settlementPrice))
        : times(times(payoff, countOf(quantity)), countAt(coin));
    return { constant: NO_AMOUNT, slope };
  }
  const value =
    payoff === undefined
      ? subtract(worth(units, settlementPrice), worth(units, entryPrice))
      : times(payoff, countOf(quantity));
  return { constant: times(value, settlement.rate), slope: NO_AMOUNT };
}

function profitContribution(terms: LinearTerms | SettledTerms, line: Line): ValueContribution {
  const { settlement, prices } = terms;
  const { factor } = terms.quoted;
  const exposed = absolute(line.slope);
  const own = { factor, moved: prices, uncertainty: largestUncertainty(prices), exposed };
  if (settlement.by === 'coin') {
    const { asset, weights, quoted } = settlement.asset;
    const moved = terms.isInverse && quoted !== undefined ? [...prices, quoted.price] : prices;
    return { prices: moved, factors: [{ ...own, moved, settled: { asset, line, weights } }] };
  }
  const contribution = isZero(line.slope)
    ? constantContribution(line.constant, own, prices)
    : { prices, factors: [{ ...own, line }] };
  if (settlement.by !== 'other') return contribution;
  return withOtherAsset(contribution, terms, {
    value: add(line.constant, line.slope),
    slope: line.slope,
  });
}

/** A profit that no price moves still rests on prices, unless it is settled. */
function constantContribution(
  profit: Amount,
  own: FactorValue,
  prices: readonly MovingPrice[],
): ValueContribution {
  const constant = { ...ORIGIN, equity: profit, balance: profit };
  return prices.length === 0 ? { constant } : { constant, prices, factors: [own] };
}

/** It is equity, and moves by no more than its forward. */
function optionContribution({ quantity }: ArrangedPosition, terms: OptionTerms): ValueContribution {
  const { settlement, quoted, prices } = terms;
  const { factor } = quoted;
  const units = times(unitsIn(terms, quantity), settlement.rate);
  const moved = times(terms.forward, units);
  const exposed = absolute(moved);
  const own = { factor, moved: prices, uncertainty: largestUncertainty(prices), exposed };
  const contribution = { prices: [...prices, quoted.price], factors: [own] };
  if (settlement.by !== 'other') return contribution;
  const value = times(terms.option.mark, units);
  return withOtherAsset(contribution, terms, { value, slope: moved });
}

/** The value moves with the asset's price too, alone and together with its own. */
function withOtherAsset(
  own: ValueContribution,
  terms: InstrumentTerms,
  { value, slope }: { readonly value: Amount; readonly slope: Amount },
): ValueContribution {
  const { quoted } = terms.settlement.asset;
  if (quoted === undefined) return own;
  const { price, factor } = quoted;
  const { uncertainty } = price;
  const line = { constant: negate(value), slope: value };
  const inAsset = { factor, moved: [price], uncertainty, line, exposed: absolute(value) };
  const contribution = {
    ...own,
    prices: [...(own.prices ?? []), price],
    factors: [...(own.factors ?? []), inAsset],
  };
  if (isZero(slope)) return contribution;
  const cross: CrossExposure = {
    size: absolute(slope),
    slope: terms.kind === 'option' ? undefined : slope,
    factors: [terms.quoted.factor, factor],
    uncertainties: [largestUncertainty(terms.prices), uncertainty],
    moved: [terms.prices, [price]],
  };
  return { ...contribution, crosses: [cross] };
}

function largestUncertainty(prices: readonly MovingPrice[]): Ratio {
  let largest = ZERO;
  for (const { uncertainty } of prices) largest = larger(largest, uncertainty);
  return largest;
}
