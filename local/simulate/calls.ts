/**
 * Margin calls along one path, opened and cured as the core decides. Nobody pays, so every cure is
 * a false call.
 */
import {
  bufferAt,
  type CompiledBook,
  callSurplusAt,
  maintenanceAt,
  type Shock,
} from './compiled-book.ts';
import type { Ladders } from './ladder.ts';

export interface Seen {
  x: number;
  shock: Shock;
  /** x·(1 − Λ) and x·(1 + Λ), each by its own Λ. */
  low: number;
  high: number;
}

type State = 0 | 1 | 2;
const NONE: State = 0;
const BY_FALL: State = 1;
const BY_RISE: State = 2;

export class Calls {
  opened = 0;
  cured = 0;
  private readonly book: CompiledBook;
  private readonly ladders: Ladders;
  private readonly isClosed: Uint8Array;
  private readonly states: Uint8Array;
  private open: number[] = [];
  /** No open call is cured before `low` reaches the first or `high` falls to the second. */
  private curableAbove = Number.POSITIVE_INFINITY;
  private curableBelow = Number.NEGATIVE_INFINITY;

  constructor(of: {
    readonly book: CompiledBook;
    readonly ladders: Ladders;
    /** By account: 1 once liquidated, which ends its call. */
    readonly isClosed: Uint8Array;
  }) {
    this.book = of.book;
    this.ladders = of.ladders;
    this.isClosed = of.isClosed;
    this.states = new Uint8Array(of.book.size);
  }

  look(seen: Seen): void {
    if (seen.low >= this.curableAbove || seen.high <= this.curableBelow) this.cure(seen);
    const { fallCalls: fall, riseCalls: rise } = this.ladders;
    for (let next = 0; next < fall.prices.length; next++) {
      if (!((fall.prices[next] as number) > seen.low)) break;
      this.openIfCalled(fall.accounts[next] as number, seen, BY_FALL);
    }
    for (let next = 0; next < rise.prices.length; next++) {
      if (!((rise.prices[next] as number) < seen.high)) break;
      this.openIfCalled(rise.accounts[next] as number, seen, BY_RISE);
    }
  }

  private openIfCalled(account: number, seen: Seen, by: State): void {
    if (this.states[account] !== NONE || this.isClosed[account]) return;
    if (callSurplusAt(this.book, account, seen) >= 0) return;
    this.states[account] = by;
    this.open.push(account);
    this.opened++;
    this.widen(account, by);
  }

  private widen(account: number, by: State): void {
    const { curedFrom, curedTo } = this.ladders;
    if (by === BY_FALL) {
      this.curableAbove = Math.min(this.curableAbove, curedFrom[account] as number);
    } else this.curableBelow = Math.max(this.curableBelow, curedTo[account] as number);
  }

  private cure(seen: Seen): void {
    const open = this.open;
    this.open = [];
    this.curableAbove = Number.POSITIVE_INFINITY;
    this.curableBelow = Number.NEGATIVE_INFINITY;
    for (const account of open) {
      const by = this.states[account] as State;
      if (this.isClosed[account]) continue;
      if (isCured(this.book, account, seen)) {
        this.states[account] = NONE;
        this.cured++;
        continue;
      }
      this.open.push(account);
      this.widen(account, by);
    }
  }
}

function isCured(book: CompiledBook, account: number, seen: Seen): boolean {
  const surplus = callSurplusAt(book, account, seen);
  if (surplus < 0) return false;
  const line = book.call * maintenanceAt(book, account, seen.x) + bufferAt(book, account, seen);
  return surplus >= book.cureMargin * line;
}
