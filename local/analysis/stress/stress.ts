/** All sub-accounts under common moves of all prices. */

import { bookFigures, isSafe } from '../../../lambda/margin/assess/assess.ts';
import type { SubAccount } from '../../../lambda/margin/book/account.ts';
import { chargedOn } from '../../../lambda/margin/book/add-ons.ts';
import type { Book } from '../../../lambda/margin/book/book.ts';
import { type BookResult, buildBook } from '../../../lambda/margin/book/build-book.ts';
import { equityAt, equityOf, shortfallOf } from '../../../lambda/margin/book/equity.ts';
import {
  type Amount,
  add,
  compare,
  isNegative,
  isZero,
  NO_AMOUNT,
  type Ratio,
} from '../../../lambda/margin/number/decimal.ts';
import type { Reason } from '../../../lambda/margin/number/reason.ts';
import {
  type Snapshot,
  type SnapshotInput,
  takeSnapshot,
} from '../../../lambda/margin/snapshot/snapshot.ts';
import { BadDebt } from './bad-debt.ts';
import { CommonMove } from './common-move.ts';
import { movedInput } from './moved-market.ts';
import { commonMultiples } from './multiples.ts';

export interface Named {
  readonly accountId: string;
  readonly position?: string | undefined;
}

export interface Shortfall extends Named {
  readonly shortfall: Amount;
}

/** In no sum: something needed is not known. */
export interface Unknown extends Named {
  readonly reasons: readonly Reason[];
}

const LARGEST_KEPT = 10;

export class MoveSum {
  readonly move: Ratio;
  badDebt = NO_AMOUNT;
  /** Sub-accounts with equity below 0. */
  deficits = 0;
  /** Largest first. */
  largest: readonly Shortfall[] = [];
  /** Sub-accounts below their liquidation line. */
  liquidations = 0;
  /** Notional by instrument, at the moved prices. */
  readonly liquidated = new Map<string, Amount>();

  constructor(move: Ratio) {
    this.move = move;
  }

  addShortfall(each: Shortfall): void {
    if (isZero(each.shortfall)) return;
    this.badDebt = add(this.badDebt, each.shortfall);
    this.deficits += 1;
    this.largest = [...this.largest, each].sort(byShortfall).slice(0, LARGEST_KEPT);
  }

  addLiquidation({ positions }: Book): void {
    this.liquidations += 1;
    for (const position of positions) {
      if (isZero(position.quantity)) continue;
      const { instrument } = position.terms;
      const before = this.liquidated.get(instrument) ?? NO_AMOUNT;
      this.liquidated.set(instrument, add(before, chargedOn(position).notionalOn.mark));
    }
  }
}

const byShortfall = (left: Shortfall, right: Shortfall): number =>
  compare(right.shortfall, left.shortfall);

interface Stressed {
  readonly common: CommonMove;
  readonly snapshot: Snapshot;
  readonly sum: MoveSum;
}

interface Laid {
  readonly ok: true;
  readonly now: Book;
  readonly moved: readonly Book[];
}

export class Stress {
  private readonly snapshot: Snapshot;
  private readonly stressed: readonly Stressed[];
  readonly badDebt = new BadDebt();
  readonly unknown: Unknown[] = [];
  /** Sub-accounts in every sum. */
  assessed = 0;

  constructor(input: SnapshotInput, moves: readonly Ratio[]) {
    const snapshot = takeSnapshot(input);
    this.snapshot = snapshot;
    this.stressed = moves.map((move) => {
      const common = new CommonMove(move);
      const multiples = commonMultiples(input.market, snapshot, common);
      const moved = takeSnapshot(movedInput(input, { snapshot, multiples }));
      return { common, snapshot: moved, sum: new MoveSum(move) };
    });
  }

  get moves(): readonly MoveSum[] {
    return this.stressed.map(({ sum }) => sum);
  }

  add(subAccount: SubAccount): void {
    const { account, isolated: position } = subAccount;
    const named = { accountId: account.accountId, position };
    const laid = this.laid(subAccount);
    if (laid.ok) this.addBooks(named, laid);
    else this.leaveOut(named, laid.reasons);
  }

  leaveOut(named: Named, reasons: readonly Reason[]): void {
    this.unknown.push({ ...named, reasons });
  }

  private laid(subAccount: SubAccount): Laid | Extract<BookResult, { ok: false }> {
    const now = buildBook(subAccount, this.snapshot);
    if (!now.ok) return now;
    const moved: Book[] = [];
    for (const { snapshot } of this.stressed) {
      const built = buildBook(subAccount, snapshot);
      if (!built.ok) return built;
      moved.push(built.book);
    }
    return { ok: true, now: now.book, moved };
  }

  private addBooks(named: Named, { now, moved }: Laid): void {
    this.assessed += 1;
    const equity = equityOf(now);
    this.badDebt.add(equity);
    for (const [index, { common, sum }] of this.stressed.entries()) {
      sum.addShortfall({ ...named, shortfall: shortfallOf(equityAt(equity, common)) });
      const book = moved[index] as Book;
      if (this.isBelowLine(book)) sum.addLiquidation(book);
    }
  }

  private isBelowLine(book: Book): boolean {
    const { policy } = this.snapshot;
    if (isSafe(book, policy)) return false;
    return isNegative(bookFigures(book, policy).surplus.liquidation.point);
  }
}
