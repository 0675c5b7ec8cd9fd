import {
  flatSchedule,
  type Ladder,
  type MarginRule,
  type Rates,
  type Schedule,
  ScheduleError,
  tieredSchedule,
} from '../margin/market/schedule.ts';
import { type Amount, isBelow, isZero, type Ratio } from '../margin/number/decimal.ts';
import {
  amountField,
  choiceField,
  countField,
  described,
  fractionField,
  onFirstUse,
  positiveRatioField,
  ratioField,
  refuseValue,
  timeField,
} from './fields.ts';
import * as z from './zod.ts';

const rates = {
  initial: ratioField('Initial requirement, as a fraction of the notional.'),
  maintenance: ratioField(
    'Maintenance requirement, as a fraction of the notional; at most initial.',
  ),
};

/** Keeping a position must not require more than opening it. */
export const ordered = {
  path: ['initial'],
  message: 'must not be below maintenance',
};

export const isOrdered = <M extends Amount | Ratio>(pair: {
  readonly initial: M;
  readonly maintenance: M;
}) => !isBelow(pair.initial, pair.maintenance);

const tiersOf = (floor: string, description: string) =>
  described(
    z.pipe(
      z.array(z.strictObject({ floor: amountField(floor), ...rates })),
      z.transform((tiers, context): Schedule => {
        try {
          return tieredSchedule(tiers as Rates[]);
        } catch (error) {
          if (!(error instanceof ScheduleError)) throw error;
          return refuseValue(context, error.message);
        }
      }),
    ),
    description,
  );

const DEDUCTIONS =
  'deduction_0 = 0 and deduction_n = deduction_{n−1} + floor_n·(rate_n − rate_{n−1}).';

export const schedule = tiersOf(
  'Notional, in the numeraire, from which the rates apply.',
  'Marginal rates by notional, like tax bands: floors rise from 0 and rates never ' +
    `fall. requirement = notional·rate_n − deduction_n, with ${DEDUCTIONS}`,
);

const ratePlaces = z.optional(
  countField(
    'Decimal places to which the computed rates are cut down before they are used: 6 for parts per ' +
      'million, 4 for basis points. Without it they are used with all digits.',
    { min: 0, max: 18 },
  ),
);

const ladder = onFirstUse(() =>
  z
    .strictObject({
      base: ratioField('Rate of a position of size 0, as a fraction of its notional.'),
      slope: ratioField('Increase of the rate for each unit of the underlying.'),
      cap: z.optional(
        ratioField('Maximum of the rate; at least base. Without it the rate has no limit.'),
      ),
    })
    .check(
      z.refine(({ base, cap }) => cap === undefined || !isBelow(cap, base), {
        path: ['cap'],
        message: 'must not be below base',
      }),
    ),
);

const flat = described(
  z.strictObject({ type: z.literal('flat'), ...rates }).check(z.refine(isOrdered, ordered)),
  'requirement = rate·notional.',
);

const tiered = described(
  z.strictObject({
    type: z.literal('tiered'),
    by: choiceField(
      ['notional', 'size', 'contracts'],
      'What floors count. notional: numeraire. size: units of the underlying; for an inverse ' +
        'instrument notional ÷ mark. contracts: contracts.',
    ),
    rates: choiceField(
      ['marginal', 'whole'],
      'marginal: each rate applies to what lies in its tier, like tax bands. whole: the rate of the ' +
        'tier in which the size lies applies to the whole notional, so the requirement jumps at a floor.',
    ),
    tiers: tiersOf(
      'Size from which the rates apply, in what by counts.',
      'Floors rise from 0 and rates never fall. A size at a floor lies in its tier.',
    ),
  }),
  'marginal: requirement = notional·(rate_n − deduction_n/s), with s the size by which tiers are ' +
    `counted, ${DEDUCTIONS} whole: requirement = notional·rate_n.`,
);

/** Marginal tiers of the notional are what a curve is made of. */
function tieredRule({ by, rates, tiers }: z.output<typeof tiered>): MarginRule {
  if (by === 'notional' && rates === 'marginal') return { type: 'tiered', tiers };
  return { type: 'stepped', by, rates, tiers };
}

const sizeLadder = described(
  z
    .strictObject({
      type: z.literal('sizeLadder'),
      initial: ladder,
      maintenance: ladder,
      ratePlaces,
    })
    .check(
      z.superRefine(({ initial, maintenance }, context) => {
        const part = partBelow(initial, maintenance);
        if (part === undefined) return;
        const message = `must not be below maintenance.${part}`;
        const isUncapped = part === 'cap' && maintenance.cap === undefined;
        context.addIssue(
          isUncapped
            ? {
                code: 'custom',
                path: ['maintenance', 'cap'],
                message: 'is needed because initial has one',
              }
            : { code: 'custom', path: ['initial', part], message },
        );
      }),
    ),
  'requirement = min(cap, base + slope·size)·notional, with the rate on the whole ' +
    'notional. The size is in units of the underlying; for an inverse instrument it is ' +
    'notional ÷ mark. base, slope and cap of initial are at least those of maintenance; a cap of ' +
    'initial needs one of maintenance, unless its slope is 0.',
);

/** The first part by which the initial rate could fall below the maintenance rate. */
function partBelow(initial: Ladder, maintenance: Ladder): keyof Ladder | undefined {
  if (isBelow(initial.base, maintenance.base)) return 'base';
  if (isBelow(initial.slope, maintenance.slope)) return 'slope';
  if (initial.cap === undefined) return undefined;
  const isAboveCap =
    maintenance.cap === undefined
      ? !isZero(maintenance.slope)
      : isBelow(initial.cap, maintenance.cap);
  return isAboveCap ? 'cap' : undefined;
}

const squareRoot = described(
  z
    .strictObject({
      type: z.literal('squareRoot'),
      ...rates,
      sizeScaling: ratioField('k: raises both rates with the square root of the size.'),
      ratePlaces,
    })
    .check(z.refine(isOrdered, ordered)),
  'requirement = max(r, 0.8·r + k·√size)·notional, with r = initial or maintenance. ' +
    'The size is in units of the underlying. With ratePlaces each term is cut down by itself: ' +
    'max(⌊r⌋, ⌊r⌋ − ⌊⌊r⌋/5⌋ + ⌊k·√size⌋).',
);

const openInterest = described(
  z
    .strictObject({
      type: z.literal('openInterest'),
      initial: fractionField('base: the initial rate while the open interest is at most lower.'),
      maintenance: rates.maintenance,
      lower: amountField(
        'Open interest, as a notional in the numeraire, above which the initial rate grows; below ' +
          'upper.',
      ),
      upper: amountField(
        'Open interest, as a notional in the numeraire, from which the initial requirement is ' +
          'the whole notional.',
      ),
      ratePlaces,
    })
    .check(
      z.refine(isOrdered, ordered),
      z.refine(({ lower, upper }) => isBelow(lower, upper), {
        path: ['lower'],
        message: 'must be below upper',
      }),
    ),
  'initial = (base + clamp((OI − lower)/(upper − lower), 0, 1)·(1 − base))·notional, ' +
    'with OI the notional of the instrument’s openInterest at its mark. maintenance = ' +
    'rate·notional, whatever the open interest.',
);

export const marginRule = described(
  z.pipe(
    z.discriminatedUnion('type', [flat, tiered, sizeLadder, squareRoot, openInterest]),
    z.transform((row): MarginRule => {
      if (row.type === 'tiered') return tieredRule(row);
      if (row.type !== 'flat') return row;
      return { type: 'tiered', tiers: flatSchedule(row.initial, row.maintenance) };
    }),
  ),
  'Initial and maintenance requirement of perpetuals and futures. Needed for a class ' +
    'with perpetuals or futures on the standard model.',
);

export const phaseIn = onFirstUse(() =>
  described(
    z.strictObject({
      margin: marginRule,
      from: timeField('When the raise began.'),
      hours: positiveRatioField('How long it takes.'),
    }),
    'A raise that comes into force by and by, so that it liquidates nobody at once: the margin rule ' +
      'before it. The maintenance requirement of every position moves from that rule to margin ' +
      'linearly over the hours, and is never above the initial requirement, which is that of margin ' +
      'at once. Needs margin.',
  ),
);
