/**
 * One check with certificates: which accounts it has to read. Whatever speaks against trusting the
 * memory of the function makes it read every account, as a check without certificates does.
 */
import type {
  HealthyPart,
  NoteScanned,
  NotRead,
  ProvedAccounts,
  RememberedAccount,
  ToRead,
} from '../accounts/proved-accounts.ts';
import type { AccountsTable } from '../aws/accounts-table.ts';
import { NO_SHOCK_DEBT } from '../margin/liquidation/shock-debt.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { ReferenceMarket } from '../record/reference-market.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import type { ScanOptions, ScanPosition } from '../rows/scan-options.ts';
import { notesOf, type OfAccount } from './certified-part.ts';
import { CYCLE_SECONDS, compareDue } from './comparison.ts';
import type { Certificates } from './edition.ts';
import { messageOf } from './message-of.ts';
import { Reading } from './reading.ts';
import { switchOff } from './state.ts';
import { Trust, type TrustInput } from './trust.ts';

/** A new market for certificates is not opened more often between two cycles. */
const REOPENED_AFTER_SECONDS = 60;
/** So large a share of the book is worth another market. */
const WAITING_SHARE = 0.001;

const NOBODY_PROVED: NotRead = {
  accounts: 0,
  subAccounts: 0,
  liquidated: [],
  debt: NO_SHOCK_DEBT,
};

export interface CertifiedCheckInput extends Omit<TrustInput, 'asOf'> {
  readonly accounts: AccountsTable;
  readonly market: ReferenceMarket;
  readonly intervalSeconds: number;
  /** Whether more may be begun before the function is stopped. */
  readonly hasTime: () => boolean;
  /** Leaves the comparison and checkpoints to the next check that is none. */
  readonly isEvent?: boolean | undefined;
}

/** Accounts, the first NAMED_MAX by name. */
interface Named {
  readonly count: number;
  readonly accounts: readonly string[];
}

export interface CertificatesSummary {
  /** Accounts that were proved healthy, and therefore not read. */
  readonly certified: number;
  /** Accounts in a case, or without a price, that needed no decision, and were not read. */
  readonly remembered: number;
  /** Accounts of which the stream has shown a change. */
  readonly changed: number;
  /** Why every account was read; absent if not. */
  readonly allRead?: string;
  /** The check whose checkpoint this function began with; absent if it has not just begun. */
  readonly restoredFrom?: string;
  /** Why the check before could not store its certificates; absent if it could. */
  readonly checkpointFailure?: string;
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
  private readonly snapshot: Snapshot;
  private readonly checkpointFailure: string | undefined;
  private readonly trust: Trust;
  private readonly uncertified: Record<string, number> = {};
  private reading: Reading | undefined;
  private totals: NotRead | undefined;
  private allRead: string | undefined;
  private unsound: readonly string[] = [];
  private passedOver = 0;
  /** Whether healthy accounts are not noted, because it costs more than it saves. */
  private isPlain = false;

  constructor(input: CertifiedCheckInput) {
    this.input = input;
    this.snapshot = input.market.snapshot;
    this.trust = new Trust({ ...input, asOf: this.snapshot.asOf });
    this.checkpointFailure = input.checkpoints?.failure;
    input.book.check = this;
  }

  /** If not, the book stays as it is. */
  private get isNoting(): boolean {
    return !this.isPlain && this.input.book.off === undefined;
  }

  async toRead(inAnyCase: Iterable<string>): Promise<ToRead | undefined> {
    const { book, market } = this.input;
    this.allRead = (await this.trust.whyNot()) ?? this.screen(inAnyCase);
    const { reading, allRead } = this;
    if (reading !== undefined && allRead === undefined) {
      const isPart = book.filledBy === undefined;
      if (isPart) book.open(market);
      if (isPart) this.allRead = 'the scan of all accounts goes on where it ended';
      return { accountIds: reading.accountIds, isPart };
    }
    this.reading = undefined;
    if (this.isNoting) this.scanAnew();
    return undefined;
  }

  private scanAnew(): void {
    const { book, market } = this.input;
    book.scanned.clear();
    book.open(market);
  }

  /** @returns why every account has to be read; undefined if some need not be */
  private screen(inAnyCase: Iterable<string>): string | undefined {
    const { book, market } = this.input;
    try {
      this.reading = new Reading(book, { snapshot: this.snapshot, inAnyCase });
    } catch (error) {
      book.forget();
      // The stream has been read to its end, so that a new book may begin now.
      book.isFollowed = true;
      return `the certificates cannot be used: ${messageOf(error)}`;
    }
    const waiting = book.waiting + this.reading.unsaid;
    const isWanted = waiting > WAITING_SHARE * book.index.size;
    if (this.isOlderThan(REOPENED_AFTER_SECONDS) && isWanted) book.open(market);
    if (!this.reading.isMost) return undefined;
    if (!this.reading.isMostUncertified) return 'more than a tenth of the accounts are in doubt';
    // To note them all again costs more than a plain scan, and finds the same.
    this.isPlain = !this.isOlderThan(CYCLE_SECONDS);
    return 'more than a tenth of the accounts have no certificate';
  }

  private isOlderThan(seconds: number): boolean {
    const { latest } = this.input.book;
    return (latest?.snapshot.asOf ?? 0) + seconds * 1000 <= this.snapshot.asOf;
  }

  scanOf(segment: number): ScanOptions | undefined {
    if (!this.isNoting) return {};
    const after = this.input.book.scanned.get(segment);
    return after === 'whole' ? undefined : { isConsistent: true, after };
  }

  uncovered<T extends { readonly accountId: string }>(accounts: readonly T[]): readonly T[] {
    const { reading } = this;
    if (reading === undefined) return accounts;
    return accounts.filter(({ accountId }) => !reading.knows(accountId));
  }

  /** A read that ends after its check may be older than what the next one has heard. */
  private get mayNote(): boolean {
    return this.input.book.off === undefined && this.input.book.check === this;
  }

  meet(accountId: string): void {
    if (this.mayNote && !this.isPlain) this.input.book.meet(accountId);
  }

  note(account: AccountRows, parts?: readonly HealthyPart[]): void {
    if (!this.mayNote || (this.isPlain && parts !== undefined)) return;
    countWhy(this.uncertified, this.input.book.note(account, parts, this.snapshot));
  }

  readCertificates(given: unknown, safe: readonly OfAccount[]): NoteScanned {
    const note = notesOf(given, { ...this.input, safe });
    return (...account) => {
      if (this.mayNote && !this.isPlain) countWhy(this.uncertified, note(...account));
    };
  }

  remember(remembered: RememberedAccount): void {
    const { book } = this.input;
    const { accountId } = remembered.account;
    if (this.mayNote && book.index.isClean(accountId)) book.remembered.add(remembered);
  }

  recall(accountId: string): RememberedAccount | undefined {
    const { book } = this.input;
    if (this.reading === undefined || book.unmet.has(accountId)) return undefined;
    return book.remembered.get(accountId);
  }

  passOver(accountId: string): void {
    this.reading?.passOver(accountId);
    this.passedOver++;
  }

  noteScanned(segment: number, position: ScanPosition | 'whole'): void {
    if (!this.mayNote || this.isPlain) return;
    const { book, accounts, checkId } = this.input;
    book.scanned.set(segment, position);
    if (!accounts.segmentNumbers.every((each) => book.scanned.get(each) === 'whole')) return;
    book.filledBy = checkId;
    book.endCycle();
    // A function that begins with this book goes on from here, however many begin with it.
    book.comparedAt = this.snapshot.asOf;
  }

  async compare(): Promise<readonly string[]> {
    const { book, accounts, market, intervalSeconds, hasTime } = this.input;
    const { reading } = this;
    if (this.input.isEvent || reading === undefined || book.filledBy === undefined) return [];
    const { different, unsound } = await compareDue({
      book,
      accounts,
      market,
      intervalSeconds,
      hasTime,
      isRead: (number) => reading.isRead(number),
    });
    this.unsound = unsound;
    // Those that were passed over have been counted. The next check reads them.
    const toRead = [...different, ...unsound].filter((each) => !reading.isPassedOver(each));
    reading.add(toRead);
    this.totals = reading.notRead();
    if (unsound.length > 0) await this.switchOff();
    return toRead;
  }

  /** If it cannot be stored now, the next check stores it. */
  private async switchOff(): Promise<void> {
    const { book, margin, checkId } = this.input;
    book.forget();
    book.off = { checkId, accounts: this.unsound };
    await switchOff(margin, book.off).catch(() => undefined);
  }

  /** Stores the certificates, if that is due, for functions that have yet to start. */
  async store(): Promise<void> {
    const { book, follower, checkpoints, margin, checkId, hasTime } = this.input;
    const { stored } = follower;
    if (checkpoints === undefined || stored === undefined) return;
    if (!this.mayNote || this.isPlain || book.filledBy === undefined) return;
    // Positions that are lost would be lost in the checkpoint, too.
    if (!book.isFollowed) return;
    // A read that ends now must not change what is being stored.
    book.check = undefined;
    const { asOf } = this.snapshot;
    await checkpoints.writeIfDue(margin, { book, follower: stored, checkId, asOf, hasTime });
  }

  notRead(): NotRead {
    this.totals ??= this.reading?.notRead() ?? NOBODY_PROVED;
    return this.totals;
  }

  summary(): CertificatesSummary {
    const { changed, lagSeconds, missed, restoredFrom } = this.trust;
    const { checkpointFailure } = this;
    return {
      certified: this.notRead().accounts,
      remembered: this.passedOver,
      changed: changed.size,
      ...(this.allRead !== undefined && { allRead: this.allRead }),
      ...(restoredFrom !== undefined && { restoredFrom }),
      ...(checkpointFailure !== undefined && { checkpointFailure }),
      ...(lagSeconds !== undefined && { lagSeconds }),
      missed: named(missed),
      unsound: named(this.unsound),
      uncertified: this.uncertified,
    };
  }
}

function countWhy(counts: Record<string, number>, certified: Certificates | undefined): void {
  if (certified === undefined || certified.ok) return;
  counts[certified.why] = (counts[certified.why] ?? 0) + 1;
}

const named = (accounts: readonly string[]): Named => ({
  count: accounts.length,
  accounts: accounts.slice(0, NAMED_MAX),
});
