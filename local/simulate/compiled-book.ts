/**
 * All accounts of a book as flat arrays, which threads copy fast, with the prices at which each is
 * liquidated in order: a check looks at the next one on either side, and goes on only when it is
 * crossed.
 */
import type { CompiledAccount, Line } from './compile-account.ts';

/** Accounts by the price at which something happens to them: the first to be met, first. */
export interface Ladder {
  readonly accounts: Int32Array;
  readonly prices: Float64Array;
}

export interface LineMultipliers {
  /** ℓ, c, and the share of the call line above it at which a call is cured. */
  readonly liquidation: number;
  readonly call: number;
  readonly cureMargin: number;
}

export interface CompiledBook extends LineMultipliers {
  readonly size: number;
  /** Constant and slope of account i at 2i and 2i + 1. */
  readonly equity: Float64Array;
  readonly balance: Float64Array;
  /** Likewise; those of account i from maintenanceFrom[i] up to maintenanceFrom[i + 1]. */
  readonly maintenance: Float64Array;
  readonly maintenanceFrom: Int32Array;
  readonly closingCost: Float64Array;
  /** Below zero: short. */
  readonly notional: Float64Array;
  /** |dH/dx| at x = 1: a buffer is this much times x·Λ, where it meets no tier. */
  readonly bufferSlope: Float64Array;
  /** The prices between which an account is not liquidated when no buffer is held. */
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
  /** The same, in order: by x·(1 − Λ), highest first, and by x·(1 + Λ), lowest first. */
  readonly fallLiquidates: Ladder;
  readonly riseLiquidates: Ladder;
}

export function compiledBook(
  accounts: readonly CompiledAccount[],
  multipliers: LineMultipliers,
): CompiledBook {
  const lines = accounts.flatMap(({ maintenance }) => maintenance);
  let next = 0;
  const book = {
    ...multipliers,
    size: accounts.length,
    equity: flat(accounts.map(({ equity }) => equity)),
    balance: flat(accounts.map(({ balance }) => balance)),
    maintenance: flat(lines),
    maintenanceFrom: Int32Array.from(
      [0, ...accounts.map(({ maintenance }) => maintenance.length)],
      (length) => {
        next += length;
        return next;
      },
    ),
    closingCost: Float64Array.from(accounts, ({ closingCost }) => closingCost),
    notional: Float64Array.from(accounts, ({ notional }) => notional),
    lowest: Float64Array.from(accounts, ({ low }) => low),
    highest: Float64Array.from(accounts, ({ high }) => high),
    fallLiquidates: ladder(
      accounts.map(({ low }) => low),
      'highest first',
    ),
    riseLiquidates: ladder(
      accounts.map(({ high }) => high),
      'lowest first',
    ),
  };
  return { ...book, bufferSlope: bufferSlopes(book) };
}

const flat = (lines: readonly Line[]): Float64Array =>
  Float64Array.from(lines.flatMap(({ constant, slope }) => [constant, slope]));

/** Prices that cannot be met, from above or from below, are left out. */
export function ladder(prices: readonly number[], order: 'highest first' | 'lowest first'): Ladder {
  const sign = order === 'lowest first' ? 1 : -1;
  const accounts = [...prices.keys()]
    .filter((account) =>
      sign > 0 ? prices[account] !== Number.POSITIVE_INFINITY : prices[account] !== 0,
    )
    .sort((left, right) => sign * ((prices[left] as number) - (prices[right] as number)));
  return {
    accounts: Int32Array.from(accounts),
    prices: Float64Array.from(accounts, (account) => prices[account] as number),
  };
}

type Requirements = Pick<CompiledBook, 'maintenance' | 'maintenanceFrom'>;

/** MM of an account at x. */
export function maintenanceAt(book: Requirements, account: number, x: number): number {
  const { maintenance, maintenanceFrom } = book;
  const to = maintenanceFrom[account + 1] as number;
  let most = Number.NEGATIVE_INFINITY;
  for (let line = maintenanceFrom[account] as number; line < to; line++) {
    const height = (maintenance[2 * line] as number) + (maintenance[2 * line + 1] as number) * x;
    if (height > most) most = height;
  }
  return most;
}

export const heightAt = (lines: Float64Array, account: number, x: number): number =>
  (lines[2 * account] as number) + (lines[2 * account + 1] as number) * x;

type Surplus = Requirements & Pick<CompiledBook, 'balance' | 'liquidation'>;

/** H = B − ℓ·MM of an account at x: its surplus over the liquidation line without a buffer. */
export const surplusAt = (book: Surplus, account: number, x: number): number =>
  heightAt(book.balance, account, x) - book.liquidation * maintenanceAt(book, account, x);

/** H is concave: what it loses by the shock, it loses at one of the two ends. */
export const bufferedSurplusAt = (
  book: Surplus,
  account: number,
  { x, shock }: { readonly x: number; readonly shock: number },
): number =>
  Math.min(
    surplusAt(book, account, Math.max(0, x * (1 - shock))),
    surplusAt(book, account, x * (1 + shock)),
  );

/** So small a shock meets no tier but by chance, and leaves nine digits of the slope. */
const SMALL = 2 ** -20;

const bufferSlopes = (book: Surplus & { readonly size: number }): Float64Array =>
  Float64Array.from({ length: book.size }, (_, account) => {
    const lost =
      surplusAt(book, account, 1) - bufferedSurplusAt(book, account, { x: 1, shock: SMALL });
    return Math.max(0, lost / SMALL);
  });
