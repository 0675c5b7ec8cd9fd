/**
 * The insurance fund's step of a check, after every account has been decided about:
 *
 *     pay in    the meters' differences are booked
 *     settle    the open claims, oldest first: drawn from the fund, the rest shared by policy
 *     take off  what is settled, from the cases that claimed it
 *
 * Each booking is one conditional write that holds the balance, its entries, how each claim was
 * settled, and what is to be said. Killed between any two steps, the next check goes on from there: a
 * meter's reading and a claim's id are each booked once.
 */
import type { AccountsTable } from '../aws/accounts-table.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import { type Amount, sumOf, textOf } from '../margin/number/decimal.ts';
import { FUND_LOT_MAX, FUND_PENDING_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { bookMeters, type MeterEntry } from '../margin/waterfall/ledger.ts';
import type { Composing, SettledClaim } from '../messages/compose-fund.ts';
import type { Tally } from '../outbox/check-counters.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { StoredCase } from '../outbox/stored-case.ts';
import { bookClaims } from './claim-booking.ts';
import { type OpenClaim, openClaims, settledIn, takeOff } from './claims.ts';
import { type Booking, FundItem, type ReadFund } from './fund-item.ts';
import { meterRow } from './fund-rows.ts';
import { LossSharing } from './loss-sharing.ts';

export interface SettleFund {
  readonly margin: MarginTable;
  readonly outbox: Outbox;
  readonly tally: Tally;
  readonly accounts: AccountsTable;
  readonly snapshot: Snapshot;
  readonly checkId: string;
  /** By source: the meters as they stand. */
  readonly totals: ReadonlyMap<string, Amount>;
}

export interface FundOutcome {
  readonly summary?: FundSummary | undefined;
  /** Meters of which nothing was booked. */
  readonly refused: readonly Reason[];
}

/** Never throws: what failed is counted, and the next check takes it up. */
export async function settleFund(input: SettleFund): Promise<FundOutcome> {
  const step = new FundStep(input);
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      input.tally.fail(`the insurance fund: ${what}`, error);
    }
  };
  await attempt('paying in', () => step.payIn());
  await attempt('claims', () => step.settleClaims());
  return step.outcome();
}

interface MeterBooking extends Booking {
  readonly entries: readonly MeterEntry[];
}

class FundStep {
  private readonly input: SettleFund;
  private readonly item: FundItem;
  private readonly sharing: LossSharing;
  private readonly composing: Composing;
  private readonly paidIn: MeterEntry[] = [];
  private readonly settled: SettledClaim[] = [];
  private refused: readonly Reason[] = [];

  constructor(input: SettleFund) {
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

  /** Under halt and in mode observe nothing is drawn; what was claimed before waits. */
  async settleClaims(): Promise<void> {
    const { margin, tally, checkId } = this.input;
    const { mode, halt } = this.composing.policy;
    if (halt || mode === 'observe') return;
    const claims = await openClaims(margin, { subjects: tally.bankrupt, checkId });
    for (let from = 0; from < claims.length; from += FUND_LOT_MAX) {
      await this.settleLot(claims.slice(from, from + FUND_LOT_MAX));
    }
  }

  private async settleLot(lot: readonly OpenClaim[]): Promise<void> {
    const { margin } = this.input;
    let done: ReadonlySet<string> = new Set();
    const booking = await this.item.book(async ({ ledger, stored }) => {
      done = await settledIn(margin, lot, stored);
      const claims = lot.filter(({ claimId }) => !done.has(claimId));
      if (claims.length === 0 || isCrowded(stored)) return undefined;
      return bookClaims(ledger, claims, this.claimsInput());
    });
    const settled = lot.filter(({ claimId }) => booking !== undefined || done.has(claimId));
    if (booking !== undefined) {
      this.settled.push(...booking.claims);
      this.sharing.debit(booking.shares);
    }
    await takeOff(margin, settled);
  }

  private claimsInput() {
    const { margin, outbox } = this.input;
    const { composing, sharing } = this;
    return { composing, sharing, margin, expiresAtSeconds: outbox.expiresAtSeconds };
  }

  outcome(): FundOutcome {
    const { refused, settled, paidIn } = this;
    const { ledger } = this.item;
    if (ledger === undefined) return { refused };
    const total = (amounts: readonly Amount[]) => textOf(sumOf(amounts));
    const summary = {
      balance: textOf(ledger.balance),
      paidIn: total(paidIn.map(({ amount }) => amount)),
      drawn: total(settled.map(({ drawn }) => drawn)),
      shared: total(settled.map(({ socialized }) => socialized)),
      uncovered: total(settled.map(({ uncovered }) => uncovered)),
    };
    return { refused, summary };
  }
}

/** SNS takes nothing: what would be said more has no room in the item. */
function isCrowded(stored: StoredCase | undefined): boolean {
  const waiting = stored?.pending.flatMap(({ deliveries }) => deliveries) ?? [];
  return waiting.length > FUND_PENDING_MAX;
}

/** The insurance fund after the check, and what this check has booked; decimal texts. */
export interface FundSummary {
  readonly balance: string;
  /** By its meters; below zero: taken out. */
  readonly paidIn: string;
  readonly drawn: string;
  /** Borne by other accounts. */
  readonly shared: string;
  /** Borne by nobody else: the venue's. */
  readonly uncovered: string;
}
