/**
 * Three invented populations. Leverage and equity are log-normal; medians:
 *
 *     retail       5× on 2,000 USD, at most 40×, 1 to 3 factors
 *     prime        1.5× on 5 million USD, at most 8×, 5 to 20 factors, long and short
 *     degenerate   20× on 2,000 USD, at most 45×, 1 or 2 factors
 *
 * A third has its collateral in coin. Nobody opens below the initial requirement and its buffer.
 */
import { bookFigures } from '../../../lambda/margin/assess/assess.ts';
import { type SubAccount, subAccounts } from '../../../lambda/margin/book/account.ts';
import type { Book } from '../../../lambda/margin/book/book.ts';
import { buildBook } from '../../../lambda/margin/book/build-book.ts';
import { add, approximately, subtract } from '../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { readAccount } from '../../../lambda/rows/read-account.ts';
import type { RandomStream } from '../../analysis/random.ts';
import type { AccountRow } from '../../aws/rows.ts';
import { FACTORS } from './factors.ts';
import { coinOf, type MarketNow, perpetualOf } from './market.ts';

export interface Population {
  readonly name: string;
  /** Its accounts, as a share of those asked for: large ones are fewer, and each takes longer. */
  readonly count: number;
  /** Notional ÷ equity, log-normal. */
  readonly leverage: { readonly median: number; readonly spread: number; readonly most: number };
  /** USD, log-normal. */
  readonly equity: { readonly median: number; readonly spread: number };
  readonly factors: { readonly fewest: number; readonly most: number };
  /** Share of positions that are long. */
  readonly long: number;
}

export const POPULATIONS: readonly Population[] = [
  {
    name: 'retail',
    count: 1,
    leverage: { median: 5, spread: 0.9, most: 40 },
    equity: { median: 2_000, spread: 1 },
    factors: { fewest: 1, most: 3 },
    long: 0.7,
  },
  {
    name: 'prime',
    count: 0.2,
    leverage: { median: 1.5, spread: 0.5, most: 8 },
    equity: { median: 5_000_000, spread: 1 },
    factors: { fewest: 5, most: 20 },
    long: 0.5,
  },
  {
    name: 'degenerate',
    count: 1,
    leverage: { median: 20, spread: 0.7, most: 45 },
    equity: { median: 2_000, spread: 1 },
    factors: { fewest: 1, most: 2 },
    long: 0.7,
  },
];

/** Share of accounts whose collateral is the coin of their first position. */
export const IN_COIN = 1 / 3;

export interface Opened extends AccountRows {
  readonly subAccount: SubAccount;
}

/** An account as it opens at a market. */
export function opened(
  accountId: string,
  of: Population,
  at: MarketNow & { readonly random: RandomStream },
): Opened {
  const drawn = drawnOf(of, at);
  const read = readRows(accountId, rowsOf(accountId, drawn));
  const missing = missingOf(bookOf(read.subAccount, at.snapshot), at.snapshot);
  if (missing <= 0) return read;
  return readRows(accountId, rowsOf(accountId, { ...drawn, dollars: drawn.dollars + missing }));
}

export function bookOf(subAccount: SubAccount, snapshot: Snapshot): Book {
  const built = buildBook(subAccount, snapshot);
  if (built.ok) return built.book;
  throw new Error(built.reasons.map(({ detail }) => detail).join('; '));
}

interface Held {
  readonly factor: number;
  readonly units: number;
  readonly entryPrice: number;
}

interface Drawn {
  readonly dollars: number;
  readonly coin?: Held;
  readonly positions: readonly Held[];
}

function drawnOf(of: Population, { random, prices }: MarketNow & { random: RandomStream }): Drawn {
  const equity = random.logNormal(of.equity.median, of.equity.spread);
  const { median, spread, most } = of.leverage;
  const notional = equity * Math.min(most, random.logNormal(median, spread));
  const factors = factorsOf(random, random.wholeBetween(of.factors.fewest, of.factors.most));
  const shares = factors.map(() => random.uniform());
  const all = shares.reduce((sum, share) => sum + share, 0);
  const held = (factor: number, value: number): Held => {
    const entryPrice = prices[factor]?.price ?? Number.NaN;
    return { factor, units: value / entryPrice, entryPrice };
  };
  const positions = factors.map((factor, index) => {
    const side = random.uniform() < of.long ? 1 : -1;
    return held(factor, (side * notional * (shares[index] as number)) / all);
  });
  if (random.uniform() >= IN_COIN) return { dollars: equity, positions };
  return { dollars: 0, coin: held(factors[0] as number, equity), positions };
}

/** Different ones, the popular first. */
function factorsOf(random: RandomStream, count: number): number[] {
  const factors = new Set<number>();
  while (factors.size < count) factors.add(Math.floor(FACTORS * random.uniform() ** 2));
  return [...factors];
}

function rowsOf(accountId: string, { dollars, coin, positions }: Drawn): AccountRow[] {
  const balance = (asset: string, amount: string) => ({
    ...{ accountId, item: `balance#${asset}`, asset, amount },
  });
  return [
    ...(dollars > 0 ? [balance('USD', dollars.toFixed(2))] : []),
    ...(coin ? [balance(coinOf(coin.factor), coin.units.toFixed(8))] : []),
    ...positions.map(({ factor, units, entryPrice }) => ({
      accountId,
      item: `position#${perpetualOf(factor)}`,
      instrument: perpetualOf(factor),
      quantity: units.toFixed(8),
      entryPrice: String(Number(entryPrice.toPrecision(9))),
    })),
  ];
}

function readRows(accountId: string, rows: readonly AccountRow[]): Opened {
  const reading = readAccount(accountId, rows);
  if (!reading.ok) throw new Error(reading.reasons.map(({ detail }) => detail).join('; '));
  const [subAccount] = subAccounts(reading.account);
  if (subAccount === undefined) throw new Error(`${accountId} holds nothing`);
  return { accountId, rows, subAccount };
}

/** In whole dollars, so that it suffices. */
function missingOf(book: Book, { policy }: Snapshot): number {
  const { initialRequirement, latencyBuffer, marginBalance } = bookFigures(book, policy);
  const required = add(initialRequirement, latencyBuffer);
  return Math.ceil(approximately(subtract(required, marginBalance.point)));
}
