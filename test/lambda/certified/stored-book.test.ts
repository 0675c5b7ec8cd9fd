import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillFrom, partsOf } from '../../../lambda/certified/byte-parts.ts';
import { CertifiedBook } from '../../../lambda/certified/certified-book.ts';
import { restoredBook, storedBook } from '../../../lambda/certified/stored-book.ts';
import { debtOfLines, liquidatedLines } from '../../../lambda/margin/certificate/gauges.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { readMarketText, writeMarket } from '../../../lambda/record/reference-market.ts';
import {
  type AccountRows,
  bookOf,
  crossOf,
  inputOf,
  type MarketRows,
  NOW,
  snapshotOf,
} from '../margin/build.ts';
import { FAMILIES } from '../margin/certificate/families.ts';
import { referenceOf } from './reference.ts';

const rowsOf = (accountId: string) => ({ accountId, rows: [{ accountId, item: 'profile' }] });

/** Certificates at two markets, a dirty account, one without a certificate and one that is gone. */
function filled(market: MarketRows, later: MarketRows, account: AccountRows): CertifiedBook {
  const book = new CertifiedBook();
  for (const [place, drawn] of [market, later].entries()) {
    const reference = referenceOf(drawn);
    const { snapshot } = reference;
    const parts = [{ subAccount: crossOf(account), book: bookOf(account, snapshot) }];
    book.open(reference);
    for (const name of ['é', 'account', '口座']) {
      book.note(rowsOf(`${name} ${place}`), parts, snapshot);
    }
    book.hear(`account ${place}`);
    book.note({ accountId: 'é 0', rows: [] }, undefined, snapshot);
  }
  book.note(rowsOf('called'), undefined, snapshotOf(later));
  Object.assign(book, { filledBy: '2026-01-01T00:00:00.000Z', cycle: 3, nextSlice: 7 });
  Object.assign(book, { comparedAt: 1_700_000_000_000, waiting: 2 });
  book.unannounced.set('account 1', 1);
  book.unmet.add('account 0');
  return book;
}

async function restoredFrom(
  { head, sections }: ReturnType<typeof storedBook>,
  partBytes: number,
): Promise<CertifiedBook> {
  async function* parts() {
    yield* partsOf(sections, partBytes);
  }
  const read = JSON.parse(JSON.stringify(head)) as typeof head;
  const book = new CertifiedBook();
  (await restoredBook(read, { fill: (into) => fillFrom(parts(), into) }))(book);
  return book;
}

/** Everything that a check asks the certificates, at a market. */
const answersOf = (book: CertifiedBook, market: MarketRows) =>
  book.all.map(({ number, screen }) => {
    const snapshot = snapshotOf(market);
    const liquidated = [...liquidatedLines(screen, snapshot, () => true)];
    const debt = debtOfLines(screen, snapshot, () => true);
    return { number, bounds: screen.boundsAt(snapshot), liquidated, debt };
  });

describe('a book that was stored', () => {
  it.each(FAMILIES)('is what it was: %s', async (_name, family) => {
    let said = 0;
    const sizes = fc.integer({ min: 1, max: 5_000 });
    await fc.assert(
      fc.asyncProperty(family(2), sizes, async ({ account, at, moved: [first, second] }, size) => {
        const as = (market: MarketRows): MarketRows => market;
        const later = first?.(as) ?? expect.fail('no market');
        const book = filled(at(as), { ...later, asOf: NOW }, account);
        const stored = storedBook(book);
        const restored = await restoredFrom(stored, size);
        expect(storedBook(restored)).toEqual(stored);
        const moved = second?.(as) ?? expect.fail('no market');
        const answers = answersOf(book, moved);
        said += answers.flatMap(({ bounds }) => [...bounds].filter(Number.isFinite)).length;
        expect(answersOf(restored, moved)).toEqual(answers);
        expect(restored.index.numberOf('口座 1')).toBe(book.index.numberOf('口座 1'));
        expect(restored.index.numberOf('é 0')).toBeUndefined();
        // Both go on alike.
        const reference = referenceOf(moved);
        for (const each of [book, restored]) {
          each.open(reference);
          each.note(rowsOf('new'), undefined, reference.snapshot);
          each.hear('口座 0');
        }
        expect(storedBook(restored)).toEqual(storedBook(book));
      }),
      { numRuns: 40 },
    );
    // Beside the two lines of the screens.
    expect(said).toBeGreaterThan(3 * 40);
  });

  it('is not filled from fewer bytes, nor from more', async () => {
    const stored = storedBook(new CertifiedBook());
    const short = { ...stored.head, accounts: 1 };
    await expect(restoredFrom({ ...stored, head: short }, 9)).rejects.toThrow('fewer bytes');
    const long = [...stored.sections, new Uint8Array(1)];
    await expect(restoredFrom({ ...stored, sections: long }, 9)).rejects.toThrow('more bytes');
  });
});

it('a market is taken again with what was measured of it', () => {
  const measured: MarketRows = {
    risk: { BTC: { margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } } },
    quotes: { 'BTC-USD#a': { price: '6000.000000000000000001' } },
    previousPrices: { 'BTC-USD': '5999.9', 'ETH-USD': null },
    volatilities: { 'BTC-USD': '0.7100000000000000000001', 'ETH-USD': null, 'SOL-USD': '0.9' },
    quantiles: { 'BTC-USD': ['2.5', '3.1'] },
    initials: { 'SOL-USD': '0.8' },
    gapSeconds: 61.25,
  };
  const outage = { since: 1_699_999_000_000, leastSeconds: 120 };
  const market = { ...referenceOf(measured), outage };
  const again = readMarketText(writeMarket(market));
  expect(again).toEqual({ ...market, snapshot: takeSnapshot({ ...inputOf(measured), outage }) });
});
