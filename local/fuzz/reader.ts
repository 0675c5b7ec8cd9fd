/**
 * Says which rows can be read, apart from the code that reads them in a check: by the published
 * schemas in docs/schemas/rows, and by the few rules that they cannot express (rules.ts).
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../lambda/aws/attribute-values.ts';
import { KEYS, type Table, textIn, withAttribute, withoutAttribute } from './items.ts';
import { withPreset } from './presets.ts';
import { publishedIn } from './published.ts';
import { isZeroText, ruleFault } from './rules.ts';

export type Verdict =
  | { readonly isReadable: true }
  | { readonly isReadable: false; readonly why: string };

/** By `<table>-<kind>`. */
const SCHEMAS = publishedIn('rows');

export const ROW_KINDS = [...SCHEMAS.keys()].map((name) => {
  const [table, kind = ''] = name.split('-');
  return { table: table as Table, kind };
});

export const attributeNames = (table: Table, kind: string): string[] =>
  Object.keys(SCHEMAS.get(`${table}-${kind}`)?.schema.properties ?? {}).filter(
    (name) => !KEYS[table].includes(name),
  );

/** `profile`, `balance`, `quote` and so on; whatever its key says. */
export function kindOf(table: Table, item: Item): string {
  if (table === 'market') return textIn(item, 'kind') ?? '';
  return (textIn(item, 'item') ?? '').split('#')[0] ?? '';
}

export function verdictOn(table: Table, item: Item): Verdict {
  const known = SCHEMAS.get(`${table}-${kindOf(table, item)}`);
  if (known === undefined) return refused('there is no such kind of row');
  const laid = withPreset(withoutNull(item));
  if (laid === undefined) return refused('the venue has nothing for this row');
  const row = withoutOddLabel(withoutUnreadEntryPrice(laid));
  const { schema } = known;
  const fault =
    known.faultIn(plainMap(row)) ?? ruleFault({ table, kind: kindOf(table, item), row, schema });
  return fault === undefined ? { isReadable: true } : refused(fault);
}

const refused = (why: string): Verdict => ({ isReadable: false, why });

/** A NULL is an attribute that is absent. */
function withoutNull(item: Item): Item {
  const absent = Object.keys(item).filter((name) => item[name]?.NULL !== undefined);
  return absent.reduce(withoutAttribute, item);
}

/** "Needed unless the quantity is 0; it is not read there." */
function withoutUnreadEntryPrice(item: Item): Item {
  const isPosition = textIn(item, 'item')?.split('#')[0] === 'position';
  const quantity = Object.hasOwn(item, 'quantity') ? item.quantity : undefined;
  const isHeld = quantity !== undefined && !isZeroText(quantity.N ?? quantity.S ?? '');
  return isPosition && !isHeld ? withoutAttribute(item, 'entryPrice') : item;
}

/** Stands for a value that JSON does not have. No schema allows it. */
const NOT_JSON = null;

function plainMap(item: Item): Record<string, unknown> {
  const plain: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value?.NULL !== undefined) continue;
    const own = { value: plainValue(value), enumerable: true };
    Object.defineProperty(plain, name, own);
  }
  return plain;
}

/** Labels are not read: the check leaves out one that is called `__proto__`. */
function withoutOddLabel(item: Item): Item {
  const labels = textIn(item, 'item') === 'profile' ? item.labels?.M : undefined;
  if (labels === undefined) return item;
  return withAttribute(item, 'labels', { M: withoutAttribute(labels, '__proto__') });
}

function plainValue(value: AttributeValue | undefined): unknown {
  if (value?.S !== undefined) return value.S;
  if (value?.N !== undefined) return Number(value.N);
  if (value?.BOOL !== undefined) return value.BOOL;
  if (value?.M !== undefined) return plainMap(value.M);
  if (value?.L !== undefined) return value.L.map(plainValue);
  return NOT_JSON;
}
