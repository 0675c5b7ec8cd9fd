import { isZero, NO_QUANTITY } from '../margin/number/decimal.ts';
import {
  choiceField,
  countField,
  described,
  idField,
  openQuantityField,
  positiveRatioField,
  priceField,
  quantityField,
  secondsField,
  timeField,
} from './fields.ts';
import { keyText } from './raw-row.ts';
import * as z from './zod.ts';

/** More than any venue allows in one market. */
const OPEN_ORDERS_MAX = 1_000_000;

export const profileAttributes = z.strictObject({
  marginModel: choiceField(
    ['standard', 'portfolio'],
    'standard: the sum of the requirements of all positions, each by the margin or ' +
      'optionRule of its class. portfolio: for each underlying, the worst loss over the ' +
      'scenarios of the class’s portfolio; a class without a portfolio is treated as in ' +
      'standard.',
  ),
  callGraceSeconds: z.optional(
    secondsField('Time from a margin call to its deadline, for this account.'),
  ),
  leverage: z.optional(
    positiveRatioField(
      'Leverage that the account has chosen: each perpetual and future on the standard model requires ' +
        'initially at least its notional ÷ leverage, and each balance counts initially at most ' +
        '1 − 1/leverage as collateral and at least 1 + 1/leverage as a debt, except in the numeraire. ' +
        'Maintenance does not ask it. Without it the rules of the market count alone.',
    ),
  ),
  changing: described(
    z._default(z.boolean(), false),
    'true while a writer is in the middle of a change of several rows of this account: set it ' +
      'before the first, and take it away with the last. Meanwhile no order plan goes out for the ' +
      'account, for at most changingTimeoutSeconds. One transaction for all rows is better.',
  ),
  labels: described(
    z.optional(z.record(z.string(), z.string())),
    'Your own labels; they are not read.',
  ),
});

const withoutAt = (name: 'asset' | 'location') => ({
  path: [name],
  message: 'must not contain @, which separates asset and location in the key',
});

const ORDERS = ['openBuyQuantity', 'openSellQuantity', 'openOrderCount'] as const;

export const balanceAttributes = z
  .strictObject({
    asset: idField('Id of the asset’s row in the market table.'),
    amount: quantityField('Units of the asset; a negative amount is a loan.'),
    location: z.optional(
      idField(
        'Id of the location’s row in the market table. Without it the balance lies at the ' +
          'venue itself. Write one row for each location of an asset.',
      ),
    ),
    observedAt: z.optional(
      timeField('When the balance was observed at its location; needed with a location.'),
    ),
    interestSettledAt: z.optional(timeField('Interest on a loan accrues from this time.')),
    openBuyQuantity: z.optional(
      openQuantityField(
        'Units of open buy orders of the asset against the numeraire; none by default. In the margin ' +
          'balance counts the worse of all buys filled, g(A + buys) − buys, and all sells filled, ' +
          'g(A − sells) + sells, in units at the price of now, with g(A) = A·w or A·v. Where profits ' +
          'settle in the asset, orders count max(buys·(1 − w), sells·(v − 1)) less. A portfolio scans the amount alone. ' +
          'Not with a location, nor for the numeraire.',
      ),
    ),
    openSellQuantity: z.optional(
      openQuantityField('Units of open sell orders of the asset; see openBuyQuantity.'),
    ),
    openOrderCount: z.optional(
      countField('Number of open orders of the asset, for its class’s openOrderCharge.', {
        min: 0,
        max: OPEN_ORDERS_MAX,
      }),
    ),
  })
  .check(
    z.refine((row) => (row.location === undefined) === (row.observedAt === undefined), {
      path: ['observedAt'],
      message: 'is needed with a location, and only allowed there',
    }),
    // One check for all three: a balance is read for each account.
    ({ value, issues }) => {
      if (value.location === undefined) return;
      for (const name of ORDERS) {
        if (value[name] === undefined) continue;
        const message = 'is not for a balance with a location';
        issues.push({ code: 'custom', input: value, path: [name], message, continue: true });
      }
    },
    z.refine(({ asset }) => !asset.includes('@'), withoutAt('asset')),
    z.refine(({ location = '' }) => !location.includes('@'), withoutAt('location')),
  );

const positionShape = z.strictObject({
  instrument: idField('Id of the instrument’s row in the market table.'),
  quantity: z.optional(
    quantityField(
      'Contracts; negative for a short position. Only a row with open orders may leave it out: ' +
        'it is then 0.',
    ),
  ),
  entryPrice: z.optional(
    priceField(
      'Average entry price, in the unit of the mark: numeraire per unit of the underlying, ' +
        'or coin per unit for an inverse option. Needed unless the quantity is 0; it is not ' +
        'read there.',
    ),
  ),
  isolatedMargin: z.optional(
    quantityField(
      'Margin set aside for this position, in the settlement asset; it makes the position a ' +
        'sub-account of its own. After the position is closed, a negative value is its loss ' +
        'beyond that margin.',
    ),
  ),
  openBuyQuantity: z._default(
    openQuantityField('Contracts of open buy orders; none by default.'),
    NO_QUANTITY,
  ),
  openSellQuantity: z._default(
    openQuantityField('Contracts of open sell orders; none by default.'),
    NO_QUANTITY,
  ),
  openOrderCount: z._default(
    countField('Number of open orders, for a class with an openOrderCharge; none by default.', {
      min: 0,
      max: OPEN_ORDERS_MAX,
    }),
    0,
  ),
  leverage: z.optional(
    positiveRatioField(
      'Leverage that the account has chosen for the instrument: a perpetual or future on the standard ' +
        'model, open orders included, requires initially at least its notional ÷ leverage. The least of ' +
        'the profile and of all rows of the instrument counts, but for rows that hold and order nothing. ' +
        'Without effect on options and on a portfolio.',
    ),
  ),
  fundingSettledAt: z.optional(timeField('Funding accrues from this time.')),
});

type PositionShape = z.output<typeof positionShape>;

const hasOrders = ({ openBuyQuantity, openSellQuantity, openOrderCount }: PositionShape) =>
  !isZero(openBuyQuantity) || !isZero(openSellQuantity) || openOrderCount > 0;

/** For the JSON Schema of a position; `positionAttributes` reads one. */
export const positionRow = positionShape.check(
  z.refine((row) => row.quantity !== undefined || hasOrders(row), {
    path: ['quantity'],
    message: 'is missing',
  }),
  z.refine(
    ({ quantity, entryPrice }) =>
      entryPrice !== undefined || quantity === undefined || isZero(quantity),
    { path: ['entryPrice'], message: 'is missing' },
  ),
);

const ZERO = /^-?(?:0+\.?0*|\.0+)(?:[eE][+-]?[0-9]{1,3})?$/;

/** Venues write any entry price where nothing is held: 0, an empty text, the last one. */
function withoutNeedlessEntryPrice(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || !('entryPrice' in row)) return row;
  if ('quantity' in row && !ZERO.test(keyText(row.quantity))) return row;
  const { entryPrice: _needless, ...others } = row;
  return others;
}

export const positionAttributes = z.pipe(z.transform(withoutNeedlessEntryPrice), positionRow);

/**
 * By kind; the items are `profile`, `balance#<asset>[@<location>]` and
 * `position#<instrument>[#<label>]`.
 */
export const accountAttributes = {
  profile: profileAttributes,
  balance: balanceAttributes,
  position: positionAttributes,
} as const;
