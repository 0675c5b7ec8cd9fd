/**
 * A class that discounts the value of an expiry as a whole has one rate for it: an account that
 * holds options of two rates there cannot be assessed. What nobody in it holds does not matter.
 */
import { isOnPortfolio } from './arrange.ts';
import type { NetPosition } from './book.ts';
import type { Reasons } from './reasons.ts';

export function refuseSecondRates(positions: readonly NetPosition[], reasons: Reasons): void {
  const rates = new Map<string, number>();
  for (const { terms } of positions) {
    if (terms.kind !== 'option' || !isOnPortfolio(terms, true)) continue;
    const { portfolio, portfolioName } = terms.ofClass;
    const { gainDiscount, lossDiscount } = portfolio?.rules ?? {};
    if (gainDiscount === undefined && lossDiscount === undefined) continue;
    const key = `${portfolioName} ${terms.quoted.factor.feed} ${terms.expiresAt}`;
    const { input } = terms.option;
    const rate = input.expiryRate ?? input.rate;
    const first = rates.get(key) ?? rate;
    rates.set(key, first);
    if (first === rate) continue;
    const { instrument: subject } = terms;
    const detail =
      `instrument ${subject} has the rate ${rate} and another of its expiry ${first}: risk class ` +
      `${portfolioName} discounts an expiry as a whole`;
    reasons.add({ code: 'row-malformed', subject, detail });
  }
}
