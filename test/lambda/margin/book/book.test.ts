import { describe, expect, it } from 'vitest';
import { assess } from '../../../../lambda/margin/assess/assess.ts';
import { buildBook } from '../../../../lambda/margin/book/build-book.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import {
  type AccountRows,
  assessed,
  bookOf,
  crossOf,
  fiveOf,
  type MarketRows,
  NOW,
  reasonsOf,
  snapshotOf,
  subAccountsOf,
  textsOf,
} from '../build.ts';

const HOUR_MS = 3_600_000;

const flat = { margin: { type: 'flat', initial: '0.1', maintenance: '0.05' }, volatility: '0.8' };
const perpetual = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'FLAT',
};

/** So simple that every figure can be checked by hand. */
const market: MarketRows = {
  assets: {
    ETH: { feed: 'ETH-USD', collateralWeight: '0.9', liabilityWeight: '1.2' },
    SOL: {
      feed: 'SOL-USD',
      collateralWeight: '0.8',
      liabilityWeight: '1.1',
      borrowRatePerHour: '0.001',
    },
    USDC: { feed: 'USDC-USD', collateralWeight: '0.98' },
  },
  instruments: {
    'BTC-PERP': perpetual,
    'BTC-MINI': { ...perpetual, contractSize: '0.001' },
    'BTC-MARKED': { ...perpetual, markFeed: 'BTC-MARK' },
    'ETH-PERP': { ...perpetual, underlying: 'ETH-USD' },
  },
  risk: { FLAT: flat },
  quotes: {
    'BTC-USD#a': { price: '60000', fundingRatePerHour: '0.0001' },
    'BTC-MARK#a': { price: '60100' },
    'ETH-USD#a': { price: '3000' },
    'SOL-USD#a': { price: '100' },
    'USDC-USD#a': { price: '0.99' },
  },
};

const long = { instrument: 'BTC-PERP', quantity: '1', entryPrice: '58000' };
const short = { ...long, quantity: '-1' };

function figures(rows: AccountRows, of = market) {
  const { equity, marginBalance, initialRequirement, maintenanceRequirement } = assessed(
    rows,
    snapshotOf(of),
  );
  return {
    equity: textOf(equity.point),
    balance: textOf(marginBalance.point),
    initial: textOf(initialRequirement),
    maintenance: textOf(maintenanceRequirement),
  };
}

const none = { initial: '0', maintenance: '0' };

describe('a balance', () => {
  it('in the numeraire counts in full, whether positive or negative', () => {
    const of = (amount: string) => figures({ balances: [{ asset: 'USD', amount }] });
    expect(of('10000')).toEqual({ equity: '10000', balance: '10000', ...none });
    expect(of('-10000')).toEqual({ equity: '-10000', balance: '-10000', ...none });
  });

  it('in another asset adds A·p to equity and A·p·w to the margin balance', () => {
    const rows = { balances: [{ asset: 'ETH', amount: '2' }] };
    expect(figures(rows)).toEqual({ equity: '6000', balance: '5400', ...none });
  });

  it('below 0 is a loan: it adds −A·p to equity and −A·p·v to the margin balance', () => {
    const rows = { balances: [{ asset: 'ETH', amount: '-2' }] };
    expect(figures(rows)).toEqual({ equity: '-6000', balance: '-7200', ...none });
  });

  it('adds to the balances of other assets', () => {
    const balances = [
      { asset: 'USD', amount: '10000' },
      { asset: 'ETH', amount: '2' },
      { asset: 'SOL', amount: '-50' },
    ];
    expect(figures({ balances })).toEqual({ equity: '11000', balance: '9900', ...none });
  });

  it('is a holding that a plan may sell, unless it is in the numeraire', () => {
    const balances = [
      { asset: 'USD', amount: '10000' },
      { asset: 'ETH', amount: '2' },
      { asset: 'SOL', amount: '-50' },
    ];
    const { holdings } = bookOf({ balances }, snapshotOf(market));
    expect(holdings.map(({ terms, amount }) => [terms.asset, textOf(amount)])).toEqual([
      ['ETH', '2'],
      ['SOL', '-50'],
    ]);
  });
});

describe('interest', () => {
  const loan = (settledAt: number) => ({
    balances: [{ asset: 'SOL', amount: '-50', interestSettledAt: String(settledAt) }],
  });

  /** 0.001 an hour for 10 hours: 50.5 SOL are owed. */
  it('accrues on a loan from the time it was settled', () => {
    const rows = loan(NOW - 10 * HOUR_MS);
    expect(figures(rows)).toEqual({ equity: '-5050', balance: '-5555', ...none });
    const [held] = bookOf(rows, snapshotOf(market)).holdings;
    expect(held && textOf(held.amount)).toBe('-50.5');
  });

  it('accrues on a loan in the numeraire at the rate of the numeraire’s row', () => {
    const assets = { ...market.assets, USD: { borrowRatePerHour: '0.00001' } };
    const settled = { interestSettledAt: String(NOW - 10 * HOUR_MS) };
    const rows = { balances: [{ asset: 'USD', amount: '-10000', ...settled }] };
    expect(figures(rows, { ...market, assets }).balance).toBe('-10001');
  });

  it('does not accrue on collateral', () => {
    const settled = { interestSettledAt: String(NOW - 10 * HOUR_MS) };
    const rows = { balances: [{ asset: 'SOL', amount: '50', ...settled }] };
    expect(figures(rows)).toEqual({ equity: '5000', balance: '4000', ...none });
  });

  it('does not accrue without a time of settlement', () => {
    const rows = { balances: [{ asset: 'SOL', amount: '-50' }] };
    expect(figures(rows)).toEqual({ equity: '-5000', balance: '-5500', ...none });
  });

  it('needs a known rate if a loan has a time of settlement, but not if collateral has one', () => {
    const settled = { interestSettledAt: String(NOW - 10 * HOUR_MS) };
    const owed = { balances: [{ asset: 'ETH', amount: '-1', ...settled }] };
    expect(reasonsOf(owed, snapshotOf(market))).toEqual(['rate-missing asset ETH']);
    const held = { balances: [{ asset: 'ETH', amount: '1', ...settled }] };
    expect(reasonsOf(held, snapshotOf(market))).toEqual([]);
  });

  it('may be settled ahead of the check by no more than the clock tolerance of 5 s', () => {
    expect(figures(loan(NOW + 5_000)).equity).toBe('-5000');
    expect(reasonsOf(loan(NOW + 5_001), snapshotOf(market))).toEqual([
      'time-in-future balance#SOL: interestSettledAt',
    ]);
  });
});

describe('a linear position', () => {
  it('has the profit q·c·(mark − entry) if long, and a requirement on its notional', () => {
    expect(figures({ positions: [long] })).toEqual({
      equity: '2000',
      balance: '2000',
      initial: '6000',
      maintenance: '3000',
    });
  });

  it('has the opposite profit and the same requirement if short', () => {
    expect(figures({ positions: [short] })).toEqual({
      equity: '-2000',
      balance: '-2000',
      initial: '6000',
      maintenance: '3000',
    });
  });

  it('counts its contract size as a factor', () => {
    const mini = { instrument: 'BTC-MINI', quantity: '500', entryPrice: '58000' };
    expect(figures({ positions: [mini] })).toEqual({
      equity: '1000',
      balance: '1000',
      initial: '3000',
      maintenance: '1500',
    });
  });
});

describe('open orders', () => {
  it.each([
    ['long 1, buying 2', '1', '2', '0', '9000'],
    ['long 1, selling 1, is no worse than now', '1', '0', '1', '3000'],
    ['long 1, selling 2, is short 1 at worst, no more than now', '1', '0', '2', '3000'],
    ['long 1, selling 5, is short 4', '1', '0', '5', '12000'],
    ['long 1, buying 2 and selling 5, is short 4', '1', '2', '5', '12000'],
    ['long 1, buying 4 and selling 5, is long 5', '1', '4', '5', '15000'],
    ['short 1, selling 2, is short 3', '-1', '0', '2', '9000'],
    ['short 1, buying 1, is no worse than now', '-1', '1', '0', '3000'],
    ['short 1, buying 5, is long 4', '-1', '5', '0', '12000'],
    ['no position, buying 2', '0', '2', '0', '6000'],
    ['no position, buying 2 and selling 3', '0', '2', '3', '9000'],
  ])(
    'require margin for the worst position that may result: %s',
    (_, quantity, openBuyQuantity, openSellQuantity, maintenance) => {
      const position = { ...long, quantity, openBuyQuantity, openSellQuantity };
      expect(figures({ positions: [position] }).maintenance).toBe(maintenance);
    },
  );

  it('add no profit to the equity', () => {
    const position = { ...long, openBuyQuantity: '2', openSellQuantity: '5' };
    expect(figures({ positions: [position] }).equity).toBe('2000');
  });
});

describe('funding', () => {
  const since = (settledAt: number) => ({ fundingSettledAt: String(settledAt) });

  /** 60,000 · 0.0001 · 5 hours = 30. */
  it.each([
    ['a long pays', '1', '1970'],
    ['a short receives', '-1', '-1970'],
  ])('funding at a positive rate: %s', (_, quantity, equity) => {
    const position = { ...long, quantity, ...since(NOW - 5 * HOUR_MS) };
    expect(figures({ positions: [position] })).toMatchObject({ equity, balance: equity });
  });

  it.each([
    ['a long receives', '1', '2030'],
    ['a short pays', '-1', '-2030'],
  ])('funding at a negative rate: %s', (_, quantity, equity) => {
    const quotes = {
      ...market.quotes,
      'BTC-USD#a': { price: '60000', fundingRatePerHour: '-0.0001' },
    };
    const position = { ...long, quantity, ...since(NOW - 5 * HOUR_MS) };
    expect(figures({ positions: [position] }, { ...market, quotes }).equity).toBe(equity);
  });

  /** A third of an hour at 0.0001 on 60,000 is 2, but for the last of 34 digits. */
  it.each([
    ['1', `1997.${'9'.repeat(29)}`],
    ['-1', `-1998.${'0'.repeat(28)}1`],
  ])('is rounded against the account for a position of %s', (quantity, equity) => {
    const position = { ...long, quantity, ...since(NOW - HOUR_MS / 3) };
    expect(figures({ positions: [position] }).equity).toBe(equity);
  });

  it('does not change the requirement', () => {
    const position = { ...long, ...since(NOW - 5 * HOUR_MS) };
    expect(figures({ positions: [position] }).maintenance).toBe('3000');
  });

  it('does not accrue without a time of settlement', () => {
    expect(figures({ positions: [long] }).equity).toBe('2000');
  });

  it('needs a known rate if a position has a time of settlement, but not for open orders', () => {
    const quotes = { ...market.quotes, 'BTC-USD#a': { price: '60000' } };
    const of = snapshotOf({ ...market, quotes });
    const settled = since(NOW - 5 * HOUR_MS);
    expect(reasonsOf({ positions: [{ ...long, ...settled }] }, of)).toEqual([
      'rate-missing instrument BTC-PERP',
    ]);
    const orders = { ...long, quantity: '0', openBuyQuantity: '1', ...settled };
    expect(reasonsOf({ positions: [orders] }, of)).toEqual([]);
  });

  it('may be settled ahead of the check by no more than the clock tolerance of 5 s', () => {
    const at = (settledAt: number) => ({ positions: [{ ...long, ...since(settledAt) }] });
    expect(figures(at(NOW + 5_000)).equity).toBe('2000');
    expect(reasonsOf(at(NOW + 5_001), snapshotOf(market))).toEqual([
      'time-in-future position#BTC-PERP: fundingSettledAt',
    ]);
    const labelled = { ...long, label: 'grid', ...since(NOW + 5_001) };
    expect(reasonsOf({ positions: [labelled] }, snapshotOf(market))).toEqual([
      'time-in-future position#BTC-PERP#grid: fundingSettledAt',
    ]);
  });
});

describe('positions of one instrument with different labels', () => {
  const labelled = (label: string, quantity: string, entryPrice: string) => ({
    instrument: 'BTC-PERP',
    label,
    quantity,
    entryPrice,
  });

  /** Profits 3·(60,000 − 58,000) − (60,000 − 61,000). The requirement is on 2. */
  it('net in the requirement, but not in the profit', () => {
    const positions = [labelled('a', '3', '58000'), labelled('b', '-1', '61000')];
    expect(figures({ positions })).toEqual({
      equity: '7000',
      balance: '7000',
      initial: '12000',
      maintenance: '6000',
    });
    const [net, ...others] = bookOf({ positions }, snapshotOf(market)).positions;
    expect(others).toEqual([]);
    expect(net && textOf(net.quantity)).toBe('2');
  });

  it('add up their open orders', () => {
    const positions = [
      { ...labelled('a', '3', '60000'), openBuyQuantity: '1' },
      { ...labelled('b', '-1', '60000'), openBuyQuantity: '2', openSellQuantity: '8' },
    ];
    expect(figures({ positions }).maintenance).toBe('18000');
  });

  it('require nothing if they cancel out', () => {
    const positions = [labelled('a', '1', '58000'), labelled('b', '-1', '61000')];
    expect(figures({ positions })).toEqual({ equity: '3000', balance: '3000', ...none });
  });

  it('require nothing if they cancel out, even on a tiered schedule with an uncertain price', () => {
    const tiers = [
      { floor: '0', initial: '0.1', maintenance: '0.05' },
      { floor: '100000', initial: '0.2', maintenance: '0.1' },
    ];
    const tiered: MarketRows = {
      ...market,
      policy: { uncertainty: 'standard', deviation: '0.01' },
      risk: { FLAT: { ...flat, margin: { type: 'tiered', tiers } } },
    };
    const positions = [labelled('a', '1', '58000'), labelled('b', '-1', '61000')];
    expect(figures({ positions }, tiered)).toEqual({ equity: '3000', balance: '3000', ...none });
    // A notional of 99,990 crosses the floor of 100,000 within the uncertainty.
    const beside = { instrument: 'BTC-MINI', quantity: '1666.5', entryPrice: '60000' };
    expect(figures({ positions: [...positions, beside] }, tiered)).toMatchObject({
      equity: '3000',
      maintenance: '4999.5',
    });
  });

  it('do not net with positions of another instrument', () => {
    const positions = [long, { ...short, instrument: 'BTC-MARKED' }];
    expect(figures({ positions }).maintenance).toBe('6005');
  });
});

describe('a position with a mark feed', () => {
  const uncertain = { uncertainty: 'standard', shockQuantile: '1' };
  const spread = {
    ...market.quotes,
    'BTC-USD#a': { price: '60000', confidence: '60' },
    'BTC-MARK#a': { price: '60100', confidence: '601' },
  };
  const positions = [long, { ...short, instrument: 'BTC-MARKED' }];

  it('is valued at the price of its mark feed', () => {
    expect(figures({ positions: [{ ...long, instrument: 'BTC-MARKED' }] })).toMatchObject({
      equity: '2100',
      maintenance: '3005',
    });
  });

  it('shares the curve of its underlying’s risk factor', () => {
    const { curves, prices } = bookOf({ positions }, snapshotOf(market));
    expect(curves.map(({ factor }) => factor)).toEqual(['BTC-USD']);
    expect(curves.map(({ equity }) => textOf(equity.slope))).toEqual(['-100']);
    expect(prices.map(({ feed }) => feed)).toEqual(['BTC-USD', 'BTC-MARK']);
  });

  it.each([
    ['mark last', positions],
    ['mark first', positions.toReversed()],
  ])('widens the uncertainty of that curve if its own is larger: %s', (_, both) => {
    const rows = { ...market, policy: { ...uncertain, confidenceMultiplier: '2' }, quotes: spread };
    const [curve] = bookOf({ positions: both }, snapshotOf(rows)).curves;
    expect(curve && textOf(curve.uncertainty)).toBe('0.02');
  });
});

describe('the prices that a book rests on', () => {
  it('are those of the feeds it needs, each once', () => {
    const rows = {
      balances: [
        { asset: 'USD', amount: '1' },
        { asset: 'ETH', amount: '1' },
      ],
      positions: [long, { ...long, instrument: 'ETH-PERP', entryPrice: '3000' }],
    };
    const { prices, curves } = bookOf(rows, snapshotOf(market));
    expect(prices.map(({ feed }) => feed)).toEqual(['ETH-USD', 'BTC-USD']);
    expect(curves.map(({ factor }) => factor)).toEqual(['ETH-USD', 'BTC-USD']);
  });
});

describe('an isolated position', () => {
  const isolated = { ...long, isolatedMargin: '1000' };
  const instruments = { ...market.instruments };
  const inStablecoin = { ...instruments['BTC-PERP'], settlementAsset: 'USDC' };
  const settledInStablecoin = {
    ...market,
    instruments: { ...instruments, 'BTC-PERP': inStablecoin },
  };
  const rows = { balances: [{ asset: 'USD', amount: '500' }], positions: [short, isolated] };

  /**
   * 1,000 USDC at 0.99 are 990, of which 98 % count. The profit of 2,000 USDC is worth 1,980. It
   * moves with BTC, and equally with USDC, where it is still zero at the current price.
   */
  it('counts its margin in the settlement asset and its own profit, and nothing of the cross book', () => {
    const [, own] = subAccountsOf({ positions: [{ ...isolated, label: 'x' }] });
    const built = own && buildBook(own, snapshotOf(settledInStablecoin));
    if (!built?.ok) throw new Error('there is no book');
    const points = built.book.curves.map(({ factor, equity, balance }) => [
      factor,
      textOf(equity.constant),
      textOf(equity.slope),
      textOf(balance.slope),
    ]);
    expect(points).toEqual([
      ['BTC-USD', '-57420', '59400', '59400'],
      ['USDC-USD', '-1980', '2970', '2950.2'],
    ]);
    expect(textOf(built.book.constant.equity)).toBe('0');
  });

  it('is not part of the cross book', () => {
    const book = bookOf(rows, snapshotOf(market));
    expect(textOf(book.constant.equity)).toBe('500');
    expect(book.positions.map(({ quantity }) => textOf(quantity))).toEqual(['-1']);
  });

  it('may be worth anything without the price of its settlement asset', () => {
    const { 'USDC-USD#a': _, ...quotes } = market.quotes ?? {};
    const snapshot = snapshotOf({ ...settledInStablecoin, quotes });
    const [, own] = subAccountsOf({ positions: [isolated] });
    const outcome = own && assess(own, snapshot);
    expect(outcome).toMatchObject({
      certainty: 'indeterminate',
      reasons: [{ code: 'price-missing' }],
      figures: { equity: { low: 'unbounded', high: 'unbounded' } },
    });
  });

  describe('after it was closed', () => {
    const { 'BTC-USD#a': _, ...unquoted } = market.quotes ?? {};
    const closed = { instrument: 'BTC-PERP', quantity: '0' };
    const built = (margin: string, instrument = 'BTC-PERP') => {
      const [, own] = subAccountsOf({
        positions: [{ ...closed, instrument, isolatedMargin: margin }],
      });
      return own && buildBook(own, snapshotOf({ ...market, quotes: unquoted }));
    };

    it.each(['1000', '-500'])(
      'counts its margin of %s without a price of its instrument',
      (margin) => {
        const result = built(margin);
        if (!result?.ok) throw new Error('there is no book');
        expect(textOf(result.book.constant.equity)).toBe(margin);
      },
    );

    it('is indeterminate if its instrument is unknown and there is a margin', () => {
      expect(built('1000', 'NONE')).toMatchObject({
        ok: false,
        reasons: [{ code: 'instrument-unknown' }],
      });
      expect(built('0', 'NONE')).toMatchObject({ ok: true });
    });
  });

  it('is indeterminate if its instrument is unknown', () => {
    const [, own] = subAccountsOf({ positions: [{ ...isolated, instrument: 'NONE' }] });
    const built = own && buildBook(own, snapshotOf(market));
    expect(built).toMatchObject({ ok: false, reasons: [{ code: 'instrument-unknown' }] });
  });
});

describe('a position of quantity 0', () => {
  const { 'BTC-USD#a': _, ...quotes } = market.quotes ?? {};
  const balances = [{ asset: 'USD', amount: '500' }];
  const closed = { instrument: 'BTC-PERP', quantity: '0', entryPrice: '0' };

  it.each(['BTC-PERP', 'NONE'])('does not matter without a price: %s', (instrument) => {
    const book = bookOf(
      { balances, positions: [{ ...closed, instrument }] },
      snapshotOf({ ...market, quotes }),
    );
    expect(textOf(book.constant.equity)).toBe('500');
    expect(book.positions).toEqual([]);
  });

  it('with open orders needs the price, and is required like one with any entry price', () => {
    const resting = { instrument: 'BTC-PERP', openBuyQuantity: '1' };
    const rows = { balances, positions: [resting] };
    expect(figures(rows)).toEqual(
      figures({ balances, positions: [{ ...resting, quantity: '0', entryPrice: '58000' }] }),
    );
    expect(reasonsOf(rows, snapshotOf({ ...market, quotes }))).toEqual(['price-missing BTC-USD']);
  });
});

describe('unknown market data', () => {
  const without = (part: 'quotes' | 'risk', id: string): MarketRows => {
    const { [id]: _, ...others } = market[part] ?? {};
    return { ...market, [part]: others };
  };
  const eth = { balances: [{ asset: 'ETH', amount: '1' }] };
  const owed = { balances: [{ asset: 'ETH', amount: '-1' }] };
  const btc = { positions: [long] };

  it.each([
    ['an asset', { balances: [{ asset: 'DOGE', amount: '1' }] }, market, 'asset-unknown DOGE'],
    [
      'an asset that is owed',
      { balances: [{ asset: 'DOGE', amount: '-1' }] },
      market,
      'asset-unknown DOGE',
    ],
    [
      'an instrument',
      { positions: [{ ...long, instrument: 'DOGE-PERP' }] },
      market,
      'instrument-unknown DOGE-PERP',
    ],
    [
      'an instrument of open orders alone',
      { positions: [{ ...long, instrument: 'X', quantity: '0', openSellQuantity: '1' }] },
      market,
      'instrument-unknown X',
    ],
    ['the price of a debt', owed, without('quotes', 'ETH-USD#a'), 'price-missing ETH-USD'],
    ['the price of an instrument', btc, without('quotes', 'BTC-USD#a'), 'price-missing BTC-USD'],
    ['the class of an instrument', btc, without('risk', 'FLAT'), 'risk-class-unknown FLAT'],
    [
      'an asset whose row is malformed',
      eth,
      { ...market, assets: { ETH: { feed: 'ETH-USD', collateralWeight: 'NaN' } } },
      'row-malformed market asset/ETH',
    ],
    [
      'an instrument whose row is malformed',
      btc,
      { ...market, instruments: { 'BTC-PERP': { ...perpetual, type: 'swap' } } },
      'row-malformed market instrument/BTC-PERP',
    ],
    [
      'a class whose row is malformed',
      btc,
      { ...market, risk: { FLAT: { ...flat, volatility: '0' } } },
      'row-malformed market risk/FLAT',
    ],
    [
      'a quote that is malformed',
      btc,
      { ...market, quotes: { ...market.quotes, 'BTC-USD#a': { price: '0' } } },
      'price-missing BTC-USD',
    ],
  ] as [string, AccountRows, MarketRows, string][])(
    'makes an account that needs it indeterminate, with the reason: %s',
    (_, rows, of, reason) => {
      expect(reasonsOf(rows, snapshotOf(of))).toEqual([reason]);
    },
  );

  it('gives every reason once', () => {
    const rows = {
      balances: [
        { asset: 'DOGE', amount: '1' },
        { asset: 'ETH', amount: '1' },
      ],
      positions: [
        { ...long, instrument: 'X' },
        { ...long, instrument: 'X', label: 'again' },
        { ...long, instrument: 'ETH-PERP' },
      ],
    };
    expect(reasonsOf(rows, snapshotOf(without('quotes', 'ETH-USD#a')))).toEqual([
      'asset-unknown DOGE',
      'instrument-unknown X',
    ]);
  });

  it('gives a price that several holdings never had once', () => {
    const rows = { ...owed, positions: [{ ...long, instrument: 'ETH-PERP' }] };
    expect(reasonsOf(rows, snapshotOf(without('quotes', 'ETH-USD#a')))).toEqual([
      'price-missing ETH-USD',
    ]);
  });

  it('makes a balance without a price count 0 for the margin, and anything for the equity', () => {
    const { equity, marginBalance, level } = assessed(
      eth,
      snapshotOf(without('quotes', 'ETH-USD#a')),
    );
    expect(level).toBe('healthy');
    expect(fiveOf(marginBalance)).toEqual(['0', '0', '0', '0', '0']);
    expect(fiveOf(equity)).toEqual(['0', '0', '0', 'unbounded', 'unbounded']);
  });

  it('does not affect an account that does not hold it', () => {
    const broken = without('quotes', 'BTC-USD#a');
    expect(figures(eth, broken).equity).toBe('3000');
  });

  it('does not affect a row with a quantity of zero', () => {
    const rows = {
      balances: [
        { asset: 'DOGE', amount: '0' },
        { asset: 'ETH', amount: '-0' },
      ],
      positions: [{ ...long, instrument: 'DOGE-PERP', quantity: '0' }],
    };
    const book = bookOf(rows, snapshotOf({ ...market, quotes: {} }));
    expect(book).toMatchObject({ curves: [], positions: [], holdings: [], prices: [] });
    expect(textOf(book.constant.equity)).toBe('0');
  });

  it('is named together with the row that needs it', () => {
    const built = buildBook(
      crossOf({ balances: [{ asset: 'DOGE', amount: '1' }] }),
      snapshotOf(market),
    );
    expect(built).toMatchObject({
      reasons: [{ detail: 'balance#DOGE: there is no asset DOGE' }],
    });
  });
});

describe('a whole account, calculated by hand', () => {
  /**
   * USD 10,000; 2 ETH at 3,000, w 0.9; −50 SOL at 100, v 1.1; +1 BTC-PERP from 58,000.
   * Equity 10,000 + 6,000 − 5,000 + 2,000; balance 10,000 + 5,400 − 5,500 + 2,000.
   */
  it('has figures that are the sums over its rows', () => {
    const rows = {
      balances: [
        { asset: 'USD', amount: '10000' },
        { asset: 'ETH', amount: '2' },
        { asset: 'SOL', amount: '-50' },
      ],
      positions: [long],
    };
    const outcome = assessed(rows, snapshotOf(market));
    expect(figures(rows)).toEqual({
      equity: '13000',
      balance: '11900',
      initial: '6000',
      maintenance: '3000',
    });
    expect(textsOf(outcome.surplus.liquidation)).toEqual(['8900', '8900', '8900']);
    expect(textsOf(outcome.surplus.call)).toEqual(['8150', '8150', '8150']);
    expect(textsOf(outcome.surplus.restore)).toEqual(['5900', '5900', '5900']);
  });
});
