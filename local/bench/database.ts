/**
 * The embedded services with the benchmark's book, in their own process. Sends their endpoints,
 * then runs until killed.
 */

import { put, writeRows } from '../aws/rows.ts';
import { startServices } from '../aws/services.ts';
import { benchAccount, benchMarket } from './book.ts';
import { breachedAccount, breachedMarket } from './breached-book.ts';

const accounts = Number(process.argv[2]);
const isBreached = process.argv[3] === 'breached';
const [market, account] = isBreached
  ? [breachedMarket(), breachedAccount]
  : [benchMarket(), benchAccount];
const SEED_ACCOUNTS_AT_ONCE = 500;

const { dynamo, sns, config } = await startServices();

async function seed(): Promise<number> {
  await writeRows(dynamo, { table: config.marketTable, requests: market.map(put) });
  let rows = 0;
  for (let from = 0; from < accounts; from += SEED_ACCOUNTS_AT_ONCE) {
    const count = Math.min(SEED_ACCOUNTS_AT_ONCE, accounts - from);
    const chunk = Array.from({ length: count }, (_, index) => account(from + index)).flat();
    await writeRows(dynamo, { table: config.accountsTable, requests: chunk.map(put) });
    rows += chunk.length;
  }
  return rows;
}

const urlOf = async (client: typeof dynamo | typeof sns): Promise<string> => {
  const endpoint = await client.config.endpoint?.();
  return `${endpoint?.protocol}//${endpoint?.hostname}:${endpoint?.port}`;
};

const rows = await seed();
process.send?.({ dynamo: await urlOf(dynamo), sns: await urlOf(sns), config, rows });
