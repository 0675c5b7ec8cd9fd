import { describe, expect, it } from 'vitest';
import type { RiskClass } from '../../../lambda/margin/market/risk-class.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';

function reading(attributes: Record<string, unknown>) {
  const row = { kind: 'risk', id: 'BTC', volatility: '0.8', ...attributes };
  return readMarket([{ kind: 'policy', id: 'default' }, row]);
}

/** The class as JSON, with decimals as texts. */
function classOf(attributes: Record<string, unknown>): RiskClass {
  const { market, faults } = reading(attributes);
  const found = market.riskClasses.get('BTC');
  if (!found?.ok) throw new Error(faults.map(({ detail }) => detail).join());
  return JSON.parse(JSON.stringify(found.value));
}

const faultOf = (attributes: Record<string, unknown>): string[] =>
  reading(attributes).faults.map(({ detail }) => detail);

const NO_CHARGE = { initial: '0', maintenance: '0' };
const ZERO_ROW = { priceMultiplier: '1' };

describe('a risk class with only a volatility', () => {
  it('has no charges and an interest rate of 0', () => {
    expect(classOf({})).toEqual({
      riskClass: 'BTC',
      notionalAt: 'mark',
      confidenceCharges: [],
      openOrderCharge: '0',
      rate: '0',
      volatility: { type: 'fixed', annual: '0.8' },
      jumpFloor: '0',
      liquidity: { fee: '0', slippage: '0', impact: '0', liquidationFee: '0' },
      radiusScale: '1',
      oracle: {},
    });
  });
});

describe('the margin of a risk class', () => {
  it('may be flat, which is read as one tier', () => {
    const tier = { floor: '0', initial: '0.1', maintenance: '0.05' };
    expect(
      classOf({ margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } }).margin,
    ).toEqual({
      type: 'tiered',
      tiers: [{ ...tier, initialDeduction: '0', maintenanceDeduction: '0' }],
    });
  });

  it.each([
    [
      'a size ladder',
      {
        type: 'sizeLadder',
        initial: { base: '0.02', slope: '0.00005', cap: '0.5' },
        maintenance: { base: '0.01', slope: '0.00005', cap: '0.5' },
      },
    ],
    [
      'a size ladder without a cap',
      {
        type: 'sizeLadder',
        initial: { base: '0.02', slope: '0.00005' },
        maintenance: { base: '0.02', slope: '0.00005', cap: '0.3' },
      },
    ],
    [
      'a size ladder with a cap, over a maintenance without growth',
      {
        type: 'sizeLadder',
        initial: { base: '0.02', slope: '0.00005', cap: '0.02' },
        maintenance: { base: '0.02', slope: '0' },
      },
    ],
    [
      'a rate by the square root of the size',
      { type: 'squareRoot', initial: '0.1', maintenance: '0.05', sizeScaling: '0.0002' },
    ],
    [
      'a rate by open interest',
      {
        type: 'openInterest',
        initial: '1',
        maintenance: '0.012',
        lower: '25000000',
        upper: '50000000',
      },
    ],
  ])('may be defined as %s', (_, margin) => {
    expect(classOf({ margin }).margin).toEqual(margin);
  });

  const LADDER = { base: '0.02', slope: '0.001', cap: '0.5' };
  const ladder = (initial: object, maintenance: object) => ({
    type: 'sizeLadder',
    initial: { ...LADDER, ...initial },
    maintenance: { ...LADDER, ...maintenance },
  });
  const OPEN_INTEREST = {
    type: 'openInterest',
    initial: '0.02',
    maintenance: '0.012',
    lower: '1',
    upper: '2',
  };

  it.each([
    [ladder({}, { base: '0.021' }), 'margin.initial.base must not be below maintenance.base'],
    [ladder({}, { slope: '0.002' }), 'margin.initial.slope must not be below maintenance.slope'],
    [ladder({}, { cap: '0.6' }), 'margin.initial.cap must not be below maintenance.cap'],
    [ladder({}, { cap: undefined }), 'margin.maintenance.cap is needed because initial has one'],
    [ladder({ cap: '0.01' }, {}), 'margin.initial.cap must not be below base'],
    [ladder({ slope: '-1' }, {}), 'margin.initial.slope must not be negative, not -1'],
    [
      { type: 'squareRoot', initial: '0.04', maintenance: '0.05', sizeScaling: '0' },
      'margin.initial must not be below maintenance',
    ],
    [{ type: 'squareRoot', initial: '0.1', maintenance: '0.05' }, 'margin.sizeScaling is missing'],
    [{ ...OPEN_INTEREST, upper: '1' }, 'margin.lower must be below upper'],
    [{ ...OPEN_INTEREST, initial: '1.01' }, 'margin.initial must lie between 0 and 1, not 1.01'],
    [{ ...OPEN_INTEREST, maintenance: '0.021' }, 'margin.initial must not be below maintenance'],
    [{ ...OPEN_INTEREST, cap: '1' }, 'unknown attribute margin.cap'],
  ])('is refused if it is invalid: %#', (margin, fault) => {
    expect(faultOf({ margin })).toEqual([`market risk/BTC: ${fault}`]);
  });
});

describe('the option rule of a risk class', () => {
  const call = {
    initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.13' },
    maintenance: { rate: '0.09' },
  };
  const put = { ...call, maintenance: { rate: '0.09', ofMark: '0.09' } };
  const CHARGE = {
    ...{ lessOutOfTheMoney: false, floor: '0', floorOf: 'underlying', ofMark: '0', minimum: '0' },
  };
  const callRead = {
    initial: { ...CHARGE, ...call.initial },
    maintenance: { ...CHARGE, ...call.maintenance },
  };

  it('applies the rule of short calls to short puts by default', () => {
    expect(classOf({ optionRule: { shortCall: call } }).optionRule).toEqual({
      shortCall: callRead,
      shortPut: callRead,
      putInitialOverMaintenance: '0',
      factor: '1',
      underlyingPrice: 'spot',
      initialMark: 'mark',
      balanceValue: 'all',
      strangles: 'none',
    });
  });

  it('may have every attribute', () => {
    const optionRule = {
      shortCall: { ...call, initial: { ...call.initial, floorOf: 'strike' } },
      shortPut: put,
      putInitialOverMaintenance: new Numeral('1.05'),
      factor: '1.2',
      underlyingPrice: 'forward',
      balanceValue: 'none',
      strangles: 'pairs',
      expiryNetting: { initial: '1.2', maintenance: '1.1' },
    };
    expect(classOf({ optionRule }).optionRule).toMatchObject({
      ...optionRule,
      putInitialOverMaintenance: '1.05',
    });
  });

  it.each([
    [{}, 'optionRule.shortCall is missing'],
    [{ shortCall: { initial: { rate: '0.1' } } }, 'optionRule.shortCall.maintenance is missing'],
    [{ shortCall: { ...call, initial: {} } }, 'optionRule.shortCall.initial.rate is missing'],
    [
      { shortCall: { ...call, initial: { rate: '-0.1' } } },
      'optionRule.shortCall.initial.rate must not be negative, not -0.1',
    ],
    [
      { shortCall: { ...call, initial: { rate: '0.1', floorOf: 'forward' } } },
      'optionRule.shortCall.initial.floorOf must be one of underlying, strike',
    ],
    [{ shortCall: call, factor: '0' }, 'optionRule.factor must be above 0, not 0'],
    [
      { shortCall: call, expiryNetting: { initial: '1.1', maintenance: '1.2' } },
      'optionRule.expiryNetting.initial must not be below maintenance',
    ],
    [{ shortCall: call, longPut: call }, 'unknown attribute optionRule.longPut'],
  ])('is refused if it is invalid: %#', (optionRule, fault) => {
    expect(faultOf({ optionRule })).toEqual([`market risk/BTC: ${fault}`]);
  });
});

describe('the portfolio model of a risk class', () => {
  it('may consist of a single scenario without a move', () => {
    expect(classOf({ portfolio: { scenarios: [ZERO_ROW] } }).portfolio).toEqual({
      scenarios: [{ priceMultiplier: '1', vol: 'none', weight: '1', daysForward: '0' }],
      volShock: {
        unit: 'relative',
        up: '0',
        down: '0',
        power: '0',
        longPower: '0',
        anchorDays: '30',
        floorDays: '1',
        minimum: '0',
      },
      initialFactor: '1',
      maintenanceFactor: '1',
      settlementWindowSeconds: 0,
      collateral: 'hedge',
      expiredOptions: 'settled',
      lossesIn: 'numeraire',
      perpetualCharge: { ...NO_CHARGE, on: 'mark' },
      futureCharge: { ...NO_CHARGE, on: 'mark' },
      nakedShortCharge: NO_CHARGE,
      expiryCharges: [],
    });
  });

  const volShock = { up: '0.5', down: '0.3', power: '0.3' };
  const FULL = {
    scenarios: [
      { priceMultiplier: '1', vol: 'up' },
      { priceMultiplier: '1', vol: 'down' },
      { priceMultiplier: '1', daysForward: '1' },
      { priceMultiplier: '6', vol: 'up', weight: '0.02772' },
      { priceMultiplier: '1', skew: { slope: '-0.2' } },
      { priceMultiplier: '1', skew: { slope: '0.1', of: 'absolute', cap: '0.3' } },
    ],
    volShock,
    maintenanceFactor: '0.8',
    gainDiscount: { base: '0.95', rateMultiplier: '4', add: '0.05' },
    lossDiscount: { add: '0.05' },
    settlementWindowSeconds: '1800',
    collateral: 'all',
    deltaFloor: { net: '0.02', hedged: '0.01' },
    perpetualCharge: { initial: '0.04', maintenance: '0.03' },
    nakedShortCharge: { initial: '0.005' },
    expiryCharges: [
      {
        scenarios: [{ priceMultiplier: '0.955' }, { priceMultiplier: '1.045' }],
        base: '0.5',
        perYear: '2',
      },
      { scenarios: [{ priceMultiplier: '1', vol: 'up' }], base: '0.1', in: 'initial' },
    ],
    minimum: { perContract: { initial: '3', maintenance: '2' } },
  };

  it('may have every attribute', () => {
    const portfolio = classOf({ portfolio: FULL }).portfolio;
    expect(portfolio).toMatchObject({
      volShock: { ...volShock, longPower: '0.3', minimum: '0' },
      gainDiscount: FULL.gainDiscount,
      lossDiscount: { base: '1', rateMultiplier: '0', add: '0.05' },
      settlementWindowSeconds: 1800,
      deltaFloor: FULL.deltaFloor,
      nakedShortCharge: { initial: '0.005', maintenance: '0' },
      expiryCharges: [
        {
          scenarios: [
            { priceMultiplier: '0.955', vol: 'none' },
            { priceMultiplier: '1.045', vol: 'none' },
          ],
          base: '0.5',
          perYear: '2',
          in: 'both',
        },
        { scenarios: [{ vol: 'up' }], perYear: '0', in: 'initial' },
      ],
      minimum: {
        tiers: [{ floor: '0', initial: '0', maintenance: '0' }],
        perContract: { initial: '3', maintenance: '2' },
      },
    });
    expect(portfolio?.scenarios.slice(3)).toMatchObject([
      { priceMultiplier: '6', weight: '0.02772' },
      { skew: { slope: '-0.2', of: 'signed', cap: '0.5', capPerRootYear: '0' } },
      { skew: { slope: '0.1', of: 'absolute', cap: '0.3' } },
    ]);
  });

  it('may have a skew that is flat from a distance on, with a cap above 1', () => {
    const flatAt = {
      minimum: '0.01',
      width: '4',
      volatility: '0.6',
      volatilityPerRootYear: '-0.1',
    };
    const skew = { flatAt, cap: '9.9', capPerRootYear: '-0.05' };
    const scenarios = [ZERO_ROW, { priceMultiplier: '1', skew, weight: '5' }];
    expect(classOf({ portfolio: { scenarios } }).portfolio?.scenarios[1]).toMatchObject({
      weight: '5',
      skew: { ...skew, slope: '0', of: 'signed' },
    });
  });

  it('may have a longPower of its own, and a minimum in tiers', () => {
    const tiers = [
      { floor: '0', initial: '0.02', maintenance: '0.01' },
      { floor: '1000', initial: '0.04', maintenance: '0.02' },
    ];
    const portfolio = classOf({
      portfolio: { ...FULL, volShock: { ...volShock, longPower: '0.13' }, minimum: { tiers } },
    }).portfolio;
    expect(portfolio?.volShock).toMatchObject({ power: '0.3', longPower: '0.13' });
    expect(portfolio?.minimum).toMatchObject({ tiers, perContract: NO_CHARGE });
  });

  const shockedCell = { scenarios: [{ priceMultiplier: '1', vol: 'up' }], base: '1' };
  it.each([
    [{ scenarios: [] }, 'portfolio.scenarios needs a row with priceMultiplier 1'],
    [
      { scenarios: [{ priceMultiplier: '0.9' }] },
      'portfolio.scenarios needs a row with priceMultiplier 1',
    ],
    [
      { scenarios: [ZERO_ROW, { priceMultiplier: '0.9' }, { priceMultiplier: '1.00', weight: 1 }] },
      'portfolio.scenarios.2.weight must be a decimal number, not a number',
    ],
    [
      {
        scenarios: [ZERO_ROW, { priceMultiplier: '0.9' }, { priceMultiplier: '1.00', weight: '1' }],
      },
      'portfolio.scenarios.2 is the same row as scenarios.0',
    ],
    [
      { scenarios: [ZERO_ROW, { priceMultiplier: '0' }] },
      'portfolio.scenarios.1.priceMultiplier must be above 0, not 0',
    ],
    [
      { scenarios: [{ ...ZERO_ROW, weight: '-0.1' }] },
      'portfolio.scenarios.0.weight must not be negative, not -0.1',
    ],
    [
      { scenarios: [{ ...ZERO_ROW, vol: 'same' }] },
      'portfolio.scenarios.0.vol must be one of up, none, down',
    ],
    [
      { scenarios: [{ ...ZERO_ROW, skew: { slope: '1', cap: '-1' } }] },
      'portfolio.scenarios.0.skew.cap must not be negative, not -1',
    ],
    [
      { scenarios: [{ ...ZERO_ROW, skew: {} }] },
      'portfolio.scenarios.0.skew.slope is needed unless there is flatAt, and must not be there ' +
        'with it',
    ],
    [
      { scenarios: [{ ...ZERO_ROW, skew: { slope: '1', flatAt: { minimum: '0.01' } } }] },
      'portfolio.scenarios.0.skew.slope is needed unless there is flatAt, and must not be there ' +
        'with it',
    ],
    [
      { scenarios: [{ ...ZERO_ROW, skew: { flatAt: { minimum: '-1' } } }] },
      'portfolio.scenarios.0.skew.flatAt.minimum must not be negative, not -1',
    ],
    [
      { scenarios: [ZERO_ROW], gainDiscount: { base: '-1' } },
      'portfolio.gainDiscount.base must not be negative, not -1',
    ],
    [
      { scenarios: [ZERO_ROW], depegFactor: { feed: 'USDC-USD', threshold: '-1', factor: '2' } },
      'portfolio.depegFactor.threshold must not be negative, not -1',
    ],
    [
      { scenarios: [ZERO_ROW], perpetualCharge: { on: 'spot' } },
      'portfolio.perpetualCharge.on must be one of mark, index',
    ],
    [
      { scenarios: [ZERO_ROW], nakedShortCharge: { on: 'index' } },
      'unknown attribute portfolio.nakedShortCharge.on',
    ],
    [
      { scenarios: [ZERO_ROW], expiredOptions: 'kept' },
      'portfolio.expiredOptions must be one of settled, scanned',
    ],
    [
      { scenarios: [ZERO_ROW], volShock: { ...volShock, unit: 'percent' } },
      'portfolio.volShock.unit must be one of relative, points',
    ],
    [
      { scenarios: [{ ...ZERO_ROW, vol: 'down' }] },
      'portfolio.volShock is needed because a row says vol up or down',
    ],
    [
      { scenarios: [ZERO_ROW], expiryCharges: [shockedCell] },
      'portfolio.volShock is needed because a row says vol up or down',
    ],
    [
      { scenarios: [ZERO_ROW], volShock: { up: '0.5', power: '0.3' } },
      'portfolio.volShock.down is missing',
    ],
    [
      { scenarios: [ZERO_ROW], volShock: { ...volShock, floorDays: '-1' } },
      'portfolio.volShock.floorDays must not be negative, not -1',
    ],
    [
      { scenarios: [ZERO_ROW], initialFactor: '1.25', maintenanceFactor: '0' },
      'portfolio.maintenanceFactor must be above 0, not 0',
    ],
    [
      { scenarios: [ZERO_ROW], futureCharge: { maintenance: '0.01' } },
      'portfolio.futureCharge.initial must not be below maintenance',
    ],
    [
      { scenarios: [ZERO_ROW], expiryCharges: [{ scenarios: [], base: '1' }] },
      'portfolio.expiryCharges.0.scenarios needs at least one cell',
    ],
    [
      { scenarios: [ZERO_ROW], minimum: { perContract: { maintenance: '1' } } },
      'portfolio.minimum.perContract.initial must not be below maintenance',
    ],
    [
      {
        scenarios: [ZERO_ROW],
        minimum: { tiers: [{ floor: '5', initial: '1', maintenance: '1' }] },
      },
      'portfolio.minimum.tiers must have floor 0 in tier 0',
    ],
    [
      { scenarios: [ZERO_ROW], collateral: 'some' },
      'portfolio.collateral must be one of hedge, all, none',
    ],
    [{}, 'portfolio.scenarios is missing'],
  ])('is refused if it is invalid: %#', (portfolio, fault) => {
    expect(faultOf({ portfolio })).toEqual([`market risk/BTC: ${fault}`]);
  });
});

describe('the additional charges of a risk class', () => {
  const confidence = { of: 'shortOptions', threshold: '0.55', factor: '1' };
  const depeg = { feed: 'USDC-USD', threshold: '0.99', factor: '2' };
  const dynamic = { referenceVolatility: '0.6', cap: '3' };

  it('apply to the initial requirement by default', () => {
    expect(
      classOf({
        confidenceCharges: [confidence, { ...confidence, of: 'collateral', in: 'both' }],
        depegCharge: depeg,
        openOrderCharge: '0.01',
        dynamic: { ...dynamic, initialRisePerHour: '0.1' },
        requirementPlaces: '6',
        rate: '-0.02',
      }),
    ).toMatchObject({
      confidenceCharges: [
        { ...confidence, in: 'initial' },
        { ...confidence, of: 'collateral', in: 'both' },
      ],
      depegCharge: { ...depeg, in: 'initial' },
      openOrderCharge: '0.01',
      dynamic: { ...dynamic, floor: '1', initialRisePerHour: '0.1' },
      requirementPlaces: 6,
      rate: '-0.02',
    });
  });

  it.each([
    [
      { confidenceCharges: [{ ...confidence, threshold: '1.1' }] },
      'confidenceCharges.0.threshold must lie between 0 and 1, not 1.1',
    ],
    [
      { confidenceCharges: [{ ...confidence, of: 'futures', in: 'maintenance' }] },
      'confidenceCharges.0.in must be one of initial, both',
    ],
    [{ depegCharge: { ...depeg, feed: undefined } }, 'depegCharge.feed is missing'],
    [{ openOrderCharge: '-1' }, 'openOrderCharge must not be negative, not -1'],
    [{ dynamic: { ...dynamic, cap: '0.9' } }, 'dynamic.cap must be at least floor'],
    [
      { dynamic: { ...dynamic, referenceVolatility: '0' } },
      'dynamic.referenceVolatility must be above 0, not 0',
    ],
    [
      { dynamic: { ...dynamic, initialRisePerHour: '0' } },
      'dynamic.initialRisePerHour must be above 0, not 0',
    ],
    [{ requirementPlaces: '19' }, 'requirementPlaces must be a whole number from 0 to 18, not 19'],
  ])('are refused if they are invalid: %#', (attributes, fault) => {
    expect(faultOf(attributes)).toEqual([`market risk/BTC: ${fault}`]);
  });
});
