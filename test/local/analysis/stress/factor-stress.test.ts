import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessAccount } from '../../../../lambda/accounts/assess-account.ts';
import { buildBook } from '../../../../lambda/margin/book/build-book.ts';
import { equityAt, equityOf } from '../../../../lambda/margin/book/equity.ts';
import {
  add,
  amount,
  approximately,
  ONE,
  price,
  type Ratio,
  ratio,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import { type SnapshotInput, takeSnapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import type { Evidence } from '../../../../lambda/record/evidence.ts';
import { parseExactJson } from '../../../../lambda/rows/numeral.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import { readDocument } from '../../../../local/analysis/document.ts';
import { CommonMove } from '../../../../local/analysis/stress/common-move.ts';
import { FactorStress } from '../../../../local/analysis/stress/factor-stress.ts';
import { Stress } from '../../../../local/analysis/stress/stress.ts';
import { documentUnder, marketAndBook } from '../../../docs/documents.ts';

const AS_OF = '2026-01-15T12:00:00Z';
const NOW = Date.parse(AS_OF);
const flat = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const perpetual = (coin: string, extra: object = {}) => ({
  type: 'perpetual',
  underlying: `${coin}-USD`,
  settlementAsset: 'USD',
  riskClass: coin,
  ...extra,
});

const document = (accounts: readonly object[], extra: object = {}) => ({
  asOf: AS_OF,
  policy: {},
  assets: { BTC: { feed: 'BTC-USD', collateralWeight: '0.8' } },
  instruments: {
    'BTC-PERP': perpetual('BTC', { markFeed: 'BTC-MARK' }),
    'ETH-PERP': perpetual('ETH'),
  },
  risk: { BTC: { volatility: '0.6', margin: flat }, ETH: { volatility: '0.8', margin: flat } },
  quotes: Object.entries({ 'BTC-USD': '60000', 'BTC-MARK': '60010', 'ETH-USD': '3000' }).map(
    ([feed, each]) => ({ feed, source: 'venue', price: each, publishedAt: NOW - 5000 }),
  ),
  accounts,
  ...extra,
});

const holding = (accountId: string, cash: string, quantity: string, instrument = 'BTC-PERP') => ({
  accountId,
  balances: [{ asset: 'USD', amount: cash }],
  positions: [{ instrument, quantity, entryPrice: instrument === 'BTC-PERP' ? '60000' : '3000' }],
});

const evidenceOf = (value: object): Evidence => readDocument(parseExactJson(JSON.stringify(value)));

const inputOf = (evidence: Evidence): SnapshotInput => ({
  ...evidence,
  market: readMarket(evidence.marketRows).market,
});

function stressed(value: object, moves: Readonly<Record<string, string>>, limit = 20) {
  const evidence = evidenceOf(value);
  const byFactor = new Map(Object.entries(moves).map(([name, move]) => [name, ratio(move)]));
  const stress = new FactorStress({ input: inputOf(evidence), moves: byFactor, limit });
  for (const account of evidence.accounts) stress.add(account);
  return stress;
}

describe('a stress of single factors', () => {
  it('moves one price and its mark, and leaves the others', () => {
    const accounts = [
      holding('btc', '7000', '1'),
      holding('eth', '4000', '10', 'ETH-PERP'),
      holding('short', '7000', '-1'),
    ];
    const { after, worst } = stressed(document(accounts), { 'BTC-USD': '-0.1' });
    expect(after).toMatchObject({ healthy: 2, liquidation: 1 });
    const [only] = worst.liquidation.first();
    expect(only).toMatchObject({ accountId: 'btc', before: 'healthy', after: 'liquidation' });
    // The mark of 60,010 falls by a tenth to 54,009.
    expect(textOf(only?.equity ?? amount('0'))).toBe('1009');
  });

  it('names the worst of a level first, up to the limit, and counts all', () => {
    const accounts = Array.from({ length: 200 }, (_, index) =>
      holding(`a${String(index).padStart(3, '0')}`, String(5000 - index), '1'),
    );
    const { worst, after, shortfall } = stressed(document(accounts), { 'BTC-USD': '-0.1' }, 3);
    expect(after.deficit).toBe(200);
    expect(worst.deficit.count).toBe(200);
    expect(worst.deficit.first().map(({ accountId }) => accountId)).toEqual([
      'a199',
      'a198',
      'a197',
    ]);
    // 5,991 − 5,000, and one more from account to account
    expect(textOf(shortfall)).toBe(String(200 * 991 + (199 * 200) / 2));
  });

  it('tells accounts apart that are indeterminate, and puts none of them into a sum', () => {
    const broken = { accountId: 'broken', balances: [{ asset: 'USD', amount: '1,0' }] };
    const accounts = [broken, holding('btc', '7000', '1')];
    const { after, undecided } = stressed(document(accounts), { 'ETH-USD': '-0.5' });
    expect(after).toMatchObject({ healthy: 1, indeterminate: 1 });
    expect(undecided.first()).toMatchObject([{ accountId: 'broken', before: 'indeterminate' }]);
  });

  const remembered = {
    price: '60000',
    publishedAt: NOW - 60_000,
    sources: { venue: NOW - 60_000 },
  };
  const previousPrices = {
    'BTC-USD': remembered,
    'BTC-MARK': { ...remembered, price: '60010' },
    'ETH-USD': { ...remembered, price: '3000' },
  };

  it('takes a fall beyond the largest jump for true, also of a single source', () => {
    const value = document([holding('btc', '20000', '1')], { previousPrices });
    expect(stressed(value, { 'BTC-USD': '-0.5' }).after).toMatchObject({ deficit: 1 });
    const evidence = evidenceOf(value);
    const common = new Stress(inputOf(evidence), [ratio('-0.5')]);
    const { cross } = marketAndBook(JSON.parse(JSON.stringify(value)));
    common.add(cross);
    expect(common.moves[0]).toMatchObject({ liquidations: 1, deficits: 1 });
  });

  it('keeps the doubt of now: a price that is suspect stays in doubt', () => {
    const before = { ...previousPrices, 'ETH-USD': { ...remembered, price: '1000' } };
    const value = document([holding('eth', '4000', '10', 'ETH-PERP')], { previousPrices: before });
    const { before: now, after } = stressed(value, { 'ETH-USD': '-0.01' });
    expect([now.indeterminate, after.indeterminate]).toEqual([1, 1]);
  });
});

/** The document with the quotes of one factor, and its mark, multiplied. */
function movedDocument(value: ReturnType<typeof document>, move: Ratio) {
  const multiple = add(ONE, move);
  const isOf = (feed: string) => feed.startsWith('BTC');
  return {
    ...value,
    quotes: value.quotes.map((quote) =>
      isOf(quote.feed) ? { ...quote, price: textOf(times(price(quote.price), multiple)) } : quote,
    ),
  };
}

it('finds of any account what an assessment finds at the moved quotes', () => {
  const cents = fc.integer({ min: -2_000_000, max: 2_000_000 });
  const quantity = fc.integer({ min: -30, max: 30 });
  const percent = fc.integer({ min: -60, max: 60 });
  fc.assert(
    fc.property(cents, quantity, quantity, percent, (cash, btc, eth, moved) => {
      const account = {
        accountId: 'any',
        balances: [
          { asset: 'USD', amount: `${cash}e-2` },
          { asset: 'BTC', amount: `${btc}e-3` },
        ],
        positions: [
          { instrument: 'BTC-PERP', quantity: `${btc}e-2`, entryPrice: '59000' },
          { instrument: 'ETH-PERP', quantity: `${eth}e-1`, entryPrice: '3100' },
        ],
      };
      const value = document([account]);
      const move = ratio(`${moved}e-2`);
      const found = stressed(value, { 'BTC-USD': textOf(move) });
      const evidence = evidenceOf(movedDocument(value, move));
      const [expected] = evidence.accounts.flatMap((each) =>
        assessAccount(each, takeSnapshot(inputOf(evidence))),
      );
      const { outcome } = expected ?? {};
      const level = outcome?.certainty === 'indeterminate' ? 'indeterminate' : outcome?.level;
      expect(found.after[level ?? 'healthy']).toBe(1);
      if (outcome === undefined || outcome.certainty === 'indeterminate') return;
      const worst = Object.values(found.worst).flatMap((each) => each.first());
      if (worst[0] !== undefined) {
        expect(textOf(worst[0].equity)).toBe(textOf(outcome.equity.point));
        expect(textOf(worst[0].surplus)).toBe(textOf(outcome.surplus.liquidation.point));
      }
    }),
    { numRuns: 150 },
  );
});

it('revalues an option at its own volatility, with the residue and the uncertainty of its quote', () => {
  const value = documentUnder('Portfolio model');
  value.policy = {};
  const option = value.quotes.find(({ feed }) => feed === 'BTC-30JAN26-60000-P');
  if (option === undefined) throw new Error('the option was not found');
  option.price = '2300';
  value.accounts[0]?.balances.splice(0, 1, { asset: 'USD', amount: '100' });
  const input = inputOf(evidenceOf(value));
  const stress = new FactorStress({
    input,
    moves: new Map([['BTC-USD', ratio('-0.2')]]),
    limit: 1,
  });
  for (const account of evidenceOf(value).accounts) stress.add(account);
  const [found] = Object.values(stress.worst).flatMap((each) => each.first());
  const { cross, snapshot } = marketAndBook(value);
  const built = buildBook(cross, snapshot);
  if (!built.ok || found === undefined) throw new Error('the account is not breached');
  const expected = equityAt(equityOf(built.book), new CommonMove(ratio('-0.2')));
  expect(approximately(found.equity)).toBeCloseTo(approximately(expected), 6);
});
