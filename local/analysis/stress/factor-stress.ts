/**
 * All sub-accounts before and after moves of single risk factors. Both times they are assessed as a
 * check assesses them, with its uncertainty, its doubt and its buffer; after the moves at the moved
 * quotes.
 */
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { type Assessment, isSafe, type Outcome } from '../../../lambda/margin/assess/assess.ts';
import type { Level } from '../../../lambda/margin/assess/verdict.ts';
import { subAccounts } from '../../../lambda/margin/book/account.ts';
import { chargedOn } from '../../../lambda/margin/book/add-ons.ts';
import type { Book } from '../../../lambda/margin/book/book.ts';
import { buildBook } from '../../../lambda/margin/book/build-book.ts';
import { shortfallOf } from '../../../lambda/margin/book/equity.ts';
import { amountDue } from '../../../lambda/margin/case/amounts.ts';
import {
  type Amount,
  add,
  compare,
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
import { computed } from '../../../lambda/margin/statistics/computed.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { readAccount } from '../../../lambda/rows/read-account.ts';
import { movedInput } from './moved-market.ts';
import { factorMultiples } from './multiples.ts';
import type { Named } from './stress.ts';
import { Worst } from './worst.ts';

export type Standing = Level | 'indeterminate';

export const STANDINGS = ['deficit', 'liquidation', 'call', 'healthy', 'indeterminate'] as const;

interface Moved extends Named {
  readonly before: Standing;
}

/** Not healthy after the moves. Amounts are those after them. */
export interface Breached extends Moved {
  readonly after: Exclude<Level, 'healthy'>;
  readonly certainty: Assessment['certainty'];
  readonly isLiquidationWithheld: boolean;
  readonly equity: Amount;
  /** Over the liquidation line. */
  readonly surplus: Amount;
  /** What would restore it. */
  readonly amountDue: Amount;
  /** 0 unless equity is negative. */
  readonly shortfall: Amount;
}

export interface Undecided extends Moved {
  readonly reasons: readonly Reason[];
}

type Counts = Record<Standing, number>;

const noCounts = (): Counts => ({
  deficit: 0,
  liquidation: 0,
  call: 0,
  healthy: 0,
  indeterminate: 0,
});

export interface FactorStressInput {
  readonly input: SnapshotInput;
  /** By factor. */
  readonly moves: ReadonlyMap<string, Ratio>;
  /** The most accounts kept by name, per level. */
  readonly limit: number;
}

export class FactorStress {
  private readonly now: Snapshot;
  private readonly moved: Snapshot;
  /** Sub-accounts. */
  readonly before = noCounts();
  readonly after = noCounts();
  /** Sub-accounts that the moves bring to a level, or out of sight. */
  readonly newly = noCounts();
  readonly worst: Readonly<Record<Breached['after'], Worst<Breached>>>;
  readonly undecided: Worst<Undecided>;
  shortfall = NO_AMOUNT;
  amountDue = NO_AMOUNT;
  /** Notional of the sub-accounts to be liquidated, by instrument, at the moved prices. */
  readonly liquidated = new Map<string, Amount>();

  constructor({ input, moves, limit }: FactorStressInput) {
    this.now = takeSnapshot(input);
    const multiples = factorMultiples(input.market, moves);
    this.moved = takeSnapshot(movedInput(input, { snapshot: this.now, multiples }));
    this.worst = {
      deficit: new Worst(
        limit,
        by(({ shortfall }) => shortfall, 'largest'),
      ),
      liquidation: new Worst(
        limit,
        by(({ surplus }) => surplus, 'smallest'),
      ),
      call: new Worst(
        limit,
        by(({ amountDue }) => amountDue, 'largest'),
      ),
    };
    this.undecided = new Worst(limit, byNews);
  }

  /** The price of a feed now, if it has one. */
  priceOf(factor: string) {
    const price = this.now.feeds.get(factor)?.price;
    return price?.ok ? price.value.price : undefined;
  }

  add(account: AccountRows): void {
    if (this.addSafe(account)) return;
    const before = assessAccount(account, this.now);
    const standings = new Map(before.map(({ name, outcome }) => [name, standingOf(outcome)]));
    for (const { name, accountId, position, outcome, book } of assessAccount(account, this.moved)) {
      const was = standings.get(name) ?? 'indeterminate';
      this.count(was, standingOf(outcome));
      const named = { accountId, position, before: was };
      if (outcome.certainty === 'indeterminate') {
        this.undecided.add({ ...named, reasons: outcome.reasons });
      } else if (outcome.level !== 'healthy') this.addBreached(named, outcome, book);
    }
  }

  private count(before: Standing, after: Standing): void {
    this.before[before] += 1;
    this.after[after] += 1;
    if (before !== after) this.newly[after] += 1;
  }

  /** Most accounts of a book: healthy for certain before and after, for half the work. */
  private addSafe({ accountId, rows }: AccountRows): boolean {
    const read = readAccount(accountId, rows);
    if (!read.ok) return false;
    const held = subAccounts(read.account);
    const isSafeIn = (snapshot: Snapshot) =>
      held.every((each) => {
        const built = buildBook(each, snapshot);
        return built.ok && isSafe(built.book, snapshot.policy);
      });
    const areSafe = computed(
      () => isSafeIn(this.moved) && isSafeIn(this.now),
      () => false,
    );
    if (areSafe) for (const _ of held) this.count('healthy', 'healthy');
    return areSafe;
  }

  private addBreached(named: Moved, outcome: Assessment, book: Book | undefined): void {
    const { level, certainty, isLiquidationWithheld, equity, surplus } = outcome;
    if (level === 'healthy') return;
    const shortfall = shortfallOf(equity.point);
    const due = amountDue(outcome, this.moved.policy);
    this.shortfall = add(this.shortfall, shortfall);
    this.amountDue = add(this.amountDue, due);
    if (level !== 'call' && book !== undefined) this.addLiquidated(book);
    this.worst[level].add({
      ...named,
      after: level,
      certainty,
      isLiquidationWithheld,
      equity: equity.point,
      surplus: surplus.liquidation.point,
      amountDue: due,
      shortfall,
    });
  }

  private addLiquidated({ positions }: Book): void {
    for (const position of positions) {
      if (isZero(position.quantity)) continue;
      const { instrument } = position.terms;
      const before = this.liquidated.get(instrument) ?? NO_AMOUNT;
      this.liquidated.set(instrument, add(before, chargedOn(position).notionalOn.mark));
    }
  }
}

const standingOf = (outcome: Outcome): Standing =>
  outcome.certainty === 'indeterminate' ? outcome.certainty : outcome.level;

const nameOrder = (left: Named, right: Named): number => {
  const [one, other] = [left, right].map((each) => `${each.accountId}#${each.position ?? ''}`);
  return (one as string) < (other as string) ? -1 : 1;
};

const by =
  (measure: (each: Breached) => Amount, first: 'largest' | 'smallest') =>
  (left: Breached, right: Breached): number =>
    (first === 'largest' ? -1 : 1) * compare(measure(left), measure(right)) ||
    nameOrder(left, right);

/** Those that the moves made indeterminate first. */
const byNews = (left: Undecided, right: Undecided): number => {
  const isOld = ({ before }: Undecided) => Number(before === 'indeterminate');
  return isOld(left) - isOld(right) || nameOrder(left, right);
};
