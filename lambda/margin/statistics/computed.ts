/** Rows within their limits may still have no figures: a rate of 10⁹ a year discounts to nothing. */
import { DecimalError } from '../number/decimal.ts';
import { ArgumentRangeError } from './argument-range.ts';

/**
 * @returns what `compute` returns, or `otherwise` of the fault if a number is beyond what can be
 *   computed
 */
export function computed<T>(compute: () => T, otherwise: (fault: string) => T): T {
  try {
    return compute();
  } catch (error) {
    const isBeyond = error instanceof DecimalError || error instanceof ArgumentRangeError;
    if (!isBeyond) throw error;
    return otherwise(error.message);
  }
}
