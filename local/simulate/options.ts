import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { SEED_MAX } from '../analysis/random.ts';
import { readCheckInterval, secondsIn } from '../cli/check-interval.ts';
import { LEVERAGE_MAX } from './generated-book.ts';
import { CONFIDENCES } from './grid.ts';
import { BITCOIN } from './price-model.ts';
import { type Collateral, SHOCK_MAX } from './setup.ts';

export interface SimulateOptions {
  readonly book?: string;
  readonly factor?: string;
  readonly accounts: number;
  readonly leverage: number;
  readonly collateral: Collateral;
  readonly prices?: string;
  readonly model: 'bursts' | 'gaussian';
  readonly volatility?: number;
  readonly degrees?: number;
  readonly asymmetry?: number;
  readonly fastWeight?: number;
  readonly fastHalfLife?: number;
  readonly slowWeight?: number;
  readonly slowHalfLife?: number;
  readonly jumpsPerYear?: number;
  readonly jumpMean?: number;
  readonly jumpDeviation?: number;
  readonly intervals?: readonly number[];
  readonly confidences: readonly (number | null)[];
  readonly executions?: readonly number[];
  readonly step?: number;
  readonly events?: boolean;
  readonly paths: number;
  readonly hours?: number;
  readonly seed: number;
  readonly workers: number;
  readonly stressVolatility: number;
  readonly stressWeight: number;
  readonly shockMax?: number;
  readonly capitalRate: number;
  readonly fundFee: number;
  readonly json?: boolean;
  readonly report?: string;
}

export function withSimulateOptions(command: Command): Command {
  const { volatility, degrees, asymmetry, fastWeight, slowWeight } = BITCOIN;
  return command
    .option('--book <file>', 'assess document with the book; default: a generated book')
    .option(
      '--factor <feed>',
      'feed whose price moves; default: the one that the book holds most of',
    )
    .option(
      '--accounts <number>',
      'number of accounts in the generated book',
      whole(1, 10_000),
      500,
    )
    .option(
      '--leverage <times>',
      `median leverage of the generated book, 1 to ${LEVERAGE_MAX}`,
      within(1, LEVERAGE_MAX),
      6,
    )
    .addOption(
      new Option(
        '--collateral <how>',
        'funded: each account gets its buffer on top of its collateral; given: it does not',
      )
        .choices(['funded', 'given'])
        .default('funded'),
    )
    .option(
      '--prices <file>',
      'CSV of prices or bars: the model is fitted to it, and its own rows are replayed beside it',
    )
    .addOption(
      new Option('--model <name>', 'gaussian: a random walk with normal steps')
        .choices(['bursts', 'gaussian'])
        .default('bursts'),
    )
    .option('--volatility <fraction>', `annual volatility without jumps (${volatility})`, positive)
    .option(
      '--degrees <number>',
      `degrees of freedom of the Student-t returns, above 2 (${degrees})`,
      positive,
    )
    .option(
      '--asymmetry <fraction>',
      `how much more a fall raises the variance than a rise (${asymmetry})`,
      notNegative,
    )
    .option(
      '--fast-weight <fraction>',
      `weight of the last minutes in the variance (${fastWeight})`,
      within(0, 1),
    )
    .option(
      '--fast-half-life <time>',
      `half-life of what counts as the last minutes (${BITCOIN.fastHalfLifeSeconds}s)`,
      seconds,
    )
    .option(
      '--slow-weight <fraction>',
      `weight of the last hours in the variance (${slowWeight})`,
      within(0, 1),
    )
    .option(
      '--slow-half-life <time>',
      `half-life of what counts as the last hours (${BITCOIN.slowHalfLifeSeconds}s)`,
      seconds,
    )
    .option(
      '--jumps-per-year <number>',
      'further jumps, beyond the tails of the model',
      notNegative,
    )
    .option('--jump-mean <fraction>', 'mean of a further jump', number)
    .option('--jump-deviation <fraction>', 'standard deviation of a further jump', notNegative)
    .addOption(
      new Option(
        '--intervals <list>',
        'check intervals that a deployment can have, such as 10s,1m,1h; default: from a minute, or the spacing of the prices, on',
      ).argParser(list(readCheckInterval)),
    )
    .addOption(
      new Option('--confidences <list>', 'confidences of the buffer, such as none,0.99')
        .argParser(list(confidence))
        .default(CONFIDENCES, CONFIDENCES.map((share) => share ?? 'none').join()),
    )
    .addOption(
      new Option(
        '--executions <list>',
        'times from order to fill, such as 0s,30s; default: 30s, or the spacing of the prices',
      ).argParser(list(seconds)),
    )
    .option(
      '--events',
      'run each setting once more, with a check at once when the price has moved by half of Λ, at most one a second',
    )
    .option('--step <time>', 'step of the price grid; default: the longest that fits', seconds)
    .option('--paths <number>', 'number of simulated paths', whole(1, 1_000_000), 1000)
    .option(
      '--hours <number>',
      'length of each path; default: 24, or 168 times the spacing of the prices',
      whole(1, 24 * 365),
    )
    .option('--seed <number>', 'the same seed gives the same result', whole(0, SEED_MAX), 1)
    .option('--workers <number>', 'number of threads', whole(1, 256), availableParallelism())
    .option(
      '--shock-max <fraction>',
      'bound of the latency shock; default: that of the risk class of the factor, or 0.1',
      within(0, SHOCK_MAX),
    )
    .option(
      '--stress-volatility <fraction>',
      'annual volatility of a bad time: counts until a volatility is measured',
      positive,
      1,
    )
    .option(
      '--stress-weight <fraction>',
      'how far the stress volatility also counts afterwards',
      within(0, 1),
      0,
    )
    .option('--capital-rate <fraction>', 'annual cost of capital', positive, 0.1)
    .option(
      '--fund-fee <fraction>',
      'share of the liquidated notional paid to the fund',
      within(0, 1),
      0,
    )
    .option('--json', 'print JSON with all figures')
    .option('--report <file>', 'also write a report as one HTML file');
}

export const simulateOptions = (words: readonly string[]): SimulateOptions =>
  withSimulateOptions(new Command())
    .parse([...words], { from: 'user' })
    .opts<SimulateOptions>();

function number(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function positive(text: string): number {
  const value = number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be above zero.');
  return value;
}

function notNegative(text: string): number {
  const value = number(text);
  if (value < 0) throw new InvalidArgumentError('It must not be below zero.');
  return value;
}

const within =
  (low: number, high: number) =>
  (text: string): number => {
    const value = number(text);
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be between ${low} and ${high}.`);
  };

const whole =
  (low: number, high: number) =>
  (text: string): number => {
    const value = within(low, high)(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError('It must be a whole number.');
  };

const DAYS_30_SECONDS = 30 * 86_400;

function seconds(text: string): number {
  const value = secondsIn(text);
  if (value <= DAYS_30_SECONDS) return value;
  throw new InvalidArgumentError('It must be a time of up to 30 days, such as 30s, 5m or 1h.');
}

function confidence(text: string): number | null {
  if (text.trim() === 'none') return null;
  const value = number(text);
  if (value > 0.5 && value < 1) return value;
  throw new InvalidArgumentError('It must be none, or between 0.5 and 1, such as 0.99.');
}

const list =
  <T>(each: (text: string) => T) =>
  (text: string): T[] => {
    const values = text.split(',').map((part) => each(part));
    if (new Set(values).size === values.length) return values;
    throw new InvalidArgumentError('It must not contain a value twice.');
  };
