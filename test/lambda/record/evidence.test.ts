import { describe, expect, it } from 'vitest';
import { MarketRows } from '../../../lambda/record/evidence.ts';
import { readDocument, snapshotOf } from '../../../local/analysis/document.ts';

const quote = (feed: string) => ({ feed, source: 'a', price: '1', publishedAt: '1700000000000' });
const instrument = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };
const option = { ...instrument, type: 'option', strike: '60000', expiresAt: '1700000001000' };

const DOCUMENT = {
  asOf: '1700000000000',
  policy: {},
  assets: {
    USD: {},
    ETH: { feed: 'ETH-USD', initialPriceFeed: 'ETH-MEAN' },
    XRP: { feed: 'XRP-USD' },
  },
  locations: { base: { finalitySeconds: '900' }, arbitrum: { finalitySeconds: '900' } },
  instruments: {
    CALL: {
      ...option,
      optionType: 'call',
      markFeed: 'CALL-MARK',
      forwardFeed: 'BTC-DEC',
      settlementFeed: 'BTC-DEC-SETTLED',
    },
    PUT: { ...option, optionType: 'put', markFeed: 'PUT-MARK' },
    'XRP-PERP': { ...instrument, type: 'perpetual', underlying: 'XRP-USD', riskClass: 'XRP' },
  },
  risk: {
    BTC: {
      volatility: '0.8',
      depegCharge: { feed: 'USDC-USD', threshold: '0.99', factor: '2' },
    },
    XRP: {
      volatility: '1',
      depegCharge: { feed: 'USDT-USD', threshold: '0.99', factor: '2' },
    },
  },
  quotes: [
    ...['BTC-USD', 'BTC-DEC', 'BTC-DEC-SETTLED', 'USDC-USD', 'USDT-USD'].map(quote),
    ...['ETH-USD', 'ETH-MEAN', 'XRP-USD', 'PUT-MARK'].map(quote),
    { ...quote('CALL-MARK'), price: undefined, impliedVolatility: '0.8' },
  ],
  accounts: [
    {
      accountId: 'holder',
      balances: [{ asset: 'ETH', amount: '1', location: 'base', observedAt: '1700000000000' }],
      positions: [{ instrument: 'CALL', quantity: '-1', entryPrice: '100' }],
    },
    { accountId: 'other', positions: [{ instrument: 'XRP-PERP', quantity: '1', entryPrice: '1' }] },
  ],
};

/** The keys of the market rows in the decision record of an account. */
function kept(accountId: string, document: object = DOCUMENT): string[] {
  const evidence = readDocument(JSON.parse(JSON.stringify(document)));
  const { snapshot, faults } = snapshotOf(evidence);
  expect(faults).toEqual([]);
  const account = evidence.accounts.find((each) => each.accountId === accountId);
  if (account === undefined) throw new Error(`${accountId} is in the document`);
  const rows = new MarketRows({ ...evidence, rows: evidence.marketRows, snapshot });
  return rows
    .evidenceFor(account)
    .marketRows.map(({ kind, id }) => `${kind}/${id}`)
    .sort();
}

describe('the evidence of an account', () => {
  /** Its orders are paid for in the numeraire, whose weights count. */
  it('includes the numeraire of an account that holds none', () => {
    const settlementAsset = 'XRP';
    const inCoin = { ...DOCUMENT.instruments['XRP-PERP'], inverse: true, settlementAsset };
    const document = { ...DOCUMENT, instruments: { ...DOCUMENT.instruments, 'XRP-PERP': inCoin } };
    expect(kept('other', document)).toContain('asset/USD');
  });

  it('includes the location of its balance, and every feed that its option and class name', () => {
    expect(kept('holder')).toEqual([
      'asset/ETH',
      'asset/USD',
      'instrument/CALL',
      'location/base',
      'policy/default',
      'quote/BTC-DEC#a',
      'quote/BTC-DEC-SETTLED#a',
      'quote/BTC-USD#a',
      'quote/CALL-MARK#a',
      'quote/ETH-MEAN#a',
      'quote/ETH-USD#a',
      'quote/USDC-USD#a',
      'risk/BTC',
    ]);
  });

  it('includes no row that only another account needs', () => {
    expect(kept('other')).toEqual([
      'asset/USD',
      'instrument/XRP-PERP',
      'policy/default',
      'quote/USDT-USD#a',
      'quote/XRP-USD#a',
      'risk/XRP',
    ]);
  });

  it('includes what a portfolio, a coin that hedges and a class that lends depend on', () => {
    const scenarios = [{ priceMultiplier: '1' }];
    const depegFactor = { feed: 'USDT-USD', threshold: '0.98', factor: '2' };
    const charge = { of: 'collateral', threshold: '0.5', factor: '1', scoreFeed: 'XRP-USD' };
    const document = {
      ...DOCUMENT,
      assets: {
        ...DOCUMENT.assets,
        ETH: {
          ...{ feed: 'ETH-USD', riskClass: 'BTC', hedges: 'BTC-USD' },
          initialPriceFeed: 'ETH-MEAN',
        },
      },
      risk: {
        BTC: { volatility: '0.8', portfolioOf: 'LENDER', confidenceCharges: [charge] },
        LENDER: { volatility: '1', portfolio: { scenarios, depegFactor } },
        XRP: { volatility: '1' },
      },
      quotes: [...DOCUMENT.quotes, quote('ETH-MEAN')],
    };
    const rows = kept('holder', document);
    for (const feed of ['BTC-USD', 'USDT-USD', 'XRP-USD', 'ETH-MEAN'])
      expect(rows).toContain(`quote/${feed}#a`);
    expect(rows).toContain('risk/LENDER');
  });
});
