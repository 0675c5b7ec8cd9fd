/** `margin plan --json` prints this. Amounts are in the numeraire, as decimal texts. */
import * as z from 'zod';
import { decimalText, time } from '../../lambda/messages/figure-schemas.ts';
import { plan } from '../../lambda/messages/plan-schemas.ts';

/** As `margin assess --json` has it. */
const assessment = z
  .looseObject({
    accountId: z.string(),
    position: z.string().optional(),
    level: z.enum(['healthy', 'call', 'liquidation', 'deficit']).nullable(),
    certainty: z.enum(['certain', 'uncertain', 'indeterminate']),
    equity: decimalText.optional(),
    marginBalance: decimalText.optional(),
    maintenanceRequirement: decimalText.optional(),
    latencyBuffer: decimalText.optional(),
    liquidationLine: decimalText.optional(),
  })
  .meta({
    description:
      'An account as margin assess --json has it, with more attributes. The level is null, and ' +
      'figures may be absent, where it is indeterminate.',
  });

const planned = z.strictObject({
  accountId: z.string(),
  position: z.string().optional().meta({ description: 'An isolated position.' }),
  before: assessment,
  aim: z.strictObject({
    target: decimalText.meta({
      description:
        'Margin balance that the plan is to restore: κ·MM + LB + exit buffer; at least the initial ' +
        'requirement + LB, if the policy calls there. Open orders are cancelled.',
    }),
    shortfall: decimalText.meta({
      description: 'target − margin balance; not above 0 if cancelling is enough.',
    }),
  }),
  plan: plan.optional().meta({ description: 'As in liquidation.ordered; absent if withheld.' }),
  isObserved: z.boolean().meta({ description: 'Mode observe: the plan would only be shown.' }),
  withheld: z.array(z.string()).meta({ description: 'Why no plan goes out; else empty.' }),
  after: assessment.optional().meta({
    description:
      'If all orders fill at their reference prices, those of the backstop at its price, without fees ' +
      'and costs, and all swaps are made.',
  }),
  left: z
    .strictObject({
      positions: z.array(z.strictObject({ instrument: z.string(), quantity: decimalText })),
      balances: z.array(z.strictObject({ asset: z.string(), amount: decimalText })),
    })
    .optional()
    .meta({ description: 'What the account then holds.' }),
});

export const plansSchema = z.strictObject({
  asOf: time,
  numeraire: z.string(),
  plans: z.array(planned).meta({ description: 'The worst account first, as a check takes them.' }),
  others: z.array(assessment).meta({ description: 'Accounts that a check would not liquidate.' }),
});
