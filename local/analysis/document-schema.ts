/** The full shape of an assessment document, for the JSON Schema in docs/schemas. */
import type { Deleveraging } from '../../lambda/margin/waterfall/deleveraging.ts';
import { rememberedPrice } from '../../lambda/record/recorded-feed.ts';
import { recordedMeasured } from '../../lambda/record/recorded-measured.ts';
import {
  balanceAttributes,
  positionRow,
  profileAttributes,
} from '../../lambda/rows/account-rows.ts';
import {
  amountField,
  described,
  idField,
  priceField,
  refuseValue,
  secondsField,
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
import * as z from '../../lambda/rows/zod.ts';

export const GAP_SECONDS_DEFAULT = 60;
/** Twice the stack's longest interval, a day. */
const GAP_SECONDS_MAX = 2 * 86_400;

const asOf = described(
  z.pipe(
    z.unknown(),
    z.transform((value, context): number => {
      const text = value instanceof Numeral ? value.text : value;
      const time = typeof text === 'string' ? timeOf(text) : Number.NaN;
      if (Number.isFinite(time)) return time;
      const message = 'must be a time: milliseconds since 1970, or 2020-03-12T10:12:00Z';
      return refuseValue(context, message);
    }),
  ),
  'The time of the assessment: milliseconds since 1970, or ISO 8601. At least 0.',
  {
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', format: 'date-time' },
    ],
  },
);

const isoTime = z.iso.datetime({ offset: true });

/** Milliseconds since 1970 or ISO 8601; NaN for anything else. */
export function timeOf(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  return isoTime.safeParse(text).success ? Date.parse(text) : Number.NaN;
}

const counterparty = z.strictObject({
  accountId: idField('The account.'),
  position: described(z.optional(z.string()), 'Its isolated position.'),
  quantity: sizeField('Contracts.'),
  score: signedRatioField('Its ranking score.'),
});

const deleveraging = z.pipe(
  z.strictObject({
    market: idField('The instrument.'),
    side: described(z.enum(['buy', 'sell']), 'Side of the bankrupt account’s trade.'),
    price: priceField('The bankruptcy price.'),
    quantity: sizeField('Contracts.'),
    amount: amountField('Loss of the counterparties against the mark, in the numeraire.'),
    counterparties: z.array(counterparty),
  }),
  z.transform((found): Deleveraging => found),
);

export const documentTimes = {
  asOf,
  gapSeconds: z.prefault(
    spanField('Seconds between two checks, for the latency buffer.', {
      secondsMax: GAP_SECONDS_MAX,
    }),
    String(GAP_SECONDS_DEFAULT),
  ),
  outage: described(
    z.optional(
      z.strictObject({
        since: timeField('Time of the last completed check before this one.'),
        leastSeconds: secondsField('A shorter time without one is no outage.'),
      }),
    ),
    'The time without a completed check that ends with this one. Only a replay uses it.',
  ),
  previousPrices: described(
    z.prefault(z.record(z.string(), z.nullable(rememberedPrice)), {}),
    'By feed, from the previous check. Without it no jump can be detected. null: it could not ' +
      'be read, so that a single source is not confirmed.',
  ),
  volatilities: described(
    z.prefault(z.record(z.string(), z.nullable(recordedMeasured)), {}),
    'By feed, as measured from its quotes: σ alone, or with the σ and the two quantiles that the ' +
      'latency shock is forecast from, and with the slowed σ of the initial requirement and of the ' +
      'exhaustible buffer. Without it, a class that measures its ' +
      'volatility has its stress volatility and the quantile of the policy. null: it could not ' +
      'be read, and is not known.',
  ),
  feedClasses: described(
    z.prefault(z.record(z.string(), z.array(z.string())), {}),
    'By feed: risk classes beyond those of its assets and instruments.',
  ),
  room: described(
    z.optional(z.record(z.string(), amountField('Notional, in the numeraire.'))),
    'By <market>/buy and <market>/sell: the capacity that was left for liquidations at this ' +
      'check when this account had its turn. A market that is not named was not limited. Only ' +
      'a replay uses it: no assessment depends on it.',
  ),
  rowsDiffer: described(
    z.optional(z.boolean()),
    'Whether a second read of the account’s rows found others than these, so that a plan waits. ' +
      'Only a replay uses it.',
  ),
  handovers: described(
    z.optional(z.array(deleveraging)),
    'Positions that the plan of this decision left to counterparties, one entry per position. ' +
      'Only a replay uses it.',
  ),
};

const byId = <S extends z.ZodMiniType>(row: S, description: string) =>
  described(z.prefault(z.record(z.string(), row), {}), description);

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
  quotes: described(
    z.array(
      z.safeExtend(quoteAttributes, {
        feed: idField('Name of the feed.'),
        source: idField('Name of the source.'),
      }),
    ),
    'The latest quotes: one per feed and source.',
  ),
  marketRows: described(
    z.prefault(z.array(z.looseObject({ kind: z.string(), id: z.string() })), []),
    'Further rows, as they are in the market table.',
  ),
  accounts: z.array(
    z.strictObject({
      accountId: idField('The account.'),
      profile: z.prefault(profileAttributes, {}),
      balances: described(
        z.prefault(z.array(balanceAttributes), []),
        'One per asset and location.',
      ),
      positions: described(
        z.prefault(
          z.array(
            z.safeExtend(positionRow, {
              label: z.optional(idField('Distinguishes positions of one instrument.')),
            }),
          ),
          [],
        ),
        'One per instrument and label.',
      ),
      rows: described(
        z.prefault(z.array(z.looseObject({ item: z.string() })), []),
        'Instead of the three above: rows as they are in the accounts table.',
      ),
    }),
  ),
});
