/** The orders of a what-if: one or a list. */
import type { TradeOrder } from '../../lambda/margin/book/trade.ts';
import { faultText } from '../../lambda/rows/fault.ts';
import { described, idField, priceField, sizeField } from '../../lambda/rows/fields.ts';
import { Numeral } from '../../lambda/rows/numeral.ts';
import * as z from '../../lambda/rows/zod.ts';

/** The message says which order, and what is wrong. */
export class OrderError extends Error {
  override readonly name = 'OrderError';
}

export interface AccountOrder {
  /** Absent: the only account. */
  readonly accountId?: string | undefined;
  readonly order: TradeOrder;
}

const common = {
  accountId: z.optional(idField('Required if the document has several accounts.')),
  side: z.enum(['buy', 'sell']),
  quantity: sizeField('Contracts of the instrument, or units of the asset; above 0.'),
};

const instrumentOrder = z.strictObject({
  ...common,
  instrument: idField('The instrument, as its row in the market table names it.'),
  label: z.optional(idField('Label of the position, if it has one.')),
  price: z.optional(
    priceField('In the unit of the mark, like an entryPrice; by default the mark.'),
  ),
  open: described(
    z._default(z.boolean(), false),
    'true: it counts as an open order. false: it is filled.',
  ),
});

const spotOrder = z.strictObject({
  ...common,
  asset: idField('The asset, paid for in the numeraire.'),
  price: z.optional(priceField('Numeraire per unit; by default the price of the asset.')),
});

const anyOrder = z.union([instrumentOrder, spotOrder]);

export const ordersSchema = described(
  z.union([z.array(anyOrder).check(z.minLength(1)), anyOrder]),
  'One order, or a list of at least one.',
);

/** @throws OrderError for the first fault, with the order's place in the list. */
export function readOrders(value: unknown): AccountOrder[] {
  const orders: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (orders.length === 0) throw new OrderError('the list of orders is empty');
  return orders.map((each, index) => {
    const place = Array.isArray(value) ? `order ${index}` : 'the order';
    return readOrder(each, place);
  });
}

function readOrder(value: unknown, place: string): AccountOrder {
  if (!isMap(value)) throw new OrderError(`${place} must be a map`);
  if ('asset' in value && 'instrument' in value) {
    throw new OrderError(`${place} must have an instrument or an asset, not both`);
  }
  if ('asset' in value) {
    const { accountId, ...order } = parsed(spotOrder, value, place);
    return { accountId, order: { kind: 'spot', ...order } };
  }
  const { accountId, open: isOpen, ...order } = parsed(instrumentOrder, value, place);
  return { accountId, order: { kind: 'instrument', ...order, isOpen } };
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !(Array.isArray(value) || value instanceof Numeral);

function parsed<S extends z.ZodMiniType>(schema: S, value: object, place: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new OrderError(`${place}: ${faultText(result.error)}`);
}
