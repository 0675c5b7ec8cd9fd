/** A book as flat arrays, which are fast to copy to threads. */
import type { CompiledAccount, Line } from './compile-account.ts';

export interface LineMultipliers {
  /** ℓ, c, and the share of the call line that the surplus must reach for a cure. */
  readonly liquidation: number;
  readonly call: number;
  readonly cureMargin: number;
}

export interface CompiledBook extends LineMultipliers {
  readonly size: number;
  /** Constant and slope of account i at 2i and 2i + 1. */
  readonly equity: Float64Array;
  readonly balance: Float64Array;
  /** Same layout; account i has the lines from maintenanceFrom[i] until maintenanceFrom[i + 1]. */
  readonly maintenance: Float64Array;
  readonly maintenanceFrom: Int32Array;
  readonly closingCost: Float64Array;
  /** Negative if short. */
  readonly notional: Float64Array;
}

export function compiledBook(
  accounts: readonly CompiledAccount[],
  multipliers: LineMultipliers,
): CompiledBook {
  const counts = accounts.map(({ maintenance }) => maintenance.length);
  let next = 0;
  return {
    ...multipliers,
    size: accounts.length,
    equity: flat(accounts.map(({ equity }) => equity)),
    balance: flat(accounts.map(({ balance }) => balance)),
    maintenance: flat(accounts.flatMap(({ maintenance }) => maintenance)),
    maintenanceFrom: Int32Array.from([0, ...counts], (count) => {
      next += count;
      return next;
    }),
    closingCost: Float64Array.from(accounts, ({ closingCost }) => closingCost),
    notional: Float64Array.from(accounts, ({ notional }) => notional),
  };
}

const flat = (lines: readonly Line[]): Float64Array =>
  Float64Array.from(lines.flatMap(({ constant, slope }) => [constant, slope]));

/** Raises both equity and margin balance. */
export function withCash(book: CompiledBook, cash: Float64Array): CompiledBook {
  const raised = (lines: Float64Array) =>
    lines.map((value, index) => (index % 2 === 0 ? value + (cash[index / 2] as number) : value));
  return { ...book, equity: raised(book.equity), balance: raised(book.balance) };
}

export const heightAt = (lines: Float64Array, account: number, x: number): number =>
  (lines[2 * account] as number) + (lines[2 * account + 1] as number) * x;

/** MM */
export function maintenanceAt(book: CompiledBook, account: number, x: number): number {
  const { maintenance, maintenanceFrom } = book;
  const to = maintenanceFrom[account + 1] as number;
  let most = Number.NEGATIVE_INFINITY;
  for (let line = maintenanceFrom[account] as number; line < to; line++) {
    most = Math.max(most, heightAt(maintenance, line, x));
  }
  return most;
}

/** H = B − ℓ·MM: surplus over the liquidation line, without a buffer. */
export const surplusAt = (book: CompiledBook, account: number, x: number): number =>
  heightAt(book.balance, account, x) - book.liquidation * maintenanceAt(book, account, x);

/** Λ for falls and for rises, as fractions. */
export interface Shock {
  readonly down: number;
  readonly up: number;
}

export const NO_SHOCK: Shock = { down: 0, up: 0 };

export interface Shocked {
  readonly x: number;
  readonly shock: Shock;
}

/** H is concave, so its largest loss under the shock is at an end. */
export const bufferedSurplusAt = (
  book: CompiledBook,
  account: number,
  { x, shock }: Shocked,
): number =>
  Math.min(
    surplusAt(book, account, Math.max(0, x * (1 - shock.down))),
    surplusAt(book, account, x * (1 + shock.up)),
  );

/** LB */
export const bufferAt = (book: CompiledBook, account: number, at: Shocked): number =>
  surplusAt(book, account, at.x) - bufferedSurplusAt(book, account, at);

/** B − c·MM − LB = (B − ℓ·MM − LB) − (c − ℓ)·MM */
export function callSurplusAt(book: CompiledBook, account: number, at: Shocked): number {
  const between = (book.call - book.liquidation) * maintenanceAt(book, account, at.x);
  return bufferedSurplusAt(book, account, at) - between;
}

/** Too small to meet a tier except by chance; leaves nine digits of a slope. */
const SMALL = 2 ** -20;

/** dH/dx per account at x = 1: a buffer is Λ times this, against falls if it is above 0. */
export const slopesOf = (book: CompiledBook): Float64Array =>
  Float64Array.from({ length: book.size }, (_, account) => {
    const at = (x: number) => surplusAt(book, account, x);
    const [fall, rise] = [at(1) - at(1 - SMALL), at(1 + SMALL) - at(1)];
    return (Math.abs(fall) > Math.abs(rise) ? fall : rise) / SMALL;
  });

export interface Exposures {
  /** USD: what falls and rises of the price are charged on. */
  readonly down: number;
  readonly up: number;
}

export const exposuresOf = (slopes: Float64Array): Exposures => ({
  down: slopes.reduce((sum, slope) => sum + Math.max(0, slope), 0),
  up: slopes.reduce((sum, slope) => sum + Math.max(0, -slope), 0),
});
