/**
 * Auto-deleveraging (ADL), decided once per check, after the scan and before any plan. Where the
 * insurance fund cannot pay a deficit in full, the unpaid share of each linear position goes to
 * counterparties at the bankruptcy price.
 *
 * The fund is set against accounts with nothing left to close first, because this check can pay
 * their claims; then against the largest deficit, whether or not its plan is due.
 */
import {
  type AccountSubject,
  type DeleveragingStep,
  readableCaseState,
} from '../accounts/account-case.ts';
import { dueAt } from '../accounts/decision.ts';
import type { AccountsTable } from '../aws/accounts-table.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import type { CaseState } from '../margin/case/case.ts';
import { waitsForRows } from '../margin/case/rows-changing.ts';
import { capacityKey } from '../margin/liquidation/capacity.ts';
import { closablesOf } from '../margin/liquidation/closable.ts';
import type { Side } from '../margin/liquidation/order-plan.ts';
import {
  type Amount,
  absolute,
  add,
  isNegative,
  isPositive,
  negate,
  type Quantity,
  roundDown,
  subtract,
  sumOf,
  times,
} from '../margin/number/decimal.ts';
import { COUNTERPARTIES_MAX, DELEVERAGED_MAX } from '../margin/number/limits.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { wholeLots } from '../margin/waterfall/allocation.ts';
import { deleverage } from '../margin/waterfall/deleverage.ts';
import { type Deleveraging, deleveragingOf } from '../margin/waterfall/deleveraging.ts';
import { capClaims } from '../margin/waterfall/fund-claims.ts';
import { bookMeters } from '../margin/waterfall/ledger.ts';
import { type LinearHolding, linearHoldings } from '../margin/waterfall/linear-holding.ts';
import {
  type Deficit,
  largestFirst,
  type UncoveredShare,
  uncoveredShares,
} from '../margin/waterfall/uncovered-share.ts';
import { readLedger } from '../record/fund-state.ts';
import { type Counterparties, findCounterparties, type Wanted } from './counterparties.ts';
import { FUND_KEY } from './fund-item.ts';

interface NotedDeficit extends Deficit {
  readonly accountId: string;
  /** Its claim can be paid at this check. */
  readonly isUsedUp: boolean;
  /** Linear positions; empty unless the plan is due. */
  readonly holdings: readonly LinearHolding[];
}

type Bankrupt = NotedDeficit & UncoveredShare;

export interface AutoDeleveragingInput {
  readonly margin: MarginTable;
  readonly accounts: AccountsTable;
  readonly snapshot: Snapshot;
  readonly totals: ReadonlyMap<string, Amount>;
}

export class AutoDeleveraging implements DeleveragingStep {
  private readonly input: AutoDeleveragingInput;
  private deficits: NotedDeficit[] = [];
  private readonly decided = new Map<string, readonly Deleveraging[]>();

  constructor(input: AutoDeleveragingInput) {
    this.input = input;
  }

  of(name: string): readonly Deleveraging[] {
    return this.decided.get(name) ?? [];
  }

  note({ assessed, stored }: AccountSubject, isPlanDue: boolean): void {
    const { lossSharing, mode, halt } = this.input.snapshot.policy;
    if (lossSharing !== 'adl' || mode === 'observe' || halt) return;
    const { name, accountId, outcome, book, subAccount } = assessed;
    if (outcome.certainty !== 'certain' || outcome.level !== 'deficit') return;
    const state = readableCaseState(stored);
    if (book === undefined || subAccount === undefined || state === undefined) return;
    if (waitsForRows(state, dueAt(assessed, this.input))) return;
    if (outcome.equity.high === 'unbounded') return;
    const amount = owed(outcome.equity.high, state);
    if (!isPositive(amount)) return;
    const isPortfolio = subAccount.account.marginModel === 'portfolio';
    const isIsolated = subAccount.isolatedMargin !== undefined;
    const { policy } = this.input.snapshot;
    const isUsedUp = closablesOf(book, { isIsolated, policy }).length === 0;
    const holdings = isPlanDue ? linearHoldings(book, isPortfolio) : [];
    this.deficits.push({ key: name, accountId, amount, isUsedUp, holdings });
  }

  /** @throws if the fund or an account is unreadable; then nothing is deleveraged */
  async decide(): Promise<void> {
    const bankrupt = await this.uncovered();
    if (bankrupt.length === 0) return;
    const { accounts, snapshot } = this.input;
    const wanted = wantedOf(bankrupt);
    const counterparties = await findCounterparties(wanted, { accounts, snapshot });
    for (const each of bankrupt) {
      const deleveragings = deleveragingsOf(each, counterparties, snapshot.policy.amountPlaces);
      if (deleveragings.length > 0) this.decided.set(each.key, deleveragings);
    }
  }

  /** In the order in which the fund is set against them. */
  private async uncovered(): Promise<Bankrupt[]> {
    const { deficits } = this;
    this.deficits = [];
    if (deficits.every(({ holdings }) => holdings.length === 0)) return [];
    const inOrder = deficits.toSorted(
      (left, right) => Number(right.isUsedUp) - Number(left.isUsedUp) || largestFirst(left, right),
    );
    const shares = uncoveredShares(inOrder, await this.balance());
    return inOrder
      .map((deficit, index) => ({ ...deficit, ...(shares[index] as UncoveredShare) }))
      .filter(({ share, holdings }) => isPositive(share) && holdings.length > 0);
  }

  /** After this check's meter readings; rounded down, because the fund pays whole places. */
  private async balance(): Promise<Amount> {
    const { margin, totals, snapshot } = this.input;
    const stored = await margin.read(FUND_KEY);
    const { next } = bookMeters(readLedger(stored?.state), totals, { most: totals.size });
    return roundDown(next.balance, snapshot.policy.amountPlaces);
  }
}

/** The deficit, less fund payments not yet credited by the venue. */
function owed(equity: Amount, { open }: CaseState): Amount {
  const deficit = negate(equity);
  if (open?.fundClaims === undefined) return deficit;
  const { covered, unpaid } = capClaims(open.fundClaims, deficit);
  const paid = subtract(covered, sumOf(unpaid.map(({ amount }) => amount)));
  return subtract(deficit, paid);
}

const sideOf = ({ quantity }: LinearHolding): Side => (isNegative(quantity) ? 'buy' : 'sell');

const shareOf = ({ quantity, lotSize }: LinearHolding, { share }: Bankrupt): Quantity =>
  wholeLots(times(absolute(quantity), share), lotSize);

function wantedOf(bankrupt: readonly Bankrupt[]): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const each of bankrupt) {
    for (const holding of each.holdings.slice(0, DELEVERAGED_MAX)) {
      const { market, lotSize } = holding;
      const side = sideOf(holding);
      const quantity = shareOf(holding, each);
      const before = wanted.get(capacityKey(market, side));
      const sum = before === undefined ? quantity : add(before.quantity, quantity);
      const owners = new Set([...(before?.owners ?? []), each.accountId]);
      wanted.set(capacityKey(market, side), { market, side, quantity: sum, lotSize, owners });
    }
  }
  return [...wanted.values()];
}

/** The largest `DELEVERAGED_MAX` positions; the rest keep their share of the deficit. */
function deleveragingsOf(bankrupt: Bankrupt, all: Counterparties, places: number): Deleveraging[] {
  const { amount, share, holdings, accountId: owner } = bankrupt;
  const limits = { most: COUNTERPARTIES_MAX, owner };
  const bestFor = (holding: LinearHolding) => all.get(capacityKey(holding.market, sideOf(holding)));
  const positions = holdings.map((holding, index) => ({
    ...holding,
    counterpositions:
      index < DELEVERAGED_MAX
        ? (bestFor(holding)?.first(shareOf(holding, bankrupt), limits) ?? [])
        : [],
  }));
  return deleverage({ equity: negate(amount), share, positions }).flatMap((each) => {
    const holding = holdings.find(({ market }) => market === each.market);
    if (holding === undefined) return [];
    bestFor(holding)?.take(each.allotments);
    return [deleveragingOf(each, { holding, places })];
  });
}
