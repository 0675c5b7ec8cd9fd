/** Messages as large as their schemas allow, so that a new field is in the test at once. */
import type * as z from 'zod';
import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';
import type { Message, MessageType } from '../../../lambda/messages/messages.ts';

/** How long lists and names are. */
export interface Sizes {
  /** One character, of up to 4 bytes or with an escape. */
  readonly letter: string;
  readonly nameLength?: number;
  readonly entries: number;
  /** Entries of the lists that are instructions, by name. */
  readonly most: Readonly<Record<string, number>>;
}

const NAME_LENGTH = 128;
/** 34 digits, half of them after the point. */
const DECIMAL = '-12345678901234567.89012345678901234';
const TIME = '2020-03-12T11:00:00.000Z';
/** What a fault quotes may be as long as a row. */
const PROSE_LENGTH = 5000;

export const HUGE_TYPES = Object.keys(messageSchemas) as MessageType[];

/** One message for each form that a type has. */
export const hugeMessages = (type: MessageType, sizes: Sizes): Message[] =>
  formsOf(messageSchemas[type]).map((schema) => hugeValue(schema, type, sizes) as Message);

interface Def {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
  readonly format?: string;
  readonly checks?: readonly unknown[];
}

const defOf = (schema: z.ZodType): Def => schema._zod.def as unknown as Def;

const formsOf = (schema: z.ZodType): readonly z.ZodType[] => {
  const { type, options = [] } = defOf(schema);
  return type === 'union' ? options : [schema];
};

function hugeValue(schema: z.ZodType, name: string, sizes: Sizes): unknown {
  const def = defOf(schema);
  switch (def.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(def.shape ?? {})
          .filter(([each]) => each !== 'omitted')
          .map(([each, inner]) => [each, hugeValue(inner, each, sizes)]),
      );
    case 'array':
      return Array.from({ length: sizes.most[name] ?? sizes.entries }, () =>
        hugeValue(def.element as z.ZodType, name, sizes),
      );
    case 'optional':
      return hugeValue(def.innerType as z.ZodType, name, sizes);
    case 'enum':
      return Object.values(def.entries ?? {}).reduce((long, each) =>
        each.length > long.length ? each : long,
      );
    case 'literal':
      return def.values?.[0];
    case 'number':
      return Number.MAX_SAFE_INTEGER;
    case 'boolean':
      return false;
    case 'string':
      return textOf(def, name, sizes);
    default:
      throw new Error(`${name}: no huge value of a ${def.type}`);
  }
}

function textOf({ format, checks = [] }: Def, name: string, sizes: Sizes): string {
  const { letter, nameLength = NAME_LENGTH } = sizes;
  if (format === 'datetime') return TIME;
  if (checks.length > 0) return DECIMAL;
  if (name === 'detail') return letter.repeat(PROSE_LENGTH);
  const isId = /^(id|caseId|planId|supersedes|claimId|lossId|pk)$/.test(name);
  // An id has up to three names, and a time and other words between them.
  return letter.repeat(isId ? 3 * nameLength + 60 : nameLength);
}
