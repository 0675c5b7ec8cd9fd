/** How each kind of value in rows and documents is read, refused and described. */
import {
  type Amount,
  amount,
  approximately,
  DecimalError,
  isAbove,
  isBelow,
  isNegative,
  isPositive,
  ONE,
  type Price,
  price,
  type Quantity,
  quantity,
  type Ratio,
  ratio,
  textOf,
} from '../margin/number/decimal.ts';
import { INPUT_DIGITS_MAX } from '../margin/number/limits.ts';
import { Numeral } from './numeral.ts';
import * as z from './zod.ts';

/** Shared: each schema lengthens a cold start. */
const anything = z.unknown();

/** Attaches what docs/schemas shows: a description and, for what zod cannot know, the JSON type. */
export function described<S extends z.ZodMiniType>(
  schema: S,
  description: string,
  jsonType: object = {},
): S {
  z.globalRegistry.add(schema, { ...jsonType, description });
  return schema;
}

/**
 * Makes a schema when a first value is read by it, for rows and attributes that many books lack.
 * `make` must not return an optional schema: an object asks each of its attributes whether it may be
 * absent, and setting the answer here spares it from making the schema.
 */
export function onFirstUse<S extends z.ZodMiniType>(make: () => S): z.ZodMiniLazy<S> {
  const schema = z.lazy(make);
  schema._zod.optin = undefined;
  return schema;
}

/** Adds a fault of the value that is being read. */
export function refuseValue(context: z.core.ParsePayload, message: string): never {
  context.issues.push({ code: 'custom', message, input: context.value });
  return z.NEVER;
}

const readAs = <T>(read: (value: unknown, context: z.core.ParsePayload) => T) =>
  z.pipe(anything, z.transform(read));

const DECIMAL_PATTERN = '^-?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?$';

/** The values that a field may have: in words for a description, for JSON Schema, and for a refusal. */
interface Bound<M> {
  readonly words: string;
  /** Never narrower than `refuse`: a validator rounds to float64. */
  readonly limits: object;
  /** Empty if the value is within. */
  refuse(value: M): string;
}

/** A text or a number, read exactly. */
function decimal<M>(read: (text: string) => M, { words, limits, refuse }: Bound<M>) {
  const type = {
    anyOf: [
      { type: 'string', pattern: DECIMAL_PATTERN },
      { type: 'number', ...limits },
    ],
  };
  const reader = z.transform((value: unknown, context): M => {
    const fault = (message: string) => refuseValue(context, message);
    if (value === undefined) return fault('is missing');
    const text = textOfDecimal(value);
    if (text === undefined) return fault(`must be a decimal number, not ${kindOf(value)}`);
    try {
      const parsed = read(text);
      const refusal = refuse(parsed);
      return refusal === '' ? parsed : fault(`${refusal}, not ${text}`);
    } catch (error) {
      if (error instanceof DecimalError) return fault(error.message);
      throw error;
    }
  });
  return (description: string) =>
    described(
      z.pipe(anything, reader),
      `${description} ${words}At most ${INPUT_DIGITS_MAX} significant digits, read exactly.`,
      type,
    );
}

function textOfDecimal(value: unknown): string | undefined {
  if (value instanceof Numeral) return value.text;
  return typeof value === 'string' ? value : undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === '') return 'empty';
  if (value instanceof Numeral) return 'a number';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** "must be a text, not a list" */
function unfit(value: unknown, wanted: string): string {
  if (value === undefined) return 'is missing';
  const text = textOfDecimal(value) ?? '';
  return `${wanted}, not ${text === '' ? kindOf(value) : text.slice(0, 40)}`;
}

type Measure = Amount | Price | Quantity | Ratio;

const any: Bound<Measure> = { words: '', limits: {}, refuse: () => '' };
const notNegative: Bound<Measure> = {
  words: 'At least 0. ',
  limits: { minimum: 0 },
  refuse: (value) => (isNegative(value) ? 'must not be negative' : ''),
};
const above0: Bound<Measure> = {
  words: 'Above 0. ',
  limits: { exclusiveMinimum: 0 },
  refuse: (value) => (isPositive(value) ? '' : 'must be above 0'),
};
const upTo1: Bound<Ratio> = {
  words: 'From 0 to 1. ',
  limits: { minimum: 0, maximum: 1 },
  refuse: (value) => (isNegative(value) || isAbove(value, ONE) ? 'must lie between 0 and 1' : ''),
};
const below1: Bound<Ratio> = {
  words: 'At least 0, below 1. ',
  limits: { minimum: 0, maximum: 1 },
  refuse: (value) =>
    isNegative(value) || !isBelow(value, ONE) ? 'must be at least 0 and below 1' : '',
};
const above0UpTo1: Bound<Ratio> = {
  words: 'Above 0, at most 1. ',
  limits: { exclusiveMinimum: 0, maximum: 1 },
  refuse: (value) =>
    isPositive(value) && !isAbove(value, ONE) ? '' : 'must be above 0 and at most 1',
};
const from1: Bound<Ratio> = {
  words: 'At least 1. ',
  limits: { minimum: 1 },
  refuse: (value) => (isBelow(value, ONE) ? 'must be at least 1' : ''),
};

/** A range of its own, in words and in a refusal alike. */
export const ratioWithin = (min: Ratio, max: Ratio) => {
  const range = `from ${textOf(min)} to ${textOf(max)}`;
  return decimal<Ratio>(ratio, {
    words: `F${range.slice(1)}. `,
    limits: { minimum: approximately(min), maximum: approximately(max) },
    refuse: (value) => (isBelow(value, min) || isAbove(value, max) ? `must be ${range}` : ''),
  });
};

export const priceField = decimal<Price>(price, above0);
/** An option may be worth nothing. */
export const quotedPriceField = decimal<Price>(price, notNegative);
export const halfWidthField = decimal<Price>(price, notNegative);
export const quantityField = decimal<Quantity>(quantity, any);
export const sizeField = decimal<Quantity>(quantity, above0);
export const openQuantityField = decimal<Quantity>(quantity, notNegative);
export const amountField = decimal<Amount>(amount, notNegative);
export const signedAmountField = decimal<Amount>(amount, any);
export const positiveAmountField = decimal<Amount>(amount, above0);
export const signedRatioField = decimal<Ratio>(ratio, any);
export const ratioField = decimal<Ratio>(ratio, notNegative);
export const positiveRatioField = decimal<Ratio>(ratio, above0);
export const fractionField = decimal<Ratio>(ratio, upTo1);
export const properFractionField = decimal<Ratio>(ratio, below1);
export const positiveFractionField = decimal<Ratio>(ratio, above0UpTo1);
export const multiplierField = decimal<Ratio>(ratio, from1);

/** The first word is the default. */
export const choiceField = <const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
) => described(z._default(z.enum(words), words[0] as never), description);

function wholeNumber(description: string, limits: { readonly min: number; readonly max: number }) {
  const { min, max } = limits;
  const reader = readAs((value, context): number => {
    const text = textOfDecimal(value) ?? '';
    const whole = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (whole >= min && whole <= max) return whole;
    return refuseValue(context, unfit(value, `must be a whole number from ${min} to ${max}`));
  });
  return described(reader, `${description} From ${min} to ${max}.`, {
    anyOf: [
      { type: 'integer', minimum: min, maximum: max },
      { type: 'string', pattern: '^[0-9]+$' },
    ],
  });
}

/** The latest time that a JavaScript date can hold. */
const TIME_MS_MAX = 8_640_000_000_000_000;
const YEAR_SECONDS = 31_536_000;

export const timeField = (description: string) =>
  wholeNumber(`${description} Milliseconds since 1970, UTC.`, { min: 0, max: TIME_MS_MAX });

export const secondsField = (description: string) =>
  wholeNumber(`${description} Whole seconds.`, { min: 0, max: YEAR_SECONDS });

const NOTE_LENGTH_MAX = 500;

/** Empty texts and other kinds of values count as absent. */
function noteIn(value: unknown): string | undefined {
  const text = textOfDecimal(value) ?? '';
  return text === '' ? undefined : Array.from(text).slice(0, NOTE_LENGTH_MAX).join('');
}

/** A remark for people. Never refused, so that no remark can make its row unusable. */
export const noteField = (description: string) =>
  described(
    z.optional(z.pipe(anything, z.transform(noteIn))),
    `${description} Any text; its first ${NOTE_LENGTH_MAX} characters are read.`,
  );

/** In seconds, to the millisecond. */
export function spanField(description: string, { secondsMax }: { readonly secondsMax: number }) {
  const reader = readAs((value, context): number => {
    const text = textOfDecimal(value) ?? '';
    const seconds = /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
    if (seconds <= secondsMax) return seconds;
    const range = `from 0 to ${secondsMax} with at most 3 decimal places`;
    return refuseValue(context, unfit(value, `must be a number of seconds ${range}`));
  });
  return described(
    reader,
    `${description} From 0 to ${secondsMax}, with at most 3 decimal places.`,
    {
      anyOf: [
        { type: 'number', minimum: 0, maximum: secondsMax },
        { type: 'string', pattern: '^[0-9]+(\\.[0-9]{1,3})?$' },
      ],
    },
  );
}

export const countField = (
  description: string,
  limits: { readonly min: number; readonly max: number },
) => wholeNumber(description, limits);

/**
 * Letters, marks and digits of any script, currency signs and punctuation; `#` separates the ids in
 * a key. The second lookahead refuses letters and marks that are invisible, and the class refuses
 * spaces, line breaks, control characters and direction marks.
 */
export const ID =
  /^(?!__|\p{M})(?!.*[\p{Default_Ignorable_Code_Point}\u{13441}\u{13442}\u{16FE4}])[\p{L}\p{M}\p{N}\p{Sc}._:/+=,@&()[\]*~!%|-]{1,128}$/u;

/** Most ids; three times as fast to test. */
const ASCII_ID = /^(?!__)[A-Za-z0-9$._:/+=,@&()[\]*~!%|-]{1,128}$/;

/** Ids are keys of maps in stored items, where the SDK and JavaScript take these for their own. */
const isReserved = (text: string): boolean => text in Object.prototype;

const isId = (text: string): boolean => (ASCII_ID.test(text) || ID.test(text)) && !isReserved(text);

/** Validators in other languages know no classes of Unicode: wider than `ID`. */
const ID_TYPE = { type: 'string', minLength: 1, maxLength: 128, pattern: '^(?!__)[^\\s#]+$' };

const MUST_BE_AN_ID =
  'must be 1 to 128 letters, digits, currency signs or . _ : / + = , - @ & ( ) [ ] * ~ ! % |, ' +
  'without spaces or invisible characters, and must not begin with __ or a combining mark';

const idReader = z.transform((value: unknown, context): string => {
  if (typeof value !== 'string') {
    const fault = value === undefined ? 'is missing' : `must be a text, not ${kindOf(value)}`;
    return refuseValue(context, fault);
  }
  if (isId(value)) return value;
  if (isReserved(value) && !value.startsWith('__')) {
    return refuseValue(context, `must not be ${value}, which JavaScript reserves`);
  }
  return refuseValue(context, MUST_BE_AN_ID);
});

/** An id that is one visible word in a key, a table and a message. */
export const idField = (description: string) =>
  described(z.pipe(anything, idReader), description, ID_TYPE);
