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
export function confidenceAddOns(
  charges: readonly ConfidenceCharge[],
  on: {
    readonly kinds: readonly ConfidenceCharge['of'][];
    readonly notional: Amount;
    readonly confidenceScore: Ratio;
  },
): MarginedNotional[] {
  const due = charges.filter(
    ({ of, threshold }) => on.kinds.includes(of) && isBelow(on.confidenceScore, threshold),
  );
  return due.map(({ factor, in: within }) =>
    margined(on.notional, timesUp(subtractUp(ONE, on.confidenceScore), factor), within),
  );
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
  readonly notional: Amount;
  readonly units: Quantity;
} {
  const held = absolute(quantity);
  if (terms.kind === 'option') {
    const units = times(terms.contractSize, countOf(held));
    const notional = timesUp(terms.spot, countOf(units));
    const kinds = isNegative(quantity)
      ? (['options', 'shortOptions'] as const)
      : ['options' as const];
    return { kinds, notional, units };
  }
  const notional = worthOfUp(held, terms.contractValue);
  if (terms.kind === 'settled') return { kinds: [], notional, units: NO_QUANTITY };
  const units = sizeOf(terms, held);
  return { kinds: [terms.type === 'future' ? 'futures' : 'perpetuals'], notional, units };
}
