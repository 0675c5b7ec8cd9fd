/** Figures calculated by hand from the published models. */
import { describe, expect, it } from 'vitest';
import { type OptionType, optionValue } from '../../../../lambda/margin/option/black76.ts';
import { assessmentOf, type Book, future, option, perpetual, required } from './book.ts';

const on = (venue: string, holdings: NonNullable<Book['holdings']>, price = '60000') =>
  required({ venue, model: 'portfolio', price, holdings });

describe('the requirement of a perpetual of 60,000', () => {
  it.each([
    // 18 % = 10,800, plus 4 % of the notional; 0.8·10,800, plus 3 %. Tails count 13.86 % at most.
    ['derive-pmrm-v2', '13200', '10440'],
    // 14 % = 8,400, plus 1.5 % of the notional; 0.8·8,400, plus 0.75 %. Tails count 8.1 % at most.
    ['derive-pm2-btc', '9300', '7170'],
    // 16 % = 9,600, plus 1.5 %; 0.8·9,600, plus 0.75 %. Tails count 9.24 % at most.
    ['derive-pm2-eth', '10500', '8130'],
    // 1.25·(20 % + 3 %); 20 % + 3 %.
    ['derive-pmrm-v1', '17250', '13800'],
    // 16 %, equal to a tail’s 500 %·0.032; half of it.
    ['paradex-pm', '9600', '4800'],
    // 16 %
    ['deribit-pm', '9600', '9600'],
    // 12 %, equal to half of the extreme 24 %.
    ['okx-pm', '7200', '7200'],
    // 12 %. Of the extreme 24 %, 35 % count: 8.4 %.
    ['span', '7200', '7200'],
    // 15 %
    ['occ-tims', '9000', '9000'],
  ])('is as published on %s', (venue, initial, maintenance) => {
    expect(on(venue, [perpetual('1')])).toEqual([initial, maintenance]);
    expect(on(venue, [perpetual('-1')])).toEqual([initial, maintenance]);
  });
});

describe('the requirement of a perpetual hedged by a future', () => {
  const hedged = [perpetual('1'), future('-1')];

  it.each([
    // No loss; (2 %·0 + 1 %·(2 − 0)/2)·60,000, and half of it.
    ['paradex-pm', '600', '300'],
    // No loss; 1.25·3 % and 3 % of the perpetual only.
    ['derive-pmrm-v1', '2250', '1800'],
    ['span', '0', '0'],
    ['okx-pm', '0', '0'],
    ['deribit-pm', '0', '0'],
    // Two contracts of 37.5.
    ['occ-tims', '75', '75'],
  ])('is as published on %s', (venue, initial, maintenance) => {
    expect(on(venue, hedged)).toEqual([initial, maintenance]);
  });

  /**
   * 4 % and 3 % of the perpetual. For the basis, only the short future, which loses 4.5 % of 60,000
   * = 2,700 when the price rises: (0.5 + 2·15/365)·2,700 = 1,350 + 221.917808… It is the worst loss,
   * as no scenario loses anything, so 0.8 of it counts in maintenance.
   */
  it('is the basis loss, as the worst loss, on derive-pmrm-v2', () => {
    const [initial, maintenance] = on('derive-pmrm-v2', hedged).map(Number);
    const basis = 1350 + 81_000 / 365;
    expect(initial).toBeCloseTo(2400 + basis, 9);
    expect(maintenance).toBeCloseTo(1800 + 0.8 * basis, 9);
  });
});

describe('the requirement of a short option', () => {
  const YEARS = 15 / 365;
  /** (30 d/15 d)^0.3 */
  const TERM = 2 ** 0.3;

  const value = (type: OptionType, strike: number, at: { price: number; volatility: number }) =>
    optionValue(
      { type, strike, yearsToExpiry: YEARS },
      { forward: at.price, volatility: at.volatility, discount: 1 },
    );

  type Cell = readonly [price: number, volatility: number, weight: number];

  /** The largest loss of one short option, at a volatility of 0.65 on 60,000, over the cells. */
  const worst = (cells: readonly Cell[], type: OptionType, strike: number): number => {
    const now = value(type, strike, { price: 60_000, volatility: 0.65 });
    const losses = cells.map(([multiple, volatility, weight]) => {
      return weight * (value(type, strike, { price: 60_000 * multiple, volatility }) - now);
    });
    return Math.max(0, ...losses);
  };

  const UP = 0.65 * (1 + 0.4 * TERM);
  const DOWN = 0.65 * (1 - 0.22 * TERM);
  const PARADEX: Cell[] = [
    ...[0.88, 0.92, 0.96, 1, 1.04, 1.08, 1.12].flatMap((price): Cell[] => [
      [price, UP, 1],
      [price, DOWN, 1],
    ]),
    [0.84, UP, 1],
    [1.16, UP, 1],
    [0.34, UP, 0.24],
    [0.67, UP, 0.48],
    [1.5, UP, 0.32],
    [2, UP, 0.16],
    [3, UP, 0.08],
    [4, UP, 0.0533],
    [5, UP, 0.04],
    [6, UP, 0.032],
  ];

  it.each([
    ['call', 66_000],
    ['call', 120_000],
    ['put', 57_000],
    ['put', 30_000],
  ] as const)(
    'on paradex-pm is the worst cell, maintenance half of it: %s at %i',
    (type, strike) => {
      const scan = worst(PARADEX, type, strike);
      const [initial, maintenance] = on('paradex-pm', [option(type, String(strike))]).map(Number);
      expect(initial).toBeCloseTo(scan, 6);
      expect(maintenance).toBeCloseTo(scan / 2, 6);
    },
  );

  const RAISED = 0.65 * (1 + 0.5 * TERM);
  const LOWERED = 0.65 * (1 - 0.3 * TERM);
  const DERIVE: Cell[] = [
    ...[1.135, 1.09, 1.045, 1, 0.955, 0.91, 0.865].flatMap((price): Cell[] => [
      [price, RAISED, 1],
      [price, 0.65, 1],
      [price, LOWERED, 1],
    ]),
    [1.18, RAISED, 1],
    [0.82, RAISED, 1],
    [0.34, RAISED, 0.21],
    [0.67, RAISED, 0.42],
    [1.5, RAISED, 0.2772],
    [2, RAISED, 0.1386],
    [3, RAISED, 0.0693],
    [4, RAISED, 0.0462],
    [5, RAISED, 0.03465],
    [6, RAISED, 0.02772],
  ];
  const BASIS: Cell[] = [
    [0.955, 0.65, 1],
    [1.045, 0.65, 1],
  ];

  /**
   * IM = worst + 0.5 % of 60,000; MM = 0.8·worst + 0.3 %. The basis loss, (0.5 + 2T)·the loss at
   * ±4.5 %, is one more candidate for the worst.
   */
  it.each([
    ['call', 66_000],
    ['call', 120_000],
    ['put', 57_000],
    ['put', 30_000],
  ] as const)(
    'on derive-pmrm-v2 includes the naked short charge and the worst loss: %s at %i',
    (type, strike) => {
      const basis = (0.5 + 2 * YEARS) * worst(BASIS, type, strike);
      const scan = Math.max(worst(DERIVE, type, strike), basis);
      const [initial, maintenance] = on('derive-pmrm-v2', [option(type, String(strike))]).map(
        Number,
      );
      expect(initial).toBeCloseTo(scan + 300, 6);
      expect(maintenance).toBeCloseTo(0.8 * scan + 180, 6);
    },
  );

  const TODAY = [0.65 * (1 + 0.4 * TERM), 0.65, 0.65 * (1 - 0.25 * TERM)] as const;
  const BTC: Cell[] = [
    ...[1.105, 1.07, 1.035, 1, 0.965, 0.93, 0.895].flatMap((price) =>
      TODAY.map((volatility): Cell => [price, volatility, 1]),
    ),
    ...[1.14, 0.86].map((price): Cell => [price, TODAY[0], 1]),
    [0.34, TODAY[0], 0.122624],
    [0.67, TODAY[0], 0.245],
    [1.5, TODAY[0], 0.161741],
    [2, TODAY[0], 0.080871],
    [3, TODAY[0], 0.020218],
    [4, TODAY[0], 0.008976],
    [5, TODAY[0], 0.005044],
    [6, TODAY[0], 0.003228],
  ];

  /** At r = 0 a loss is not marked up: IM = worst + 0.25 % of 60,000, MM = 0.8·worst + 0.15 %. */
  it.each([
    ['call', 66_000],
    ['put', 30_000],
  ] as const)('on derive-pm2-btc has the table of that coin: %s at %i', (type, strike) => {
    const scan = worst(BTC, type, strike);
    const [initial, maintenance] = on('derive-pm2-btc', [option(type, String(strike))]).map(Number);
    expect(initial).toBeCloseTo(scan + 150, 6);
    expect(maintenance).toBeCloseTo(0.8 * scan + 90, 6);
  });

  /** A gain counts 0.98·e^{−0.1·T}; the worst row is found over the table. */
  it('on derive-pm2-btc discounts what is left of a long option', () => {
    const now = value('call', 60_000, { price: 60_000, volatility: 0.65 });
    const discount = 0.98 * Math.exp(-0.1 * YEARS);
    const scan = Math.max(
      ...BTC.map(([multiple, volatility, weight]) => {
        const there = value('call', 60_000, { price: 60_000 * multiple, volatility });
        return weight * (now - discount * there);
      }),
    );
    const [initial, maintenance] = on('derive-pm2-btc', [
      option('call', '60000', { quantity: '1' }),
    ]).map(Number);
    expect(initial).toBeCloseTo(scan, 6);
    expect(maintenance).toBeCloseTo(0.8 * scan, 6);
  });

  const TERMS_V1 = [1 + 0.6 * TERM, 1, 1 - 0.3 * TERM].map((shock) => 0.65 * shock);
  const DERIVE_V1: Cell[] = [
    ...[1.15, 1.1, 1.05, 1, 0.95, 0.9, 0.85].flatMap((price) =>
      TERMS_V1.map((volatility): Cell => [price, volatility, 1]),
    ),
    ...[1.2, 0.8].map((price): Cell => [price, TERMS_V1[0] as number, 1]),
  ];

  it.each([
    ['call', 60_000],
    ['call', 90_000],
    ['put', 57_000],
  ] as const)(
    'on derive-pmrm-v1 is 1.25·(worst loss + 2 %%), maintenance without the factor: %s at %i',
    (type, strike) => {
      const scan = worst(DERIVE_V1, type, strike) + 1200;
      const [initial, maintenance] = on('derive-pmrm-v1', [option(type, String(strike))]).map(
        Number,
      );
      expect(initial).toBeCloseTo(1.25 * scan, 6);
      expect(maintenance).toBeCloseTo(scan, 6);
    },
  );

  const DERIBIT: Cell[] = [0.84, 0.88, 0.92, 0.96, 1, 1.04, 1.08, 1.12, 1.16].flatMap(
    (price): Cell[] => [
      [price, Math.max(0.5, 0.65 * (1 + 0.5 * TERM)), 1],
      [price, 0.65, 1],
      [price, 0.65 * (1 - 0.25 * TERM), 1],
    ],
  );

  it('on deribit-pm is the worst cell for a put at 57,000', () => {
    const scan = worst(DERIBIT, 'put', 57_000);
    for (const figure of on('deribit-pm', [option('put', '57000')])) {
      expect(Number(figure)).toBeCloseTo(scan, 6);
    }
  });

  /** Far out of the money, no scenario moves it, so the minimum of 37.5 per contract applies. */
  it('on occ-tims has a minimum per contract', () => {
    const holdings = [option('put', '10', { contractSize: '100', impliedVolatility: '0.3' })];
    expect(on('occ-tims', holdings, '100')).toEqual(['37.5', '37.5']);
  });
});

describe('coin held with a book on derive-pmrm-v1', () => {
  const book = {
    venue: 'derive-pmrm-v1',
    model: 'portfolio',
    price: '60000',
    assets: { BTC: { venue: 'derive-pmrm-v1', feed: 'X-USD', riskClass: 'X' } },
    balances: [{ asset: 'BTC', amount: '1' }],
  } as const;

  /**
   * 20 % of two BTC and 3 % of the perpetual: 25,800, and 1.25·25,800 = 32,250. Collateral counts
   * 97 %; another 0.25·3 % of 60,000 = 450 in the initial requirement.
   */
  it('is revalued together with a long perpetual', () => {
    const holdings = [perpetual('1')];
    expect(required({ ...book, holdings })).toEqual(['32700', '25800']);
    expect(assessmentOf({ ...book, holdings }).marginBalance).toBe('58200');
  });

  /** With a short perpetual nothing is lost; 3 % of the perpetual remain: 1.25·1,800 + 450. */
  it('hedges a short perpetual', () => {
    expect(required({ ...book, holdings: [perpetual('-1')] })).toEqual(['2700', '1800']);
  });
});

describe('coin held with a book on derive-pmrm-v2', () => {
  const book = {
    venue: 'derive-pmrm-v2',
    model: 'portfolio',
    price: '60000',
    assets: { BTC: { feed: 'X-USD', riskClass: 'X' } },
    balances: [{ asset: 'BTC', amount: '1' }],
  } as const;

  /** 18 % of 60,000, and 0.8 of it. */
  it.each(['1', '-1'])('is revalued whole, alone and as a debt: %s', (amount) => {
    const alone = { ...book, balances: [{ asset: 'BTC', amount }] };
    expect(required(alone)).toEqual(['10800', '8640']);
  });

  /** A short perpetual of 0.4 leaves 0.6 BTC: 6,480 and 0.8 of it, plus 4 % and 3 % of 24,000. */
  it('is revalued whole where it is more than the hedge', () => {
    const holdings = [perpetual('-0.4')];
    expect(required({ ...book, holdings })).toEqual(['7440', '5904']);
  });
});
