/**
 * The value of a balance: equity A·p; margin balance A·p·w as collateral, A·p·v as a debt. It is
 * less at a location that is not final or not observed.
 */
import type { MarginedNotional } from '../curve/curve.ts';
import type { Point } from '../curve/figure.ts';
import {
  type Amount,
  absolute,
  isNegative,
  isZero,
  NO_AMOUNT,
  ratioOfCount,
  smaller,
  subtract,
  timesDown,
  timesUp,
  worth,
} from '../number/decimal.ts';
import type { Weighing } from '../snapshot/asset-terms.ts';
import { confidenceAddOns } from './add-ons.ts';
import type { ArrangedBalance } from './arrange.ts';
import { type CountedUnits, countedUnits, takenAtMost } from './asset-orders.ts';
import type { Holding } from './book.ts';
import type { OrderedBalance, RequirementContribution, ValueContribution } from './contribution.ts';

export function balanceContribution(
  balance: ArrangedBalance,
  { isPortfolio }: { readonly isPortfolio: boolean },
): ValueContribution {
  const { terms, amount, weighing, lies } = balance;
  const { quoted } = terms;
  const value = worth(amount, terms.price);
  if (quoted === undefined) {
    return { constant: weighedConstant(value, weighing) };
  }
  const { price, factor } = quoted;
  const { uncertainty } = price;
  const isHere = lies === undefined;
  const { hedging } = terms;
  const coin = isPortfolio && hedging ? { value, ofClass: hedging.ofClass } : undefined;
  return {
    prices: [price],
    factors: [
      ...(coin && hedging ? [{ factor: hedging.factor, moved: [price], hedging: coin }] : []),
      {
        factor,
        moved: [price],
        uncertainty,
        margined: confidenceCharges(balance),
        balance: { terms, value, weighing, isHere, ordered: orderedBalance(balance) },
        hedgesElsewhere: coin,
      },
    ],
  };
}

function orderedBalance({ terms, amount, orders }: ArrangedBalance): OrderedBalance | undefined {
  if (orders === undefined) return undefined;
  const { price, weights } = terms;
  const valued = ({ maintenance, initial }: CountedUnits) => ({
    maintenance: worth(maintenance, price),
    initial: worth(initial, price),
  });
  return {
    ...valued(countedUnits(amount, orders, weights)),
    taken: valued(takenAtMost(orders, weights)),
  };
}

/** For each open order of the asset. */
export function orderCharge({ terms, openOrderCount }: ArrangedBalance): RequirementContribution[] {
  const { quoted, openOrderCharge } = terms;
  if (quoted === undefined || openOrderCount === undefined || openOrderCount === 0) return [];
  const due = timesUp(openOrderCharge, ratioOfCount(openOrderCount));
  if (isZero(due)) return [];
  const { factor, price } = quoted;
  return [{ factor, moved: [price], margined: [], fixed: [{ initial: due, maintenance: due }] }];
}

function weighedConstant(value: Amount, { maintenance, initial }: Weighing): Point {
  return {
    equity: value,
    balance: timesDown(value, maintenance),
    initial: timesUp(absolute(value), absolute(subtract(maintenance, initial))),
    maintenance: NO_AMOUNT,
  };
}

/** Undefined if there is nothing to close: the numeraire at no location. */
export function holdingOf({ terms, amount, weighing, lies }: ArrangedBalance): Holding | undefined {
  if (terms.quoted === undefined && lies === undefined) return undefined;
  return { terms, amount, weight: weighing.maintenance, lies };
}

function confidenceCharges({ terms, amount }: ArrangedBalance): MarginedNotional[] | undefined {
  const { quoted, confidenceCharges: charges } = terms;
  if (quoted === undefined || charges.length === 0 || isNegative(amount)) return undefined;
  const { confidenceScore, price } = quoted.price;
  const notional = worth(amount, price);
  return confidenceAddOns(charges, {
    kinds: ['collateral'],
    notionalOn: { mark: notional, index: notional },
    scoreFor: ({ score }) =>
      score === undefined ? confidenceScore : smaller(score, confidenceScore),
  });
}
