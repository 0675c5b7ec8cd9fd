/**
 * `npm run test:deploy`: the real CDK command deploys the stack onto an emulated AWS, where a real
 * schedule starts the real function. Each step prints a line. The first failure ends the run with
 * exit code 1. Everything is removed in any case.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../lib/names.ts';
import { EmulatorError, startEmulator } from '../../local/aws/emulator/emulator.ts';
import { createTable } from '../../local/aws/services.ts';
import { answersLikeMemory } from '../aws/random-table-calls.ts';
import { accountNamed, assertSame, callsOf, ordersOf, typesOf, uniqueIds } from './arrived.ts';
import { cdk, margin, marginStatus } from './commands.ts';
import { type CheckRecord, Deployment } from './deployment.ts';
import { CALLED_TWINS, LIQUIDATED_TWINS, MANY, manyAccounts, SAFE_ACCOUNTS } from './many.ts';

const BOOK = 'docs/examples/book';
/** With the one that cannot be read. */
const BOOK_ACCOUNTS = 7;
/** Two intervals of a minute, the emulator’s ten seconds, and reserve for a busy machine. */
const SECONDS_MAX = 240;
/** A slow machine may skip a slot once, and then five minutes begin anew. */
const FIVE_MINUTES_MAX = 660;

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  console.log(`✓ ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return result;
}

async function main(): Promise<void> {
  const emulator = await step('the emulator runs', () => startEmulator());
  Object.assign(process.env, emulator.environment);
  try {
    await step('the tables in memory answer as its tables do', () => compareTables());
    await step('cdk bootstrap', () => cdk('bootstrap'));
    await step('cdk deploy, every minute, with certificates and workers', () =>
      deploy({ checkInterval: 60, certificates: true, workers: 2 }),
    );
    const deployment = await Deployment.find();
    try {
      await watchChecks(deployment);
    } finally {
      await deployment.close();
    }
  } catch (error) {
    console.error(`--- the end of the emulator's log\n${await endOf(emulator.logFile)}\n---`);
    throw error;
  } finally {
    await emulator.stop();
  }
}

/**
 * A table of its own, which the stack does not know. The emulator refuses `begins_with` on a stored
 * value that is no text, and gives a number a size; on AWS neither condition is met.
 */
async function compareTables(): Promise<void> {
  const dynamo = new DynamoDBClient({});
  try {
    await createTable(dynamo, 'margin', TABLES.margin);
    await answersLikeMemory(dynamo, { runs: 60, seed: 2, without: ['begins_with', 'size'] });
  } finally {
    dynamo.destroy();
  }
}

interface Settings {
  readonly checkInterval: number;
  readonly certificates: boolean;
  readonly events?: boolean;
  readonly workers?: number;
  readonly runbook?: string;
}

function deploy(settings: Settings) {
  const all = Object.entries({ alertEmail: 'risk@example.com', ...settings });
  const context = all.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return cdk('deploy', '--require-approval', 'never', ...context);
}

async function watchChecks(deployment: Deployment): Promise<void> {
  await step('queues listen to both topics', () => deployment.listen());
  await step(`${MANY} accounts`, () => deployment.putAccounts(manyAccounts()));
  await step('margin load', () => margin('load', BOOK));
  await step('a row that cannot be read', () => deployment.putMistypedBalance());
  await step('mode enforce', () => deployment.enforce());
  deployment.keepQuoting();
  await step('the schedule fires twice', () => deployment.untilChecks(2, SECONDS_MAX));
  await step('what arrived is right', () => assertFirstAlerts(deployment));
  await step('workers have scanned a part of the book', async () => {
    assertByWorkers(await deployment.untilAnyCheck(hasAskedWorkers, SECONDS_MAX));
  });
  await step('the volatility is measured', () => deployment.assertMeasured('BTC-USD'));
  await step('margin status', () => assertStatus());
  await step('margin replay', () =>
    margin('replay', '--account', 'called-long', '--check', deployment.firstCheckId),
  );
  await step('the price recovers, the call is cured', async () => {
    deployment.quoteAt('6400');
    await deployment.untilAlert('margin-call.cured', SECONDS_MAX);
    await assertRecovered(deployment);
  });
  await step('healthy accounts are not read', async () => {
    const { accounts, certificates } = await deployment.untilCheck(isCertified, SECONDS_MAX);
    assert.equal(accounts, BOOK_ACCOUNTS + MANY);
    assert.equal(certificates.allRead, undefined);
  });
  await step('a withdrawal is seen by the next check', async () => {
    await deployment.withdrawTo('healthy-long', '12000');
    const { certificates } = await deployment.nextCheck(SECONDS_MAX);
    assert.deepEqual(certificates, { ...certificates, changed: 1, missed: NONE, unsound: NONE });
    const { alerts } = await deployment.arrived();
    // A call or a liquidation: the volatility that was measured decides.
    assert.equal(typesOf(alerts, 'healthy-long').length, 1);
  });
  await step('a function with other settings begins with the checkpoint', async () => {
    const runbook = 'https://wiki.example.com/runbook';
    await deploy({ checkInterval: 60, certificates: true, workers: 2, runbook });
    const { certificates } = await deployment.untilAnyCheck(hasBegun, SECONDS_MAX);
    assert.equal(certificates.allRead, undefined);
    // The others have an open case, or have changed since the checkpoint.
    assert.ok(certificates.certified > SAFE_ACCOUNTS, `${certificates.certified} are certified`);
  });
  await step('margin accounts --closest', async () => {
    const listed = await margin('accounts', '--closest', '--limit', '3');
    assert.match(listed, /^[\d,]+ accounts read: .*\ncertificates of 20\d\d-/);
  });
  await step('cdk deploy, every ten seconds, with events, without certificates', async () => {
    await deploy({ checkInterval: 10, certificates: false, events: true });
    assert.equal(await deployment.scheduleExpression(), 'rate(1 minute)');
    assert.equal((await Deployment.find()).checkIntervalSeconds, 10);
  });
  await step('slots start a check every ten seconds', () =>
    deployment.untilSpaced({ checks: 3, seconds: 10 }, SECONDS_MAX),
  );
  await step('a changed account starts a check of its own', async () => {
    await deployment.nextCheck(SECONDS_MAX);
    await deployment.withdrawTo('called-long', '12000');
    await deployment.untilEventCheck('called-long', SECONDS_MAX);
    const { alerts } = await deployment.arrived();
    assert.ok(typesOf(alerts, 'called-long').length > 2, 'it was called or liquidated once more');
  });
  await step('for five minutes no slot was lost', () =>
    deployment.untilSpaced({ checks: 30, seconds: 10 }, FIVE_MINUTES_MAX),
  );
  await step('cdk destroy', () => cdk('destroy', '--force'));
  await step('the tables are kept, with what is in them', () => deployment.assertTablesKept());
  await step('the schedule and the topics are gone', () => deployment.assertGone());
}

const NONE = { count: 0, accounts: [] };

const hasBegun = ({ certificates }: CheckRecord): boolean =>
  certificates.restoredFrom !== undefined;

const hasAskedWorkers = ({ workers }: CheckRecord): boolean => workers !== undefined;

/** They have scanned accounts, and the check none in their place. */
function assertByWorkers({ accounts, workers, unreached, failed }: CheckRecord): void {
  assert.ok(accounts >= MANY, `${accounts} accounts`);
  assert.deepEqual({ takenOver: workers?.takenOver, unreached, failed }, NOTHING_LEFT);
  assert.ok((workers?.accounts ?? 0) >= 100, `workers have scanned ${workers?.accounts}`);
}

const NOTHING_LEFT = { takenOver: 0, unreached: 0, failed: 0 };

/** Also those that workers have scanned. */
const isCertified = ({ certificates }: CheckRecord): boolean =>
  certificates.certified >= SAFE_ACCOUNTS + 3;

async function assertFirstAlerts(deployment: Deployment): Promise<void> {
  const { alerts, orders } = await deployment.arrived();
  const [call, ...moreCalls] = callsOf(alerts, 'called-long');
  assert.equal(moreCalls.length, 0, 'one call, although two checks have seen it');
  assert.match(call?.amountDue ?? '', /^\d+\.\d{2}$/);
  assert.ok(
    Number(call?.amountDue) > 0 && Date.parse(call?.deadline ?? '') > Date.parse(call?.asOf ?? ''),
  );
  const [order, ...moreOrders] = ordersOf(orders, 'liquidated-long');
  assert.equal(moreOrders.length, 0, 'one plan within its cooldown');
  assert.equal(order?.plan.orders[0]?.side, 'sell');
  assert.deepEqual(
    [...new Set(orders.map(accountNamed))].toSorted(),
    ['liquidated-long', ...LIQUIDATED_TWINS].toSorted(),
  );
  assertSame(alerts, 'called-long', CALLED_TWINS);
  assertSame(orders, 'liquidated-long', LIQUIDATED_TWINS);
  const [unknown] = alerts.filter((each) => each.type === 'account.indeterminate');
  assert.equal(unknown && accountNamed(unknown), 'mistyped');
  assert.match(JSON.stringify(unknown), /accounts mistyped\/balance#USD.*amount/);
  assert.equal(uniqueIds(alerts), alerts.length, 'no alert arrived twice');
  assert.equal(uniqueIds(orders), orders.length, 'no plan arrived twice');
  assert.deepEqual(typesOf(alerts, 'healthy-long'), []);
}

/** One account cannot be read, which needs attention; nothing failed. */
async function assertStatus(): Promise<void> {
  const status = await marginStatus();
  assert.match(status, /^ATTENTION: 1 account cannot be read\n/);
  for (const words of ['called-long', 'liquidated-long', 'mistyped', 'BTC-USD']) {
    assert.ok(status.includes(words), `margin status does not say ${words}:\n${status}`);
  }
}

async function assertRecovered(deployment: Deployment): Promise<void> {
  const { alerts } = await deployment.arrived();
  assert.deepEqual(typesOf(alerts, 'called-long'), ['margin-call.issued', 'margin-call.cured']);
}

async function endOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim().split('\n').slice(-25).join('\n');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  await main();
} catch (error) {
  console.error(error instanceof EmulatorError ? `test:deploy: ${error.message}` : error);
  process.exitCode = 1;
}
