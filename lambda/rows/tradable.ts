/** Market attributes that size order plans and capacity. */
import { amountField, positiveAmountField, sizeField } from './fields.ts';

export const tradableFields = {
  lotSize: sizeField(
    'The least that can be traded, in contracts or units: orders are whole multiples of it, unless ' +
      'they close all that is left.',
  ).optional(),
  minNotional: amountField(
    'The least notional of an order, in the numeraire; one that closes all that is left may be less.',
  ).optional(),
  dailyVolume: positiveAmountField(
    'Notional that trades in a day, in the numeraire: for the impact of an order, and for the most ' +
      'that one check liquidates.',
  ).optional(),
  depth: positiveAmountField(
    'Notional of the orders that rest within 1 % of the mark, on each side, in the numeraire: for the ' +
      'most that one check liquidates, and for the cascade gauge.',
  ).optional(),
};
