/** Market attributes that size order plans and capacity. */

import { amountField, positiveAmountField, sizeField } from './fields.ts';
import * as z from './zod.ts';

export const tradableFields = {
  lotSize: z.optional(
    sizeField(
      'Smallest quantity that can be traded, in contracts or units. Orders are whole ' +
        'multiples of it, unless they close all that is left.',
    ),
  ),
  minNotional: z.optional(
    amountField(
      'Smallest notional of an order, in the numeraire. An order that closes all that is ' +
        'left may be smaller.',
    ),
  ),
  dailyVolume: z.optional(
    positiveAmountField(
      'Notional traded per day, in the numeraire. It sets the impact of an order, and ' +
        'limits what one check liquidates.',
    ),
  ),
  depth: z.optional(
    positiveAmountField(
      'Notional of resting orders within 1 % of the mark, on each side, in the numeraire. ' +
        'It limits what one check liquidates, and the cascade gauge uses it.',
    ),
  ),
};
