import * as z from 'zod';
import type { OptionRule } from '../margin/market/option-rule.ts';
import { choiceField, positiveRatioField, ratioField } from './fields.ts';
import { isOrdered, ordered } from './margin-rule.ts';

/** Shared by call and put, initial and maintenance. */
const charge = z
  .strictObject({
    rate: ratioField('Share of S.'),
    lessOutOfTheMoney: z.boolean().default(false).register(z.globalRegistry, {
      description: 'true: rate·S is less by otm, what the option is out of the money.',
    }),
    floor: ratioField('The charge is at least this share of S, or of K; see floorOf.').prefault(
      '0',
    ),
    floorOf: choiceField(
      ['underlying', 'strike'],
      'What floor is a share of: S, the underlying, or K, the strike.',
    ),
    ofMark: ratioField('The charge is at least this share of the option’s own mark.').prefault('0'),
  })
  .register(z.globalRegistry, {
    description:
      'Of one short option a unit of the underlying: requirement = factor·max(rate·S − otm, ' +
      'floor·(S or K), ofMark·mark) + mark. The mark is always added. otm is 0 unless ' +
      'lessOutOfTheMoney; then it is max(K − S, 0) for a call and max(S − K, 0) for a put.',
  });

const charges = z
  .strictObject({ initial: charge, maintenance: charge })
  .register(z.globalRegistry, { description: 'Of a short call; of a short put too, without one.' });

const expiryNetting = z
  .strictObject({
    initial: ratioField('u of the initial requirement.'),
    maintenance: ratioField('u of the maintenance requirement; at most initial.'),
  })
  .refine(isOrdered, ordered)
  .register(z.globalRegistry, {
    description:
      'By expiry, the lesser of the sum of the requirements and of the largest loss when the options ' +
      'of the expiry are settled at 0 or at any of their strikes, plus u·F for each net short call, ' +
      'F the forward. Without it: the sum.',
  });

export const optionRule = z
  .strictObject({
    shortCall: charges,
    shortPut: charges
      .optional()
      .register(z.globalRegistry, { description: 'Of a short put; by default as shortCall.' }),
    putInitialOverMaintenance: ratioField(
      'o: the initial requirement of a short put is at least o times its maintenance requirement; ' +
        '0 asks for no minimum.',
    ).prefault('0'),
    factor: positiveRatioField('Multiplies every charge, but not the mark.').prefault('1'),
    underlyingPrice: choiceField(
      ['spot', 'forward'],
      'What S is: the price of the underlying feed, or the forward of the expiry, which is the ' +
        'price of forwardFeed or else spot·e^{rate·T}.',
    ),
    balanceValue: choiceField(
      ['all', 'long', 'none'],
      'Which option value counts in the margin balance: of long and short options, of long ones ' +
        'alone, or none. All of it counts in the equity. The requirement of a short option has its ' +
        'mark in it, so all charges that mark twice; to mirror a venue whose margin balance leaves ' +
        'option values out, say none.',
    ),
    expiryNetting: expiryNetting.optional(),
  })
  .transform((row): OptionRule => ({ ...row, shortPut: row.shortPut ?? row.shortCall }))
  .register(z.globalRegistry, {
    description:
      'What short options require on the standard model; a long one requires nothing. S is the ' +
      'price of the underlying, K the strike, mark the option’s price, all in the numeraire a unit ' +
      'of the underlying. Needed for a class with options on the standard model.',
  });
