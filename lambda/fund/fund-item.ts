/**
 * The insurance fund's item, `fund`/`balance`: the ledger's balance, written like a case on the
 * version that it was read at, with its entries and messages inside. A check that begins later keeps
 * what an earlier one has booked, and an earlier one books nothing after it.
 */

import type { MarginTable } from '../aws/margin-table.ts';
import type { Ledger } from '../margin/waterfall/ledger.ts';
import type { FundMessage } from '../messages/messages.ts';
import { leftoverMatter } from '../outbox/case-subject.ts';
import type { Tally } from '../outbox/check-counters.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { deliveryOf } from '../outbox/pending-messages.ts';
import type { Key, PendingRow, StoredCase } from '../outbox/stored-case.ts';
import { readLedger, writeLedger } from '../record/fund-state.ts';

export const FUND = 'fund';
export const FUND_KEY: Key = { pk: FUND, sk: 'balance' };

/** Two runs that book in turn: each retry needs another write by the other. */
const WRITE_ATTEMPTS_MAX = 5;

export interface Booking {
  readonly next: Ledger;
  readonly rows: readonly PendingRow[];
  readonly messages: readonly FundMessage[];
}

/** What there is, and what of it is not wholly published yet. */
export interface ReadFund {
  readonly ledger: Ledger;
  readonly stored: StoredCase | undefined;
}

export class FundItem {
  private readonly margin: MarginTable;
  private readonly outbox: Outbox;
  private readonly tally: Tally;
  private readonly checkId: string;
  private known: Ledger | undefined;

  constructor(input: {
    readonly margin: MarginTable;
    readonly outbox: Outbox;
    readonly tally: Tally;
    readonly checkId: string;
  }) {
    this.margin = input.margin;
    this.outbox = input.outbox;
    this.tally = input.tally;
    this.checkId = input.checkId;
  }

  /** As last read or written; undefined when it could not be read. */
  get ledger(): Ledger | undefined {
    return this.known;
  }

  private async read(): Promise<ReadFund> {
    const stored = await this.margin.read(FUND_KEY);
    const ledger = readLedger(stored?.state);
    this.known = ledger;
    return { ledger, stored };
  }

  /**
   * Reads, reckons and writes, again when another run came between.
   * @returns what was booked; undefined when there was nothing to book, or a later check has begun to.
   */
  async book<B extends Booking>(
    bookingOf: (fund: ReadFund) => Promise<B | undefined>,
  ): Promise<B | undefined> {
    for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
      const fund = await this.read();
      if ((fund.stored?.checkId ?? '') > this.checkId) return undefined;
      const booking = await bookingOf(fund);
      if (booking === undefined) return undefined;
      const written = (await this.write(booking, fund.stored)) ?? (await this.own(fund.stored));
      if (written === undefined) continue;
      this.known = booking.next;
      const recorded = { matter: leftoverMatter(FUND_KEY), stored: written };
      this.tally.countSettled(await this.outbox.finish([recorded]));
      return booking;
    }
    throw new Error('other runs kept writing the insurance fund');
  }

  private write({ next, rows, messages }: Booking, stored: StoredCase | undefined) {
    const deliveries = messages.map((message) => deliveryOf(message, ['alerts', 'orders']));
    const proposal = { state: writeLedger(next), isActive: false, isKept: true, keepsPlans: true };
    return this.outbox.carryOn({
      key: FUND_KEY,
      stored,
      proposal: { ...proposal, deliveries, rows },
    });
  }

  /** The item as this run wrote it, although the answer was lost: of one check there is one run. */
  private async own(before: StoredCase | undefined): Promise<StoredCase | undefined> {
    const stored = await this.margin.read(FUND_KEY);
    const isOwn = stored?.checkId === this.checkId && stored.version === (before?.version ?? 0) + 1;
    return isOwn ? stored : undefined;
  }
}
