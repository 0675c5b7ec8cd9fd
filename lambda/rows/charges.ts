import type { ChargedIn } from '../margin/market/charges.ts';
import { flatSchedule } from '../margin/market/schedule.ts';
import { ZERO } from '../margin/number/decimal.ts';
import {
  amountField,
  choiceField,
  described,
  fractionField,
  idField,
  onFirstUse,
  ratioField,
} from './fields.ts';
import { isOrdered, ordered, schedule } from './margin-rule.ts';
import { cell } from './scenario-table.ts';
import * as z from './zod.ts';

const chargedIn = (byDefault: ChargedIn) =>
  described(
    z._default(z.enum(['initial', 'both']), byDefault),
    'The requirement that the charge is added to: initial only, or both.',
  );

const rates = {
  initial: z.prefault(
    ratioField(
      'Rate in the initial requirement: the full rate, not only its excess over maintenance.',
    ),
    '0',
  ),
  maintenance: z.prefault(ratioField('Rate in the maintenance requirement; at most initial.'), '0'),
};

const rateCharge = onFirstUse(() => z.strictObject(rates).check(z.refine(isOrdered, ordered)));

export const rateChargeOf = (description: string) =>
  described(z.prefault(rateCharge, {}), description);

const on = choiceField(
  ['mark', 'index'],
  'Price of the notional: mark, or the price of the underlying.',
);

/** Shared by both charges on a notional. */
const notionalCharge = onFirstUse(() =>
  z.strictObject({ ...rates, on }).check(z.refine(isOrdered, ordered)),
);

export const notionalChargeOf = (description: string) =>
  described(z.prefault(notionalCharge, {}), description);

export const expiryCharge = onFirstUse(() =>
  described(
    z.strictObject({
      scenarios: described(
        z.array(z.strictObject(cell)).check(z.minLength(1, 'needs at least one cell')),
        'Cells in which the options and futures of an expiry are revalued; at least one.',
      ),
      base: ratioField('Share of the worst loss that is charged at any time to expiry.'),
      perYear: z.prefault(ratioField('Additional share for each year to expiry.'), '0'),
      in: chargedIn('both'),
      as: choiceField(
        ['charge', 'loss'],
        'charge: the sum is added to the requirement. loss: the sum is one more candidate for ' +
          'the worst loss, so that only the largest counts, multiplied by the factor.',
      ),
    }),
    'Each expiry is charged (base + perYear·T)·(its worst loss over the cells, at least ' +
      '0), with T in years. The charges are summed over the expiries, with no offset ' +
      'between them. For a basis charge, use cells at two prices; for a vega charge, ' +
      'cells at priceMultiplier 1 with vol up and down.',
  ),
);

export const minimum = onFirstUse(() =>
  described(
    z.pipe(
      z.strictObject({
        tiers: z.optional(schedule),
        perContract: described(
          z.prefault(
            z
              .strictObject({
                initial: z.prefault(amountField('Numeraire per contract.'), '0'),
                maintenance: z.prefault(
                  amountField('Numeraire per contract; at most initial.'),
                  '0',
                ),
              })
              .check(z.refine(isOrdered, ordered)),
            {},
          ),
          'For each contract of perpetuals, futures and options.',
        ),
        options: choiceField(
          ['short', 'all'],
          'Options that count in tiers and perContract: short ones, or long ones as well.',
        ),
      }),
      z.transform((row) => ({ ...row, tiers: row.tiers ?? flatSchedule(ZERO, ZERO) })),
    ),
    'Minimum requirement: tiers on the notional of perpetuals, futures and (by default short) ' +
      'options, plus perContract for each of their contracts.',
  ),
);

export const confidenceCharge = onFirstUse(() =>
  described(
    z.strictObject({
      of: described(
        z.enum(['perpetuals', 'futures', 'shortOptions', 'options', 'collateral']),
        'Holdings that are charged: perpetuals and dated futures (by the lower score of the mark ' +
          'and the underlying), short options, all options (by the lowest score of the option, ' +
          'its forward and its underlying), or collateral (positive balances of the assets of ' +
          'this class, by the score of their price).',
      ),
      threshold: fractionField('The charge is due when the score is strictly below this.'),
      on: choiceField(
        ['mark', 'index'],
        'Price of the notional of perpetuals and futures: mark, or the price of the underlying.',
      ),
      scoreFeed: z.optional(
        idField('A further feed: the lesser of its score and the own one counts.'),
      ),
      scores: choiceField(
        ['own', 'expiry', 'expiryAndPerpetuals'],
        'Score of an option: its own; the lowest of all options of its expiry that the account ' +
          'holds; or the lowest of these and of the perpetuals on the underlying that it holds.',
      ),
      factor: ratioField('Share of the notional that is charged at a score of 0.'),
      in: chargedIn('initial'),
    }),
    'Where the confidenceScore of a price is below the threshold, (1 − ' +
      'score)·factor·notional is charged. The notional of an option is ' +
      'S·contractSize·quantity.',
  ),
);

export const depegFactor = onFirstUse(() =>
  described(
    z.strictObject({
      feed: idField('Feed of the stablecoin’s price.'),
      threshold: ratioField('The factor grows while the price is below this.'),
      factor: ratioField('Added to the factor for each unit of price below the threshold.'),
      in: chargedIn('initial'),
    }),
    'While a stablecoin is below its peg, initialFactor (and with in both also ' +
      'maintenanceFactor) is raised by factor·max(threshold − price, 0).',
  ),
);

export const depegCharge = onFirstUse(() =>
  described(
    z.strictObject({
      feed: idField('Feed of the stablecoin’s price.'),
      threshold: ratioField('The charge is due when the price is below this.'),
      factor: ratioField('Share of S that is charged for each unit of price below the threshold.'),
      in: chargedIn('initial'),
    }),
    'While a stablecoin that the venue settles in is below its peg, max(threshold − ' +
      'price, 0)·factor·S is charged for each unit of underlying in perpetuals and ' +
      'futures, long or short, and in short options.',
  ),
);
