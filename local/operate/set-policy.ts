/** Changes mode or halt in the policy row by one write, on the condition that nobody else has. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type Item, rowOf } from '../../lambda/aws/attribute-values.ts';
import type { Policy } from '../../lambda/margin/market/policy.ts';
import { attributesOf, rowFaultText } from '../../lambda/rows/fault.ts';
import { policyAttributes } from '../../lambda/rows/policy-row.ts';
import { InputError } from '../cli/input.ts';

const KEY = { kind: 'policy', id: 'default' } as const;
const PLACE = 'market policy/default';

/** One attribute, and its new value. */
export type NewSetting = { readonly mode: 'observe' | 'enforce' } | { readonly halt: boolean };

export interface OperatorChange {
  readonly set: NewSetting;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

export type Setting = Pick<Policy, 'mode' | 'halt' | 'changedBy' | 'changedAt' | 'changeReason'>;

export interface ChangeOutcome {
  /** False if the row was in the wanted state, and nothing was written. */
  readonly isChanged: boolean;
  readonly before: Setting;
  readonly now: Setting;
}

export interface PolicyPlace {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
}

/** @throws InputError if the row is missing, malformed, or was changed meanwhile */
export async function setPolicy(
  place: PolicyPlace,
  { set, by, reason, at }: OperatorChange,
): Promise<ChangeOutcome> {
  const { item, setting: before } = await readSetting(place);
  if (hasAll(before, set)) return { isChanged: false, before, now: before };
  const written = { ...set, changedBy: by, changedAt: at, changeReason: reason };
  try {
    await place.dynamo.send(updateCommand(place.table, item, written));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // A write whose answer was lost is sent again by the SDK, and then fails on itself.
    const { setting } = await readSetting(place);
    if (!hasAll(setting, written)) throw new InputError(overtakenLine(setting));
  }
  return { isChanged: true, before, now: { ...before, ...written } };
}

const hasAll = (setting: Setting, wanted: Partial<Setting>): boolean =>
  Object.entries(wanted).every(([name, value]) => setting[name as keyof Setting] === value);

async function readSetting({ dynamo, table }: PolicyPlace) {
  const { Item: item } = await dynamo.send(
    new GetItemCommand({ TableName: table, Key: marshall(KEY), ConsistentRead: true }),
  );
  if (item === undefined) {
    throw new InputError(
      `${PLACE}: this row is missing, so no check runs and no order plan leaves; load a policy ` +
        'first (margin load)',
    );
  }
  const parsed = policyAttributes.safeParse(attributesOf(rowOf(item), ['kind', 'id']));
  if (parsed.success) return { item, setting: parsed.data as Setting };
  throw new InputError(
    `${PLACE}: ${rowFaultText(parsed.error)}; no check runs and no order plan leaves until this ` +
      'is corrected',
  );
}

const COMPARED = ['mode', 'halt', 'changedBy', 'changedAt', 'changeReason'] as const;

/** Compares values as they are stored: a note may be of any type. */
function updateCommand(table: string, read: Item, written: Readonly<Record<string, unknown>>) {
  const was = COMPARED.filter((name) => read[name] !== undefined);
  const conditions = COMPARED.map((name) =>
    read[name] === undefined ? `attribute_not_exists(#${name})` : `#${name} = :was_${name}`,
  );
  const values: Record<string, AttributeValue> = {
    ...marshall(Object.fromEntries(Object.entries(written).map(([name, v]) => [`:${name}`, v]))),
    ...Object.fromEntries(was.map((name) => [`:was_${name}`, read[name] as AttributeValue])),
  };
  const assignments = Object.keys(written).map((name) => `#${name} = :${name}`);
  return new UpdateItemCommand({
    TableName: table,
    Key: marshall(KEY),
    UpdateExpression: `SET ${assignments.join(', ')}`,
    ConditionExpression: ['attribute_exists(#kind)', ...conditions].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(
      ['kind', ...COMPARED].map((name) => [`#${name}`, name]),
    ),
    ExpressionAttributeValues: values,
  });
}

function overtakenLine({ mode, halt, changedBy, changedAt }: Setting): string {
  const who = changedBy === undefined ? '' : ` by ${changedBy}`;
  const when = changedAt === undefined ? '' : ` at ${changedAt}`;
  return (
    `${PLACE}: nothing was written, because the row was changed${who}${when} since it was read; ` +
    `it now says mode ${mode}, halt ${halt}: run the command again if you still want the change`
  );
}
