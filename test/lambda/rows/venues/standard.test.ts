/** Figures calculated by hand from the published rules. */
import { describe, expect, it } from 'vitest';
import { assessmentOf, option, perpetual, required } from './book.ts';

describe('the rules of Deribit', () => {
  const inverse = { inverse: true, contractSize: '10', settlementAsset: 'X' };
  const assets = { X: { feed: 'X-USD' } };

  /** 60,000 contracts of $10 are $600,000, which is 10 BTC: 2 % + 10·0.005 %, 1 % + 10·0.005 %. */
  it('charge an inverse BTC perpetual by its size in coin', () => {
    const holdings = [perpetual('60000', inverse)];
    const book = { venue: 'deribit-inverse-btc', assets, price: '60000', holdings };
    expect(required(book)).toEqual(['12300', '6300']);
  });

  /** $600,000 is 200 ETH: 2 % + 200·0.0004 % = 2.08 %, and 1.08 %. */
  it('charge an inverse ETH perpetual by its size in coin', () => {
    const holdings = [perpetual('-60000', inverse)];
    const book = { venue: 'deribit-inverse-eth', assets, price: '3000', holdings };
    expect(required(book)).toEqual(['12480', '6480']);
  });

  /**
   * In coin. Call, otm 0.1: max(0.15 − 0.1, 0.1) + 0.05 = 0.15 and 0.075 + 0.05 = 0.125. Put, otm
   * 0.05: max(0.15 − 0.05, 0.1) + 0.03 = 0.13 and max(0.075, 0.075·0.03) + 0.03 = 0.105. Times
   * 60,000.
   */
  it('charge short options one by one', () => {
    const coin = { inverse: true, settlementAsset: 'X' };
    const call = option('call', '66000', { mark: '0.05', ...coin });
    const put = option('put', '57000', { mark: '0.03', ...coin });
    const book = { venue: 'deribit-options', assets, price: '60000' };
    expect(required({ ...book, holdings: [call] })).toEqual(['9000', '7500']);
    expect(required({ ...book, holdings: [put] })).toEqual(['7800', '6300']);
    expect(required({ ...book, holdings: [call, put] })).toEqual(['16800', '13800']);
  });

  /** Deep in the money, the call-type requirement 0.1 + 1.6 is below MM = 0.075·1.6 + 1.6. */
  it('charge a put that is worth more than its underlying by its maintenance', () => {
    const coin = { inverse: true, settlementAsset: 'X' };
    const holdings = [option('put', '156000', { mark: '1.6', ...coin })];
    const book = { venue: 'deribit-options', assets, price: '60000', holdings };
    // IM max(max(0.15 − 0, 0.1) + 1.6, 1.72) = 1.75, MM max(0.075, 0.12) + 1.6 = 1.72.
    expect(required(book)).toEqual(['105000', '103200']);
  });
});

describe('the standard rules of Derive', () => {
  const book = { venue: 'derive-srm', price: '60000' };
  const call = option('call', '66000', { mark: '1000' });

  /** 10 % and 6.5 % of 60,000. */
  it('charge a perpetual 10 % and 6.5 %', () => {
    expect(required({ ...book, holdings: [perpetual('-1')] })).toEqual(['6000', '3900']);
  });

  /**
   * max(0.15·60,000 − 6,000, 0.13·60,000) + 1,000 = 8,800 and 0.09·60,000 + 1,000 = 6,400. Netted:
   * 1.2·60,000 and 1.1·60,000.
   */
  it('charge a short call by itself if that is less than netted', () => {
    expect(required({ ...book, holdings: [call] })).toEqual(['8800', '6400']);
  });

  /** Settled at 67,000 or above, the spread loses 1,000, and no call is unpaired. */
  it('charge a call spread its largest loss', () => {
    const long = option('call', '67000', { mark: '800', quantity: '1' });
    expect(required({ ...book, holdings: [call, long] })).toEqual(['1000', '1000']);
  });

  /**
   * Put, otm 3,000: MM = max(5,400, 0.09·900) + 900 = 6,300; IM = max(max(9,000 − 3,000, 7,800) +
   * 900, 1.05·6,300) = 8,700. Settled at 0 it would lose 57,000.
   */
  it('charge a short put by itself if that is less than netted', () => {
    const put = option('put', '57000', { mark: '900' });
    expect(required({ ...book, holdings: [put] })).toEqual(['8700', '6300']);
  });

  /**
   * A confidence score of 0.4: 0.6·60,000 more for the perpetual, and 0.6·60,000 for the short
   * call.
   */
  it('add a confidence charge below a score of 0.55, and none at it', () => {
    const doubted = { ...book, confidenceScore: '0.4' };
    expect(required({ ...doubted, holdings: [perpetual('1')] })).toEqual(['42000', '3900']);
    expect(required({ ...doubted, holdings: [call] })).toEqual(['44800', '6400']);
    const edge = { ...book, confidenceScore: '0.55', holdings: [perpetual('1')] };
    expect(required(edge)).toEqual(['6000', '3900']);
  });

  /** 1 BTC counts 0.75·60,000; 1 ETH 0.8·60,000. */
  it.each([
    ['BTC', '45000'],
    ['ETH', '48000'],
  ])('weigh %s as collateral', (asset, balance) => {
    const assets = { [asset]: { venue: 'derive-srm', feed: 'X-USD' } };
    const balances = [{ asset, amount: '1' }];
    expect(assessmentOf({ ...book, assets, balances })).toMatchObject({
      equity: '60000',
      marginBalance: balance,
    });
  });
});

describe('the rules of dYdX v4', () => {
  /** Open interest does not count: 2 % and 60 % of it; 100 % and 20 % of it. */
  it.each([
    ['large-cap', '1200', '720'],
    ['safety', '60000', '12000'],
  ])('charge the tier %s flat', (tier, initial, maintenance) => {
    const holdings = [perpetual('1')];
    const book = { venue: `dydx-v4-${tier}`, price: '60000', holdings };
    expect(required(book)).toEqual([initial, maintenance]);
  });

  /** Open interest halfway between the caps: initial = base + (1 − base)/2. */
  it.each([
    // 1,000·70,000 of 40 to 100 million: 0.525·70,000 and 0.03·70,000
    ['mid-cap', '70000', '1000', '36750', '2100'],
    // 500·70,000 of 20 to 50 million: 0.55·70,000 and 0.05·70,000
    ['small-cap', '70000', '500', '38500', '3500'],
    // 100·75,000 of 5 to 10 million: 0.6·75,000 and 0.1·75,000
    ['long-tail', '75000', '100', '45000', '7500'],
  ])(
    'raise the initial requirement with the open interest in the tier %s',
    (tier, price, openInterest, initial, maintenance) => {
      const holdings = [perpetual('1', { openInterest })];
      const book = { venue: `dydx-v4-${tier}`, price, holdings };
      expect(required(book)).toEqual([initial, maintenance]);
    },
  );

  /** 600·70,000 of 40 to 100 million: 0.05 + 0.95/30 = 0.0816666…, cut to 0.081666, of 70,000. */
  it('cut the initial rate to parts per million', () => {
    const holdings = [perpetual('1', { openInterest: '600' })];
    const book = { venue: 'dydx-v4-mid-cap', price: '70000', holdings };
    expect(required(book)).toEqual(['5716.62', '2100']);
  });

  /** 6.000001·0.02 = 0.12000002 and 6.000001·0.012 = 0.072000012, rounded up. */
  it('round up to a millionth', () => {
    const holdings = [perpetual('0.0001')];
    const book = { venue: 'dydx-v4-large-cap', price: '60000.01', holdings };
    expect(required(book)).toEqual(['0.120001', '0.072001']);
  });
});

describe('the rules of Drift v2', () => {
  const orders = { position: { openOrderCount: '3' } };

  /** 20 % and 5 % of 10,000, plus a cent for each of three orders. */
  it('charge a market with the program’s default rates, and each open order', () => {
    const holdings = [perpetual('-100', orders)];
    const book = { venue: 'drift-v2', price: '100', holdings };
    expect(required(book)).toEqual(['2000.03', '500.03']);
  });

  /** √250,000 = 500: max(10 %, 8 % + 5 %) and max(5 %, 4 % + 5 %) of 25,000,000. */
  it('charge a market with rates of its own by the square root of the size', () => {
    const margin = {
      type: 'squareRoot',
      initial: '0.1',
      maintenance: '0.05',
      sizeScaling: '0.0001',
    };
    const holdings = [perpetual('-250000')];
    const book = { venue: 'drift-v2', price: '100', risk: { margin }, holdings };
    expect(required(book)).toEqual(['3250000', '2250000']);
  });

  /** √200,000 = 447.21…: 0.08 + ⌊0.0447⌋ = 0.1247 and 0.04 + 0.0447 = 0.0847 of 20,000,000. */
  it('cut rates to basis points', () => {
    const margin = {
      ...{ type: 'squareRoot', initial: '0.1', maintenance: '0.05' },
      ...{ sizeScaling: '0.0001', ratePlaces: '4' },
    };
    const holdings = [perpetual('-200000')];
    const book = { venue: 'drift-v2', price: '100', risk: { margin }, holdings };
    expect(required(book)).toEqual(['2494000', '1694000']);
  });

  /** Bought at 90: of 1,000 of profit nothing counts initially, and all of it for maintenance. */
  it('count a profit for maintenance alone', () => {
    const holdings = [perpetual('100', { position: { entryPrice: '90' } })];
    const found = assessmentOf({ venue: 'drift-v2', price: '100', holdings });
    expect([found.marginBalance, found.initialRequirement]).toEqual(['1001000', '3000']);
    expect(found.maintenanceRequirement).toBe('500');
  });

  /** √640,000 = 800: min(0.9, 1.1/(1 + 0.00125·800)) = 0.55, of 64,000,000. */
  it('reduce the weight of a large balance of SOL', () => {
    const assets = { SOL: { venue: 'drift-v2', feed: 'X-USD' } };
    const balances = [{ asset: 'SOL', amount: '640000' }];
    const { marginBalance } = assessmentOf({ venue: 'drift-v2', price: '100', assets, balances });
    expect(marginBalance).toBe('35200000');
  });
});

describe('the rules of Hyperliquid', () => {
  /** 200 million: 0.05·200 − 150·(0.05 − 0.025) = 6.25 million, maintenance half of it. */
  it('charge BTC in its second tier', () => {
    const holdings = [perpetual('4000')];
    const book = { venue: 'hyperliquid-btc', price: '50000', holdings };
    expect(required(book)).toEqual(['6250000', '3125000']);
  });

  /** 60,000 ÷ leverage, and half of that. */
  it.each([
    ['hyperliquid-btc', '1500', '750'],
    ['hyperliquid-20x', '3000', '1500'],
    ['hyperliquid-10x', '6000', '3000'],
    ['hyperliquid-5x', '12000', '6000'],
  ])('charge by the leverage of %s', (venue, initial, maintenance) => {
    const book = { venue, price: '60000', holdings: [perpetual('-1')] };
    expect(required(book)).toEqual([initial, maintenance]);
  });
});

describe('the rules of Binance USD-M for BTC', () => {
  const book = { venue: 'binance-usdm-btc', price: '50000' };

  /** 500,000·0.01 − 50,000·0.002 and 500,000·0.005 − 50, the maintenance amount of the bracket. */
  it('charge the second bracket with its deductions', () => {
    expect(required({ ...book, holdings: [perpetual('10')] })).toEqual(['4900', '2450']);
  });

  /** notional·rate − the published maintenance amount of each bracket. */
  it.each([
    // 1,000,000·0.0065 − 950
    ['20', '5550'],
    // 6,000,000·0.01 − 11,450
    ['120', '48550'],
    // 50,000,000·0.02 − 131,450
    ['1000', '868550'],
    // 90,000,000·0.025 − 481,450
    ['1800', '1768550'],
    // 1,500,000,000·0.5 − 421,481,450
    ['30000', '328518550'],
  ])('have the published maintenance for %s BTC', (quantity, maintenance) => {
    expect(required({ ...book, holdings: [perpetual(quantity)] })[1]).toBe(maintenance);
  });
});

describe('the option rules of OKX', () => {
  /**
   * Call: max(9,000 − 6,000, 6,000) + 1,000 and 0.03·60,000 + 1,000. Put, otm 3,000:
   * max(9,000 − 3,000, 6,000) + 800 and max(0.03·60,000, 0.03·800) + 800.
   */
  it('charge options on BTC', () => {
    const book = { venue: 'okx-options', price: '60000' };
    const call = option('call', '66000', { mark: '1000' });
    const put = option('put', '57000', { mark: '800' });
    expect(required({ ...book, holdings: [call] })).toEqual(['7000', '2800']);
    expect(required({ ...book, holdings: [put] })).toEqual(['6800', '2600']);
  });

  /** max(450 − 300, 300) + 50 and 0.05·3,000 + 50. */
  it('charge options on ETH', () => {
    const holdings = [option('call', '3300', { mark: '50' })];
    expect(required({ venue: 'okx-options-eth', price: '3000', holdings })).toEqual(['350', '200']);
  });
});

describe('the option rules of Bybit', () => {
  /** The venue’s own example: max(3 % of 30,000, 3 % of 300) + 300 + 0.2 % of 30,000 = 1,260. */
  it('charge a short call', () => {
    const holdings = [option('call', '31000', { mark: '300' })];
    const book = { venue: 'bybit-options', price: '30000', holdings };
    // IM: max(4,500 − 1,000, 3,000) + 300.
    expect(required(book)).toEqual(['3800', '1260']);
  });

  /** otm 2,000: max(4,500 − 2,000, 3,000) + 250, and 900 + 60 + 250. */
  it('charge a short put', () => {
    const holdings = [option('put', '28000', { mark: '250' })];
    const book = { venue: 'bybit-options', price: '30000', holdings };
    expect(required(book)).toEqual(['3250', '1210']);
  });
});

describe('the rules of lending as on Aave', () => {
  const assets = { ETH: { venue: 'aave-like', feed: 'X-USD' } };
  const balances = (debt: string) => [
    { asset: 'ETH', amount: '10' },
    { asset: 'USD', amount: debt },
  ];
  const book = { venue: 'aave-like', assets, price: '3000' };

  /** 0.83·30,000 − 20,000. */
  it('keep a loan with a health factor above 1 healthy', () => {
    const found = assessmentOf({ ...book, balances: balances('-20000') });
    expect(found).toMatchObject({ marginBalance: '4900', maintenanceRequirement: '0' });
    expect(found.level).toBe('healthy');
  });

  it('liquidate below a health factor of 1, and not at it', () => {
    expect(assessmentOf({ ...book, balances: balances('-24900') }).level).toBe('healthy');
    expect(assessmentOf({ ...book, balances: balances('-24900.01') }).level).toBe('liquidation');
  });
});

describe('the rules of Velocity', () => {
  /**
   * The published example: 2,000 SOL have min(0.8, 1.1/(1 + 0.00125·√2000)) = 0.8, at 100: 160,000.
   * 0.9 in the margin balance, so the difference of 20,000 is required. USDT counts in full.
   */
  it('weigh SOL as its page does, and USDT in full', () => {
    const assets = {
      SOL: { venue: 'velocity', feed: 'X-USD' },
      USDT: { venue: 'velocity', feed: 'X-USD' },
    };
    const of = (asset: string, amount: string) => {
      const balances = [{ asset, amount }];
      const book = { venue: 'velocity', price: '100', assets, balances, holdings: [] };
      const { marginBalance, initialRequirement } = assessmentOf(book);
      return [marginBalance, initialRequirement];
    };
    expect(of('SOL', '2000')).toEqual(['180000', '20000']);
    expect(of('USDT', '2000')).toEqual(['200000', '0']);
  });

  /** 20 % and 5 % of 10,000. */
  it('charge a market with default settings as Drift does', () => {
    const book = { venue: 'velocity', price: '100', holdings: [perpetual('100')] };
    expect(required(book)).toEqual(['2000', '500']);
  });
});

describe('the rules of Bybit for BTCUSDT', () => {
  const required1 = (notional: string, entryPrice: string) =>
    required({
      ...{ venue: 'bybit-linear-btc', price: '1' },
      holdings: [perpetual(notional, { position: { entryPrice } })],
    });

  /** value·rate − the published deduction of each tier. */
  it.each([
    ['2000000', 2_000_000 * 0.005],
    ['2600000', 2_600_000 * 0.0056 - 1_200],
    ['3200000', 3_200_000 * 0.0063 - 3_020],
    ['5000000', 5_000_000 * 0.0077 - 8_460],
    ['8500000', 8_500_000 * 0.01 - 20_500],
    ['14000000', 14_000_000 * 0.015 - 66_000],
    ['28000000', 28_000_000 * 0.02 - 160_000],
    ['55000000', 55_000_000 * 0.03 - 502_000],
    ['80000000', 80_000_000 * 0.045 - 1_482_000],
  ])('have the published maintenance for a value of %s', (notional, maintenance) => {
    expect(Number(required1(notional, '1')[1])).toBeCloseTo(maintenance, 6);
  });

  /** 1,000,000 at 2 is 2,000,000, whatever the mark of 1 is: 1 % and 0.5 %. */
  it('take it of the value at entry', () => {
    expect(required1('1000000', '2')).toEqual(['20000', '10000']);
  });
});

describe('the rules of BitMEX for XBTUSD', () => {
  /** In XBT at 10,000: 180 at 0.5 %, and 230, a step above 200, at 1.5 % and 1 %. */
  it.each([
    ['1800000', '18000', '9000'],
    ['1999999', '19999.99', '9999.995'],
    ['2000000', '30000', '20000'],
    ['2300000', '34500', '23000'],
  ])('take the rates of the risk limit for all of %s contracts', (quantity, ...due) => {
    const holdings = [perpetual(quantity, { inverse: true, settlementAsset: 'X' })];
    const assets = { X: { feed: 'X-USD' } };
    expect(required({ venue: 'bitmex-xbtusd', assets, price: '10000', holdings })).toEqual(due);
  });
});

describe('a chosen leverage', () => {
  /** 500,000 ÷ 20 with the brackets of Binance, and 60,000 ÷ 10 with the rates of Hyperliquid. */
  it('is the initial margin of a venue that permits it', () => {
    const held = (quantity: string, leverage: string) =>
      perpetual(quantity, { position: { leverage } });
    const binance = { venue: 'binance-usdm-btc', price: '50000', holdings: [held('10', '20')] };
    expect(required(binance)).toEqual(['25000', '2450']);
    const hyperliquid = { venue: 'hyperliquid-btc', price: '60000', holdings: [held('-1', '10')] };
    expect(required(hyperliquid)).toEqual(['6000', '750']);
  });
});

describe('the rules of Reg-T', () => {
  /** A contract is 100 shares. Call, otm 5: max(20 − 5, 10) + 2 = 17. */
  it('charge a short call per 100 shares', () => {
    const holdings = [option('call', '105', { mark: '2', contractSize: '100' })];
    expect(required({ venue: 'reg-t', price: '100', holdings })).toEqual(['1700', '1700']);
  });

  /** 1,700 for the call is more than 850 for the put, whose premium of 50 is added. */
  it('charge a short strangle by its greater side and the premium of the other', () => {
    const holdings = [
      option('call', '105', { mark: '2', contractSize: '100' }),
      option('put', '80', { mark: '0.5', contractSize: '100' }),
    ];
    expect(required({ venue: 'reg-t', price: '100', holdings })).toEqual(['1750', '1750']);
  });

  const call = (strike: string, quantity: string) =>
    option('call', strike, { mark: '2', contractSize: '100', quantity });
  const put = (strike: string, quantity: string) =>
    option('put', strike, { mark: '2', contractSize: '100', quantity });

  it.each<[string, ReturnType<typeof call>[], string]>([
    /** 100·(110 − 105), less than the 1,700 of the short call. */
    ['a credit spread by its width', [call('105', '-1'), call('110', '1')], '500'],
    /** Nothing can be lost beyond the premium, which is paid in full. */
    ['a debit spread by nothing', [call('105', '1'), call('110', '-1')], '0'],
    ['a put spread by its width', [put('95', '-1'), put('90', '1')], '500'],
    /** Only one of its two spreads can lose. */
    [
      'an iron condor by one width',
      [call('105', '-1'), call('110', '1'), put('95', '-1'), put('90', '1')],
      '500',
    ],
    ['a long butterfly by nothing', [call('95', '1'), call('100', '-2'), call('105', '1')], '0'],
    /** A call is naked, so each is charged: 2·1,700. */
    ['a ratio spread as naked calls', [call('105', '-2'), call('110', '1')], '3400'],
  ])('charge %s', (_, holdings, due) => {
    expect(required({ venue: 'reg-t', price: '100', holdings })).toEqual([due, due]);
  });

  /** otm 20: max(20 − 20, 10 % of the strike of 80) + 0.5 = 8.5. */
  it('charge a short put with a floor on its strike', () => {
    const holdings = [option('put', '80', { mark: '0.5', contractSize: '100' })];
    expect(required({ venue: 'reg-t', price: '100', holdings })).toEqual(['850', '850']);
  });
});
