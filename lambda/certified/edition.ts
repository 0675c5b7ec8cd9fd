/** Certificates that refer to the market of one check. */
import type { HealthyPart } from '../accounts/proved-accounts.ts';
import type { SubAccount } from '../margin/book/account.ts';
import { buildBook } from '../margin/book/build-book.ts';
import { settledBy } from '../margin/certificate/accruals.ts';
import { type Certificate, type Certified, certify } from '../margin/certificate/certify.ts';
import { Columns } from '../margin/certificate/columns.ts';
import { ENVELOPE } from '../margin/certificate/envelope.ts';
import { NOBODY } from '../margin/certificate/lines.ts';
import { Screen } from '../margin/certificate/screen.ts';
import type { Uncertifiable } from '../margin/certificate/uncertifiable.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { ReferenceMarket } from '../record/reference-market.ts';

interface Refused {
  readonly ok: false;
  readonly why: Uncertifiable | 'not computable';
}

/** The certificates of all sub-accounts of an account, or why one of them has none. */
export type Certificates =
  | { readonly ok: true; readonly certificates: readonly Certificate[] }
  | Refused;

export const NOT_COMPUTABLE: Refused = { ok: false, why: 'not computable' };

/** Fewer lines keep their holes. */
const LINES_KEPT = 10_000;
const SHARE_KEPT = 0.5;

export class Edition {
  readonly number: number;
  readonly market: ReferenceMarket;
  readonly screen: Screen;
  /** Each line's bound at the market of the check that runs. */
  bounds: Float64Array = new Float64Array(0);

  /**
   * @param market that its certificates refer to
   * @param screen with certificates that were stored; without one it has none yet
   */
  constructor(number: number, market: ReferenceMarket, screen?: Screen) {
    this.number = number;
    this.market = market;
    this.screen = screen ?? new Screen(new Columns(market.snapshot, ENVELOPE));
  }

  get snapshot(): Snapshot {
    return this.market.snapshot;
  }

  /** Closes its holes, if it is mostly holes. @param firstLine of each account */
  compact(firstLine: Uint32Array): void {
    const { lines } = this.screen;
    if (lines.count < LINES_KEPT || lines.alive > SHARE_KEPT * lines.count) return;
    let last = NOBODY;
    lines.compact((account, line) => {
      // An account's lines follow each other.
      if (account !== NOBODY && account !== last) firstLine[account] = line;
      last = account;
    });
  }

  /** @param at the market of the parts' books */
  certify(parts: readonly HealthyPart[], at: Snapshot): Certificates {
    const certificates: Certificate[] = [];
    for (const part of parts) {
      const found = this.certifyPart(part, at);
      if (!found.ok) return found;
      certificates.push(found.certificate);
    }
    return { ok: true, certificates };
  }

  private certifyPart(part: HealthyPart, at: Snapshot): Certified | Refused {
    const { snapshot, screen } = this;
    const { subAccount, book } = at === snapshot ? part : this.atReference(part.subAccount);
    if (book === undefined) return { ok: false, why: 'in doubt' };
    try {
      return certify(subAccount, book, { snapshot, columns: screen.columns });
    } catch {
      return NOT_COMPUTABLE;
    }
  }

  private atReference(
    subAccount: SubAccount,
  ): Partial<HealthyPart> & Pick<HealthyPart, 'subAccount'> {
    const settled = settledBy(subAccount, this.snapshot.asOf);
    const built = buildBook(settled, this.snapshot);
    return { subAccount: settled, ...(built.ok && { book: built.book }) };
  }

  /** @returns the first line of its certificates, which follow each other; undefined if none fits */
  add(account: number, certificates: readonly Certificate[]): number | undefined {
    const { lines } = this.screen;
    const first = lines.count;
    try {
      for (const certificate of certificates) this.screen.add(account, certificate);
      return first;
    } catch {
      lines.remove(first, lines.count - first);
      return undefined;
    }
  }
}
