/** The full shape of an assessment document, for the JSON Schema in docs/schemas. */
import * as z from 'zod';
import type { Measured } from '../../lambda/margin/market/volatility.ts';
import type { Deleveraging } from '../../lambda/margin/waterfall/deleveraging.ts';
import {
  balanceAttributes,
  positionAttributes,
  profileAttributes,
} from '../../lambda/rows/account-rows.ts';
import {
  amountField,
  idField,
  positiveRatioField,
  priceField,
  ratioField,
  signedRatioField,
  sizeField,
  spanField,
  timeField,
} from '../../lambda/rows/fields.ts';
import { instrumentAttributes } from '../../lambda/rows/instrument-row.ts';
import {
  assetAttributes,
  locationAttributes,
  quoteAttributes,
} from '../../lambda/rows/market-rows.ts';
import { Numeral } from '../../lambda/rows/numeral.ts';
import { policyAttributes } from '../../lambda/rows/policy-row.ts';
import { riskAttributes } from '../../lambda/rows/risk-row.ts';

export const GAP_SECONDS_DEFAULT = 60;
/** Twice the stack's longest interval, a day. */
const GAP_SECONDS_MAX = 2 * 86_400;

const asOf = z
  .unknown()
  .transform((value, context): number => {
    const text = value instanceof Numeral ? value.text : value;
    const time = typeof text === 'string' ? timeOf(text) : Number.NaN;
    if (Number.isFinite(time)) return time;
    const message = 'must be a time: milliseconds since 1970, or 2020-03-12T10:12:00Z';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', format: 'date-time' },
    ],
    description: 'The time of the assessment: milliseconds since 1970, or ISO 8601.',
  });

const isoTime = z.iso.datetime({ offset: true });

/** Milliseconds since 1970 or ISO 8601; NaN for anything else. */
export function timeOf(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  return isoTime.safeParse(text).success ? Date.parse(text) : Number.NaN;
}

const measuredPlainly = ratioField('σ_ewma, annual.').transform((annual): Measured => ({ annual }));

const annual = ratioField('σ_ewma.');
const initial = positiveRatioField(
  'Slowed σ, for the initial requirement; σ itself is used if it is lower.',
);

const measuredSlowly = z
  .strictObject({ annual, initial })
  .transform((measured): Measured => measured);

const measuredInFull = z
  .strictObject({
    annual,
    quantileDown: positiveRatioField('z of the latency shock for a falling price.'),
    quantileUp: positiveRatioField('z of the latency shock for a rising price.'),
    initial: initial.optional(),
  })
  .transform(
    ({ quantileDown: down, quantileUp: up, ...measured }): Measured => ({
      ...measured,
      quantiles: { down, up },
    }),
  );

const counterparty = z.strictObject({
  accountId: idField('The account.'),
  position: z.string().optional().meta({ description: 'Its isolated position.' }),
  quantity: sizeField('Contracts.'),
  score: signedRatioField('Its ranking score.'),
});

const deleveraging = z
  .strictObject({
    market: idField('The instrument.'),
    side: z.enum(['buy', 'sell']).meta({ description: 'Side of the bankrupt account’s trade.' }),
    price: priceField('The bankruptcy price.'),
    quantity: sizeField('Contracts.'),
    amount: amountField('Loss of the counterparties against the mark, in the numeraire.'),
    counterparties: z.array(counterparty),
  })
  .transform((found): Deleveraging => found);

export const documentTimes = {
  asOf,
  gapSeconds: spanField('Seconds between two checks, for the latency buffer.', {
    secondsMax: GAP_SECONDS_MAX,
  }).prefault(String(GAP_SECONDS_DEFAULT)),
  previousPrices: z
    .record(
      z.string(),
      z.strictObject({
        price: priceField('The last price that was believed.'),
        suspect: z
          .strictObject({
            price: priceField('A price that is not believed yet.'),
            publishedAt: timeField('When it was published.'),
          })
          .optional(),
      }),
    )
    .prefault({})
    .meta({ description: 'By feed, from the previous check. Without it no jump can be detected.' }),
  volatilities: z
    .record(z.string(), z.union([z.null(), measuredPlainly, measuredInFull, measuredSlowly]))
    .prefault({})
    .meta({
      description:
        'By feed, as measured from its quotes: σ alone, or with the two tracked quantiles, and ' +
        'with the slowed σ of the initial requirement. Without it, a class that measures its ' +
        'volatility has its stress volatility and the quantile of the policy. null: it could not ' +
        'be read, and is not known.',
    }),
  feedClasses: z
    .record(z.string(), z.array(z.string()))
    .prefault({})
    .meta({ description: 'By feed: risk classes beyond those of its assets and instruments.' }),
  room: z
    .record(z.string(), amountField('Notional, in the numeraire.'))
    .optional()
    .meta({
      description:
        'By <market>/buy and <market>/sell: the capacity that was left for liquidations at this ' +
        'check when this account had its turn. A market that is not named was not limited. Only ' +
        'a replay uses it: no assessment depends on it.',
    }),
  handovers: z
    .array(deleveraging)
    .optional()
    .meta({
      description:
        'Positions that the plan of this decision left to counterparties, one entry per position. ' +
        'Only a replay uses it.',
    }),
};

const byId = <S extends z.ZodType>(row: S, description: string) =>
  z.record(z.string(), row).prefault({}).meta({ description });

/** For the JSON Schema: reading a document refuses a bad row, not the whole document. */
export const documentSchema = z.strictObject({
  ...documentTimes,
  policy: policyAttributes,
  assets: byId(assetAttributes, 'By asset: how its balances count.'),
  locations: byId(locationAttributes, 'By location: how balances there count.'),
  instruments: byId(instrumentAttributes, 'By instrument: the terms of its contracts.'),
  risk: byId(
    riskAttributes,
    'By risk class: the requirements of its holdings, and how their prices move.',
  ),
  quotes: z
    .array(
      quoteAttributes.safeExtend({
        feed: idField('Name of the feed.'),
        source: idField('Name of the source.'),
      }),
    )
    .meta({ description: 'The latest quotes: one per feed and source.' }),
  marketRows: z
    .array(z.looseObject({ kind: z.string(), id: z.string() }))
    .prefault([])
    .meta({ description: 'Further rows, as they are in the market table.' }),
  accounts: z.array(
    z.strictObject({
      accountId: idField('The account.'),
      profile: profileAttributes.prefault({}),
      balances: z
        .array(balanceAttributes)
        .prefault([])
        .meta({ description: 'One per asset and location.' }),
      positions: z
        .array(
          positionAttributes.extend({
            label: idField('Distinguishes positions of one instrument.').optional(),
          }),
        )
        .prefault([])
        .meta({ description: 'One per instrument and label.' }),
      rows: z
        .array(z.looseObject({ item: z.string() }))
        .prefault([])
        .meta({
          description: 'Instead of the three above: rows as they are in the accounts table.',
        }),
    }),
  ),
});
