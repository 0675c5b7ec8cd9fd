/** Decimals that this program wrote, refused with their place if they were damaged. */
import {
  type Amount,
  DecimalError,
  type Price,
  price,
  recordedAmount,
} from '../margin/number/decimal.ts';
import { refuseValue } from '../rows/fields.ts';
import * as z from '../rows/zod.ts';

const recorded = <M>(read: (text: string) => M, what: string) =>
  z.pipe(
    z.string(),
    z.transform((text, context): M => {
      try {
        return read(text);
      } catch (error) {
        if (!(error instanceof DecimalError)) throw error;
        return refuseValue(context, `must be ${what}, not ${text.slice(0, 40)}`);
      }
    }),
  );

export const recordedSum = recorded<Amount>(recordedAmount, 'an amount');
export const recordedPrice = recorded<Price>(price, 'a price');
