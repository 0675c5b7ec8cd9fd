/** The attributes of every kind of row of the accounts table. */
import * as z from 'zod';
import {
  idField,
  openQuantityField,
  priceField,
  quantityField,
  secondsField,
  timeField,
} from './fields.ts';

export const profileAttributes = z.strictObject({
  marginModel: z.enum(['standard']).default('standard'),
  callGraceSeconds: secondsField(
    'From a margin call to its deadline, for this account.',
  ).optional(),
  labels: z
    .record(z.string(), z.string())
    .optional()
    .register(z.globalRegistry, { description: 'Yours; not read.' }),
});

export const balanceAttributes = z.strictObject({
  asset: idField('The asset, as its row in the market table names it.'),
  amount: quantityField('Units of the asset; below zero it is a loan.'),
  interestSettledAt: timeField('Interest on a loan accrues from here.').optional(),
});

export const positionAttributes = z.strictObject({
  instrument: idField('The instrument, as its row in the market table names it.'),
  quantity: quantityField('Contracts; below zero the position is short.'),
  entryPrice: priceField('Average price at which it was entered.'),
  isolatedMargin: openQuantityField(
    'Margin set aside, in the settlement asset; makes it a sub-account of its own.',
  ).optional(),
  openBuyQuantity: openQuantityField('Contracts of open orders to buy.').prefault('0'),
  openSellQuantity: openQuantityField('Contracts of open orders to sell.').prefault('0'),
  fundingSettledAt: timeField('Funding accrues from here.').optional(),
});

/** Rows of the accounts table by kind: `profile`, `balance#<asset>`, `position#<instrument>…`. */
export const accountAttributes = {
  profile: profileAttributes,
  balance: balanceAttributes,
  position: positionAttributes,
} as const;
