/** `margin replay`: decide again from a decision record, and compare. */
import { gunzipSync } from 'node:zlib';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { Numeral, parseExactJson } from '../../lambda/contract/numeral.ts';
import type { DecisionRecord } from '../../lambda/decision.ts';
import { type Replay, replay } from '../../lambda/replay.ts';
import { InputError, readJson, reasonOf } from './input.ts';

/** A record as kept, or a row of the margin table as the AWS command line prints it. */
const base64 = z.strictObject({ B: z.base64() });
const printedItem = z.union([
  z.object({ Item: z.object({ record: base64 }) }).transform(({ Item }) => Item.record.B),
  z.object({ record: base64 }).transform(({ record }) => record.B),
]);

const recordShape = z.looseObject({
  codeVersion: z.string(),
  checkId: z.string(),
  accountId: z.string(),
  before: z.unknown(),
  evidence: z.record(z.string(), z.unknown()),
  result: z.record(z.string(), z.unknown()),
});

/** @throws InputError when there is no readable record. */
export async function replayFile(path: string): Promise<Replay & { record: DecisionRecord }> {
  return replayRecord(recordOf(await readJson(path), path), path);
}

export interface RecordAddress {
  readonly table: string;
  readonly accountId: string;
  readonly checkId: string;
  readonly position?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** @throws InputError when the table holds no such record. */
export async function replayStored(address: RecordAddress) {
  const { table, accountId, checkId, position, endpoint } = address;
  const dynamo = new DynamoDBClient(endpoint === undefined ? {} : { endpoint });
  const suffix = position === undefined ? '' : `#${position}`;
  const sk = `decision#${checkId}${suffix}`;
  const key = { pk: { S: `account#${accountId}` }, sk: { S: sk } };
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: table, Key: key }));
  const place = `${table} account#${accountId}/${sk}`;
  if (Item?.record?.B === undefined) throw new InputError(`${place}: there is no such record`);
  return replayRecord(unpack(Item.record.B, place), place);
}

function replayRecord(record: DecisionRecord, place: string) {
  try {
    return { ...replay(record), record };
  } catch (error) {
    throw new InputError(`${place}: ${reasonOf(error)}`);
  }
}

function recordOf(value: unknown, place: string): DecisionRecord {
  const printed = printedItem.safeParse(value);
  if (printed.success) return unpack(Buffer.from(printed.data, 'base64'), place);
  const shaped = recordShape.safeParse(value);
  if (shaped.success) return shaped.data as unknown as DecisionRecord;
  const [issue] = shaped.error.issues;
  throw new InputError(
    `${place}: not a decision record: ${issue?.path.join('.')} ${issue?.message}`,
  );
}

/** @throws InputError when the bytes are not a compressed record. */
export function unpack(bytes: Uint8Array, place: string): DecisionRecord {
  try {
    return parseExactJson(gunzipSync(bytes).toString('utf8')) as DecisionRecord;
  } catch (error) {
    throw new InputError(`${place}: the record cannot be unpacked: ${reasonOf(error)}`);
  }
}

/** Where the two results differ, as paths with both values. */
export function differencesOf(recorded: unknown, recomputed: unknown, path = 'result'): string[] {
  if (isPlainObject(recorded) && isPlainObject(recomputed)) {
    const names = [...new Set([...Object.keys(recorded), ...Object.keys(recomputed)])];
    return names.flatMap((name) =>
      differencesOf(recorded[name], recomputed[name], `${path}.${name}`),
    );
  }
  const [left, right] = [recorded, recomputed].map((value) => JSON.stringify(value) ?? 'nothing');
  return left === right ? [] : [`${path}: recorded ${left}, recomputed ${right}`];
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Numeral);
