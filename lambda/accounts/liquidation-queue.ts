/** Accounts wait here for the end of the scan; then the worst uses market capacity first. */
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

/** Cases written and published together; small, because a lot is decided without a pause. */
const LOT = 64;

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
  private waiting: Waiting[] = [];

  constructor(context: CheckContext, keptMax = KEPT_MAX) {
    this.context = context;
    this.keptMax = keptMax;
  }

  /** @returns whether its plan is due, so that it waits */
  offer(subject: AccountSubject): boolean {
    const state = readableCaseState(subject.stored);
    const rank = state && this.rankOf(subject.assessed, state);
    if (rank === undefined) return false;
    const isKept = this.waiting.length < this.keptMax;
    this.waiting.push({ ...rank, subject: isKept ? this.kept(subject) : this.again(subject) });
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
    const ranked = worstFirst(this.waiting, this.context.snapshot);
    this.waiting = [];
    for (let from = 0; from < ranked.length; from += LOT) {
      yield ranked.slice(from, from + LOT).map(({ subject }) => subject);
    }
  }
}
