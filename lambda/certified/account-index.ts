/** The certified book gives each account a number, and keeps its figures under it. */
import { grown } from '../margin/number/grown.ts';

/** No edition has a certificate of it. */
export const NO_EDITION = 0;

const ACCOUNTS_FIRST = 1024;

const newAccounts = (size = ACCOUNTS_FIRST) => ({
  /** The edition that has its certificate, or NO_EDITION. */
  edition: new Uint8Array(size),
  firstLine: new Uint32Array(size),
  lines: new Uint32Array(size),
  digest: new Float64Array(size),
  /** 1 if a row has changed since it was read. */
  isDirty: new Uint8Array(size),
  /** The cycle in which it was met last. */
  cycle: new Uint16Array(size),
});

export class AccountIndex {
  of = newAccounts();
  private readonly numbers = new Map<string, number>();
  private readonly ids: (string | undefined)[] = [];
  private readonly free: number[] = [];

  /** Accounts that are known. */
  get size(): number {
    return this.numbers.size;
  }

  /** Above every number. */
  get end(): number {
    return this.ids.length;
  }

  numberOf(accountId: string): number | undefined {
    return this.numbers.get(accountId);
  }

  /** Whether it is known, and no row of it has changed since it was read. */
  isClean(accountId: string): boolean {
    return this.of.isDirty[this.numberOf(accountId) ?? -1] === 0;
  }

  /** Undefined for a number that no account has. */
  idOf(number: number): string | undefined {
    return this.ids[number];
  }

  add(accountId: string): number {
    const found = this.numbers.get(accountId);
    if (found !== undefined) return found;
    const number = this.free.pop() ?? this.ids.length;
    this.ids[number] = accountId;
    this.numbers.set(accountId, number);
    if (number >= this.of.edition.length) this.of = grown(this.of);
    this.of.edition[number] = NO_EDITION;
    this.of.lines[number] = 0;
    this.of.isDirty[number] = 0;
    this.of.cycle[number] = 0;
    return number;
  }

  remove(accountId: string): void {
    const number = this.numbers.get(accountId);
    if (number === undefined) return;
    this.numbers.delete(accountId);
    this.ids[number] = undefined;
    this.free.push(number);
  }

  /** The ids by number; an empty one is no account's. */
  get stored(): readonly string[] {
    return Array.from(this.ids, (accountId = '') => accountId);
  }

  /** The filled part of every array, always in the same order. */
  filled(): ArrayBufferView[] {
    return Object.values(this.of).map((array) => array.subarray(0, this.end));
  }

  /** Its arrays have to be filled. */
  static sized(accounts: number): AccountIndex {
    const index = new AccountIndex();
    index.of = newAccounts(Math.max(ACCOUNTS_FIRST, accounts));
    index.ids.length = accounts;
    return index;
  }

  /** @param ids as `stored` */
  name(ids: readonly string[]): void {
    for (const [number, accountId] of ids.entries()) {
      this.ids[number] = accountId === '' ? undefined : accountId;
      if (accountId === '') this.free.push(number);
      else this.numbers.set(accountId, number);
    }
  }

  clear(): void {
    this.numbers.clear();
    this.ids.length = 0;
    this.free.length = 0;
  }
}
