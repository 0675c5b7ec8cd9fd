import { isZero } from '../margin/number/decimal.ts';
import { choiceField, described, fractionField, onFirstUse } from './fields.ts';
import * as z from './zod.ts';

export const backstop = onFirstUse(() =>
  described(
    z
      .strictObject({
        below: fractionField(
          'Share of ℓ·MM; where the margin balance is below it, the backstop takes all positions. ' +
            'Above 0 and at most 1.',
        ),
        price: choiceField(
          ['mark', 'bankruptcy'],
          'mark: it takes them at the mark, and the account keeps its equity. bankruptcy: at the ' +
            'bankruptcyPrice of each position, which leaves the account nothing; at the mark where ' +
            'there is none.',
        ),
      })
      .check(
        z.refine(({ below }) => !isZero(below), { path: ['below'], message: 'must be above 0' }),
      ),
    'A taker of last resort, such as a vault: its orders have taker backstop, cost nothing, and take ' +
      'no capacity of the market. Without it all orders go to the market.',
  ),
);
