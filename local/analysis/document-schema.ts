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
const initial = positiveRatioField('σ as the initial requirement sees it; not counted above σ.');

const measuredSlowly = z
  .strictObject({ annual, initial })
  .transform((measured): Measured => measured);

const measuredInFull = z
  .strictObject({
    annual,
    quantileDown: positiveRatioField('z of the latency shock of a price that falls.'),
    quantileUp: positiveRatioField('z of the latency shock of a price that rises.'),
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
  score: signedRatioField('What it was ranked by.'),
});

const deleveraging = z
  .strictObject({
    market: idField('The instrument.'),
    side: z.enum(['buy', 'sell']).meta({ description: 'Of the bankrupt account.' }),
    price: priceField('The bankruptcy price.'),
    quantity: sizeField('Contracts.'),
    amount: amountField('What the counterparties give up, in the numeraire.'),
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
        price: priceField('Last believed.'),
        suspect: z
          .strictObject({
            price: priceField('Not believed yet.'),
            publishedAt: timeField('Its time.'),
          })
          .optional(),
      }),
    )
    .prefault({})
    .meta({ description: 'By feed, from the check before; without one no jump can be seen.' }),
  volatilities: z
    .record(z.string(), z.union([z.null(), measuredPlainly, measuredInFull, measuredSlowly]))
    .prefault({})
    .meta({
      description:
        'By feed, as measured from its quotes: σ alone, or with the two quantiles that were ' +
        'tracked, and with σ as a slowed initial requirement sees it. Without one a class that measures stands at its stress volatility, and at the ' +
        'quantile of the policy. null: it could not be read, and is not known.',
    }),
  feedClasses: z
    .record(z.string(), z.array(z.string()))
    .prefault({})
    .meta({ description: 'By feed: risk classes besides those its assets and instruments name.' }),
  room: z
    .record(z.string(), amountField('Notional, in the numeraire.'))
    .optional()
    .meta({
      description:
        'By <market>/buy and <market>/sell: what was left of the market for a liquidation of this ' +
        'check when this account had its turn; one that is not named was not limited. Of use to a ' +
        'replay alone: no assessment rests on it.',
    }),
  handovers: z
    .array(deleveraging)
    .optional()
    .meta({
      description:
        'What the plan of this decision left to counterparties, a position each. Of use to a replay ' +
        'alone, too.',
    }),
};

const byId = <S extends z.ZodType>(row: S, description: string) =>
  z.record(z.string(), row).prefault({}).meta({ description });

/** For the JSON Schema: reading a document refuses a bad row, not the whole document. */
export const documentSchema = z.strictObject({
  ...documentTimes,
  policy: policyAttributes,
  assets: byId(assetAttributes, 'By asset: what balances of it count for.'),
  locations: byId(locationAttributes, 'By location: what a balance that lies there counts for.'),
  instruments: byId(instrumentAttributes, 'By instrument: what positions are held in.'),
  risk: byId(riskAttributes, 'By risk class: what its holdings require, and how they move.'),
  quotes: z
    .array(
      quoteAttributes.safeExtend({
        feed: idField('Name of the feed.'),
        source: idField('Whose price.'),
      }),
    )
    .meta({ description: 'What each source last said of each feed: one a feed and source.' }),
  marketRows: z
    .array(z.looseObject({ kind: z.string(), id: z.string() }))
    .prefault([])
    .meta({ description: 'Rows as they stand in the market table, besides those above.' }),
  accounts: z.array(
    z.strictObject({
      accountId: idField('The account.'),
      profile: profileAttributes.prefault({}),
      balances: z
        .array(balanceAttributes)
        .prefault([])
        .meta({ description: 'One an asset and location.' }),
      positions: z
        .array(
          positionAttributes.extend({
            label: idField('Tells positions of one instrument apart.').optional(),
          }),
        )
        .prefault([])
        .meta({ description: 'One an instrument and label.' }),
      rows: z
        .array(z.looseObject({ item: z.string() }))
        .prefault([])
        .meta({ description: 'Instead of the three: rows as they stand in the accounts table.' }),
    }),
  ),
});
