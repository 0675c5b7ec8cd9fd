import { describe, expect, it } from 'vitest';
import { CertifiedBook } from '../../../lambda/certified/certified-book.ts';
import type { Snapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { type AccountRows, bookOf, crossOf, type MarketRows, snapshotOf } from '../margin/build.ts';

const MARKET: MarketRows = {
  policy: { latencyBuffer: 'standard', uncertainty: 'standard' },
  instruments: {
    'BTC-PERP': {
      ...{ type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC', settlementAsset: 'USD' },
    },
  },
  risk: {
    BTC: { margin: { type: 'flat', initial: '0.1', maintenance: '0.05' }, volatility: '0.8' },
  },
  quotes: { 'BTC-USD#a': { price: '6000' } },
};

/** A jump that nothing has confirmed. */
const IN_DOUBT: MarketRows = { ...MARKET, previousPrices: { 'BTC-USD': '4000' } };

const ACCOUNT: AccountRows = {
  balances: [{ asset: 'USD', amount: '40000' }],
  positions: [{ instrument: 'BTC-PERP', quantity: '2', entryPrice: '6000' }],
};

const rows = { accountId: 'a', rows: [{ accountId: 'a', item: 'balance#USD' }] };
/** As nothing is stored, what it was taken from does not matter. */
const marketOf = (snapshot: Snapshot) => ({
  snapshot,
  rows: [],
  gapSeconds: 60,
  previousPrices: new Map(),
});

const partsAt = (snapshot: Snapshot) => [
  { subAccount: crossOf(ACCOUNT), book: bookOf(ACCOUNT, snapshot) },
];

describe('an account that another market would give a certificate', () => {
  it.each([
    ['waits if the newest market was in doubt, and is not any more', IN_DOUBT, MARKET, 1],
    ['does not wait while it is in doubt itself', MARKET, IN_DOUBT, 0],
    ['does not wait while both are', IN_DOUBT, IN_DOUBT, 0],
    ['does not wait if it has one', MARKET, MARKET, 0],
  ])('%s', (_name, opened, noted, waiting) => {
    const book = new CertifiedBook();
    book.open(marketOf(snapshotOf(opened)));
    const now = snapshotOf(noted);
    book.note(rows, partsAt(now), now);
    expect(book.waiting).toBe(waiting);
  });
});

it('says so if the arrays cannot take a certificate, and reads the account', () => {
  const book = new CertifiedBook();
  const now = snapshotOf(MARKET);
  book.open(marketOf(now));
  const { lines } = book.latest?.screen ?? expect.fail('no edition');
  lines.add = () => {
    throw new RangeError('too many columns');
  };
  const certified = book.note(rows, partsAt(now), now);
  expect(certified).toEqual({ ok: false, why: 'not computable' });
  expect(book.editionOf(book.index.add('a'))).toBeUndefined();
});

it('keeps few markets, and opens others once the comparison has emptied some', () => {
  const book = new CertifiedBook();
  const now = snapshotOf(MARKET);
  for (let each = 0; each < 30; each++) {
    book.open(marketOf(now));
    book.note({ ...rows, accountId: `account ${each}` }, partsAt(now), now);
  }
  expect(book.all).toHaveLength(20);
  const newest = book.latest;
  for (let each = 0; each < 30; each++) {
    book.renew(book.index.add(`account ${each}`), partsAt(now), now);
  }
  expect(newest?.screen.size).toBe(30);
  book.open(marketOf(now));
  expect(book.latest).not.toBe(newest);
  expect(book.all).toHaveLength(2);
});

describe('an account that the book remembers', () => {
  const now = snapshotOf(MARKET);
  const remembering = () => {
    const book = new CertifiedBook();
    book.open(marketOf(now));
    book.filledBy = 'a check';
    book.note(rows, undefined, now);
    book.remembered.add({ account: rows, cases: new Map() });
    return book;
  };

  it.each<[string, (book: CertifiedBook) => void]>([
    ['a record of its change is received', (book) => book.hear('a')],
    ['a scan has met it', (book) => book.meet('a')],
    ['it is read again', (book) => book.note(rows, undefined, now)],
    ['the book knows nothing any more', (book) => book.forget()],
  ])('is forgotten when %s', (_name, happen) => {
    const book = remembering();
    expect(book.remembered.has('a')).toBe(true);
    happen(book);
    expect(book.remembered.has('a')).toBe(false);
  });

  it('was noted, and has not changed since', () => {
    const book = remembering();
    const of = (accountId: string) => book.index.isClean(accountId);
    expect({ a: of('a'), unknown: of('unknown') }).toEqual({ a: true, unknown: false });
    book.hear('a');
    expect(of('a')).toBe(false);
  });

  it('has to be announced by a record when its rows change', () => {
    const changed = { accountId: 'a', rows: [{ accountId: 'a', item: 'balance#BTC' }] };
    const book = remembering();
    book.note(changed, undefined, now);
    expect([...book.unannounced.keys()]).toEqual(['a']);
    // Nothing is remembered of it now: it is read at every check.
    book.unannounced.clear();
    book.note(rows, undefined, now);
    expect(book.unannounced.size).toBe(0);
  });
});
