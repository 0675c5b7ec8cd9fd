/** The book that lives through a crash, the prices of each check, and what the venue does with orders. */
import type { AccountRow, MarketRow } from '../../local/aws/rows.ts';
import { benchAccount, benchMarket } from '../../local/bench/book.ts';
import { timeCell } from '../../local/history/cells.ts';
import { at } from '../../local/history/price-history.ts';
import { readHistory } from '../../local/history/read-history.ts';

/** The price of each check, as a multiple of the first. */
export interface Path {
  /** Base asset of the market that moves; absent: all of the benchmark's. */
  readonly asset?: string;
  readonly price: number;
  readonly multiples: readonly number[];
}

/** @param fall in all, in equal steps */
export const evenFall = (fall: number, checks: number): Path => ({
  price: 1,
  multiples: Array.from({ length: checks }, (_, index) => 1 - (fall * (index + 1)) / checks),
});

/**
 * Closing prices of the minutes from a time on.
 * @param from ISO 8601 or epoch seconds
 * @throws Error unless the file has them
 */
export async function pathIn(
  file: string,
  { asset, from, minutes }: { asset: string; from: string; minutes: number },
): Promise<Path> {
  const { spans } = await readHistory(file);
  const first = spans.start.indexOf(timeCell(from));
  const isThere = first >= 0 && first + minutes <= spans.close.length;
  if (!isThere) throw new Error(`${file} has no ${minutes} minutes from ${from} on`);
  const price = at(spans.open, first);
  const closes = Array.from(spans.close.subarray(first, first + minutes));
  return { asset, price, multiples: closes.map((close) => close / price) };
}

/** Half are long. The poorest cannot pay for a fall of 5 %, and one in ten of all not for 20 %. */
const COLLATERAL = { least: 700, step: 8 };
/** Positions in BTC become positions of the same worth. */
const BTC_PRICE = 6092.44;

export class CrashBook {
  private readonly path: Path;
  private readonly holders: number;

  /** @param holders one account in so many holds the asset of the path */
  constructor(path: Path, holders: number) {
    this.path = path;
    this.holders = holders;
  }

  account(index: number): AccountRow[] {
    const amount = String(COLLATERAL.least + COLLATERAL.step * ((index * 997) % 1400));
    const rows = benchAccount(index).map((row) =>
      row.asset === 'USDC' ? { ...row, amount } : row,
    );
    const { asset, price } = this.path;
    // Long and short holders both: the side of the benchmark's positions goes by even and odd.
    if (asset === undefined || Math.floor(index / 2) % this.holders !== 0) return rows;
    const ratio = BTC_PRICE / price;
    return rows.map((row) =>
      row.instrument === 'BTC-PERP'
        ? {
            ...row,
            item: `position#${asset}-PERP`,
            instrument: `${asset}-PERP`,
            quantity: (Number(row.quantity) * ratio).toFixed(3),
            entryPrice: String(price),
          }
        : row,
    );
  }

  /** The rows that are left once a venue has closed all positions at these prices. */
  closed(rows: readonly AccountRow[], multiple: number): AccountRow[] {
    const profit = rows.reduce((sum, row) => {
      const [name = ''] = String(row.instrument ?? '').split('-');
      if (name === '') return sum;
      const gain = this.priceOf(name, multiple) - Number(row.entryPrice);
      return sum + gain * Number(row.quantity);
    }, 0);
    const [{ accountId = '' } = {}] = rows;
    const cash = { accountId, item: 'balance#USD', asset: 'USD', amount: profit.toFixed(2) };
    return [...rows.filter(({ instrument }) => instrument === undefined), cash];
  }

  private priceOf(name: string, multiple: number): number {
    const { asset, price } = this.path;
    if (name === asset) return price * multiple;
    const id = `${name}-USD#venue`;
    const quoted = Number(benchMarket().find((row) => row.id === id)?.price);
    return asset === undefined && name !== 'USDC' ? quoted * multiple : quoted;
  }

  market(): MarketRow[] {
    const rows = benchMarket().filter(({ kind }) => kind !== 'quote');
    const enforced = rows.map((row) => (row.kind === 'policy' ? { ...row, mode: 'enforce' } : row));
    const { asset } = this.path;
    if (asset === undefined) return enforced;
    const renamed = (row: MarketRow): MarketRow =>
      JSON.parse(JSON.stringify(row).replaceAll('BTC', asset)) as MarketRow;
    return [...enforced, ...enforced.filter(({ id }) => String(id).startsWith('BTC')).map(renamed)];
  }

  /** Two sources, so that no price is in doubt. */
  quotes(multiple: number, now: number): MarketRow[] {
    const { asset } = this.path;
    const names = ['BTC', 'ETH', 'USDC', ...(asset === undefined ? [] : [asset])];
    return names.flatMap((name) =>
      ['one', 'other'].map((source) => ({
        kind: 'quote',
        id: `${name}-USD#${source}`,
        price: this.priceOf(name, multiple).toFixed(4),
        publishedAt: String(now - 1_000),
      })),
    );
  }
}
