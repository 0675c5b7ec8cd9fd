/**
 * Accounts that an order plan may be due for wait here until the scan has ended: then the worst has
 * the first call on the room in the markets. Little of each is kept, as there may be very many: its
 * rows as text, what it is ranked by, and its case as read. It is assessed again when its turn comes,
 * from the same rows, and so with the same result.
 */

import type { CaseState } from '../margin/case/case.ts';
import { mayOrder } from '../margin/case/decide.ts';
import { positionsNotional, type Rank, worstFirst } from '../margin/liquidation/queue.ts';
import type { Found } from '../outbox/case-subject.ts';
import type { StoredCase } from '../outbox/stored-case.ts';
import { parseExactJson } from '../rows/numeral.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import {
  type AccountMatter,
  accountDecision,
  type CheckContext,
  caseKey,
  caseStateOf,
} from './account-case.ts';
import { assessOne, type Subject } from './assess-account.ts';

/** Accounts whose cases are written and published together: few, as a lot is decided in one go. */
const LOT = 64;

interface Waiting extends Rank {
  readonly accountId: string;
  /** JSON: a third of what they take as objects. */
  readonly rows: string;
  readonly position: string | undefined;
  /** Whether it is among the accounts that the check has read. */
  readonly isCounted: boolean;
  readonly stored: StoredCase | undefined;
}

export class LiquidationQueue {
  private readonly context: CheckContext;
  private waiting: Waiting[] = [];

  constructor(context: CheckContext) {
    this.context = context;
  }

  /** @returns whether it waits: no plan can be due for the others. */
  offer({ matter, stored }: Found<AccountMatter>): boolean {
    const { subject, account, accountId } = matter;
    const rank = this.rankOf(subject, stored);
    if (rank === undefined) return false;
    this.waiting.push({
      ...rank,
      accountId: account.accountId,
      rows: JSON.stringify(account.rows),
      position: subject.position,
      isCounted: accountId !== undefined,
      stored,
    });
    return true;
  }

  private rankOf(subject: Subject, stored: StoredCase | undefined): Rank | undefined {
    const { key, outcome, subAccount } = subject;
    const { snapshot } = this.context;
    if (subAccount === undefined || outcome.certainty === 'indeterminate') return undefined;
    const state = readableState(stored);
    if (state === undefined || !mayOrder(outcome, state, snapshot)) return undefined;
    return {
      key,
      surplus: outcome.surplus.liquidation.point,
      line: outcome.lines.liquidation,
      notional: positionsNotional(subAccount, snapshot),
      waitingSince: state.open?.waitingSince,
    };
  }

  /** All that wait, worst first, some at a time; then nobody waits any more. */
  *lots(): Generator<Found[]> {
    const { snapshot } = this.context;
    const ranked = worstFirst(this.waiting, snapshot);
    this.waiting = [];
    for (let from = 0; from < ranked.length; from += LOT) {
      yield ranked.slice(from, from + LOT).map((each) => this.foundAgain(each));
    }
  }

  private foundAgain(waiting: Waiting): Found {
    const { accountId, rows, position, isCounted, stored } = waiting;
    const { context } = this;
    const account = { accountId, rows: parseExactJson(rows) as AccountRows['rows'] };
    const assessed = () => assessOne(account, { position, snapshot: context.snapshot });
    const matter = {
      key: caseKey(accountId, position),
      accountId: isCounted ? accountId : undefined,
      decide: accountDecision(account, { context, assessed }),
    };
    return { matter, stored };
  }
}

/** One that cannot be read fails when it is decided on, and is counted then. */
export function readableState(stored: StoredCase | undefined): CaseState | undefined {
  try {
    return caseStateOf(stored);
  } catch {
    return undefined;
  }
}
