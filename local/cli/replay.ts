import { gunzipSync } from 'node:zlib';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Command } from 'commander';
import * as z from 'zod';
import { caseKey } from '../../lambda/accounts/account-case.ts';
import { recordKey } from '../../lambda/outbox/parts.ts';
import { CASE, keyText } from '../../lambda/outbox/stored-case.ts';
import type { DecisionRecord } from '../../lambda/record/decision-record.ts';
import { faultText } from '../../lambda/rows/fault.ts';
import { Numeral, parseExactJson } from '../../lambda/rows/numeral.ts';
import { RULES_VERSION } from '../../lambda/version.ts';
import { type Replay, replay, rulesVersionOf } from '../analysis/replay.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { recordBytes } from '../aws/stored-record.ts';
import { InputError, placeOf, readJson, reasonOf } from './input.ts';
import { FINDING, print, printJson } from './output.ts';
import { withPlace } from './place.ts';

interface ReplayOptions extends Place {
  readonly table?: string;
  readonly account?: string;
  readonly check?: string;
  readonly position?: string;
  readonly json?: boolean;
}

export function declareReplay(program: Command): void {
  const command = program
    .command('replay')
    .summary('decide again from a decision record, and compare')
    .description(
      'Decide again from a decision record by the rules of today, and compare the results. Exit ' +
        'code 1 if the same version of the rules decides otherwise. Other rules may: the record ' +
        'names the version that decided.',
    )
    .argument('[file]', 'the record, or its row as `aws dynamodb get-item` prints it')
    .option('--account <id>', 'account, instead of a file; needs --check')
    .option('--check <id>', 'check of --account, such as 2020-03-12T11:00:00.000Z')
    .option('--position <key>', 'isolated position of --account')
    .option('--table <name>', 'margin table with the record, instead of a stack');
  withPlace(command).option('--json', 'print JSON').action(printReplay);
}

async function printReplay(file: string | undefined, options: ReplayOptions): Promise<void> {
  const { record, recorded, recomputed, ...replayed } = await replayBy(file, options);
  const { rulesVersion, matches, isFinding } = replayed;
  const differences = differencesOf(recorded, recomputed);
  const { accountId, checkId, codeVersion } = record;
  if (options.json) {
    const versions = { codeVersion, rulesVersion, rulesVersionNow: RULES_VERSION };
    printJson({ accountId, checkId, ...versions, matches, isFinding, differences });
  } else {
    print(`${verdictOf(replayed)}: ${accountId} at ${checkId} (version ${codeVersion})`);
    for (const difference of differences) print(`  ${difference}`);
  }
  if (isFinding) process.exitCode = FINDING;
}

/** The rules that decided stand first: a difference to other rules is no fault. */
export function verdictOf({
  rulesVersion,
  matches,
}: Pick<Replay, 'rulesVersion' | 'matches'>): string {
  if (rulesVersion === RULES_VERSION) return matches ? 'same decision' : 'DIFFERENT DECISION';
  const now = `this program has version ${RULES_VERSION}`;
  const outcome = matches ? 'decides the same' : 'decides otherwise';
  return `decided by version ${rulesVersion} of the rules; ${now}, which ${outcome}`;
}

async function replayBy(file: string | undefined, options: ReplayOptions) {
  if (file !== undefined) return replayFile(file);
  const { account: accountId, check: checkId, position, endpoint } = options;
  if (accountId === undefined || checkId === undefined) {
    throw new InputError('no record given: name a file, or use --account with --check');
  }
  const table = options.table ?? (await locate(options)).marginTable;
  return replayStored({ table, accountId, checkId, position, endpoint });
}

/** A row as `aws dynamodb get-item` prints it. */
const base64 = z.strictObject({ B: z.base64() });
const printedItem = z.union([
  z.object({ Item: z.object({ record: base64 }) }).transform(({ Item }) => Item.record.B),
  z.object({ record: base64 }).transform(({ record }) => record.B),
]);

const recordShape = z.looseObject({
  codeVersion: z.string(),
  rulesVersion: z.optional(z.union([z.int(), z.instanceof(Numeral)])),
  checkId: z.string(),
  accountId: z.string(),
  before: z.unknown(),
  evidence: z.record(z.string(), z.unknown()),
  result: z.record(z.string(), z.unknown()),
});

/** @throws InputError without a readable record */
export async function replayFile(path: string): Promise<Replay & { record: DecisionRecord }> {
  const place = placeOf(path);
  return replayRecord(recordOf(await readJson(path), place), place);
}

export interface RecordAddress {
  readonly table: string;
  readonly accountId: string;
  readonly checkId: string;
  readonly position?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** @throws InputError without a readable record */
export async function replayStored(address: RecordAddress) {
  const { table, accountId, checkId, position } = address;
  const dynamo = new DynamoDBClient(endpointOf(address));
  const { pk, sk } = caseKey(accountId, position);
  const key = recordKey(pk, checkId, sk.slice(CASE.length));
  const Key = { pk: { S: pk }, sk: { S: key.sk } };
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: table, Key }));
  const place = `${table} ${keyText(key)}`;
  const bytes = await recordBytes(Item, { dynamo, table, key }).catch((error) => {
    throw new InputError(
      `${place}: ${reasonOf(error)}; restore the table to a time when it had it`,
    );
  });
  if (bytes === undefined) {
    throw new InputError(`${place}: no such record; check --account, --check and --position`);
  }
  return replayRecord(unpack(bytes, place), place);
}

function replayRecord(record: DecisionRecord, place: string) {
  try {
    return { ...replay(record), record };
  } catch (error) {
    throw new InputError(`${place}: ${byOtherRules(record)}${reasonOf(error)}`);
  }
}

/** Why a whole record may be unreadable. */
function byOtherRules(record: DecisionRecord): string {
  const version = rulesVersionOf(record);
  if (version === RULES_VERSION) return '';
  const now = `version ${RULES_VERSION}, which this program has, cannot read it`;
  return `decided by version ${version} of the rules; ${now}: `;
}

const printedParts = z.object({ parts: z.object({ N: z.string() }) });
const printedHead = z.union([z.object({ Item: printedParts }), printedParts]);

function recordOf(value: unknown, place: string): DecisionRecord {
  if (printedHead.safeParse(value).success) {
    throw new InputError(`${place}: the record lies in parts; use --account and --check instead`);
  }
  const printed = printedItem.safeParse(value);
  if (printed.success) return unpack(Buffer.from(printed.data, 'base64'), place);
  const shaped = recordShape.safeParse(value);
  if (shaped.success) return shaped.data as unknown as DecisionRecord;
  throw new InputError(`${place}: not a decision record: ${faultText(shaped.error)}`);
}

/** @throws InputError if not a compressed record */
export function unpack(bytes: Uint8Array, place: string): DecisionRecord {
  try {
    return parseExactJson(gunzipSync(bytes).toString('utf8')) as DecisionRecord;
  } catch (error) {
    throw new InputError(`${place}: the record cannot be unpacked: ${reasonOf(error)}`);
  }
}

/** One line each: path and both values. */
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
