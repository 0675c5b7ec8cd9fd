/**
 * `npm run bench:latency`: from the write of a price, or of a withdrawal, until the alert that it
 * causes is delivered. In virtual time, in which only calls take time (DELAYS).
 */
import Table from 'cli-table3';
import { Command } from 'commander';
import type { AccountRow, MarketRow } from '../../local/aws/rows.ts';
import { whole } from '../../local/cli/arguments.ts';
import { DELAYS, START, TimedDeployment } from './timed-deployment.ts';

const PRICE = 6_000;
/** Calls the account of the trial, and no other. */
const FALL = 0.965;
const OTHERS = 50;
const SOURCES = ['pyth', 'chainlink', 'venue'];
const QUOTES_EVERY_MS = 2_000;
/** Checks of a trial: it has to be found healthy, called, and gone again. */
const CHECKS = 6;

const options = new Command('bench:latency')
  .option('--trials <number>', 'of each kind', whole(1, 100_000), 200)
  .parse()
  .opts<{ readonly trials: number }>();

const balance = (accountId: string, amount: number): AccountRow => ({
  accountId,
  item: 'balance#USD',
  asset: 'USD',
  amount: String(amount),
});

const position = (accountId: string): AccountRow => ({
  accountId,
  item: 'position#BTC-PERP',
  instrument: 'BTC-PERP',
  quantity: '1',
  entryPrice: String(PRICE),
});

const MARKET: readonly MarketRow[] = [
  { kind: 'policy', id: 'default' },
  {
    kind: 'instrument',
    id: 'BTC-PERP',
    type: 'perpetual',
    underlying: 'BTC-USD',
    settlementAsset: 'USD',
    riskClass: 'BTC',
  },
  {
    kind: 'risk',
    id: 'BTC',
    margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
    volatility: '0.6',
    jumpFloor: '0.005',
    liquidity: { fee: '0.0005', slippage: '0.001' },
  },
];

type Cause = 'price' | 'withdrawal';

interface Latency {
  readonly intervalSeconds: number;
  readonly hasEvents: boolean;
  readonly cause: Cause;
}

/** @returns seconds of each trial, and the event checks of all */
async function measured({ intervalSeconds, hasEvents, cause }: Latency) {
  const intervalMs = intervalSeconds * 1000;
  const seconds: number[] = [];
  let awaited: { readonly accountId: string; writtenAt: number } | undefined;
  const deployment = new TimedDeployment({
    intervalSeconds,
    hasEvents,
    onAlert: (message) => {
      if (!('accountId' in message) || message.accountId !== awaited?.accountId) return;
      seconds.push((deployment.time.now - awaited.writtenAt) / 1000);
      awaited = undefined;
    },
  });
  const { time } = deployment;
  let price = PRICE;
  const quotes = () =>
    SOURCES.map(
      (source): MarketRow => ({
        kind: 'quote',
        id: `BTC-USD#${source}`,
        price: price.toFixed(2),
        publishedAt: time.now,
      }),
    );
  const others = Array.from({ length: OTHERS }, (_, index) => `other-${index}`);
  void deployment.write('market', [...MARKET, ...quotes()]);
  void deployment.write(
    'accounts',
    others.flatMap((accountId) => [balance(accountId, 3_000), position(accountId)]),
  );
  const trialMs = CHECKS * intervalMs;
  const end = START + options.trials * trialMs;
  deployment.startChecks(end);
  for (let at = START; at < end; at += QUOTES_EVERY_MS) {
    time.at(at, () => void deployment.write('market', quotes()));
  }
  for (let trial = 0; trial < options.trials; trial++) {
    const accountId = `trial-${trial}`;
    const begins = START + trial * trialMs;
    time.at(begins, () => {
      price = PRICE;
      const amount = cause === 'price' ? 560 : 2_000;
      void deployment.write('market', quotes());
      void deployment.write('accounts', [balance(accountId, amount), position(accountId)]);
    });
    const breaches = begins + Math.round((3 + phaseOf(trial)) * intervalMs);
    time.at(breaches, () => {
      if (cause === 'price') price = PRICE * FALL;
      const isWritten =
        cause === 'price'
          ? deployment.write('market', quotes())
          : deployment.write('accounts', [balance(accountId, 300)]);
      void isWritten.then(() => {
        awaited = { accountId, writtenAt: time.now };
      });
    });
    time.at(begins + trialMs - 1, () => {
      if (awaited !== undefined) throw new Error(`${accountId} was never called`);
      void deployment.write('accounts', [balance(accountId, 9_000)]);
    });
  }
  await time.runUntil(end);
  return { seconds, events: deployment.events };
}

/** Evenly over the interval, in an order without a pattern. */
const phaseOf = (trial: number): number => (trial * 0.6180339887498949) % 1;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.ceil(share * values.length) - 1] ??
  Number.NaN;

const table = new Table({
  head: ['cause', 'checks', 'trials', 'median s', '99 % s', 'longest s', 'event checks'],
  colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
const DEPLOYMENTS = [
  { intervalSeconds: 60, hasEvents: false },
  { intervalSeconds: 10, hasEvents: false },
  { intervalSeconds: 60, hasEvents: true },
  { intervalSeconds: 10, hasEvents: true },
];
for (const cause of ['price', 'withdrawal'] as const) {
  for (const deployment of DEPLOYMENTS) {
    const { seconds, events } = await measured({ ...deployment, cause });
    table.push([
      cause,
      `every ${deployment.intervalSeconds} s${deployment.hasEvents ? ', with events' : ''}`,
      seconds.length,
      ...[0.5, 0.99, 1].map((share) => quantile(seconds, share).toFixed(2)),
      events,
    ]);
  }
}
console.log(`Delays: ${JSON.stringify(DELAYS)} ms; a warm function; the processor takes no time.`);
console.log(table.toString());
