/**
 * A certified book as a head of JSON and arrays of bytes. What is stored is filled into a book of the
 * same size, through the same list of arrays, so neither order nor sizes can differ.
 */
import { Columns, type StoredColumns } from '../margin/certificate/columns.ts';
import { ENVELOPE } from '../margin/certificate/envelope.ts';
import type { StoredLines } from '../margin/certificate/lines.ts';
import { Screen } from '../margin/certificate/screen.ts';
import { readMarketText, writeMarket } from '../record/reference-market.ts';
import { AccountIndex } from './account-index.ts';
import type { CertifiedBook } from './certified-book.ts';
import { Edition } from './edition.ts';

interface StoredEdition {
  readonly number: number;
  /** A text of `writeMarket`. */
  readonly market: string;
  readonly columns: StoredColumns;
  readonly lines: StoredLines;
}

type Kept = Pick<CertifiedBook, 'filledBy' | 'cycle' | 'nextSlice' | 'comparedAt' | 'waiting'>;

export interface StoredBook extends Kept {
  readonly unannounced: readonly (readonly [accountId: string, readings: number])[];
  readonly unmet: readonly string[];
  readonly accounts: number;
  /** The length of all account ids in UTF-8. */
  readonly idBytes: number;
  /** The newest last. */
  readonly editions: readonly StoredEdition[];
}

/** The arrays of a book, to be read or to be filled. */
interface Sections {
  /** In UTF-16 code units. */
  readonly idLengths: Uint16Array;
  readonly idBytes: Uint8Array;
  readonly index: AccountIndex;
  readonly editions: readonly Edition[];
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const sectionsOf = ({ idLengths, idBytes, index, editions }: Sections): Uint8Array[] =>
  [
    ...[idLengths, idBytes, ...index.filled()],
    ...editions.flatMap(({ screen }) => screen.lines.filled()),
  ].map(bytesOf);

export function storedBook(book: CertifiedBook) {
  const { index, latest, filledBy, cycle, nextSlice, comparedAt, waiting } = book;
  const ids = index.stored;
  const idBytes = Buffer.from(ids.join(''));
  const idLengths = Uint16Array.from(ids, (accountId) => accountId.length);
  const editions = [...book.all.filter((each) => each !== latest), ...(latest ? [latest] : [])];
  const head: StoredBook = {
    ...{ filledBy, cycle, nextSlice, comparedAt, waiting },
    unannounced: [...book.unannounced],
    unmet: [...book.unmet],
    accounts: ids.length,
    idBytes: idBytes.length,
    editions: editions.map(({ number, market, screen: { columns, lines } }) => ({
      number,
      market: writeMarket(market),
      columns: columns.stored,
      lines: lines.stored,
    })),
  };
  return { head, sections: sectionsOf({ idLengths, idBytes, index, editions }) };
}

interface RestoredBy {
  /** Fills these arrays, one after the other, with what was stored. */
  readonly fill: (sections: readonly Uint8Array[]) => Promise<void>;
  /** Called before each edition, whose market takes as long as that of a check; may throw. */
  readonly goOn?: () => void;
}

/**
 * @returns makes the book what it was; until then it is as it is
 */
export async function restoredBook(
  head: StoredBook,
  { fill, goOn = () => undefined }: RestoredBy,
): Promise<(book: CertifiedBook) => void> {
  const idLengths = new Uint16Array(head.accounts);
  const idBytes = new Uint8Array(head.idBytes);
  const index = AccountIndex.sized(head.accounts);
  const editions = head.editions.map((edition) => {
    goOn();
    return restoredEdition(edition);
  });
  await fill(sectionsOf({ idLengths, idBytes, index, editions }));
  index.name(idsIn(idLengths, idBytes));
  return (book) => {
    const { filledBy, cycle, nextSlice, comparedAt, waiting } = head;
    Object.assign(book, { filledBy, cycle, nextSlice, comparedAt, waiting });
    for (const [accountId, readings] of head.unannounced) {
      book.unannounced.set(accountId, readings);
    }
    for (const accountId of head.unmet) book.unmet.add(accountId);
    book.restore(index, editions);
  };
}

function restoredEdition({ number, market: text, columns, lines }: StoredEdition): Edition {
  const market = readMarketText(text);
  const restored = Columns.restored(market.snapshot, ENVELOPE, columns);
  return new Edition(number, market, new Screen(restored, lines));
}

function idsIn(lengths: Uint16Array, bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  let end = 0;
  return Array.from(lengths, (length) => {
    const start = end;
    end += length;
    return text.slice(start, end);
  });
}
