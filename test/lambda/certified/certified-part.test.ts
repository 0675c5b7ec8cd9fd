import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertifiedBook } from '../../../lambda/certified/certified-book.ts';
import { CertifierOfPart, notesOf } from '../../../lambda/certified/certified-part.ts';
import { debtOfLines, liquidatedLines } from '../../../lambda/margin/certificate/gauges.ts';
import { readMarketText, writeMarket } from '../../../lambda/record/reference-market.ts';
import { bookOf, crossOf, type MarketRows, snapshotOf } from '../margin/build.ts';
import { FAMILIES } from '../margin/certificate/families.ts';
import { referenceOf } from './reference.ts';

const rowsOf = (accountId: string) => ({ accountId, rows: [{ accountId, item: 'profile' }] });
const NAMES = ['a', 'b', 'c'];

/** Everything that a check asks the certificates, at a market. */
function answersOf(book: CertifiedBook, market: MarketRows) {
  const snapshot = snapshotOf(market);
  return book.all.map(({ screen }) => ({
    bounds: screen.boundsAt(snapshot),
    liquidated: [...liquidatedLines(screen, snapshot, () => true)],
    debt: debtOfLines(screen, snapshot, () => true),
    digests: NAMES.map((name) => book.index.of.digest[book.index.numberOf(name) ?? -1]),
  }));
}

describe('the certificates that a worker has made', () => {
  it.each(FAMILIES)('say what the check’s own would: %s', async (_name, family) => {
    let said = 0;
    fc.assert(
      fc.property(family(2), ({ account, at, moved: [, second] }) => {
        const as = (market: MarketRows): MarketRows => market;
        const moved = second?.(as) ?? expect.fail('no market');
        const reference = referenceOf(at(as));
        const partsAt = (snapshot: typeof reference.snapshot) => [
          { subAccount: crossOf(account), book: bookOf(account, snapshot) },
        ];
        const own = new CertifiedBook();
        own.open(reference);
        for (const name of NAMES) {
          own.note(rowsOf(name), partsAt(reference.snapshot), reference.snapshot);
        }
        // The worker has the market as a text.
        const its = readMarketText(writeMarket(reference));
        const certifier = new CertifierOfPart(its);
        for (const name of NAMES) certifier.add(rowsOf(name), partsAt(its.snapshot));
        const written = certifier.written();
        expect(certifier.bytes).toBeGreaterThanOrEqual(
          written.arrays.length + written.digests.length - 8,
        );
        const book = new CertifiedBook();
        book.open(reference);
        // Columns that the check has opened before have other numbers.
        book.latest?.screen.columns.basis('elsewhere', 'elsewhere');
        const safe = NAMES.map(() => ({ subAccounts: 1 }));
        const note = notesOf(JSON.parse(JSON.stringify(written)), {
          ...{ book, market: reference, safe },
        });
        for (const [place, name] of NAMES.entries()) note(name, place, true);
        const answers = answersOf(book, moved);
        expect(answers).toEqual(answersOf(own, moved));
        said += answers.flatMap(({ bounds }) => [...bounds].filter(Number.isFinite)).length;
      }),
      { numRuns: 40 },
    );
    expect(said).toBeGreaterThan(2 * 40);
  });
});
