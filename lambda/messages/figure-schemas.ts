/** The contract of the figures in messages. In the numeraire, as decimal texts. */
import * as z from 'zod';

export const decimalText = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ description: 'A decimal number, in plain notation.' });
export const time = z.iso.datetime().meta({ description: 'UTC.' });
const bound = z.union([decimalText, z.literal('unbounded')]);
const range = z
  .strictObject({
    low: bound,
    least: bound.optional(),
    point: decimalText,
    most: bound.optional(),
    high: bound,
  })
  .meta({
    description:
      'point is at the believed prices; low and high are the ends over all that the prices may ' +
      'be. least and most are the ends over the prices in doubt alone, and absent if none is.',
  });
const reason = z.strictObject({ code: z.string(), subject: z.string(), detail: z.string() });
export const reasons = z.array(reason).min(1);

const greeks = z.strictObject({
  factor: z.string(),
  delta: decimalText.meta({ description: 'Equivalent units of the underlying.' }),
  gamma: decimalText.meta({ description: 'Change of delta per unit of price.' }),
  vega: decimalText.meta({ description: 'Per 1.00 of volatility.' }),
  theta: decimalText.meta({ description: 'Per year.' }),
});

const worstScenario = z.strictObject({
  factor: z.string(),
  riskClass: z.string(),
  scenario: z.string().meta({ description: 'The row of the table, in words.' }),
  profit: decimalText.meta({
    description: 'Profit in that row, with its weight; a loss is negative.',
  }),
  filling: z
    .enum(['none', 'buys', 'sells'])
    .optional()
    .meta({ description: 'The open orders that are assumed filled; absent if there are none.' }),
});

/** In the numeraire; requirements are rounded up, values and surplus down. */
export const measured = {
  numeraire: z.string(),
  equity: range,
  marginBalance: range,
  initialRequirement: decimalText,
  maintenanceRequirement: decimalText,
  latencyBuffer: decimalText,
  liquidationLine: decimalText,
  callLine: decimalText,
  restoreLine: decimalText,
  liquidationSurplus: range,
  callSurplus: range,
  prices: z.array(
    z.strictObject({
      feed: z.string(),
      price: decimalText,
      ageSeconds: z.number(),
      uncertainty: decimalText.meta({ description: 'Half-width, as a fraction of the price.' }),
      standing: z
        .enum(['aged', 'stale', 'suspect', 'first-print'])
        .optional()
        .meta({
          description:
            'Why the price may not be relied on: too old for a liquidation (aged); too old, refused ' +
            'or gone (stale); an unconfirmed jump (suspect); the first price of its feed.',
        }),
      doubt: z
        .strictObject({ low: decimalText, high: decimalText })
        .optional()
        .meta({ description: 'Where the price may be instead.' }),
      sources: z.number(),
      volatility: decimalText.meta({
        description:
          'σ of the latency shock of the risk factor that moves the price, annual, as a fraction. ' +
          'A dynamic requirement follows a slower one.',
      }),
      shock: decimalText.meta({
        description:
          'Λ: how far the price may move before a close-out, as a fraction, up to the shockMax of ' +
          'its class; the buffer covers it. The larger of shockDown and shockUp.',
      }),
      shockDown: decimalText.meta({ description: 'Λ of a price that falls.' }),
      shockUp: decimalText.meta({ description: 'Λ of a price that rises.' }),
      forecastDown: decimalText.optional().meta({
        description:
          'Λ*: how far the price is forecast to fall before a close-out. Absent if the buffer ' +
          'covers all of it.',
      }),
      forecastUp: decimalText.optional().meta({ description: 'Likewise, for a rise.' }),
    }),
  ),
  greeks: z
    .array(greeks)
    .min(1)
    .optional()
    .meta({ description: 'For each risk factor with options.' }),
  worstScenarios: z
    .array(worstScenario)
    .min(1)
    .optional()
    .meta({ description: 'For each risk factor and class on portfolio margin.' }),
  notes: reasons
    .optional()
    .meta({ description: 'Why a balance counts for less than its full weight.' }),
};

export const figures = z.strictObject({
  ...measured,
  level: z.enum(['healthy', 'call', 'liquidation', 'deficit']),
});
