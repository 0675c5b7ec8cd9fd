/** How much of a balance may be withdrawn, so that its account still meets what it must meet. */
import { type AssessedSubAccount, assessSubAccount } from '../../lambda/accounts/assess-account.ts';
import { type Balance, type SubAccount, subAccounts } from '../../lambda/margin/book/account.ts';
import {
  approximately,
  isAbove,
  isPositive,
  NO_QUANTITY,
  type Quantity,
  quantity,
  ratioBetween,
  ratioOfCount,
  smaller,
  subtract,
  textOf,
  times,
} from '../../lambda/margin/number/decimal.ts';
import { ORDER_QUANTITY_PLACES } from '../../lambda/margin/number/limits.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { type Acceptance, acceptanceOf, mostAccepted } from './acceptance.ts';
import { type Assessment, renderSubAccount } from './assess-document.ts';
import { snapshotOf } from './document.ts';
import { OrderError } from './orders.ts';
import { accountFor } from './what-if.ts';

export interface AskedWithdrawal {
  /** Absent: the only account. */
  readonly accountId?: string | undefined;
  readonly asset: string;
  readonly location?: string | undefined;
  readonly amount: Quantity | 'max';
}

export interface Withdrawal {
  readonly before: Assessment;
  readonly after: Assessment;
  readonly withdrawal: Acceptance & {
    readonly accountId: string;
    readonly asset: string;
    readonly location?: string;
    /** Asked for, or the most. */
    readonly amount: string;
    readonly most: string;
  };
  readonly faults: readonly string[];
}

/** @throws OrderError if the account has no such balance */
export function withdrawal(evidence: Evidence, asked: AskedWithdrawal): Withdrawal {
  const { snapshot, faults } = snapshotOf(evidence);
  const { cross, balance } = balanceOf(evidence, asked);
  const assessedAt = (amount: Quantity): AssessedSubAccount =>
    assessSubAccount(without(cross, balance, amount), snapshot);
  const most = mostOf(balance, { snapshot, assessedAt });
  const amount = asked.amount === 'max' ? most : asked.amount;
  const taken = assessedAt(amount);
  const { asset, location } = balance;
  const { accountId } = cross.account;
  return {
    before: renderSubAccount(assessedAt(NO_QUANTITY), snapshot),
    after: renderSubAccount(taken, snapshot),
    withdrawal: {
      accountId,
      asset,
      ...(location === undefined ? {} : { location }),
      amount: textOf(amount),
      ...acceptanceAt(taken, { balance, amount }),
      most: textOf(most),
    },
    faults: faults.map(({ detail }) => detail),
  };
}

function acceptanceAt(
  { outcome }: AssessedSubAccount,
  { balance, amount }: { readonly balance: Balance; readonly amount: Quantity },
): Acceptance {
  if (!isAbove(amount, balance.amount)) return acceptanceOf(outcome);
  return { isAccepted: false, why: `it is more than the balance of ${textOf(balance.amount)}` };
}

function balanceOf(evidence: Evidence, { accountId, asset, location }: AskedWithdrawal) {
  const place = '--withdraw';
  const rows = accountFor(evidence, accountId, place);
  const read = readAccount(rows.accountId, rows.rows);
  if (!read.ok) {
    throw new OrderError(`${place}: ${read.reasons.map(({ detail }) => detail).join('; ')}`);
  }
  const [cross] = subAccounts(read.account);
  if (cross === undefined) throw new RangeError('the account has no cross book');
  const balance = cross.balances.find(
    (each) => each.asset === asset && each.location === location && isPositive(each.amount),
  );
  if (balance !== undefined) return { cross, balance };
  const held = cross.balances.filter(({ amount }) => isPositive(amount)).map(nameOf);
  throw new OrderError(
    `${place}: ${rows.accountId} has no ${nameOf({ asset, location })} to withdraw; ` +
      `it has ${held.length === 0 ? 'no balance above 0' : held.join(', ')}`,
  );
}

const nameOf = ({ asset, location }: Pick<Balance, 'asset' | 'location'>): string =>
  location === undefined ? asset : `${asset}@${location}`;

function without(cross: SubAccount, balance: Balance, amount: Quantity): SubAccount {
  const balances = cross.balances.map((each) =>
    each === balance ? { ...each, amount: subtract(each.amount, amount) } : each,
  );
  return { ...cross, balances };
}

interface Trying {
  readonly snapshot: Snapshot;
  readonly assessedAt: (amount: Quantity) => AssessedSubAccount;
}

/** In places of the numeraire's amounts, and else of order quantities; or the whole balance. */
function mostOf({ asset, amount }: Balance, { snapshot, assessedAt }: Trying): Quantity {
  const isAccepted = (some: Quantity) => acceptanceOf(assessedAt(some).outcome).isAccepted;
  if (isAccepted(amount)) return amount;
  const { numeraire, amountPlaces } = snapshot.policy;
  const places = asset === numeraire ? amountPlaces : ORDER_QUANTITY_PLACES;
  const step = quantity(`1e-${places}`);
  const all = Math.floor(approximately(ratioBetween(amount, step)));
  const some = (steps: number) => smaller(amount, times(step, ratioOfCount(steps)));
  return some(mostAccepted(all, (steps) => isAccepted(some(steps))));
}
