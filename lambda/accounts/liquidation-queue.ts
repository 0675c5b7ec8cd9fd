/**
 * Accounts whose plan is due wait here for the end of the scan; then the worst uses market capacity
 * first. Accounts that were read with them wait until the orders have left.
 */
import type { CaseState } from '../margin/case/case.ts';
import { liquidationDue } from '../margin/case/liquidation-due.ts';
import { positionsNotional, type Rank, worstFirst } from '../margin/liquidation/queue.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
import { rowsBehind } from '../record/evidence.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import {
  type AccountSubject,
  accountSubject,
  type CheckContext,
  readableCaseState,
} from './account-case.ts';
import { type AssessedSubAccount, assessAccount } from './assess-account.ts';
import { dueAt } from './decision.ts';

/**
 * Cases written and published together: whole batches of SNS; few, because a lot is decided without
 * a pause.
 */
const LOT = 60;

/**
 * Assessments kept, about 7 kB each. All accounts may be due at once: the others keep their rows, a
 * tenth of that, and are assessed again at their turn, with the same result.
 */
const KEPT_MAX = 20_000;

/** A sub-account whose plan is due. */
export interface QueuedSubject extends CaseSubject {
  readonly account: AccountRows;
  /** By the context's stopwatch; the rows were read before. */
  readonly readAt: number;
  decide: AccountSubject['decide'];
}

interface Waiting extends Rank {
  readonly subject: QueuedSubject;
}

export class LiquidationQueue {
  private readonly context: CheckContext;
  private readonly keptMax: number;
  private readonly first: ReadonlySet<string>;
  private waiting: Waiting[] = [];
  private held: QueuedSubject[] = [];

  /** @param first accounts that the check before had found and not reached */
  constructor(context: CheckContext, first: ReadonlySet<string> = new Set(), keptMax = KEPT_MAX) {
    this.context = context;
    this.first = first;
    this.keptMax = keptMax;
  }

  get size(): number {
    return this.waiting.length;
  }

  /** No plan is due; it waits until the orders have left. */
  hold(subject: AccountSubject): void {
    this.held.push(this.waitingSubject(subject));
  }

  *heldLots(): Generator<QueuedSubject[]> {
    const { held } = this;
    this.held = [];
    yield* lotsOf(held);
  }

  private waitingSubject(subject: AccountSubject): QueuedSubject {
    const isKept = this.waiting.length + this.held.length < this.keptMax;
    return isKept ? this.kept(subject) : this.again(subject);
  }

  /** @returns whether its plan is due, so that it waits */
  offer(subject: AccountSubject): boolean {
    const state = readableCaseState(subject.stored);
    const rank = state && this.rankOf(subject.assessed, state);
    if (rank === undefined) return false;
    this.waiting.push({ ...rank, subject: this.waitingSubject(subject) });
    return true;
  }

  private rankOf(assessed: AssessedSubAccount, state: CaseState): Rank | undefined {
    const { name, outcome, subAccount } = assessed;
    const { snapshot } = this.context;
    if (subAccount === undefined || outcome.certainty === 'indeterminate') return undefined;
    if (!liquidationDue(outcome, state, dueAt(assessed, { snapshot }))) return undefined;
    return {
      key: name,
      surplus: outcome.surplus.liquidation.point,
      line: outcome.lines.liquidation,
      notional: positionsNotional(subAccount, snapshot),
      waitingSince: state.open?.waitingSince,
    };
  }

  /** The planner builds its own book; the large one is dropped. */
  private kept({ account, assessed, accountId, stored }: AccountSubject): QueuedSubject {
    const subject = accountSubject(account, { ...assessed, book: undefined }, this.context);
    return { ...subject, accountId, stored, readAt: this.context.stopwatch.now() };
  }

  /** Assesses when it decides, so that a failure counts for this account alone. */
  private again({ key, account, assessed, accountId, stored }: AccountSubject): QueuedSubject {
    const { position } = assessed;
    const { context } = this;
    const isolated = position === undefined ? [] : [position];
    return {
      key,
      account,
      accountId,
      stored,
      readAt: context.stopwatch.now(),
      decide: (now, latest) => {
        const all = assessAccount(rowsBehind(account, position), context.snapshot, isolated);
        const found = all.find((each) => each.position === position);
        if (found === undefined)
          throw new Error(`${account.accountId}: no sub-account ${position}`);
        return accountSubject(account, found, context).decide(now, latest);
      },
    };
  }

  *lots(): Generator<QueuedSubject[]> {
    const ranked = worstFirst(this.waiting, this.context.snapshot).map(({ subject }) => subject);
    this.waiting = [];
    const isFirst = ({ account }: QueuedSubject) => this.first.has(account.accountId);
    yield* lotsOf([...ranked.filter(isFirst), ...ranked.filter((each) => !isFirst(each))]);
  }
}

function* lotsOf(subjects: readonly QueuedSubject[]): Generator<QueuedSubject[]> {
  for (let from = 0; from < subjects.length; from += LOT) yield subjects.slice(from, from + LOT);
}
