import { describe, expect, it } from 'vitest';
import { writeDocument } from '../../../lambda/record/write-document.ts';
import { parseExactJson, writeExactJson } from '../../../lambda/rows/numeral.ts';
import { DocumentError, readDocument } from '../../../local/analysis/document.ts';

const LEAST = { asOf: '1700000000000', policy: {}, accounts: [] };

const read = (document: unknown) => readDocument(parseExactJson(writeExactJson(document)));

describe('an evidence document', () => {
  it('needs a time, a policy and accounts', () => {
    expect(read(LEAST)).toMatchObject({
      asOf: 1_700_000_000_000,
      gapSeconds: 60,
      marketRows: [{ kind: 'policy', id: 'default' }],
      accounts: [],
    });
    for (const name of ['asOf', 'policy', 'accounts']) {
      const { [name]: _, ...rest } = LEAST as Record<string, unknown>;
      expect(() => read(rest)).toThrow(DocumentError);
    }
  });

  it.each([
    ['milliseconds', 1_700_000_000_000],
    ['milliseconds as a text', '1700000000000'],
    ['ISO 8601', '2023-11-14T22:13:20Z'],
  ])('may state its time as %s', (_, asOf) => {
    expect(read({ ...LEAST, asOf }).asOf).toBe(1_700_000_000_000);
  });

  it.each(['yesterday', '', null, true, -1, 5.5, 'March 7'])(
    'is refused with %o as its time',
    (asOf) => {
      expect(() => read({ ...LEAST, asOf })).toThrow('must be a time');
    },
  );

  it.each([
    [0, 0],
    ['60', 60],
    [60.001, 60.001],
    [172_800, 172_800],
  ])('may state its gap in seconds, to the millisecond: %o', (gapSeconds, seconds) => {
    expect(read({ ...LEAST, gapSeconds }).gapSeconds).toBe(seconds);
  });

  it.each([
    [60.0001, '60.0001'],
    [-1, '-1'],
    [172_800.001, '172800.001'],
    ['1e2', '1e2'],
    ['', 'empty'],
    [null, 'null'],
  ])('is refused with %o as its gap', (gapSeconds, given) => {
    expect(() => read({ ...LEAST, gapSeconds })).toThrow(
      `gapSeconds must be a number of seconds from 0 to 172800 with at most 3 decimal places, not ${given}`,
    );
  });

  it('is accepted with a malformed row, which only affects that row', () => {
    const { marketRows, accounts } = read({
      ...LEAST,
      risk: { BTC: { volatility: 'NaN' } },
      accounts: [{ accountId: 'a', balances: [{ asset: 5 }] }],
    });
    expect(marketRows).toHaveLength(2);
    expect(accounts[0]?.rows).toHaveLength(1);
  });
});

describe('writing an evidence document', () => {
  const position = { instrument: 'BTC-PERP', quantity: 1.5, entryPrice: '60000' };
  const document = {
    ...LEAST,
    gapSeconds: 60.5,
    policy: { mode: 'enforce', callMultiplier: 1.2 },
    assets: { ETH: { feed: 'ETH-USD', collateralWeight: 0.9 } },
    locations: { base: { finalitySeconds: 900 }, ill: { weight: 2 } },
    instruments: { 'BTC-PERP': { type: 'perpetual', underlying: 'BTC-USD' } },
    risk: { BTC: { volatility: 0.8 } },
    quotes: [
      { feed: 'BTC-USD', source: 'a', price: 60000.1, publishedAt: 5 },
      { feed: 'BTC-USD', source: 'b', price: 'x' },
      { feed: 'BTC-C', source: 'a', impliedVolatility: 0.8, publishedAt: 5 },
    ],
    marketRows: [{ kind: 'quote', id: 'BTC-USD#a#b', price: 1 }],
    previousPrices: {
      'BTC-USD': { price: '5', suspect: { price: '9.5', publishedAt: 1_700_000_000_000 } },
      'ETH-USD': { price: '7' },
    },
    volatilities: {
      'BTC-USD': '0.7312',
      'ETH-USD': null,
      'XRP-USD': { annual: '0.9', shock: '41.5', quantileDown: '2.91', quantileUp: '3.4' },
      'SOL-USD': {
        ...{ annual: '0.9', shock: '0.02', quantileDown: '2.91', quantileUp: '3.4' },
        initial: '0.75',
      },
      'ADA-USD': { annual: '0.9', initial: '0.75' },
    },
    feedClasses: { 'BTC-USD': ['A', 'B'] },
    room: { 'BTC-PERP/sell': '20000' },
    handovers: [
      {
        ...{ market: 'BTC-PERP', side: 'sell', price: '6100', quantity: '6', amount: '600' },
        counterparties: [
          { accountId: 'ahead', position: 'BTC-PERP#x', quantity: '4', score: '0.25' },
          { accountId: 'behind', quantity: '2', score: '-0.125' },
        ],
      },
    ],
    accounts: [
      {
        accountId: 'well',
        profile: { callGraceSeconds: 60, marginModel: 'portfolio' },
        balances: [
          { asset: 'USD', amount: '-1', _note: 'own' },
          { asset: 'USD', amount: '2', location: 'base', observedAt: 5 },
        ],
        positions: [position, { ...position, label: 'grid' }],
      },
      { accountId: 'ill', rows: [{ item: 'balance#USD', asset: 'EUR', amount: 1 }, { item: 'x' }] },
    ],
  };

  it('is the inverse of reading it: every row is unchanged', () => {
    const evidence = read(document);
    expect(read(writeDocument(evidence))).toEqual(evidence);
    const { room, handovers } = document;
    expect(writeDocument(evidence)).toMatchObject({ room, handovers });
  });

  it('writes locations by name, and distinguishes balances of one asset by location', () => {
    const evidence = read(document);
    const { locations, accounts } = writeDocument(evidence) as {
      locations: unknown;
      accounts: { balances?: unknown[] }[];
    };
    expect(Object.keys(locations as object)).toEqual(['base', 'ill']);
    expect(accounts[0]?.balances).toHaveLength(2);
    expect(evidence.accounts[0]?.rows.map(({ item }) => item)).toEqual([
      'profile',
      'balance#USD',
      'balance#USD@base',
      'position#BTC-PERP',
      'position#BTC-PERP#grid',
    ]);
  });

  it('writes measured values in their shortest form', () => {
    const { volatilities } = document;
    expect(writeDocument(read(document)).volatilities).toEqual(volatilities);
  });

  it('of an earlier version has one σ for requirements and for the latency shock', () => {
    const earlier = { annual: '0.9', quantileDown: '2.91', quantileUp: '3.4' };
    const { volatilities } = writeDocument(
      read({ ...document, volatilities: { 'XRP-USD': earlier } }),
    );
    expect(volatilities).toEqual({ 'XRP-USD': { ...earlier, shock: '0.9' } });
  });

  it.each([
    ['quantileUp is missing', { annual: '0.9', quantileDown: '2.91' }],
    ['quantileDown must be above 0', { annual: '0.9', quantileDown: '0', quantileUp: '3' }],
    ['initial must be above 0', { annual: '0.9', initial: '0' }],
    ['annual is missing', { initial: '0.8' }],
    ['quantileUp is missing', { annual: '0.9', quantileDown: '2.91', initial: '0.8' }],
    ['annual must not be negative', { annual: '-1', quantileDown: '3', quantileUp: '3' }],
  ])('is refused by the reader if %s', (_, measured) => {
    expect(() => read({ ...document, volatilities: { 'BTC-USD': measured } })).toThrow(
      /volatilities/,
    );
  });

  it('keeps every digit of a number, as a number', () => {
    const text = writeExactJson(writeDocument(read(document)));
    expect(text).toContain('"price":60000.1');
    expect(text).toContain('"quantity":1.5');
  });

  it('distinguishes positions by label, and keeps the rows of an account that cannot be read', () => {
    const { accounts } = writeDocument(read(document)) as { accounts: Record<string, unknown>[] };
    expect(accounts[0]).toMatchObject({ positions: [{}, { label: 'grid' }] });
    expect(accounts[1]).toMatchObject({ rows: [{ item: 'balance#USD' }, { item: 'x' }] });
  });
});
