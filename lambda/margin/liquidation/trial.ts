/** A sub-account after a plan's orders, filled at the mark or with costs. */

import { type MarginFigures, marginFiguresOf } from '../assess/assess.ts';
import type { SubAccount } from '../book/account.ts';
import type { Book } from '../book/book.ts';
import { buildBook } from '../book/build-book.ts';
import { withoutOrders } from '../book/trade.ts';
import type { Policy } from '../market/policy.ts';
import {
  type Amount,
  add,
  isNegative,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  type Ratio,
  subtract,
  times,
  UNIT_PRICE,
  worth,
} from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Closed, type FilledAt, NOTHING_CLOSED } from './closed.ts';
import { liabilitiesOf, lossesOf } from './exit-buffer.ts';
import { filled, withEarned } from './fill.ts';
import { latencyBufferOf } from './part-figures.ts';
import { type PartsAfter, PartTrial } from './part-trial.ts';

export interface Tried {
  /** `targetOf` + LB */
  readonly required: Amount;
  /** S = required − B */
  readonly shortfall: Amount;
  /** S + band·MM: below 0 the plan does more than needed. */
  readonly shortOfBand: Amount;
  /** In the numeraire, to buy back loans. */
  readonly cash: Amount;
}

export class Trial {
  private readonly subAccount: SubAccount;
  private readonly snapshot: Snapshot;
  private readonly isWhole: boolean;
  private untouched: Tried | undefined;
  private found: Book | undefined;
  /** Left to later plans. */
  private later: Amount = NO_AMOUNT;
  /** Once asked for. */
  private losses: Amount | undefined;
  private split: PartTrial | undefined | 'unknown' = 'unknown';

  /**
   * Cancels open orders.
   * @param isWhole whether each trial builds the whole book, which takes longer
   */
  constructor(subAccount: SubAccount, snapshot: Snapshot, isWhole = false) {
    this.subAccount = withoutOrders(subAccount);
    this.snapshot = snapshot;
    this.isWhole = isWhole;
  }

  /** @param isJoint whether all risk factors are closed together, for a measurement */
  after(closed: Closed, at: FilledAt, isJoint = false): Tried {
    if (closed.size === 0) {
      this.untouched ??= this.computed(this.subAccount, this.book);
      return this.untouched;
    }
    const parts = this.isWhole ? undefined : this.parts?.after(closed, { at, isJoint });
    return parts === undefined ? this.wholeAfter(closed, at) : this.summed(parts);
  }

  /** From now on a plan is to remove only this share of what is missing. */
  aimFor(share: Ratio): void {
    const { shortfall } = this.after(NOTHING_CLOSED, 'cost');
    if (isPositive(shortfall)) this.leave(subtract(shortfall, times(shortfall, share)));
  }

  /** From now on so much of what is missing is left to later plans. */
  leave(later: Amount): void {
    this.later = later;
    this.untouched = undefined;
  }

  /** On the whole book. */
  wholeAfter(closed: Closed, at: FilledAt): Tried {
    const after = this.filled(closed, at);
    return this.computed(after, this.bookOf(after));
  }

  filled(closed: Closed, at: FilledAt): SubAccount {
    const { subAccount, snapshot } = this;
    const { positions, earned } = filled(subAccount, { closed, at, snapshot });
    return withEarned({ ...subAccount, positions }, earned, snapshot);
  }

  private get parts(): PartTrial | undefined {
    if (this.split === 'unknown') {
      const { snapshot } = this;
      const bookOf = (rows: SubAccount) => this.bookOf(rows);
      this.split = PartTrial.of(this.subAccount, { snapshot, bookOf });
    }
    return this.split;
  }

  private summed({ figures, common }: PartsAfter): Tried {
    const { policy } = this.snapshot;
    return triedOf(
      {
        marginBalance: figures.total.balance,
        initialRequirement: figures.total.initial,
        maintenanceRequirement: figures.total.maintenance,
        latencyBuffer: latencyBufferOf(figures, policy),
      },
      this.beyond(cashOf(common, policy.numeraire), figures.liabilities),
    );
  }

  private computed(after: SubAccount, book: Book): Tried {
    const { policy } = this.snapshot;
    const cash = cashOf(after, policy.numeraire);
    const buffered = policy.liquidationExitBuffer === undefined ? NO_AMOUNT : liabilitiesOf(book);
    return triedOf(marginFiguresOf(book, policy), this.beyond(cash, buffered));
  }

  /** With a debt in the numeraire, which is no holding, and the losses before the plan. */
  private beyond(cash: Amount, liabilities: Amount): Beyond {
    const { policy } = this.snapshot;
    const share = policy.liquidationExitBuffer;
    if (share === undefined) return { policy, cash, exit: negate(this.later) };
    this.losses ??= lossesOf(this.subAccount, this.snapshot);
    const owed = isNegative(cash) ? subtract(liabilities, cash) : liabilities;
    return { policy, cash, exit: subtract(times(add(owed, this.losses), share), this.later) };
  }

  get book(): Book {
    this.found ??= this.bookOf(this.subAccount);
    return this.found;
  }

  /** Closing in one risk factor may count for less, or more, in another. */
  get isJoint(): boolean {
    return !isZero(this.snapshot.policy.jointShockWeight) || this.book.crosses.length > 0;
  }

  private bookOf(subAccount: SubAccount): Book {
    const built = buildBook(subAccount, this.snapshot);
    if (built.ok) return built.book;
    throw new Error(`${subAccount.account.accountId}: no plan, as its book cannot be built`);
  }
}

type Lines = Omit<MarginFigures, 'equity'>;

interface Beyond {
  readonly policy: Policy;
  readonly cash: Amount;
  /** The exit buffer less what is left to later plans: added to the target. */
  readonly exit: Amount;
}

function triedOf(figures: Lines, { policy, cash, exit }: Beyond): Tried {
  const { marginBalance, maintenanceRequirement, latencyBuffer } = figures;
  const required = add(add(targetOf(figures, policy), latencyBuffer), exit);
  const shortfall = subtract(required, marginBalance);
  const band = times(maintenanceRequirement, policy.liquidationTargetBand);
  return { required, shortfall, shortOfBand: add(shortfall, band), cash };
}

function cashOf({ balances }: SubAccount, numeraire: string): Amount {
  const held = balances.find(
    ({ asset, location }) => asset === numeraire && location === undefined,
  );
  return held === undefined ? NO_AMOUNT : worth(held.amount, UNIT_PRICE);
}

/**
 * κ·MM; at least the initial requirement if the policy calls there, or it would be called again.
 */
function targetOf({ initialRequirement, maintenanceRequirement }: Lines, policy: Policy): Amount {
  const target = times(maintenanceRequirement, policy.liquidationTargetMultiplier);
  return policy.callAt === 'initial' ? larger(target, initialRequirement) : target;
}
