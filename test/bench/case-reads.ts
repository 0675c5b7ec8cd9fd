/**
 * `npm run bench:case-reads`: a thousand cases read by a check, in batches and one by one, by turns,
 * through the SDK's client on a table in memory. Microseconds of the processor for a case, without the
 * table itself; the median of the turns.
 */
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { inParallel } from '../../lambda/outbox/parallel.ts';
import type { Key, StoredCase } from '../../lambda/outbox/stored-case.ts';
import { TABLES } from '../../lib/names.ts';
import { median } from '../../local/bench/median.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { VirtualTime } from '../aws/virtual-time.ts';
import { MeteredAws } from './metered-clients.ts';

const CASES = 1_000;
const TURNS = 9;

const aws = new MeteredAws();
const time = new VirtualTime(0);
const tables = new MemoryTables({ time, definitions: TABLES });
const dynamo = aws.dynamo((command) => tables.answer(command));
const margin = new MarginTable({ dynamo, table: 'margin' });
const keys = Array.from({ length: CASES }, (_, at): Key => ({ pk: `account#${at}`, sk: 'case' }));

// Half of the accounts have none yet.
await inParallel(
  keys.filter((_, at) => at % 2 === 0),
  (key) => {
    const stored: StoredCase = {
      ...{ key, version: 0, checkId: '1', state: { level: 'call' }, isActive: true, pending: [] },
    };
    return margin.update(key, async () => stored, { stored: undefined, over: 'earlier checks' });
  },
);

const ways = {
  'in batches': async () => inParallel(await margin.readEach(keys), (read) => read()),
  'one by one': () => inParallel(keys, (key) => margin.read(key)),
};
const spent = new Map<string, number[]>(Object.keys(ways).map((way) => [way, []]));
for (let turn = 0; turn < TURNS; turn++) {
  // A partition gives so many units a second.
  await time.runUntil(time.now + 1_000);
  for (const [way, read] of Object.entries(ways)) {
    const before = process.cpuUsage();
    const without = aws.spentMs;
    await read();
    const { user, system } = process.cpuUsage(before);
    spent.get(way)?.push((user + system - (aws.spentMs - without) * 1e3) / CASES);
  }
}
for (const [way, micros] of spent) {
  process.stdout.write(`${way}: ${median(micros).toFixed(0)} µs a case\n`);
}
