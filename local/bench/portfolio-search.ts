/**
 * `npm run bench:portfolio` runs this, too: one account of each kind of ./search-accounts.ts. CPU time
 * of its check, of its safe radius and of its liquidation prices, each anew.
 */
import Table from 'cli-table3';
import { assessAccount } from '../../lambda/accounts/assess-account.ts';
import { overMaintenance } from '../../lambda/margin/assess/formulas.ts';
import { buildBook } from '../../lambda/margin/book/build-book.ts';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import { readDocument, snapshotOf } from '../analysis/document.ts';
import { liquidationMultiples } from '../analysis/liquidation-price.ts';
import { safeRadius } from '../analysis/safe-radius.ts';
import { median } from './median.ts';
import { documentOf, SEARCHED } from './search-accounts.ts';

const RUNS = 15;

function cpuMs<T>(times: number[], job: () => T): T {
  const start = process.threadCpuUsage();
  const result = job();
  const { user, system } = process.threadCpuUsage(start);
  times.push((user + system) / 1000);
  return result;
}

function measure(name: string, document: object): string[] {
  const evidence = readDocument(parseExactJson(JSON.stringify(document)));
  const [account] = evidence.accounts;
  if (account === undefined) throw new Error('the document has an account');
  const times = { check: [] as number[], radius: [] as number[], prices: [] as number[] };
  let radius = '';
  for (let run = 0; run < RUNS; run++) {
    const { snapshot, assessed } = cpuMs(times.check, () => {
      const reading = snapshotOf(evidence);
      return { ...reading, assessed: assessAccount(account, reading.snapshot)[0] };
    });
    if (assessed?.subAccount === undefined || assessed.outcome.certainty === 'indeterminate') {
      throw new Error(`${name}: ${JSON.stringify(assessed?.outcome)}`);
    }
    const { subAccount, outcome } = assessed;
    const formula = overMaintenance(snapshot.policy.liquidationMultiplier);
    // Books that nothing was asked of before.
    const bookOf = () => {
      const built = buildBook(subAccount, snapshotOf(evidence).snapshot);
      if (!built.ok) throw new Error(built.reasons[0]?.detail);
      return built.book;
    };
    const [first, second] = [bookOf(), bookOf()];
    radius = textOf(cpuMs(times.radius, () => safeRadius(first, formula)));
    const surplus = outcome.surplus.liquidation.point;
    cpuMs(times.prices, () => liquidationMultiples(second, surplus, formula));
  }
  const each = [times.check, times.radius, times.prices].map((of) => median(of).toFixed(1));
  return [name, ...each, radius.slice(0, 8)];
}

const table = new Table({
  head: ['account', 'market and check, ms', 'safe radius, ms', 'liquidation prices, ms', 'radius'],
  colAligns: ['left', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
for (const [name, kind] of Object.entries(SEARCHED)) table.push(measure(name, documentOf(kind)));
process.stdout.write(`${table.toString()}\n`);
