/** An order plan in a message: orders, swaps and what they went by. */
import * as z from 'zod';
import { decimalText, time } from './figure-schemas.ts';

const order = z.strictObject({
  kind: z.enum(['position', 'collateral', 'loan']),
  market: z.string().meta({ description: 'The instrument of a position, the asset otherwise.' }),
  side: z.enum(['buy', 'sell']),
  quantity: decimalText.meta({
    description: 'Contracts, or units of the asset. Reduce-only: never more than is held.',
  }),
  referencePrice: decimalText,
  notional: decimalText,
  limitPrice: decimalText.optional().meta({
    description:
      'Do not trade at a worse price: the plan assumes no worse. In the unit of referencePrice.',
  }),
  bankruptcyPrice: decimalText.optional().meta({
    description:
      'Price at which closing uses up the position’s share of the margin balance, by maintenance ' +
      'requirement. A fill at a worse price costs others. Absent if no such price is above 0.',
  }),
  liquidationFee: decimalText.optional().meta({
    description: 'Share of each fill that the account pays into the insurance fund.',
  }),
  liquidatorFee: decimalText.optional().meta({
    description: 'Share of each fill that the account pays to the party that closes it.',
  }),
  taker: z.literal('backstop').optional().meta({
    description: 'The backstop takes all of it at limitPrice; absent: an order for the market.',
  }),
});

const swap = z.strictObject({
  collateral: z.string().meta({ description: 'Asset that the account gives.' }),
  seized: decimalText.meta({
    description:
      'Units of it that the party that repays the loan receives. Never more than is held.',
  }),
  collateralPrice: decimalText,
  loan: z.string().meta({ description: 'Asset that the account owes; may be the numeraire.' }),
  repaid: decimalText.meta({
    description: 'Units of it by which the loan falls. Never more than is owed.',
  }),
  loanPrice: decimalText,
  bonus: decimalText.meta({
    description: 'Value seized ÷ value repaid − 1, before rounding in favour of the account.',
  }),
  value: decimalText.meta({ description: 'Value repaid, in the numeraire; rounded down.' }),
});

const opened = z
  .strictObject({
    since: time.meta({ description: 'The check of the case’s first order plan.' }),
    seconds: z.number().min(0).meta({ description: 'From then to this plan.' }),
    share: decimalText.optional().meta({
      description: 'Share that may be closed; absent if the plan is not held back.',
    }),
    of: z.enum(['holding', 'shortage']).optional().meta({
      description: 'Share of each holding, or of what the account lacks of its target.',
    }),
  })
  .optional()
  .meta({ description: 'What fees, shares and bonuses that open with time went by.' });

const carriedOver = z
  .array(
    z.strictObject({ market: z.string(), side: z.enum(['buy', 'sell']), notional: decimalText }),
  )
  .min(1)
  .optional()
  .meta({
    description:
      'Orders that the plan still needs, but for which the market has no capacity now. A later plan ' +
      'has them.',
  });

export const plan = z.strictObject({
  scope: z.enum(['cancel', 'partial', 'whole']),
  why: z.string(),
  cancelOpenOrders: z.array(z.string()).meta({
    description:
      'Instruments, and assets with open orders of their own, whose open orders are cancelled before anything is closed: all in which this ' +
      'account (or isolated position) has any. If some are omitted, cancel them too.',
  }),
  orders: z.array(order),
  swaps: z
    .array(swap)
    .min(1)
    .optional()
    .meta({
      description:
        'Collateral for loans, beside the orders: each at these quantities, one after the other, before ' +
        'the orders. Absent: none.',
    }),
  opened,
  carriedOver,
});
