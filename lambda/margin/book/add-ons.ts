/** Charges of a class on top of its model: margined notionals of the curve. */
import type { MarginedNotional } from '../curve/curve.ts';
import type { ChargedIn, ConfidenceCharge } from '../market/charges.ts';
import type { RiskClass } from '../market/risk-class.ts';
import { flatSchedule } from '../market/schedule.ts';
import {
  type Amount,
  absolute,
  countAt,
  countOf,
  isBelow,
  isNegative,
  NO_QUANTITY,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  subtractUp,
  times,
  timesUp,
  worthOfUp,
  ZERO,
} from '../number/decimal.ts';
import type { InstrumentTerms } from '../snapshot/instrument-terms.ts';
import { sizeOf } from '../snapshot/linear-terms.ts';

const margined = (notional: Amount, rate: Ratio, within: ChargedIn): MarginedNotional => ({
  notional,
  schedule: flatSchedule(rate, within === 'both' ? rate : ZERO),
});

/** (1 − score)·factor·notional */
export function confidenceAddOns<C extends ConfidenceCharge>(
  charges: readonly C[],
  on: {
    readonly kinds: readonly ConfidenceCharge['of'][];
    readonly notionalOn: Readonly<Record<ConfidenceCharge['on'], Amount>>;
    readonly scoreFor: (charge: C) => Ratio;
  },
): MarginedNotional[] {
  return charges.flatMap((charge) => {
    if (!on.kinds.includes(charge.of)) return [];
    const score = on.scoreFor(charge);
    if (!isBelow(score, charge.threshold)) return [];
    const rate = timesUp(subtractUp(ONE, score), charge.factor);
    return [margined(on.notionalOn[charge.on], rate, charge.in)];
  });
}

/** (threshold − price)·factor·notional */
export function depegAddOns(
  { depegCharge }: RiskClass,
  on: { readonly notional: Amount; readonly price: Price | undefined },
): MarginedNotional[] {
  if (depegCharge === undefined || on.price === undefined) return [];
  const { threshold, factor, in: within } = depegCharge;
  const price = countAt(on.price);
  if (!isBelow(price, threshold)) return [];
  return [margined(on.notional, timesUp(subtractUp(threshold, price), factor), within)];
}

export interface NetHeld {
  readonly terms: InstrumentTerms;
  readonly quantity: Quantity;
}

export function chargedOn({ terms, quantity }: NetHeld): {
  readonly kinds: readonly ConfidenceCharge['of'][];
  readonly notionalOn: Readonly<Record<ConfidenceCharge['on'], Amount>>;
  readonly units: Quantity;
} {
  const held = absolute(quantity);
  const option = terms.kind === 'settled' ? terms.scanned?.option : terms;
  if (option !== undefined && 'spot' in option) {
    const units = times(option.contractSize, countOf(held));
    const notional = timesUp(option.spot, countOf(units));
    const kinds = isNegative(quantity)
      ? (['options', 'shortOptions'] as const)
      : ['options' as const];
    return { kinds, notionalOn: { mark: notional, index: notional }, units };
  }
  const mark = worthOfUp(held, terms.contractValue);
  if (terms.kind !== 'linear') {
    return { kinds: [], notionalOn: { mark, index: mark }, units: NO_QUANTITY };
  }
  const { indexValue } = terms;
  const index = indexValue === undefined ? mark : worthOfUp(held, indexValue);
  const kinds = [terms.type === 'future' ? ('futures' as const) : ('perpetuals' as const)];
  return { kinds, notionalOn: { mark, index }, units: sizeOf(terms, held) };
}
