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
import type { AccountsTable } from './aws/accounts-table.ts';
import type { MarginTable, StoredCase } from './aws/margin-table.ts';
import { type OpenClaim, openClaims, settledIn, takeOff } from './claims.ts';
import {
  type Composing,
  composeDrawn,
  composeHaircut,
  type SettledClaim,
} from './contract/compose-fund.ts';
import { type Booking, FundItem, type ReadFund } from './fund-item.ts';
import { claimRows, meterRow } from './fund-rows.ts';
import { LossSharing, putShares, type SharedLoss } from './loss-sharing.ts';
import { type Amount, isPositive, NO_AMOUNT, roundDown, sumOf, textOf } from './margin/decimal.ts';
import { FUND_LOT_MAX, FUND_PENDING_MAX } from './margin/limits.ts';
import type { Reason } from './margin/reason.ts';
import type { Snapshot } from './margin/snapshot.ts';
import { type Drawn, drawFrom } from './margin/waterfall/draw.ts';
import type { Share } from './margin/waterfall/haircut.ts';
import {
  bookDraws,
  bookMeters,
  type Entry,
  type Ledger,
  type MeterEntry,
} from './margin/waterfall/ledger.ts';
import type { Outbox } from './outbox.ts';
import type { FundSummary, Tally } from './tally.ts';

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

/** One lot of claims, settled. */
interface ClaimBooking extends Booking {
  readonly claims: readonly SettledClaim[];
  readonly shares: readonly Share[];
}

interface BookedLoss extends SharedLoss {
  readonly lossId: string;
  readonly pages: number;
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
      return this.claimBooking(ledger, claims);
    });
    const settled = lot.filter(({ claimId }) => booking !== undefined || done.has(claimId));
    if (booking !== undefined) {
      this.settled.push(...booking.claims);
      this.sharing.debit(booking.shares);
    }
    await takeOff(margin, settled);
  }

  private async claimBooking(ledger: Ledger, lot: readonly OpenClaim[]): Promise<ClaimBooking> {
    const { composing } = this;
    const { draws, rest } = drawFrom(roundDown(ledger.balance, composing.policy.amountPlaces), lot);
    const { next, entries } = bookDraws(
      ledger,
      draws.map(({ drawn }) => drawn),
    );
    const loss = await this.shared(rest, ledger);
    const claims = settledClaims(draws, { next, entries, loss });
    const booked = claims.map((claim, index) => ({ claim, entry: entries[index] }));
    const paid = claims.filter(({ lossId }) => lossId !== undefined);
    const said = loss && composeHaircut({ ...loss, claims: paid }, composing);
    return {
      next: loss === undefined ? next : { ...next, losses: ledger.losses + 1 },
      rows: booked.flatMap((each) => claimRows(each, composing)),
      messages: [
        ...claims.map((claim) => composeDrawn(claim, composing)),
        ...(said === undefined ? [] : [said]),
      ],
      claims,
      shares: loss?.shares ?? [],
    };
  }

  /** Undefined when there is nothing to share, or nobody to share it. */
  private async shared(rest: Amount, { losses }: Ledger): Promise<BookedLoss | undefined> {
    const { margin, outbox, checkId } = this.input;
    const { lossSharing, amountPlaces: places } = this.composing.policy;
    if (!isPositive(rest) || lossSharing === 'none') return undefined;
    const shared = await this.sharing.share(rest);
    const { shares } = shared;
    if (shares.length === 0) return undefined;
    const lossId = `${checkId}#${losses + 1}`;
    const { expiresAtSeconds } = outbox;
    const pages = await putShares(margin, { lossId, shares, places, expiresAtSeconds });
    return { ...shared, lossId, pages };
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

/** What others bear pays the claims in their order, as far as it goes. */
function settledClaims(
  draws: readonly Drawn<OpenClaim>[],
  booked: {
    readonly next: Ledger;
    readonly entries: readonly (Entry | undefined)[];
    readonly loss: BookedLoss | undefined;
  },
): SettledClaim[] {
  const { next, entries, loss } = booked;
  const rests = draws.map(({ rest }) => ({ amount: rest }));
  const borne = drawFrom(loss?.amount ?? NO_AMOUNT, rests).draws;
  return draws.map(({ claim, drawn }, index) => {
    const { drawn: socialized = NO_AMOUNT, rest: uncovered = NO_AMOUNT } = borne[index] ?? {};
    const lossId = isPositive(socialized) ? loss?.lossId : undefined;
    const balance = entries[index]?.balance ?? next.balance;
    return { ...claim, drawn, socialized, uncovered, lossId, balance };
  });
}
