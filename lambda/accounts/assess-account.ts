import { assessBook, lowCallSurplus, type Outcome } from '../margin/assess/assess.ts';
import { type SubAccount, subAccounts } from '../margin/book/account.ts';
import type { Book } from '../margin/book/book.ts';
import { buildBook } from '../margin/book/build-book.ts';
import { curveAtMark } from '../margin/curve/curve-at-mark.ts';
import {
  isSafeAfterMove,
  type LiquidatedByMove,
  liquidatedByMove,
} from '../margin/liquidation/cascade.ts';
import {
  addShockDebts,
  NO_SHOCK_DEBT,
  type ShockDebt,
  shockDebtOfSafe,
} from '../margin/liquidation/shock-debt.ts';
import { isNegative } from '../margin/number/decimal.ts';
import type { Reason } from '../margin/number/reason.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { computed } from '../margin/statistics/computed.ts';
import { subAccountName } from '../messages/compose.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import { readAccountParts } from '../rows/read-account.ts';
import type { HealthyPart } from './proved-accounts.ts';
import { moreUrgent, type Urgency, urgencyOf } from './urgency.ts';

export interface AssessedSubAccount {
  /** `<account>[#<isolated position>]` */
  readonly name: string;
  readonly accountId: string;
  /** Absent for the cross book. */
  readonly position?: string | undefined;
  readonly outcome: Outcome;
  /** Absent if one of its rows is malformed. */
  readonly subAccount?: SubAccount | undefined;
  /** Absent if the outcome is indeterminate. */
  readonly book?: Book | undefined;
}

/**
 * @param openPositions isolated positions with an open case; one without a row is assessed as
 *   empty, so that its case can be closed
 */
export function assessAccount(
  { accountId, rows }: AccountRows,
  snapshot: Snapshot,
  openPositions: readonly string[] = [],
): AssessedSubAccount[] {
  const { account, ofAll, ofPart } = readAccountParts(accountId, rows);
  const unreadable = (position: string | undefined, reasons: readonly Reason[]) => {
    const outcome: Outcome = { certainty: 'indeterminate', reasons };
    return { name: subAccountName(accountId, position), accountId, position, outcome };
  };
  if (ofAll.length > 0) return [unreadable(undefined, [...ofAll, ...[...ofPart.values()].flat()])];
  const held = subAccounts(account).filter(({ isolated }) => !ofPart.has(isolated));
  const named = new Set([...held.map(({ isolated }) => isolated), ...ofPart.keys()]);
  const gone = openPositions
    .filter((position) => !named.has(position))
    .map((isolated): SubAccount => ({ account, isolated, balances: [], positions: [] }));
  const faulty = [...ofPart].map(([position, reasons]) => unreadable(position, reasons));
  const known = [...held, ...gone].map((subAccount) => assessSubAccount(subAccount, snapshot));
  // The cross book first.
  return ofPart.has(undefined) ? [...faulty, ...known] : [...known, ...faulty];
}

export function assessSubAccount(subAccount: SubAccount, snapshot: Snapshot): AssessedSubAccount {
  const { accountId } = subAccount.account;
  const { isolated: position } = subAccount;
  const name = subAccountName(accountId, position);
  const found = computed(
    () => outcomeOf(subAccount, snapshot),
    (fault) => incomputable(name, fault),
  );
  return { name, accountId, position, subAccount, ...found };
}

type Found = Pick<AssessedSubAccount, 'outcome' | 'book'>;

function outcomeOf(subAccount: SubAccount, snapshot: Snapshot): Found {
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) return { outcome: { certainty: 'indeterminate', reasons: built.reasons } };
  return { outcome: assessBook(built.book, snapshot.policy), book: built.book };
}

function incomputable(name: string, fault: string): Found {
  const detail =
    `${name} cannot be computed: ${fault}. ` +
    'Check its rows, and the rows of its instruments and their risk classes';
  const reason: Reason = { code: 'not-computable', subject: name, detail };
  return { outcome: { certainty: 'indeterminate', reasons: [reason] } };
}

/** Healthy for certain. */
export interface SafeAccount {
  /** Its sub-accounts. */
  readonly parts: readonly HealthyPart[];
  /** Positions that a move of 1 % would still liquidate. */
  readonly liquidated: readonly LiquidatedByMove[];
  /** The buffer does not pay for this. */
  readonly debt: ShockDebt;
}

/** If the account needs a full assessment, how urgent it is: its most urgent sub-account counts. */
export const screenAccount = (account: AccountRows, snapshot: Snapshot): SafeAccount | Urgency =>
  computed(
    () => screened(account, snapshot),
    () => 'other' as const,
  );

function screened({ accountId, rows }: AccountRows, snapshot: Snapshot): SafeAccount | Urgency {
  const { account, ofAll, ofPart } = readAccountParts(accountId, rows);
  if (ofAll.length > 0) return 'other';
  const held = subAccounts(account).filter(({ isolated }) => !ofPart.has(isolated));
  const parts: HealthyPart[] = [];
  const liquidated: LiquidatedByMove[] = [];
  let debt = NO_SHOCK_DEBT;
  let urgency: Urgency | undefined = ofPart.size > 0 ? 'other' : undefined;
  for (const subAccount of held) {
    const built = buildBook(subAccount, snapshot);
    const found = built.ok ? screenBook(built.book, snapshot) : 'other';
    if (typeof found === 'string') urgency = moreUrgent(urgency ?? found, found);
    else if (built.ok) {
      parts.push({ subAccount, book: built.book });
      liquidated.push(...found.liquidated);
      debt = addShockDebts(debt, found.debt);
    }
  }
  return urgency ?? { parts, liquidated, debt };
}

type SafeBook = Omit<SafeAccount, 'parts'>;

function screenBook(book: Book, { policy }: Snapshot): SafeBook | Urgency {
  const atMarks = book.curves.map(curveAtMark);
  const low = lowCallSurplus(book, atMarks, policy);
  if (low === 'unbounded' || isNegative(low)) return urgencyOf(book, policy);
  const liquidated = isSafeAfterMove(atMarks, low, policy) ? [] : liquidatedByMove(book, policy);
  return { liquidated, debt: shockDebtOfSafe(book) };
}
