import * as z from 'zod';
import { NO_QUANTITY } from '../margin/number/decimal.ts';
import {
  choiceField,
  countField,
  idField,
  openQuantityField,
  priceField,
  quantityField,
  secondsField,
  timeField,
} from './fields.ts';

/** More than any venue allows in one market. */
const OPEN_ORDERS_MAX = 1_000_000;

export const profileAttributes = z.strictObject({
  marginModel: choiceField(
    ['standard', 'portfolio'],
    'standard: every position by the margin or the optionRule of its class, summed. portfolio: by ' +
      'underlying, the worst loss over the scenarios of the class’s portfolio; a class without one ' +
      'as in standard.',
  ),
  callGraceSeconds: secondsField(
    'From a margin call to its deadline, for this account.',
  ).optional(),
  labels: z
    .record(z.string(), z.string())
    .optional()
    .register(z.globalRegistry, { description: 'Yours; not read.' }),
});

export const balanceAttributes = z
  .strictObject({
    asset: idField('The asset, as its row in the market table names it.'),
    amount: quantityField('Units of the asset; below zero it is a loan.'),
    location: idField(
      'Where it lies, as its row in the market table names it; without one: here. Balances of one ' +
        'asset at several locations are rows of their own.',
    ).optional(),
    observedAt: timeField(
      'When the balance was observed at its location; needed with a location.',
    ).optional(),
    interestSettledAt: timeField('Interest on a loan accrues from here.').optional(),
  })
  .refine((row) => (row.location === undefined) === (row.observedAt === undefined), {
    path: ['observedAt'],
    message: 'is needed with a location, and refused without one',
  });

export const positionAttributes = z.strictObject({
  instrument: idField('The instrument, as its row in the market table names it.'),
  quantity: quantityField('Contracts; below zero the position is short.'),
  entryPrice: priceField(
    'Average price at which it was entered, in the unit of its mark: numeraire a unit of the ' +
      'underlying, of an inverse option coin a unit.',
  ),
  isolatedMargin: quantityField(
    'Margin set aside, in the settlement asset; makes it a sub-account of its own. Below zero: what it ' +
      'has lost beyond its margin, once it is closed.',
  ).optional(),
  openBuyQuantity: openQuantityField('Contracts of open orders to buy; without it none.').default(
    NO_QUANTITY,
  ),
  openSellQuantity: openQuantityField('Contracts of open orders to sell; without it none.').default(
    NO_QUANTITY,
  ),
  openOrderCount: countField(
    'Number of its open orders, for a class with an openOrderCharge; without it none.',
    {
      min: 0,
      max: OPEN_ORDERS_MAX,
    },
  ).default(0),
  fundingSettledAt: timeField('Funding accrues from here.').optional(),
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
