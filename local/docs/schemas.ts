/**
 * `npm run schemas` writes JSON Schemas of every row, message and document to docs/schemas, from
 * the zod types that validate them. A test fails when they are out of date.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { messageSchemas } from '../../lambda/messages/message-schemas.ts';
import {
  balanceAttributes,
  positionAttributes,
  profileAttributes,
} from '../../lambda/rows/account-rows.ts';
import { ID } from '../../lambda/rows/fields.ts';
import { marketAttributes } from '../../lambda/rows/market-rows.ts';
import { documentSchema } from '../analysis/document-schema.ts';
import { ordersSchema } from '../analysis/orders.ts';
import { plansSchema } from '../analysis/plan-schema.ts';

const FOLDER = 'docs/schemas';

/** Texts by path below docs/schemas. */
export function schemaFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const put = (path: string, schema: object) =>
    files.set(path, `${JSON.stringify(schema, null, 2)}\n`);
  put('assess-document.json', {
    title: 'The document that `margin assess` reads',
    ...jsonSchemaOf(documentSchema, 'input'),
  });
  put('what-if-orders.json', {
    title: 'The orders that `margin assess --with` reads',
    ...jsonSchemaOf(ordersSchema, 'input'),
  });
  put('liquidation-plans.json', {
    title: 'What `margin plan --json` prints',
    ...jsonSchemaOf(plansSchema, 'output'),
  });
  const accountRows = {
    profile: [profileAttributes, '^profile$'],
    balance: [balanceAttributes, '^balance#[^@#]+(@[^@#]+)?$'],
    position: [positionAttributes, '^position#[^#]+(#.+)?$'],
  } as const;
  for (const [kind, [attributes, item]] of Object.entries(accountRows)) {
    const keys = { accountId: { type: 'string' }, item: { type: 'string', pattern: item } };
    const title = `Row of the accounts table: ${kind}`;
    put(`rows/accounts-${kind}.json`, rowSchemaOf({ title, keys, attributes }));
  }
  for (const [kind, attributes] of Object.entries(marketAttributes)) {
    const keys = {
      kind: { const: kind },
      id: { type: 'string', pattern: MARKET_IDS[kind] ?? ID.source },
    };
    const title = `Row of the market table: ${kind}`;
    put(`rows/market-${kind}.json`, rowSchemaOf({ title, keys, attributes }));
  }
  for (const [type, schema] of Object.entries(messageSchemas)) {
    put(`messages/${type}.json`, { title: `Message: ${type}`, ...jsonSchemaOf(schema, 'output') });
  }
  return files;
}

const MARKET_IDS: Readonly<Record<string, string>> = {
  policy: '^default$',
  quote: '^[^#]+#[^#]+$',
};

const jsonSchemaOf = (schema: z.core.$ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' });

/** Adds the table's keys; attributes that begin with _ are the writer's own. */
function rowSchemaOf(row: {
  readonly title: string;
  readonly keys: Readonly<Record<string, object>>;
  readonly attributes: z.core.$ZodType;
}): object {
  const { title, keys, attributes } = row;
  const schema = jsonSchemaOf(attributes, 'input');
  return {
    title,
    ...schema,
    properties: { ...keys, ...schema.properties },
    patternProperties: { '^_': {} },
    required: [...Object.keys(keys), ...(schema.required ?? [])],
  };
}

if (import.meta.main) {
  await rm(FOLDER, { recursive: true, force: true });
  for (const [path, text] of schemaFiles()) {
    const file = join(FOLDER, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
