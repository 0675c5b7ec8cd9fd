import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { SEED_MAX } from '../analysis/random.ts';
import { LEVERAGE_MAX } from './generated-book.ts';
import { GRID_DEFAULT } from './grid.ts';
import { BITCOIN } from './price-model.ts';
import type { Collateral } from './setup.ts';

export interface SimulateOptions {
  readonly book?: string;
  readonly factor?: string;
  readonly accounts: number;
  readonly leverage: number;
  readonly collateral: Collateral;
  readonly prices?: string;
  readonly model: 'jumps' | 'gaussian';
  readonly volatility?: number;
  readonly degrees?: number;
  readonly asymmetry?: number;
  readonly shockHalfLife?: number;
  readonly reversionHalfLife?: number;
  readonly jumpsPerYear?: number;
  readonly jumpMean?: number;
  readonly jumpDeviation?: number;
  readonly intervals: readonly number[];
  readonly confidences: readonly (number | null)[];
  readonly executions: readonly number[];
  readonly step?: number;
  readonly paths: number;
  readonly hours: number;
  readonly seed: number;
  readonly workers: number;
  readonly stressVolatility: number;
  readonly stressWeight: number;
  readonly volatilityFloor: number;
  readonly volatilityCap: number;
  readonly halfLife: number;
  readonly capitalRate: number;
  readonly fundFee: number;
  readonly json?: boolean;
  readonly report?: string;
}

export function withSimulateOptions(command: Command): Command {
  const { volatility, degrees, asymmetry, jumpsPerYear, jumpMean, jumpDeviation } = BITCOIN;
  return command
    .option('--book <file>', 'an assess document; by default a book is generated')
    .option('--factor <feed>', 'of the book: the price that moves; by default the one most held')
    .option('--accounts <number>', 'of the generated book', whole(1, 10_000), 500)
    .option('--leverage <times>', `its median, 1 to ${LEVERAGE_MAX}`, within(1, LEVERAGE_MAX), 6)
    .addOption(
      new Option(
        '--collateral <how>',
        'funded: each account holds its buffer on top of what it has',
      )
        .choices(['funded', 'given'])
        .default('funded'),
    )
    .option('--prices <file>', 'CSV of time and price (or close): fit the model to it')
    .addOption(
      new Option('--model <name>', 'gaussian: a random walk and nothing else')
        .choices(['jumps', 'gaussian'])
        .default('jumps'),
    )
    .option('--volatility <fraction>', `annual, without jumps (${volatility})`, positive)
    .option('--degrees <number>', `of the Student-t shocks, above 2 (${degrees})`, positive)
    .option('--asymmetry <fraction>', `more variance of a fall (${asymmetry})`, notNegative)
    .option('--shock-half-life <seconds>', 'variance takes up a shock (900)', positive)
    .option('--reversion-half-life <seconds>', 'and returns to its mean (21600)', positive)
    .option('--jumps-per-year <number>', `(${jumpsPerYear})`, notNegative)
    .option('--jump-mean <fraction>', `(${jumpMean})`, number)
    .option('--jump-deviation <fraction>', `(${jumpDeviation})`, notNegative)
    .option('--intervals <list>', 'such as 10s,1m,1h', list(seconds), GRID_DEFAULT.intervals)
    .option('--confidences <list>', 'none, 0.99, …', list(confidence), GRID_DEFAULT.confidences)
    .option('--executions <list>', 'such as 0s,30s', list(seconds), GRID_DEFAULT.executions)
    .option('--step <time>', 'of the price grid; by default the longest that fits', seconds)
    .option('--paths <number>', 'how many', whole(1, 1_000_000), 1000)
    .option('--hours <number>', 'of each path', whole(1, 24 * 365), 24)
    .option('--seed <number>', 'the same one gives the same result', whole(0, SEED_MAX), 1)
    .option('--workers <number>', 'threads', whole(1, 256), availableParallelism())
    .option('--stress-volatility <fraction>', 'blended into the one used', notNegative, 1)
    .option('--stress-weight <fraction>', 'how much of it', within(0, 1), 0.25)
    .option('--volatility-floor <fraction>', 'of the one used', notNegative, 0.3)
    .option('--volatility-cap <fraction>', 'of the one used', positive, 3)
    .option('--half-life <seconds>', 'of the checker’s own volatility', positive, 14_400)
    .option('--capital-rate <fraction>', 'cost of capital a year', positive, 0.1)
    .option('--fund-fee <fraction>', 'of what is liquidated, to the fund', within(0, 1), 0)
    .option('--json', 'print JSON with every figure')
    .option('--report <file>', 'write a report as one HTML file, too');
}

/** Options as `margin simulate` parses these words. */
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

const UNITS = { s: 1, m: 60, h: 3600 } as const;
const DAY_SECONDS = 86_400;

/** Accepts 90, 90s, 5m, 1h. */
function seconds(text: string): number {
  const [, digits, unit = 's'] = /^(\d{1,6})([smh]?)$/.exec(text.trim()) ?? [];
  const value = Number(digits ?? Number.NaN) * UNITS[(unit || 's') as keyof typeof UNITS];
  if (value <= DAY_SECONDS) return value;
  throw new InvalidArgumentError('It must be a time of up to a day, such as 30s, 5m or 1h.');
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
    throw new InvalidArgumentError('No value may stand there twice.');
  };
