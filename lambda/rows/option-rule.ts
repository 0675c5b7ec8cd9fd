import type { OptionRule } from '../margin/market/option-rule.ts';
import {
  amountField,
  choiceField,
  described,
  onFirstUse,
  positiveRatioField,
  ratioField,
} from './fields.ts';
import { isOrdered, ordered } from './margin-rule.ts';
import * as z from './zod.ts';

/** Shared by call and put, initial and maintenance. */
const charge = onFirstUse(() =>
  described(
    z.strictObject({
      rate: ratioField('Share of S.'),
      lessOutOfTheMoney: described(
        z._default(z.boolean(), false),
        'true: subtract otm, the amount by which the option is out of the money, from rate·S.',
      ),
      floor: z.prefault(
        ratioField('Minimum of the charge, as a share of S or K; see floorOf.'),
        '0',
      ),
      floorOf: choiceField(
        ['underlying', 'strike'],
        'The price that floor is a share of: S, the underlying, or K, the strike.',
      ),
      ofMark: z.prefault(
        ratioField('Minimum of the charge, as a share of the option’s own mark.'),
        '0',
      ),
      minimum: z.prefault(
        amountField(
          'Minimum of the charge in the numeraire per unit of the underlying: that of a contract ÷ its ' +
            'contractSize.',
        ),
        '0',
      ),
    }),
    'One short option requires, per unit of the underlying, factor·max(rate·S − otm, ' +
      'floor·(S or K), ofMark·mark, minimum) + mark. The mark is always added. otm is 0 unless ' +
      'lessOutOfTheMoney is true; then it is max(K − S, 0) for a call and max(S − K, 0) ' +
      'for a put.',
  ),
);

const charges = onFirstUse(() =>
  described(
    z.strictObject({ initial: charge, maintenance: charge }),
    'Charges of a short call; also of a short put if shortPut is absent.',
  ),
);

const expiryNetting = onFirstUse(() =>
  described(
    z
      .strictObject({
        initial: ratioField('u for the initial requirement.'),
        maintenance: ratioField('u for the maintenance requirement; at most initial.'),
      })
      .check(z.refine(isOrdered, ordered)),
    'For each expiry, the smaller of two amounts: the sum of the requirements, or the ' +
      'largest loss when its options settle at 0 or at any of their strikes, plus u·F for ' +
      'each net short call, with F the forward. Without it: the sum.',
  ),
);

export const optionRule = onFirstUse(() =>
  described(
    z.pipe(
      z.strictObject({
        shortCall: charges,
        shortPut: described(
          z.optional(charges),
          'Charges of a short put; by default those of shortCall.',
        ),
        putInitialOverMaintenance: z.prefault(
          ratioField(
            'o: the initial requirement of a short put is at least o times its maintenance ' +
              'requirement; 0 sets no minimum.',
          ),
          '0',
        ),
        factor: z.prefault(positiveRatioField('Multiplies every charge, but not the mark.'), '1'),
        underlyingPrice: choiceField(
          ['spot', 'forward'],
          'The price that S stands for: spot is the underlying feed; forward is the forward ' +
            'of the expiry, from forwardFeed or else spot·e^{rate·T}.',
        ),
        initialMark: choiceField(
          ['mark', 'entry'],
          'entry: in the initial requirement the mark counts at least at the average entry price, ' +
            'Σ |q|·entry ÷ Σ |q| over the rows of the option. mark: it counts as it is.',
        ),
        balanceValue: choiceField(
          ['all', 'long', 'none'],
          'Option values that count in the margin balance: all, those of long options only, ' +
            'or none. All of them count in the equity. The requirement of a short option ' +
            'includes its mark, so all charges that mark twice. To mirror a venue that leaves ' +
            'option values out of its margin balance, use none.',
        ),
        strangles: choiceField(
          ['none', 'pairs'],
          'pairs: each short call is paired with a short put of the same underlying and expiry, unit ' +
            'by unit, calls from the lowest strike and puts from the highest. Of a pair the option ' +
            'that requires more, mark included, requires it, the other its mark alone. none: each option ' +
            'requires its own charge.',
        ),
        expiryNetting: z.optional(expiryNetting),
      }),
      z.transform((row): OptionRule => ({ ...row, shortPut: row.shortPut ?? row.shortCall })),
    ),
    'Requirement of short options on the standard model; long options require nothing. ' +
      'S is the price of the underlying, K the strike, mark the option’s price, all in ' +
      'numeraire per unit of the underlying. Needed for a class with options on the ' +
      'standard model.',
  ),
);
