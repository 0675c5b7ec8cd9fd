/**
 * `npm run bench:account-size`: decisions about one account of many rows against many accounts of
 * one row, in one process: read, screen, assess, plan, and write the message and its record. All
 * are below their call line, most below their liquidation line. The ratios are 1 if an account
 * costs in proportion to its rows.
 */

import Table from 'cli-table3';
import { Command } from 'commander';
import type { CheckContext } from '../../lambda/accounts/account-case.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { decideAll, wideContext } from './decide-all.ts';
import { median } from './median.ts';
import { WIDE_KINDS, type WideKind, wideAccount } from './wide-book.ts';

const program = new Command('bench:account-size')
  .option('--rows <sizes>', 'rows of the large account, separated by commas', '500,2000')
  .option('--kinds <names>', WIDE_KINDS.join(', '), WIDE_KINDS.join(','))
  .option('--runs <count>', 'runs of which the median counts', '3')
  .parse();
const options = program.opts<{ rows: string; kinds: string; runs: string }>();

const WARM_UP = 100;

function secondsOf(accounts: readonly AccountRows[], context: CheckContext): number {
  const started = performance.now();
  decideAll(accounts, context);
  return (performance.now() - started) / 1000;
}

function measured(kind: WideKind, size: number): string[] {
  const named = (accountId: string, rows: number, first: number) => ({
    accountId,
    rows: wideAccount(kind, { accountId, rows, first }),
  });
  const context = wideContext(kind, kind === 'labels' ? 1 : size);
  const wide = [named('wide', size, 0)];
  const narrow = Array.from({ length: size }, (_, index) => named(`narrow-${index}`, 1, index));
  decideAll(narrow.slice(0, WARM_UP), context);
  const runs = Array.from({ length: Number(options.runs) }, () => {
    const one = secondsOf(wide, context);
    const many = secondsOf(narrow, context);
    return { one, many, ratio: one / many };
  });
  const middle = (name: 'one' | 'many' | 'ratio') =>
    median(runs.map((run) => run[name])).toFixed(2);
  const megabytes = process.resourceUsage().maxRSS / 1024;
  return [String(size), kind, middle('one'), middle('many'), middle('ratio'), megabytes.toFixed(0)];
}

const head = ['rows', 'kind', 'one account s', 'as many accounts s', 'ratio', 'peak MB'];
const table = new Table({ head, style: { head: [], border: [] } });
const kinds = options.kinds.split(',') as WideKind[];
for (const size of options.rows.split(',').map(Number)) {
  for (const kind of kinds) table.push(measured(kind, size));
}
process.stdout.write(`${table.toString()}\n`);
