/**
 * The insurance fund's step, after every account has been decided about:
 *
 *     pay in      books the gains and losses of the fund's meters
 *     pay claims  oldest first: draws on the fund, and shares the rest by policy
 *     take off    removes paid claims from the cases that made them
 *
 * One conditional write books balance, entries, payments and messages. After a crash the next check
 * goes on from there: each meter reading and claim id is booked once.
 */
import type { AccountsTable } from '../aws/accounts-table.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import { type Amount, sumOf, textOf } from '../margin/number/decimal.ts';
import { FUND_LOT_MAX, FUND_PENDING_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { bookMeters, type MeterEntry } from '../margin/waterfall/ledger.ts';
import type { Composing, PaidClaim } from '../messages/compose-fund.ts';
import type { CheckCounters } from '../outbox/check-counters.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { StoredCase } from '../outbox/stored-case.ts';
import { bookClaims } from './claim-booking.ts';
import { type OpenClaim, openClaims, paidClaims, takeOff } from './claims.ts';
import { type Booking, FundItem, type ReadFund } from './fund-item.ts';
import { meterRow } from './fund-rows.ts';
import { LossSharing } from './loss-sharing.ts';

export interface FundStepInput {
  readonly margin: MarginTable;
  readonly outbox: Outbox;
  readonly counters: CheckCounters;
  readonly accounts: AccountsTable;
  readonly snapshot: Snapshot;
  readonly checkId: string;
  readonly totals: ReadonlyMap<string, Amount>;
}

export interface FundOutcome {
  readonly summary?: FundSummary | undefined;
  /** Meters from which nothing was booked. */
  readonly refused: readonly Reason[];
}

/** Never throws: failures are counted, and the next check goes on. */
export async function runFundStep(input: FundStepInput): Promise<FundOutcome> {
  const step = new FundStep(input);
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      input.counters.fail(`the insurance fund: ${what}`, error);
    }
  };
  await attempt('paying in', () => step.payIn());
  await attempt('claims', () => step.payClaims());
  return step.outcome();
}

interface MeterBooking extends Booking {
  readonly entries: readonly MeterEntry[];
}

class FundStep {
  private readonly input: FundStepInput;
  private readonly item: FundItem;
  private readonly sharing: LossSharing;
  private readonly composing: Composing;
  private readonly paidIn: MeterEntry[] = [];
  private readonly paid: PaidClaim[] = [];
  private refused: readonly Reason[] = [];

  constructor(input: FundStepInput) {
    const { checkId, snapshot } = input;
    this.input = input;
    this.item = new FundItem(input);
    this.sharing = new LossSharing(input);
    this.composing = { checkId, asOf: snapshot.asOf, policy: snapshot.policy };
  }

  async payIn(): Promise<void> {
    while (true) {
      const booking = await this.item.book(async (fund) => this.meterBooking(fund));
      if (booking === undefined) return;
      this.paidIn.push(...booking.entries);
    }
  }

  private meterBooking({ ledger }: ReadFund): MeterBooking | undefined {
    const booked = bookMeters(ledger, this.input.totals, { most: FUND_LOT_MAX });
    const { next, entries } = booked;
    this.refused = booked.refused;
    if (entries.length === 0) return undefined;
    const rows = entries.map((entry) => meterRow(entry, this.composing));
    return { next, entries, rows, messages: [] };
  }

  /** Draws nothing under halt or in mode observe; claims wait. */
  async payClaims(): Promise<void> {
    const { margin, counters, checkId } = this.input;
    const { mode, halt } = this.composing.policy;
    if (halt || mode === 'observe') return;
    const claims = await openClaims(margin, { bankrupt: counters.bankrupt, checkId });
    for (let from = 0; from < claims.length; from += FUND_LOT_MAX) {
      await this.payLot(claims.slice(from, from + FUND_LOT_MAX));
    }
  }

  private async payLot(lot: readonly OpenClaim[]): Promise<void> {
    const { margin } = this.input;
    let done: ReadonlySet<string> = new Set();
    const booking = await this.item.book(async ({ ledger, stored }) => {
      done = await paidClaims(margin, lot, stored);
      const claims = lot.filter(({ claimId }) => !done.has(claimId));
      if (claims.length === 0 || isCrowded(stored)) return undefined;
      return bookClaims(ledger, claims, this.claimsInput());
    });
    const paid = lot.filter(({ claimId }) => booking !== undefined || done.has(claimId));
    if (booking !== undefined) {
      this.paid.push(...booking.claims);
      this.sharing.debit(booking.shares);
    }
    await takeOff(margin, paid);
  }

  private claimsInput() {
    const { margin, outbox } = this.input;
    const { composing, sharing } = this;
    return { composing, sharing, margin, expiresAtSeconds: outbox.expiresAtSeconds };
  }

  outcome(): FundOutcome {
    const { refused, paid, paidIn } = this;
    const { ledger } = this.item;
    if (ledger === undefined) return { refused };
    const total = (amounts: readonly Amount[]) => textOf(sumOf(amounts));
    const summary = {
      balance: textOf(ledger.balance),
      paidIn: total(paidIn.map(({ amount }) => amount)),
      drawn: total(paid.map(({ drawn }) => drawn)),
      shared: total(paid.map(({ socialized }) => socialized)),
      uncovered: total(paid.map(({ uncovered }) => uncovered)),
    };
    return { refused, summary };
  }
}

/** After a long SNS outage the item has no space for more messages. */
function isCrowded(stored: StoredCase | undefined): boolean {
  const waiting = stored?.pending.flatMap(({ messages }) => messages) ?? [];
  return waiting.length > FUND_PENDING_MAX;
}

/** Decimal texts: the balance, and this check's bookings. */
export interface FundSummary {
  readonly balance: string;
  /** By its meters; negative: taken out. */
  readonly paidIn: string;
  readonly drawn: string;
  /** Borne by other accounts. */
  readonly shared: string;
  /** Borne by the venue. */
  readonly uncovered: string;
}
