import * as z from 'zod';
import type { ChargedIn } from '../margin/market/charges.ts';
import { flatSchedule } from '../margin/market/schedule.ts';
import { ZERO } from '../margin/number/decimal.ts';
import { amountField, fractionField, idField, positiveRatioField, ratioField } from './fields.ts';
import { isOrdered, ordered, schedule } from './margin-rule.ts';
import { cell } from './scenario-table.ts';

const chargedIn = (byDefault: ChargedIn) =>
  z.enum(['initial', 'both']).default(byDefault).register(z.globalRegistry, {
    description: 'The requirement that the charge is added to: initial only, or both.',
  });

/** Shared by all three rate charges. */
const rateCharge = z
  .strictObject({
    initial: ratioField(
      'Rate in the initial requirement: the full rate, not only its excess over maintenance.',
    ).prefault('0'),
    maintenance: ratioField('Rate in the maintenance requirement; at most initial.').prefault('0'),
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
        description: 'Cells in which the options and futures of an expiry are revalued.',
      }),
    base: ratioField('Share of the worst loss that is charged at any time to expiry.'),
    perYear: ratioField('Additional share for each year to expiry.').prefault('0'),
    in: chargedIn('both'),
  })
  .register(z.globalRegistry, {
    description:
      'Each expiry is charged (base + perYear·T)·(its worst loss over the cells, at least ' +
      '0), with T in years. The charges are summed over the expiries, with no offset ' +
      'between them. For a basis charge, use cells at two prices; for a vega charge, ' +
      'cells at priceMultiplier 1 with vol up and down.',
  });

export const minimum = z
  .strictObject({
    tiers: schedule.optional(),
    perContract: z
      .strictObject({
        initial: amountField('Numeraire per contract.').prefault('0'),
        maintenance: amountField('Numeraire per contract; at most initial.').prefault('0'),
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
      'Minimum requirement: tiers on the notional of perpetuals, futures and short ' +
      'options, plus perContract for each of their contracts.',
  });

export const confidenceCharge = z
  .strictObject({
    of: z
      .enum(['perpetuals', 'futures', 'shortOptions', 'options', 'collateral'])
      .register(z.globalRegistry, {
        description:
          'Holdings that are charged, each by the score of its own price: perpetuals, ' +
          'dated futures, short options, all options (the lowest score of the option, its ' +
          'forward and its underlying), or collateral (positive balances of the assets of ' +
          'this class).',
      }),
    threshold: fractionField('The charge is due when the score is strictly below this.'),
    factor: ratioField('Share of the notional that is charged at a score of 0.'),
    in: chargedIn('initial'),
  })
  .register(z.globalRegistry, {
    description:
      'Where the confidenceScore of a price is below the threshold, (1 − ' +
      'score)·factor·notional is charged. The notional of an option is ' +
      'S·contractSize·quantity.',
  });

export const depegCharge = z
  .strictObject({
    feed: idField('Feed of the stablecoin’s price.'),
    threshold: positiveRatioField('The charge is due when the price is below this.'),
    factor: ratioField('Share of S that is charged for each unit of price below the threshold.'),
    in: chargedIn('initial'),
  })
  .register(z.globalRegistry, {
    description:
      'While a stablecoin that the venue settles in is below its peg, max(threshold − ' +
      'price, 0)·factor·S is charged for each unit of underlying in perpetuals and ' +
      'futures, long or short, and in short options.',
  });
