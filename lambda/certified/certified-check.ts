/**
 * One check with certificates: which accounts it has to read. Whatever speaks against trusting the
 * memory of the function makes it read every account, as a check without certificates does.
 */
import type {
  Different,
  HealthyPart,
  ProvedAccounts,
  ToRead,
} from '../accounts/proved-accounts.ts';
import { StreamLostError } from '../aws/accounts-stream.ts';
import type { AccountsTable } from '../aws/accounts-table.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import type { CertifiedBook } from './certified-book.ts';
import { compareSlice } from './comparison.ts';
import { Reading } from './reading.ts';
import { type CertificatesState, isOff, readState, switchOff, voidAll } from './state.ts';
import type { StreamFollower } from './stream-follower.ts';

const NOTHING_DIFFERENT: Different = {
  accountIds: [],
  notRead: { accounts: 0, subAccounts: 0 },
};

/** The whole table is compared with the book in so long. */
const COMPARED_WITHIN_SECONDS = 3600;
/** A new market for certificates is not opened more often between two cycles. */
const REOPENED_AFTER_SECONDS = 60;
/** Of the book: so many healthy accounts wait for another market. */
const WAITING_SHARE = 0.001;

export interface CertifiedCheckInput {
  readonly book: CertifiedBook;
  readonly follower: StreamFollower;
  readonly accounts: AccountsTable;
  readonly margin: MarginTable;
  readonly snapshot: Snapshot;
  readonly checkId: string;
  readonly intervalSeconds: number;
}

/** Accounts, the first NAMED_MAX by name. */
interface Named {
  readonly count: number;
  readonly accounts: readonly string[];
}

export interface CertificatesSummary {
  /** Accounts that were proved healthy, and therefore not read. */
  readonly certified: number;
  /** Accounts of which the stream has shown a change. */
  readonly changed: number;
  /** Why every account was read; absent if not. */
  readonly allRead?: string;
  /** From writing the canaries to the sight of the last; absent if the stream was not read. */
  readonly lagSeconds?: number;
  /** Accounts that have changed, and no record of the stream has said so. */
  readonly missed: Named;
  /** Accounts whose certificate was worth more than they are. */
  readonly unsound: Named;
  /** Healthy accounts without a certificate, by reason. */
  readonly uncertified: Readonly<Record<string, number>>;
}

export class CertifiedCheck implements ProvedAccounts {
  private readonly input: CertifiedCheckInput;
  private readonly changed = new Set<string>();
  private readonly uncertified: Record<string, number> = {};
  private state: CertificatesState = { accounts: [] };
  private reading: Reading | undefined;
  private certified = 0;
  private allRead: string | undefined;
  private lagSeconds: number | undefined;
  private missed: readonly string[] = [];
  private unsound: readonly string[] = [];

  constructor(input: CertifiedCheckInput) {
    this.input = input;
  }

  async toRead(besides: Iterable<string>): Promise<ToRead | undefined> {
    const { book, snapshot } = this.input;
    this.allRead = (await this.whyAll()) ?? this.screen(besides);
    if (this.reading !== undefined && this.allRead === undefined) {
      this.certified = this.reading.others.accounts;
      return this.reading;
    }
    this.reading = undefined;
    if (!isOff(this.state)) book.open(snapshot);
    return undefined;
  }

  /** Undefined if the book holds all that was written before this check. */
  private async whyAll(): Promise<string | undefined> {
    const { book, follower, margin, checkId } = this.input;
    try {
      this.state = await readState(margin);
      if (isOff(this.state)) return 'a certificate was wrong, so none is made any more';
      const { voidBy = '' } = this.state;
      if (book.filledBy !== undefined && book.filledBy <= voidBy) book.forget();
      if (!book.isFollowed) {
        await follower.open();
        book.isFollowed = true;
        return 'the function has just started to follow the accounts';
      }
      const before = new Set(book.unannounced);
      const followed = await follower.follow(checkId, (accountId) => this.hear(accountId));
      this.lagSeconds = followed.lagSeconds;
      if (!followed.isProved) return 'the stream of changes is late';
      this.missed = [...book.unannounced].filter((accountId) => before.has(accountId));
      if (this.missed.length > 0) {
        book.forget();
        await voidAll(margin, this.state, { checkId, accounts: this.missed });
        return 'a change was in no record of the stream';
      }
      return book.filledBy === undefined ? 'not every account has been read before' : undefined;
    } catch (error) {
      if (error instanceof StreamLostError) book.forget();
      return `the stream of changes could not be read: ${error instanceof Error ? error.message : error}`;
    }
  }

  private hear(accountId: string): void {
    this.changed.add(accountId);
    this.input.book.hear(accountId);
  }

  /** @returns why every account has to be read; undefined if some need not be */
  private screen(besides: Iterable<string>): string | undefined {
    const { book, snapshot } = this.input;
    try {
      this.reading = new Reading(book, { snapshot, besides });
    } catch (error) {
      book.forget();
      return `the certificates cannot be used: ${error instanceof Error ? error.message : error}`;
    }
    const { latest, index } = book;
    const isOld = (latest?.snapshot.asOf ?? 0) + REOPENED_AFTER_SECONDS * 1000 < snapshot.asOf;
    const waiting = book.waiting + this.reading.unsaid;
    if (isOld && waiting > WAITING_SHARE * index.size) book.open(snapshot);
    if (this.reading.isMostOf(book)) return 'more than a tenth of the accounts are in doubt';
    return undefined;
  }

  meet(accountId: string): void {
    if (!isOff(this.state)) this.input.book.meet(accountId);
  }

  note(account: AccountRows, parts?: readonly HealthyPart[]): void {
    if (isOff(this.state)) return;
    const { book, snapshot } = this.input;
    const certified = book.note(account, parts, snapshot);
    if (certified === undefined || certified.ok) return;
    this.uncertified[certified.why] = (this.uncertified[certified.why] ?? 0) + 1;
  }

  noteWhole(): void {
    const { book, checkId } = this.input;
    if (isOff(this.state)) return;
    book.filledBy = checkId;
    book.endCycle();
  }

  async compare(): Promise<Different> {
    const { book, accounts, snapshot, intervalSeconds } = this.input;
    const { reading } = this;
    if (reading === undefined) return NOTHING_DIFFERENT;
    const of = Math.max(1, Math.ceil(COMPARED_WITHIN_SECONDS / intervalSeconds));
    const isRead = (number: number) => reading.isRead(number);
    const slice = { segment: book.nextSlice % of, of };
    if (slice.segment === 0) book.open(snapshot);
    const { different, unsound } = await compareSlice(slice, { book, accounts, snapshot, isRead });
    this.unsound = unsound;
    const accountIds = [...different, ...unsound];
    const notRead = this.takenForProved(accountIds);
    if (unsound.length > 0) await this.switchOff();
    else if (slice.segment + 1 === of) book.endCycle();
    else book.nextSlice = slice.segment + 1;
    return { accountIds, notRead };
  }

  private takenForProved(accountIds: readonly string[]): Different['notRead'] {
    const { index } = this.input.book;
    const known = accountIds.flatMap((accountId) => index.numberOf(accountId) ?? []);
    const subAccounts = known.reduce((sum, each) => sum + (index.of.lines[each] ?? 0), 0);
    return { accounts: known.length, subAccounts };
  }

  private async switchOff(): Promise<void> {
    const { book, margin, checkId } = this.input;
    book.forget();
    this.state = await switchOff(margin, this.state, { checkId, accounts: this.unsound });
  }

  summary(): CertificatesSummary {
    const named = (accounts: readonly string[]): Named => ({
      count: accounts.length,
      accounts: accounts.slice(0, NAMED_MAX),
    });
    return {
      certified: this.certified,
      changed: this.changed.size,
      ...(this.allRead !== undefined && { allRead: this.allRead }),
      ...(this.lagSeconds !== undefined && { lagSeconds: this.lagSeconds }),
      missed: named(this.missed),
      unsound: named(this.unsound),
      uncertified: this.uncertified,
    };
  }
}
