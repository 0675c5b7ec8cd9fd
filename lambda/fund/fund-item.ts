/**
 * The insurance fund's item, `fund`/`balance`: a ledger, written like a case, with its entries and
 * messages inside. A check builds on earlier checks' bookings and books nothing after a later
 * check.
 */
import type { Ledger } from '../margin/waterfall/ledger.ts';
import type { FundMessage } from '../messages/messages.ts';
import type { CheckCounters } from '../outbox/check-counters.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CaseStore } from '../outbox/ports.ts';
import {
  type Key,
  type PendingRow,
  pendingMessage,
  type StoredCase,
} from '../outbox/stored-case.ts';
import { readLedger, writeLedger } from '../record/fund-state.ts';

export const FUND = 'fund';
export const FUND_KEY: Key = { pk: FUND, sk: 'balance' };

export interface Booking {
  readonly next: Ledger;
  readonly rows: readonly PendingRow[];
  readonly messages: readonly FundMessage[];
}

export interface ReadFund {
  readonly ledger: Ledger;
  readonly stored: StoredCase | undefined;
}

export class FundItem {
  private readonly margin: CaseStore;
  private readonly outbox: Outbox;
  private readonly counters: CheckCounters;
  private readonly checkId: string;
  private known: Ledger | undefined;

  constructor(input: {
    readonly margin: CaseStore;
    readonly outbox: Outbox;
    readonly counters: CheckCounters;
    readonly checkId: string;
  }) {
    this.margin = input.margin;
    this.outbox = input.outbox;
    this.counters = input.counters;
    this.checkId = input.checkId;
  }

  /** As last read or written; undefined if unreadable. */
  get ledger(): Ledger | undefined {
    return this.known;
  }

  /**
   * Books again if another run has written in between.
   * @returns undefined if there was nothing to book, or a later check has begun to book
   */
  async book<B extends Booking>(
    bookingOf: (fund: ReadFund) => Promise<B | undefined>,
  ): Promise<B | undefined> {
    let booking: B | undefined;
    const decide = async (stored: StoredCase | undefined) => {
      const ledger = readLedger(stored?.state);
      this.known = ledger;
      const isLater = stored !== undefined && stored.checkId > this.checkId;
      booking = isLater ? undefined : await bookingOf({ ledger, stored });
      return booking && this.nextItem(booking, stored);
    };
    const { isWritten, stored } = await this.margin.update(FUND_KEY, decide, {
      over: 'this check too',
    });
    if (!isWritten || booking === undefined || stored === undefined) return undefined;
    this.known = booking.next;
    this.counters.countProcessed(await this.outbox.finish([stored]));
    return booking;
  }

  private nextItem({ next, rows, messages }: Booking, stored: StoredCase | undefined): StoredCase {
    return this.outbox.nextCase(FUND_KEY, stored, {
      state: writeLedger(next),
      isActive: false,
      isKept: true,
      keepsPlans: true,
      messages: messages.map((message) => pendingMessage(message, ['alerts', 'orders'])),
      rows,
    });
  }
}
