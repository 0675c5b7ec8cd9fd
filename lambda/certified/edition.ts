/** Certificates that refer to the market of one check. */
import type { HealthyPart } from '../accounts/proved-accounts.ts';
import type { SubAccount } from '../margin/book/account.ts';
import { buildBook } from '../margin/book/build-book.ts';
import { settledBy } from '../margin/certificate/accruals.ts';
import { type Certificate, certify } from '../margin/certificate/certify.ts';
import { Columns } from '../margin/certificate/columns.ts';
import { ENVELOPE } from '../margin/certificate/envelope.ts';
import { Screen } from '../margin/certificate/screen.ts';
import type { Uncertifiable } from '../margin/certificate/uncertifiable.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';

export type Certificates =
  | { readonly ok: true; readonly certificates: readonly Certificate[] }
  | { readonly ok: false; readonly why: Uncertifiable | 'not computable' };

export class Edition {
  readonly number: number;
  readonly snapshot: Snapshot;
  readonly screen: Screen;
  /** At the market of the check that runs: one a line. */
  bounds: Float64Array = new Float64Array(0);
  private readonly columns: Columns;

  /** @param snapshot the market that its certificates refer to */
  constructor(number: number, snapshot: Snapshot) {
    this.number = number;
    this.snapshot = snapshot;
    this.columns = new Columns(snapshot, ENVELOPE);
    this.screen = new Screen(this.columns);
  }

  /** @param at the market of the parts' books */
  certify(parts: readonly HealthyPart[], at: Snapshot): Certificates {
    const certificates: Certificate[] = [];
    for (const part of parts) {
      const found = this.certifyPart(part, at);
      if (!found.ok) return found;
      certificates.push(...found.certificates);
    }
    return { ok: true, certificates };
  }

  private certifyPart(part: HealthyPart, at: Snapshot): Certificates {
    const { snapshot, columns } = this;
    const { subAccount, book } = at === snapshot ? part : this.atReference(part.subAccount);
    if (book === undefined) return { ok: false, why: 'in doubt' };
    try {
      const certified = certify(subAccount, book, { snapshot, columns });
      return certified.ok ? { ok: true, certificates: [certified.certificate] } : certified;
    } catch {
      return { ok: false, why: 'not computable' };
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
