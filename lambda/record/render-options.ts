/** Options as JSON, with the short ones' requirement on the standard model. */

import type { OptionPosition } from '../margin/book/equity.ts';
import { countOf, textOf, times, unitsOf } from '../margin/number/decimal.ts';
import type { ExpiryRequirement } from '../margin/option/option-book.ts';
import { legOf } from '../margin/portfolio/holdings.ts';
import { isoTime } from '../messages/header.ts';
import { down, nearest, up } from '../messages/render-figures.ts';

/** `value`: the whole position, in the numeraire. `mark`, `forward`: per unit of underlying. */
export function renderOption({ terms, quantity }: OptionPosition) {
  const { mark, input } = terms.option;
  return {
    instrument: terms.instrument,
    quantity: textOf(quantity),
    value: down(
      times(mark, legOf(terms, countOf(unitsOf(quantity, terms.contractSize))).units.exact),
    ),
    mark: down(mark),
    forward: down(terms.forward),
    impliedVolatility: nearest(input.volatility),
  };
}

export const renderExpiry = ({ expiresAt, shorts, netted, ...due }: ExpiryRequirement) => ({
  expiresAt: isoTime(expiresAt),
  shorts: shorts.map(({ instrument, units, initial, maintenance }) => ({
    instrument,
    units: textOf(units),
    initialRequirement: up(initial),
    maintenanceRequirement: up(maintenance),
  })),
  ...(netted === undefined
    ? {}
    : {
        netted: {
          initialRequirement: up(netted.initial),
          maintenanceRequirement: up(netted.maintenance),
        },
      }),
  initialRequirement: up(due.initial),
  maintenanceRequirement: up(due.maintenance),
});
