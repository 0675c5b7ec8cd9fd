/**
 * The certificates of a part that a worker has scanned. The worker opens an edition at the market of the
 * check and answers with its arrays; the check moves them to its own edition of that market.
 */
import type { HealthyPart, NoteScanned } from '../accounts/proved-accounts.ts';
import type { ScannedSafe } from '../accounts/scan-answer.ts';
import type { PartCertifier } from '../accounts/scan-part.ts';
import type { StoredColumns } from '../margin/certificate/columns.ts';
import { Lines, NOBODY, type StoredLines } from '../margin/certificate/lines.ts';
import type { Uncertifiable } from '../margin/certificate/uncertifiable.ts';
import type { ReferenceMarket } from '../record/reference-market.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import { type CertifiedBook, isDoubtOver } from './certified-book.ts';
import { digestOf } from './digest.ts';
import { type Certificates, Edition, NOT_COMPUTABLE } from './edition.ts';

type Why = Uncertifiable | (typeof NOT_COMPUTABLE)['why'];

/** As JSON. Accounts are numbered in the order of the answer. */
interface StoredPart {
  readonly columns: StoredColumns;
  readonly lines: StoredLines;
  /** Healthy accounts without a certificate, and whether their books are in no doubt. */
  readonly uncertified: readonly (readonly [account: number, why: Why, isDoubtOver: boolean])[];
  /** Base64 of the digest of each account, and of the arrays of lines. */
  readonly digests: string;
  readonly arrays: string;
}

const BYTES = { account: 8, line: 48, entry: 22, exposure: 6 } as const;
const BASE64 = 4 / 3;

export class CertifierOfPart implements PartCertifier {
  private readonly edition: Edition;
  private readonly digests: number[] = [];
  private readonly uncertified: [number, Why, boolean][] = [];

  constructor(market: ReferenceMarket) {
    this.edition = new Edition(1, market);
  }

  add({ rows }: AccountRows, parts: readonly HealthyPart[]): void {
    const account = this.digests.push(digestOf(rows)) - 1;
    const certified = this.edition.certify(parts, this.edition.snapshot);
    const found =
      certified.ok && this.edition.add(account, certified.certificates) === undefined
        ? NOT_COMPUTABLE
        : certified;
    if (!found.ok) this.uncertified.push([account, found.why, isDoubtOver(parts)]);
  }

  get bytes(): number {
    const { count, entries, exposures } = this.edition.screen.lines.stored;
    const { digests } = this;
    return (
      BASE64 *
      (digests.length * BYTES.account +
        count * BYTES.line +
        entries * BYTES.entry +
        exposures * BYTES.exposure)
    );
  }

  written(): StoredPart {
    const { columns, lines } = this.edition.screen;
    return {
      columns: columns.stored,
      lines: lines.stored,
      uncertified: this.uncertified,
      digests: base64Of([Float64Array.from(this.digests)]),
      arrays: base64Of(lines.filled()),
    };
  }
}

export type OfAccount = Pick<ScannedSafe, 'subAccounts'>;

interface PartAccount {
  readonly digest: number;
  readonly certified: Certificates;
  readonly isDoubtOver: boolean;
}

/** As the check reads it. */
class CertifiedPart {
  private readonly lines: Lines;
  private readonly columns: readonly number[];
  private readonly digests: Float64Array;
  /** The lines of each account. */
  private readonly linesOf: number[][];
  private readonly uncertified: ReadonlyMap<number, readonly [why: Why, isDoubtOver: boolean]>;

  /**
   * @param accounts with as many certificates as sub-accounts, or none
   * @throws Error if it is not of these accounts, or is damaged
   */
  constructor(
    given: unknown,
    { accounts, edition }: { readonly accounts: readonly OfAccount[]; readonly edition: Edition },
  ) {
    const { columns, lines, uncertified, digests, arrays } = given as StoredPart;
    this.digests = new Float64Array(accounts.length);
    fill([this.digests], digests);
    this.lines = Lines.sized(edition.snapshot.asOf, lines);
    fill(this.lines.filled(), arrays);
    this.columns = edition.screen.columns.adopt(columns);
    this.uncertified = new Map(
      uncertified.map(([account, why, isOver]) => [account, [why, isOver]]),
    );
    this.linesOf = accounts.map(() => []);
    for (const [line, account] of this.lines.of.account.subarray(0, lines.count).entries()) {
      // The first line is the screen's own.
      if (account === NOBODY) continue;
      const own = this.linesOf[account];
      if (own === undefined) throw new RangeError(`a certificate of account ${account}`);
      own.push(line);
    }
    for (const [account, { subAccounts }] of accounts.entries()) {
      const certificates = this.linesOf[account]?.length;
      // One without a line would never be in doubt.
      if (certificates === (this.uncertified.has(account) ? 0 : subAccounts)) continue;
      throw new RangeError(`${certificates} certificates for ${subAccounts} sub-accounts`);
    }
  }

  at(place: number): PartAccount {
    const digest = this.digests[place] as number;
    const [why, isDoubtOver = true] = this.uncertified.get(place) ?? [];
    if (why !== undefined) return { digest, certified: { ok: false, why }, isDoubtOver };
    return { digest, certified: this.certificatesAt(place), isDoubtOver };
  }

  private certificatesAt(place: number): Certificates {
    try {
      const lines = this.linesOf[place] ?? [];
      const certificates = lines.map((line) => this.lines.certificateAt(line, this.columns));
      return { ok: true, certificates };
    } catch {
      return NOT_COMPUTABLE;
    }
  }
}

interface Into {
  readonly book: CertifiedBook;
  /** The market of the check. */
  readonly market: ReferenceMarket;
  /** The accounts of the part, in their order. */
  readonly safe: readonly OfAccount[];
}

/**
 * @returns notes one of the accounts in the book
 * @throws Error if the part is not of these accounts, or of another market than the book's newest
 */
export function notesOf(given: unknown, { book, market, safe: accounts }: Into) {
  const { latest: edition } = book;
  if (edition?.market !== market) throw new Error('the certificates are of another market');
  const part = new CertifiedPart(given, { accounts, edition });
  return (...[accountId, place, isHealthy]: Parameters<NoteScanned>) => {
    const { certified, ...read } = part.at(place);
    return book.noteRead(accountId, { ...read, certified: isHealthy ? certified : undefined });
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const base64Of = (arrays: readonly ArrayBufferView[]): string =>
  Buffer.concat(arrays.map(bytesOf)).toString('base64');

/** @throws RangeError unless the text is as long as the arrays */
function fill(arrays: readonly ArrayBufferView[], text: string): void {
  const bytes = Buffer.from(text, 'base64');
  const whole = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes.length !== whole) throw new RangeError(`${bytes.length} bytes instead of ${whole}`);
  let from = 0;
  for (const array of arrays.map(bytesOf)) {
    array.set(bytes.subarray(from, from + array.length));
    from += array.length;
  }
}
