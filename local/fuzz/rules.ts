/** What the published schemas say in words only: ranges, digits, keys, and rules between attributes. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../lambda/aws/attribute-values.ts';
import { compared, digitCount, type Exact, exactOf, magnitude } from './exact.ts';
import { type Table, textIn } from './items.ts';
import type { PropertySchema, RowSchema } from './published.ts';

export interface RuledRow {
  readonly table: Table;
  readonly kind: string;
  readonly row: Item;
  readonly schema: RowSchema;
}

/** The fault of a row that fits its schema; undefined if there is none. */
export function ruleFault(of: RuledRow): string | undefined {
  for (const [name, property] of Object.entries(of.schema.properties)) {
    const value = Object.hasOwn(of.row, name) ? of.row[name] : undefined;
    const fault = value && valueFault(value, { kind: of.kind, name, property });
    if (fault !== undefined) return `${name} ${fault}`;
  }
  return keyFault(of) ?? BETWEEN[`${of.table}-${of.kind}`]?.(of.row);
}

const DIGITS_MAX = 34;
const MAGNITUDE_MAX = 24;
const TEXT_LENGTH_MAX = 100;
const WHOLE = /^[0-9]{1,16}$/;

const textOf = (value: AttributeValue): string => value.N ?? value.S ?? '';

export const isZeroText = (text: string): boolean => exactOf(text)?.digits === 0n;

function valueFault(
  value: AttributeValue,
  { kind, name, property }: Attribute,
): string | undefined {
  if (property.pattern === NAME) return isId(value.S ?? '') ? undefined : 'is no id';
  const whole = property.anyOf?.find(({ type }) => type === 'integer');
  if (whole !== undefined) return wholeFault(textOf(value), whole);
  const isDecimal = property.anyOf?.some(({ type }) => type === 'number') ?? false;
  return isDecimal ? decimalFault(textOf(value), RANGES[`${kind}.${name}`]) : undefined;
}

interface Attribute {
  readonly kind: string;
  readonly name: string;
  readonly property: PropertySchema;
}

function wholeFault(
  text: string,
  { minimum = 0, maximum = 0 }: { readonly minimum?: number; readonly maximum?: number },
): string | undefined {
  if (!WHOLE.test(text)) return 'is no whole number of at most 16 digits';
  const count = BigInt(text);
  return count < BigInt(minimum) || count > BigInt(maximum) ? 'is out of range' : undefined;
}

function decimalFault(text: string, range: Range | undefined): string | undefined {
  if (text.length > TEXT_LENGTH_MAX) return 'is too long';
  const exact = exactOf(text);
  if (exact === undefined) return 'is no decimal number';
  if (digitCount(exact) > DIGITS_MAX) return 'has too many digits';
  if (exact.digits !== 0n && Math.abs(magnitude(exact)) > MAGNITUDE_MAX) return 'is out of range';
  return range === undefined || range(exact) ? undefined : 'has a value that it may not have';
}

type Range = (value: Exact) => boolean;

const ONE = { digits: 1n, exponent: 0 };
const above0: Range = ({ digits }) => digits > 0n;
const notNegative: Range = ({ digits }) => digits >= 0n;
const upTo1: Range = (value) => notNegative(value) && compared(value, ONE) <= 0;
const from1: Range = (value) => compared(value, ONE) >= 0;

const TRADABLE = (kind: string): Record<string, Range> => ({
  [`${kind}.lotSize`]: above0,
  [`${kind}.minNotional`]: notNegative,
  [`${kind}.dailyVolume`]: above0,
  [`${kind}.depth`]: above0,
});

/** As the descriptions in the schemas have them; the others may be any number. */
const RANGES: Readonly<Record<string, Range>> = {
  'position.entryPrice': above0,
  'position.openBuyQuantity': notNegative,
  'position.openSellQuantity': notNegative,
  'balance.openBuyQuantity': notNegative,
  'balance.openSellQuantity': notNegative,
  'quote.price': notNegative,
  'quote.confidence': notNegative,
  'quote.high': above0,
  'quote.low': above0,
  'quote.impliedVolatility': above0,
  'quote.confidenceScore': upTo1,
  'asset.collateralWeight': upTo1,
  'asset.initialCollateralWeight': upTo1,
  'asset.liabilityWeight': from1,
  'asset.initialLiabilityWeight': from1,
  'asset.sizeScaling': notNegative,
  'asset.initialSizeScaling': notNegative,
  'asset.borrowRatePerHour': notNegative,
  'asset.swapBonus': upTo1,
  'asset.totalDeposits': notNegative,
  'asset.weightScaleStart': above0,
  'instrument.contractSize': above0,
  'instrument.strike': above0,
  'instrument.openInterest': notNegative,
  'instrument.payout': above0,
  'instrument.fixedForward': above0,
  'instrument.fixedForwardShare': upTo1,
  'location.weight': upTo1,
  'location.pendingWeight': upTo1,
  ...TRADABLE('asset'),
  ...TRADABLE('instrument'),
};

function keyFault(of: RuledRow): string | undefined {
  const { row, kind, table } = of;
  if (table === 'accounts') return accountKeyFault(of);
  const id = textIn(row, 'id') ?? '';
  if (kind === 'policy') return undefined;
  const names = kind === 'quote' ? id.split('#') : [id];
  const isNamed = names.every(isId);
  return isNamed && names.length === (kind === 'quote' ? 2 : 1) ? undefined : 'id is no id';
}

/** What docs/schemas has in every attribute that names another row; it says less than `ID`. */
const NAME = '^(?!__)[^\\s#]+$';

/** An attribute that names another row, and each part of a key. */
const ID =
  /^(?!__|\p{M})(?!.*[\p{Default_Ignorable_Code_Point}\u{13441}\u{13442}\u{16FE4}])[\p{L}\p{M}\p{N}\p{Sc}._:/+=,@&()[\]*~!%|-]{1,128}$/u;

/** What every JavaScript object has by inheritance. */
const RESERVED_IDS: ReadonlySet<string> = new Set(
  Object.getOwnPropertyNames(Object.getPrototypeOf({})),
);

export const isId = (text: string): boolean => ID.test(text) && !RESERVED_IDS.has(text);

function accountKeyFault({ row, kind }: RuledRow): string | undefined {
  if (!isId(textIn(row, 'accountId') ?? '')) return 'accountId is no id';
  const item = textIn(row, 'item') ?? '';
  if (kind === 'profile') return item === 'profile' ? undefined : 'item is not profile';
  if (kind === 'balance') {
    const location = textIn(row, 'location');
    const at = location === undefined ? '' : `@${location}`;
    return item === `balance#${textIn(row, 'asset')}${at}` ? undefined : 'item names another';
  }
  const prefix = `position#${textIn(row, 'instrument')}`;
  const label = item.startsWith(`${prefix}#`) ? item.slice(prefix.length + 1) : undefined;
  const isKeyed = item === prefix || (label !== undefined && isId(label));
  return isKeyed ? undefined : 'item names another';
}

const has = (row: Item, name: string): boolean => Object.hasOwn(row, name);
const number = (row: Item, name: string): Exact | undefined => {
  const value = has(row, name) ? row[name] : undefined;
  return value && exactOf(textOf(value));
};

function exceeds(row: Item, name: string, limit: string, byDefault: Exact): boolean {
  const value = number(row, name);
  return value !== undefined && compared(value, number(row, limit) ?? byDefault) > 0;
}

function fallsBelow(row: Item, name: string, limit: string, byDefault: Exact): boolean {
  const value = number(row, name);
  return value !== undefined && compared(value, number(row, limit) ?? byDefault) < 0;
}

const ZERO = { digits: 0n, exponent: 0 };

/** Rules between the attributes of a row. */
const BETWEEN: Readonly<Record<string, (row: Item) => string | undefined>> = {
  'accounts-balance': (row) => {
    if (has(row, 'location') !== has(row, 'observedAt')) return 'location goes with observedAt';
    const orders = ['openBuyQuantity', 'openSellQuantity', 'openOrderCount'];
    if (has(row, 'location') && orders.some((name) => has(row, name))) return 'orders elsewhere';
    const names = [textIn(row, 'asset') ?? '', textIn(row, 'location') ?? ''];
    return names.some((name) => name.includes('@'))
      ? '@ separates the parts of the key'
      : undefined;
  },
  'accounts-position': (row) => {
    const isNonZero = (name: string) => (number(row, name)?.digits ?? 0n) !== 0n;
    const hasOrders = ['openBuyQuantity', 'openSellQuantity', 'openOrderCount'].some(isNonZero);
    if (!has(row, 'quantity') && !hasOrders) return 'quantity is missing';
    return isNonZero('quantity') && !has(row, 'entryPrice') ? 'entryPrice is missing' : undefined;
  },
  'market-asset': (row) => {
    if (exceeds(row, 'initialCollateralWeight', 'collateralWeight', ONE)) return 'w of initial > w';
    if (fallsBelow(row, 'initialLiabilityWeight', 'liabilityWeight', ONE))
      return 'v of initial < v';
    if (fallsBelow(row, 'initialSizeScaling', 'sizeScaling', ZERO)) return 'k of initial < k';
    const needs = [
      ['initialPriceFeed', 'feed'],
      ['interestCompounding', 'borrowRatePerHour'],
      ['weightScaleStart', 'totalDeposits'],
    ] as const;
    if (has(row, 'hedges') && row.riskCancelling?.BOOL === false) return 'hedges cancels no risk';
    const bare = needs.find(([name, needed]) => has(row, name) && !has(row, needed));
    return bare && `${bare[0]} needs ${bare[1]}`;
  },
  'market-location': (row) => {
    if (exceeds(row, 'pendingWeight', 'weight', ONE)) return 'pendingWeight exceeds weight';
    return has(row, 'staleAfterSeconds') && !has(row, 'observedAt')
      ? 'needs observedAt'
      : undefined;
  },
  'market-instrument': (row) => {
    const type = textIn(row, 'type') ?? '';
    const needed = NEEDED[type] ?? [];
    const missing = needed.find((name) => !has(row, name));
    if (missing !== undefined) return `${missing} is needed`;
    if (has(row, 'payout') && row.inverse?.BOOL === true) return 'a payout of an inverse contract';
    if (has(row, 'fixedForward') && has(row, 'fixedForwardShare')) return 'fixed twice';
    const reserved = (RESERVED[type] ?? []).find((name) => has(row, name));
    return reserved === undefined ? undefined : `${reserved} is for other types`;
  },
  'market-quote': (row) => {
    if (has(row, 'price')) return extremesFault(row);
    if (!has(row, 'impliedVolatility')) return 'price is missing';
    const needsPrice = ['confidence', 'fundingRatePerHour', 'high', 'interestRate', 'low'];
    return needsPrice.find((name) => has(row, name));
  },
};

/** Both or none, on either side of the price. */
function extremesFault(row: Item): string | undefined {
  const [high, low, price] = ['high', 'low', 'price'].map((name) =>
    has(row, name) ? exactOf(textOf(row[name] as AttributeValue)) : undefined,
  );
  if ((high === undefined) !== (low === undefined)) return 'high and low come together';
  if (high === undefined || low === undefined || price === undefined) return undefined;
  const isWithin = compared(low, price) <= 0 && compared(price, high) <= 0;
  return isWithin ? undefined : 'price is not between low and high';
}

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  future: ['expiresAt'],
  option: ['strike', 'expiresAt', 'optionType', 'markFeed'],
};
const OPTION_ONLY = ['strike', 'optionType', 'forwardFeed', 'rate'];
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  perpetual: [...OPTION_ONLY, 'settlementFeed', 'fixedForward', 'fixedForwardShare'],
  future: OPTION_ONLY,
  option: ['payout'],
};
