import * as z from 'zod';
import type { ChargedIn } from '../margin/market/charges.ts';
import { flatSchedule } from '../margin/market/schedule.ts';
import { ZERO } from '../margin/number/decimal.ts';
import { amountField, fractionField, idField, positiveRatioField, ratioField } from './fields.ts';
import { isOrdered, ordered, schedule } from './margin-rule.ts';
import { cell } from './scenario-table.ts';

const chargedIn = (byDefault: ChargedIn) =>
  z.enum(['initial', 'both']).default(byDefault).register(z.globalRegistry, {
    description: 'The requirement that it is added to: initial alone, or both.',
  });

/** Shared by all three rate charges. */
const rateCharge = z
  .strictObject({
    initial: ratioField(
      'In the initial requirement, all of it: not only what it has more.',
    ).prefault('0'),
    maintenance: ratioField('In the maintenance requirement; at most initial.').prefault('0'),
  })
  .refine(isOrdered, ordered);

export const rateChargeOf = (description: string) =>
  rateCharge.prefault({}).register(z.globalRegistry, { description });

export const expiryCharge = z
  .strictObject({
    scenarios: z
      .array(z.strictObject(cell))
      .min(1, 'needs at least one cell')
      .register(z.globalRegistry, {
        description: 'Cells that the options and futures of an expiry are revalued in.',
      }),
    base: ratioField('Share of the worst loss that is charged whatever the expiry.'),
    perYear: ratioField('Share of it that is charged for each year to the expiry.').prefault('0'),
    in: chargedIn('both'),
  })
  .register(z.globalRegistry, {
    description:
      'For each expiry (base + perYear·T)·(its worst loss over the cells, at least 0), T in years, ' +
      'summed over the expiries: no offset between them. A basis charge has cells at two prices, a ' +
      'vega charge cells at priceMultiplier 1 with vol up and down.',
  });

export const minimum = z
  .strictObject({
    tiers: schedule.optional(),
    perContract: z
      .strictObject({
        initial: amountField('Numeraire a contract.').prefault('0'),
        maintenance: amountField('Numeraire a contract; at most initial.').prefault('0'),
      })
      .refine(isOrdered, ordered)
      .prefault({})
      .register(z.globalRegistry, {
        description: 'For each contract of perpetuals, futures and short options.',
      }),
  })
  .transform((row) => ({ ...row, tiers: row.tiers ?? flatSchedule(ZERO, ZERO) }))
  .register(z.globalRegistry, {
    description:
      'The least that is due: tiers of the notional of perpetuals, futures and short options, plus ' +
      'perContract for each contract of them.',
  });

export const confidenceCharge = z
  .strictObject({
    of: z
      .enum(['perpetuals', 'futures', 'shortOptions', 'options', 'collateral'])
      .register(z.globalRegistry, {
        description:
          'What it is due on, each with the score of its own price: perpetuals, dated futures, short ' +
          'options, all options (the least score of the option, its forward and the underlying), or ' +
          'collateral: positive balances of an asset that this is the class of.',
      }),
    threshold: fractionField('Due when the score is strictly below it.'),
    factor: ratioField('Share of the notional that a score of 0 costs.'),
    in: chargedIn('initial'),
  })
  .register(z.globalRegistry, {
    description:
      'Where the confidenceScore of a price is below the threshold: (1 − score)·factor·notional, ' +
      'the notional of an option S·contractSize·quantity.',
  });

export const depegCharge = z
  .strictObject({
    feed: idField('Feed of the stablecoin’s price.'),
    threshold: positiveRatioField('Price below which it is due.'),
    factor: ratioField('Share of S that each unit below the threshold costs.'),
    in: chargedIn('initial'),
  })
  .register(z.globalRegistry, {
    description:
      'While a stablecoin that the venue settles in is below its peg: max(threshold − price, ' +
      '0)·factor·S for each unit of underlying in perpetuals and futures, long or short, and in ' +
      'short options.',
  });
