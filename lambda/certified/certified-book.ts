/**
 * The certificates of all accounts, in the memory of a warm function. It says something about rows and
 * not about a check, so two functions cannot contradict each other: each follows the stream itself.
 * An account is dirty from the record of its change until a strong read that began later.
 */
import type { HealthyPart } from '../accounts/proved-accounts.ts';
import type { Certificate } from '../margin/certificate/certify.ts';
import { isInDoubt } from '../margin/certificate/uncertifiable.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { ReferenceMarket } from '../record/reference-market.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import type { ScanPosition } from '../rows/scan-options.ts';
import { AccountIndex, NO_EDITION } from './account-index.ts';
import { digestOf } from './digest.ts';
import { type Certificates, Edition, NOT_COMPUTABLE } from './edition.ts';
import { RememberedAccounts } from './remembered-accounts.ts';
import type { Finding } from './state.ts';
import { UnannouncedChanges } from './unannounced-changes.ts';

/** Each keeps its market, which a function that starts has to take again. The index has a byte for it. */
const EDITIONS_MAX = 20;
/** The index has two bytes for it. */
const CYCLES = 65_535;

/** No other market helps a book that is in doubt now. */
export const isDoubtOver = (parts: readonly HealthyPart[] = []): boolean =>
  !parts.some(({ book }) => isInDoubt(book));

interface ReadAccount {
  readonly digest: number;
  /** Absent if it is not healthy for certain, or has an open case. */
  readonly certified: Certificates | undefined;
  /** Whether the book is in no doubt at the market of now. */
  readonly isDoubtOver: boolean;
}

export class CertifiedBook {
  index = new AccountIndex();
  /** Whether the stream has been read since before the first account was noted. */
  isFollowed = false;
  /** The check that has read and noted the last of all accounts; absent until then. */
  filledBy: string | undefined;
  /** Until then, by segment of the scan: the last row that was met, or that all were. */
  readonly scanned = new Map<number, ScanPosition | 'whole'>();
  readonly unannounced = new UnannouncedChanges();
  /** Accounts in a case, or without a price: only those whose rows have not changed since. */
  readonly remembered = new RememberedAccounts();
  /** Accounts that a comparison found to be different, or has not met: read until they are noted. */
  readonly unmet = new Set<string>();
  /** The comparison with the table meets each account once a cycle. */
  cycle = 1;
  nextSlice = 0;
  /** When a slice was compared last. */
  comparedAt: number | undefined;
  /** The finding that has switched certificates off. `forget` keeps it. */
  off: Finding | undefined;
  /** The check that works with it. */
  check: object | undefined;
  /** Healthy accounts without a certificate that a market without its doubt would give one. */
  waiting = 0;
  private readonly editions = new Map<number, Edition>();
  private newest: Edition | undefined;

  /** Knows nothing any more. */
  forget(): void {
    this.index.clear();
    this.editions.clear();
    this.unannounced.clear();
    this.unmet.clear();
    this.remembered.clear();
    this.newest = undefined;
    this.filledBy = undefined;
    this.scanned.clear();
    this.isFollowed = false;
    this.waiting = 0;
    this.nextSlice = 0;
    this.comparedAt = undefined;
  }

  get all(): readonly Edition[] {
    return [...this.editions.values()];
  }

  get latest(): Edition | undefined {
    return this.newest;
  }

  /** As they were stored, of which the newest comes last. */
  restore(index: AccountIndex, editions: readonly Edition[]): void {
    this.index = index;
    for (const edition of editions) this.editions.set(edition.number, edition);
    this.newest = editions.at(-1);
  }

  /** Later certificates refer to this market. Editions without any are dropped. */
  open(market: ReferenceMarket): void {
    for (const edition of this.all) {
      if (edition.screen.size === 0) this.editions.delete(edition.number);
    }
    let number = 1;
    while (this.editions.has(number)) number++;
    // Within an hour the comparison empties some.
    if (number > EDITIONS_MAX) return;
    this.newest = new Edition(number, market);
    this.editions.set(number, this.newest);
    this.waiting = 0;
  }

  /** A record of a change of its rows was received. */
  hear(accountId: string): void {
    this.index.of.isDirty[this.index.add(accountId)] = 1;
    this.unannounced.delete(accountId);
    this.remembered.delete(accountId);
  }

  /** A scan has met it, and its rows are read again. */
  meet(accountId: string): void {
    const number = this.index.add(accountId);
    this.index.of.cycle[number] = this.cycle;
    this.remembered.delete(accountId);
    this.withdraw(number);
  }

  /** Every account has been read. Those that were not met are read at the next check. */
  endCycle(): void {
    const { index } = this;
    for (let number = 0; number < index.end; number++) {
      const accountId = index.idOf(number);
      if (index.of.cycle[number] === this.cycle) continue;
      if (accountId !== undefined) this.unmet.add(accountId);
    }
    this.cycle = (this.cycle % CYCLES) + 1;
    this.nextSlice = 0;
  }

  /** Closes the holes of editions that are mostly holes. Bounds are of lines, so not during a check. */
  compact(): void {
    for (const edition of this.all) edition.compact(this.index.of.firstLine);
  }

  /** Rows of a strong read that began after the last record was received. */
  note(
    { accountId, rows }: AccountRows,
    parts: readonly HealthyPart[] | undefined,
    at: Snapshot,
  ): Certificates | undefined {
    const digest = digestOf(rows);
    if (rows.length === 0) {
      this.noteGone(accountId);
      return undefined;
    }
    const certified = parts && this.newest?.certify(parts, at);
    return this.noteRead(accountId, { digest, certified, isDoubtOver: isDoubtOver(parts) });
  }

  private noteGone(accountId: string): void {
    this.begin(accountId);
    const number = this.index.numberOf(accountId);
    if (number !== undefined) this.withdraw(number);
    this.index.remove(accountId);
  }

  private begin(accountId: string, digest?: number): void {
    if (this.isUnannounced(accountId, digest)) this.unannounced.add(accountId);
    this.unmet.delete(accountId);
    this.remembered.delete(accountId);
  }

  /** Likewise, with what its certificates are at the market of the newest edition. */
  noteRead(
    accountId: string,
    { digest, certified, isDoubtOver }: ReadAccount,
  ): Certificates | undefined {
    this.begin(accountId, digest);
    const number = this.index.add(accountId);
    this.index.of.isDirty[number] = 0;
    this.index.of.cycle[number] = this.cycle;
    this.index.of.digest[number] = digest;
    this.withdraw(number);
    if (certified === undefined || this.newest === undefined) return undefined;
    if (!certified.ok) {
      if (certified.why === 'in doubt' && isDoubtOver) this.waiting++;
      return certified;
    }
    return this.certify(number, this.newest, certified.certificates) ? certified : NOT_COMPUTABLE;
  }

  /** Whether it is new or different, and no record has said so. @param digest absent: it is gone */
  private isUnannounced(accountId: string, digest: number | undefined): boolean {
    if (this.filledBy === undefined) return false;
    const number = this.index.numberOf(accountId);
    if (number === undefined) return digest !== undefined;
    const { isDirty, edition, digest: known } = this.index.of;
    if (isDirty[number] === 1) return false;
    // Nothing depends on the records of an account that is read at every check.
    if (edition[number] === NO_EDITION && !this.remembered.has(accountId)) return false;
    return known[number] !== digest;
  }

  /** @returns false if the arrays cannot take it, so that the account is read at every check */
  private certify(number: number, edition: Edition, certificates: readonly Certificate[]): boolean {
    const { of } = this.index;
    const first = edition.add(number, certificates);
    if (first === undefined) return false;
    of.edition[number] = edition.number;
    of.lines[number] = certificates.length;
    of.firstLine[number] = first;
    return true;
  }

  /** Moves its certificate to the newest edition, if it can have one there. */
  renew(number: number, parts: readonly HealthyPart[], at: Snapshot): void {
    const { newest } = this;
    if (newest === undefined || this.index.of.edition[number] === newest.number) return;
    const certified = newest.certify(parts, at);
    if (!certified.ok) return;
    this.withdraw(number);
    this.certify(number, newest, certified.certificates);
  }

  editionOf(number: number): Edition | undefined {
    return this.editions.get(this.index.of.edition[number] ?? NO_EDITION);
  }

  /** From now on it is read at every check, until it is certified again. */
  withdraw(number: number): void {
    const { of } = this.index;
    this.editionOf(number)?.screen.lines.remove(of.firstLine[number] ?? 0, of.lines[number] ?? 0);
    of.edition[number] = NO_EDITION;
    of.lines[number] = 0;
  }
}
