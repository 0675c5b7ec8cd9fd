import { NO_QUANTITY } from '../margin/number/decimal.ts';
import {
  choiceField,
  countField,
  described,
  idField,
  openQuantityField,
  priceField,
  quantityField,
  secondsField,
  timeField,
} from './fields.ts';
import * as z from './zod.ts';

/** More than any venue allows in one market. */
const OPEN_ORDERS_MAX = 1_000_000;

export const profileAttributes = z.strictObject({
  marginModel: choiceField(
    ['standard', 'portfolio'],
    'standard: the sum of the requirements of all positions, each by the margin or ' +
      'optionRule of its class. portfolio: for each underlying, the worst loss over the ' +
      'scenarios of the class’s portfolio; a class without a portfolio is treated as in ' +
      'standard.',
  ),
  callGraceSeconds: z.optional(
    secondsField('Time from a margin call to its deadline, for this account.'),
  ),
  changing: described(
    z._default(z.boolean(), false),
    'true while a writer is in the middle of a change of several rows of this account: set it ' +
      'before the first, and take it away with the last. Meanwhile no order plan goes out for the ' +
      'account, for at most changingTimeoutSeconds. One transaction for all rows is better.',
  ),
  labels: described(
    z.optional(z.record(z.string(), z.string())),
    'Your own labels; they are not read.',
  ),
});

export const balanceAttributes = z
  .strictObject({
    asset: idField('Id of the asset’s row in the market table.'),
    amount: quantityField('Units of the asset; a negative amount is a loan.'),
    location: z.optional(
      idField(
        'Id of the location’s row in the market table. Without it the balance lies at the ' +
          'venue itself. Write one row for each location of an asset.',
      ),
    ),
    observedAt: z.optional(
      timeField('When the balance was observed at its location; needed with a location.'),
    ),
    interestSettledAt: z.optional(timeField('Interest on a loan accrues from this time.')),
  })
  .check(
    z.refine((row) => (row.location === undefined) === (row.observedAt === undefined), {
      path: ['observedAt'],
      message: 'is needed with a location, and only allowed there',
    }),
  );

export const positionAttributes = z.strictObject({
  instrument: idField('Id of the instrument’s row in the market table.'),
  quantity: quantityField('Contracts; negative for a short position.'),
  entryPrice: priceField(
    'Average entry price, in the unit of the mark: numeraire per unit of the underlying, ' +
      'or coin per unit for an inverse option.',
  ),
  isolatedMargin: z.optional(
    quantityField(
      'Margin set aside for this position, in the settlement asset; it makes the position a ' +
        'sub-account of its own. After the position is closed, a negative value is its loss ' +
        'beyond that margin.',
    ),
  ),
  openBuyQuantity: z._default(
    openQuantityField('Contracts of open buy orders; none by default.'),
    NO_QUANTITY,
  ),
  openSellQuantity: z._default(
    openQuantityField('Contracts of open sell orders; none by default.'),
    NO_QUANTITY,
  ),
  openOrderCount: z._default(
    countField('Number of open orders, for a class with an openOrderCharge; none by default.', {
      min: 0,
      max: OPEN_ORDERS_MAX,
    }),
    0,
  ),
  fundingSettledAt: z.optional(timeField('Funding accrues from this time.')),
});

/**
 * By kind; the items are `profile`, `balance#<asset>[@<location>]` and
 * `position#<instrument>[#<label>]`.
 */
export const accountAttributes = {
  profile: profileAttributes,
  balance: balanceAttributes,
  position: positionAttributes,
} as const;
