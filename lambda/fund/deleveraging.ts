/**
 * Auto-deleveraging in one check. The deficits that the sweep has met are set against the insurance
 * fund; of an account whose deficit it will not wholly pay, that share of every linear position goes to
 * counterparties at the bankruptcy price. Decided once, when the scan has ended and before any plan.
 *
 * Before the others come accounts that have nothing to hand over: their claims are settled by this very
 * check. Then the largest deficit comes first, whether its plan is due now or is under way.
 */

import type { AccountMatter } from '../accounts/account-case.ts';
import { readableState } from '../accounts/liquidation-queue.ts';
import type { AccountsTable } from '../aws/accounts-table.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import type { CaseState } from '../margin/case/case.ts';
import { capacityKey } from '../margin/liquidation/capacity.ts';
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
import {
  type LinearHolding,
  linearHoldings,
  linearPositions,
} from '../margin/waterfall/linear-holding.ts';
import {
  type Deficit,
  largestFirst,
  type UncoveredShare,
  uncoveredShares,
} from '../margin/waterfall/uncovered-share.ts';
import type { Found } from '../outbox/case-subject.ts';
import { readLedger } from '../record/fund-state.ts';
import { type Counterparties, findCounterparties, type Wanted } from './counterparties.ts';
import { FUND_KEY } from './fund-item.ts';

interface NotedDeficit extends Deficit {
  /** Has linear positions. */
  readonly isHolding: boolean;
  /** Those, if a plan is due for it at this check. */
  readonly holdings: readonly LinearHolding[];
}

type Bankrupt = NotedDeficit & UncoveredShare;

export interface AutoDeleveragingInput {
  readonly margin: MarginTable;
  readonly accounts: AccountsTable;
  readonly snapshot: Snapshot;
  /** By source: the fund's meters as they stand. */
  readonly totals: ReadonlyMap<string, Amount>;
}

export class AutoDeleveraging {
  private readonly input: AutoDeleveragingInput;
  private deficits: NotedDeficit[] = [];
  private readonly decided = new Map<string, readonly Deleveraging[]>();

  constructor(input: AutoDeleveragingInput) {
    this.input = input;
  }

  /** Of an account, or account and isolated position; none before they are decided. */
  of(key: string): readonly Deleveraging[] {
    return this.decided.get(key) ?? [];
  }

  /** @param isDue a plan may be due for it at this check. */
  note({ matter, stored }: Found<AccountMatter>, isDue: boolean): void {
    const { lossSharing, mode, halt } = this.input.snapshot.policy;
    if (lossSharing !== 'adl' || mode === 'observe' || halt) return;
    const { key, outcome, book, subAccount } = matter.subject;
    if (outcome.certainty !== 'certain' || outcome.level !== 'deficit') return;
    const state = readableState(stored);
    if (book === undefined || subAccount === undefined || state === undefined) return;
    const amount = owed(outcome.equity.point, state);
    if (!isPositive(amount)) return;
    const isPortfolio = subAccount.account.marginModel === 'portfolio';
    const isHolding = linearPositions(book).length > 0;
    const holdings = isDue ? linearHoldings(book, isPortfolio) : [];
    this.deficits.push({ key, amount, isHolding, holdings });
  }

  /** @throws when the fund or the accounts cannot be read: then nothing is handed over. */
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

  /** Those that hand something over, in the order in which they do. */
  private async uncovered(): Promise<Bankrupt[]> {
    const { deficits } = this;
    this.deficits = [];
    if (deficits.every(({ holdings }) => holdings.length === 0)) return [];
    const inOrder = deficits.toSorted(
      (left, right) =>
        Number(left.isHolding) - Number(right.isHolding) || largestFirst(left, right),
    );
    const shares = uncoveredShares(inOrder, await this.balance());
    return inOrder
      .map((deficit, index) => ({ ...deficit, ...(shares[index] as UncoveredShare) }))
      .filter(({ share, holdings }) => isPositive(share) && holdings.length > 0);
  }

  /** With what its meters pay in at this check; what it can pay is whole places. */
  private async balance(): Promise<Amount> {
    const { margin, totals, snapshot } = this.input;
    const stored = await margin.read(FUND_KEY);
    const { next } = bookMeters(readLedger(stored?.state), totals, { most: totals.size });
    return roundDown(next.balance, snapshot.policy.amountPlaces);
  }
}

/** The deficit, less what the fund has paid and the venue has not credited yet. */
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
      wanted.set(capacityKey(market, side), { market, side, quantity: sum, lotSize });
    }
  }
  return [...wanted.values()];
}

/** Of what is not among the largest nothing is handed over; its share of the deficit stays. */
function deleveragingsOf(bankrupt: Bankrupt, all: Counterparties, places: number): Deleveraging[] {
  const { amount, share, holdings } = bankrupt;
  const bestFor = (holding: LinearHolding) => all.get(capacityKey(holding.market, sideOf(holding)));
  const positions = holdings.map((holding, index) => ({
    ...holding,
    counterpositions:
      index < DELEVERAGED_MAX
        ? (bestFor(holding)?.first(shareOf(holding, bankrupt), COUNTERPARTIES_MAX) ?? [])
        : [],
  }));
  return deleverage({ equity: negate(amount), share, positions }).flatMap((each) => {
    const holding = holdings.find(({ market }) => market === each.market);
    if (holding === undefined) return [];
    bestFor(holding)?.take(each.allotments);
    return [deleveragingOf(each, { holding, places })];
  });
}
