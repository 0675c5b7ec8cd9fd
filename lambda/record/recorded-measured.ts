/** What is measured of a feed's volatility, as evidence has it: the only schema of it, with its writer. */
import type { Measured } from '../margin/market/volatility.ts';
import { textOf } from '../margin/number/decimal.ts';
import { positiveRatioField, ratioField } from '../rows/fields.ts';
import * as z from '../rows/zod.ts';

const measuredPlainly = z.pipe(
  ratioField('σ_ewma, annual.'),
  z.transform((annual): Measured => ({ annual })),
);

const annual = ratioField('σ_ewma.');
const initial = positiveRatioField(
  'Slowed σ, for the initial requirement; σ itself is used if it is lower.',
);

const buffer = positiveRatioField('σ of the exhaustible buffer; σ itself is used if it is lower.');

const measuredSlowly = z.pipe(
  z.strictObject({ annual, initial: z.optional(initial), buffer: z.optional(buffer) }),
  z.transform((measured): Measured => measured),
);

const measuredInFull = z.pipe(
  z.strictObject({
    annual,
    shock: z.optional(ratioField('σ̂ of the latency shock, annual; by default that of annual.')),
    quantileDown: positiveRatioField('z of the latency shock for a falling price.'),
    quantileUp: positiveRatioField('z of the latency shock for a rising price.'),
    initial: z.optional(initial),
    buffer: z.optional(buffer),
  }),
  z.transform(
    ({ shock, quantileDown: down, quantileUp: up, ...measured }): Measured => ({
      ...measured,
      forecast: { volatility: shock ?? measured.annual, quantiles: { down, up } },
    }),
  ),
);

export const recordedMeasured = z.union([measuredPlainly, measuredInFull, measuredSlowly]);

/** A text for σ alone, otherwise an object. */
export function writeMeasured({ annual, forecast, initial, buffer }: Measured) {
  if ((forecast ?? initial ?? buffer) === undefined) return textOf(annual);
  return {
    annual: textOf(annual),
    ...(forecast && {
      shock: textOf(forecast.volatility),
      quantileDown: textOf(forecast.quantiles.down),
      quantileUp: textOf(forecast.quantiles.up),
    }),
    ...(initial && { initial: textOf(initial) }),
    ...(buffer && { buffer: textOf(buffer) }),
  };
}
