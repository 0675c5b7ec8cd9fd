/** The accounts that a check reads, by what their certificates are worth at its market. */
import type { NotRead } from '../accounts/proved-accounts.ts';
import { MOVES } from '../margin/book/exposures.ts';
import {
  type ByMove,
  debtOfLines,
  liquidatedLines,
  roughDebtors,
} from '../margin/certificate/gauges.ts';
import { NOBODY } from '../margin/certificate/lines.ts';
import type { LiquidatedByMove } from '../margin/liquidation/cascade.ts';
import { addShockDebts, NO_SHOCK_DEBT } from '../margin/liquidation/shock-debt.ts';
import { asAmount } from '../margin/number/decimal.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { NO_EDITION } from './account-index.ts';
import type { CertifiedBook } from './certified-book.ts';

/** So few accounts are always read one by one. */
const FEW = 100;
/** A scan reads a larger share of the book faster. */
const SHARE_MAX = 0.1;

/** Without a certificate an account has its turn first: it may be called or liquidated. */
const FIRST = Number.NEGATIVE_INFINITY;

const READ = 1;
const PASSED_OVER = 2;

export class Reading {
  readonly accountIds: readonly string[];
  /** Accounts about which the certificates of the newest market say nothing. */
  unsaid = 0;
  /** Accounts that have no certificate, and have not changed. */
  uncertified = 0;
  private readonly book: CertifiedBook;
  private readonly snapshot: Snapshot;
  /** By account: the lowest bound, and READ or PASSED_OVER. */
  private readonly worst: Float64Array;
  private readonly read: Uint8Array;
  /** Accounts that are to be read unless they need no decision as they are remembered. */
  private remembered = 0;
  /** Read, although the book does not know them. */
  private readonly unknown = new Set<string>();

  /** @throws ScreenError if the arrays are damaged */
  constructor(
    book: CertifiedBook,
    of: { readonly snapshot: Snapshot; readonly inAnyCase: Iterable<string> },
  ) {
    this.book = book;
    this.snapshot = of.snapshot;
    const { index } = book;
    this.worst = new Float64Array(index.end).fill(Number.POSITIVE_INFINITY);
    this.read = new Uint8Array(index.end);
    this.markSuspects();
    for (const { screen } of book.all) {
      for (const number of roughDebtors(screen, of.snapshot)) this.mark(number, 0);
    }
    this.markUncertified();
    for (const accountId of new Set([...of.inAnyCase, ...book.unmet])) {
      const number = index.numberOf(accountId);
      if (number === undefined) this.unknown.add(accountId);
      else this.mark(number, FIRST);
    }
    this.accountIds = [...this.unknown, ...this.ranked()];
  }

  /** Whether the account was known when the check began to read. */
  knows(accountId: string): boolean {
    const number = this.book.index.numberOf(accountId);
    if (number === undefined) return this.unknown.has(accountId);
    return number < this.read.length || this.unknown.has(accountId);
  }

  isRead(number: number): boolean {
    return this.read[number] === READ;
  }

  /** It is decided about without being read. */
  passOver(accountId: string): void {
    const number = this.book.index.numberOf(accountId);
    if (number !== undefined) this.read[number] = PASSED_OVER;
  }

  isPassedOver(accountId: string): boolean {
    const number = this.book.index.numberOf(accountId);
    return number !== undefined && this.read[number] === PASSED_OVER;
  }

  /** Has these accounts read as well. */
  add(accountIds: Iterable<string>): void {
    for (const accountId of accountIds) {
      const number = this.book.index.numberOf(accountId);
      if (number !== undefined) this.read[number] = READ;
    }
  }

  /** Whether to read all of it at once is faster. */
  get isMost(): boolean {
    return this.isLarge(this.accountIds.length - this.remembered);
  }

  /** Whether most would be read for want of a certificate, whatever prices do. */
  get isMostUncertified(): boolean {
    return this.isLarge(this.uncertified);
  }

  private isLarge(accounts: number): boolean {
    return accounts > FEW && accounts > SHARE_MAX * this.book.index.size;
  }

  private mark(number: number, bound: number): void {
    this.read[number] = READ;
    if (bound < (this.worst[number] as number)) this.worst[number] = bound;
  }

  private markSuspects(): void {
    for (const edition of this.book.all) {
      edition.bounds = edition.screen.boundsAt(this.snapshot);
      const { account } = edition.screen.lines.of;
      for (let line = 0; line < edition.bounds.length; line++) {
        const bound = edition.bounds[line] as number;
        const own = account[line] as number;
        if (bound >= 0 || own === NOBODY) continue;
        this.mark(own, bound);
        if (Number.isNaN(bound) && edition === this.book.latest) this.unsaid++;
      }
    }
  }

  private markUncertified(): void {
    const { index } = this.book;
    const { isDirty, edition } = index.of;
    for (let number = 0; number < index.end; number++) {
      const accountId = index.idOf(number);
      if (accountId === undefined) continue;
      const hasNone = edition[number] === NO_EDITION;
      if (this.book.remembered.has(accountId)) this.remembered++;
      else if (hasNone && isDirty[number] === 0) this.uncertified++;
      if (hasNone || isDirty[number] === 1) this.mark(number, FIRST);
    }
  }

  /** Accounts in doubt for want of a price come last: nothing may be decided about them. */
  private ranked(): string[] {
    const { index } = this.book;
    const numbers: number[] = [];
    for (let number = 0; number < index.end; number++) {
      if (this.isRead(number)) numbers.push(number);
    }
    const worst = (number: number) => this.worst[number] as number;
    return numbers
      .sort((left, right) => (worst(left) < worst(right) ? -1 : Number(worst(left) > worst(right))))
      .flatMap((number) => index.idOf(number) ?? []);
  }

  notRead(): NotRead {
    const { index, all } = this.book;
    const isCounted = (number: number) => this.read[number] === 0;
    let [accounts, subAccounts] = [0, 0];
    for (let number = 0; number < this.read.length; number++) {
      if (index.idOf(number) === undefined || !isCounted(number)) continue;
      accounts++;
      subAccounts += index.of.lines[number] as number;
    }
    const liquidated: LiquidatedByMove[] = [];
    let debt = NO_SHOCK_DEBT;
    for (const { screen } of all) {
      liquidated.push(...exposuresOf(liquidatedLines(screen, this.snapshot, isCounted)));
      const { fall, rise } = debtOfLines(screen, this.snapshot, isCounted);
      if (fall > 0 || rise > 0) {
        debt = addShockDebts(debt, { fall: asAmount(fall), rise: asAmount(rise) });
      }
    }
    return { accounts, subAccounts, liquidated, debt };
  }
}

const exposuresOf = (sums: ReadonlyMap<string, ByMove>): LiquidatedByMove[] =>
  [...sums].flatMap(([market, notional]) =>
    MOVES.filter((move) => notional[move] > 0).map((move) => ({
      ...{ market, move, notional: asAmount(notional[move]) },
    })),
  );
