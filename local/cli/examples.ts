/**
 * Lines that run as they stand, at the end of each command's help. Those about a deployment expect
 * the book of docs/examples/book in its tables.
 */
import type { Command } from 'commander';

export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  assess: [
    'margin assess docs/examples/book.json',
    'margin assess docs/examples/portfolio.json --explain',
    'margin assess docs/examples/book.json --with docs/examples/order.json',
    'margin assess docs/examples/book.json --account healthy-long --withdraw USD=max',
  ],
  plan: [
    'margin plan docs/examples/book.json',
    'margin plan docs/examples/book.json --account liquidated-long --json',
  ],
  venues: ['margin venues', 'margin venues derive-srm'],
  backtest: ['margin backtest --prices docs/examples/prices.csv'],
  invoke: ['margin invoke test/events/scheduler.json'],
  replay: ['margin decision called-long --json | margin replay -'],
  simulate: ['margin simulate --accounts 50 --paths 20 --intervals 60s,300s --executions 30s'],
  init: ['margin init my-book && margin load my-book --dry-run'],
  load: ['margin load docs/examples/book --dry-run', 'margin load docs/examples/book'],
  export: [
    'margin export book.json && margin assess book.json',
    'margin export --account called-long | margin assess --explain',
  ],
  watch: ['margin watch --severity warning', 'margin watch --json --seconds 60'],
  status: ['margin status', 'margin status --verbose'],
  accounts: ['margin accounts --limit 50', 'margin accounts --level call --csv > called.csv'],
  account: ['margin account called-long'],
  history: ['margin history called-long --since 2026-01-30 --replay'],
  decision: ['margin decision called-long', 'margin decision called-long --json > record.json'],
  doctor: ['margin doctor --stack MarginChecker'],
  stress: [
    'margin stress docs/examples/book.json --move -30%,+20% --fund 100000',
    'margin stress docs/examples/book.json --factor BTC-USD=-10% --factor USDC-USD=-2%',
    'margin stress docs/examples/book.json --day 2020-03-12 --limit 50',
  ],
  fund: ['margin fund', 'margin fund --kind drawn --limit 100'],
  halt: ['margin halt --reason "BTC-USD looks wrong"'],
  resume: ['margin resume --reason "BTC-USD is right again"'],
  enforce: ['margin enforce --reason "observed for two weeks"'],
  observe: ['margin observe --reason "the execution system moves"'],
  completion: ['margin completion bash'],
};

/** @throws RangeError for a command without an example */
export function addExamples(program: Command): void {
  for (const command of program.commands) {
    const lines = EXAMPLES[command.name()];
    if (lines === undefined) throw new RangeError(`${command.name()} has no example`);
    const title = lines.length === 1 ? 'Example' : 'Examples';
    command.addHelpText('after', `\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
}
