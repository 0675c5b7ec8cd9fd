/**
 * The insurance fund's ledger: a balance that is never below 0, and an entry for each change. A
 * meter is the running total of a source's payments. An entry books the difference to the last
 * total, so nothing is booked twice or missed.
 */
import {
  type Amount,
  add,
  isNegative,
  isPositive,
  isZero,
  NO_AMOUNT,
  negate,
  subtract,
} from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';

export interface Ledger {
  /** Σ of the entries. */
  readonly balance: Amount;
  /** The last entry. */
  readonly sequence: number;
  /** Losses shared so far. */
  readonly losses: number;
  /** By source: the last total. */
  readonly readings: ReadonlyMap<string, Amount>;
}

export const NO_LEDGER: Ledger = {
  balance: NO_AMOUNT,
  sequence: 0,
  losses: 0,
  readings: new Map(),
};

export interface Entry {
  readonly sequence: number;
  /** Negative for a payment out. */
  readonly amount: Amount;
  readonly balance: Amount;
}

export interface MeterEntry extends Entry {
  readonly source: string;
}

export interface MeterBooking {
  readonly next: Ledger;
  readonly entries: readonly MeterEntry[];
  /** Meters that fell by more than the balance; nothing of that is booked. */
  readonly refused: readonly Reason[];
}

/**
 * Rises first, so that what one source moves to another is there. Each half by source.
 * @param most meters to book; the rest wait.
 */
export function bookMeters(
  ledger: Ledger,
  totals: ReadonlyMap<string, Amount>,
  { most }: { readonly most: number },
): MeterBooking {
  const moved = [...totals]
    .map(([source, total]) => ({ source, total, amount: movedBy(ledger, source, total) }))
    .filter(({ amount }) => !isZero(amount))
    .sort((left, right) => (left.source < right.source ? -1 : 1));
  const rises = moved.filter(({ amount }) => isPositive(amount));
  const falls = moved.filter(({ amount }) => isNegative(amount));
  let next = ledger;
  const entries: MeterEntry[] = [];
  const refused: Reason[] = [];
  for (const { source, total, amount } of [...rises, ...falls]) {
    const balance = add(next.balance, amount);
    if (isNegative(balance)) {
      refused.push(overdrawn(source));
      continue;
    }
    if (entries.length === most) break;
    const sequence = next.sequence + 1;
    const readings = new Map([...next.readings, [source, total]]);
    next = { ...next, balance, sequence, readings };
    entries.push({ sequence, source, amount, balance });
  }
  return { next, entries, refused };
}

const movedBy = ({ readings }: Ledger, source: string, total: Amount): Amount =>
  subtract(total, readings.get(source) ?? NO_AMOUNT);

function overdrawn(source: string): Reason {
  const subject = `market fund/${source}`;
  const detail =
    `${subject}: its total fell by more than the insurance fund holds. The fall is not booked until ` +
    'the total is raised again, or the missing amount is paid into the fund';
  return { code: 'fund-overdrawn', subject, detail };
}

/** A draw of 0 makes no entry. */
export function bookDraws(ledger: Ledger, drawn: readonly Amount[]) {
  let next = ledger;
  const entries = drawn.map((amount): Entry | undefined => {
    if (isZero(amount)) return undefined;
    const balance = subtract(next.balance, amount);
    const sequence = next.sequence + 1;
    next = { ...next, balance, sequence };
    return { sequence, amount: negate(amount), balance };
  });
  return { next, entries };
}
