import { describe, expect, it } from 'vitest';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { type MarketReading, PolicyError, readMarket } from '../../../lambda/rows/read-market.ts';

const N = (text: string) => new Numeral(text);

const POLICY: RawRow = { kind: 'policy', id: 'default' };
const ASSET: RawRow = { kind: 'asset', id: 'ETH', feed: 'ETH-USD', collateralWeight: '0.9' };
const INSTRUMENT: RawRow = {
  kind: 'instrument',
  id: 'BTC-PERP',
  type: 'perpetual',
  underlying: 'BTC-USD',
  settlementAsset: 'USDC',
  riskClass: 'BTC',
};
const RISK: RawRow = {
  kind: 'risk',
  id: 'BTC',
  volatility: '0.8',
  margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
};
const EWMA = { type: 'ewma', floor: '0.4', stress: '2' };

const EWMA_FAULTS: readonly (readonly [unknown, string])[] = [
  [[], 'volatility must be a decimal number, not a list'],
  [{}, 'volatility.type must be ewma'],
  [{ ...EWMA, type: 'garch' }, 'volatility.type must be ewma'],
  [{ ...EWMA, floor: undefined }, 'volatility.floor is missing'],
  [{ ...EWMA, floor: '0' }, 'volatility.floor must be above 0, not 0'],
  [{ ...EWMA, stress: '0.39' }, 'volatility.stress must be at least floor'],
  [{ ...EWMA, cap: '1.99' }, 'volatility.stress must be at most cap'],
  [{ ...EWMA, stress: '10.1' }, 'volatility.stress must be at most cap'],
  [{ ...EWMA, stressWeight: '1.01' }, 'volatility.stressWeight must lie between 0 and 1, not 1.01'],
  [
    { ...EWMA, halfLifeSeconds: '59' },
    'volatility.halfLifeSeconds must be a whole number from 60 to 31536000, not 59',
  ],
  [{ ...EWMA, halfLife: '60' }, 'unknown attribute volatility.halfLife'],
];

const QUOTE: RawRow = {
  kind: 'quote',
  id: 'BTC-USD#pyth',
  price: '60000',
  publishedAt: '1700000000000',
};
const ROWS = [POLICY, ASSET, INSTRUMENT, RISK, QUOTE];

/** The rows with one of them changed, or with one of its attributes removed. */
function changed(row: RawRow, change: RawRow): readonly RawRow[] {
  const merged = Object.entries({ ...row, ...change }).filter(([, value]) => value !== undefined);
  return ROWS.map((each) => (each === row ? Object.fromEntries(merged) : each));
}

const faultsOf = (rows: readonly RawRow[]): string[] =>
  readMarket(rows).faults.map(({ detail }) => detail);

function readable({ market }: MarketReading) {
  const known = (rows: ReadonlyMap<string, { readonly ok: boolean }>) =>
    [...rows].filter(([, { ok }]) => ok).map(([id]) => id);
  return {
    assets: known(market.assets),
    instruments: known(market.instruments),
    risk: known(market.riskClasses),
    quotes: [...market.quotes].flatMap(([feed, quotes]) =>
      quotes.map(({ source }) => `${feed}#${source}`),
    ),
  };
}

const ALL = { assets: ['ETH'], instruments: ['BTC-PERP'], risk: ['BTC'], quotes: ['BTC-USD#pyth'] };

describe('well-formed market rows', () => {
  it('are all read, without a fault', () => {
    const reading = readMarket(ROWS);
    expect(reading.faults).toEqual([]);
    expect(readable(reading)).toEqual(ALL);
  });

  it('may state numbers as DynamoDB N or as text, with the same result', () => {
    const numerals = [
      POLICY,
      { ...ASSET, collateralWeight: N('0.9') },
      INSTRUMENT,
      {
        ...RISK,
        volatility: N('0.8'),
        margin: { type: 'flat', initial: N('0.1'), maintenance: N('5E-2') },
      },
      { ...QUOTE, price: N('6E4'), publishedAt: N('1700000000000') },
    ];
    expect(readMarket(numerals)).toEqual(readMarket(ROWS));
  });

  it('keep every digit of their numbers', () => {
    const price = '60000.1234567890123456789012345678';
    const { market } = readMarket(changed(QUOTE, { price: N(price) }));
    expect(market.quotes.get('BTC-USD')?.map((quote) => textOf(quote.price))).toEqual([price]);
  });

  it('may have attributes that begin with _', () => {
    expect(faultsOf(changed(QUOTE, { _note: [1, 2], _: null }))).toEqual([]);
  });

  it('need only the attributes without a default', () => {
    const { market } = readMarket([POLICY, { kind: 'asset', id: 'ETH', feed: 'ETH-USD' }]);
    const { riskClasses } = readMarket([POLICY, { kind: 'risk', id: 'R', volatility: '1' }]).market;
    const risk = riskClasses.get('R');
    if (!risk?.ok) throw new Error('R is known');
    const { jumpFloor, radiusScale, liquidity, margin, oracle } = risk.value;
    expect([jumpFloor, radiusScale, liquidity.fee, liquidity.slippage].map(textOf)).toEqual([
      '0',
      '1',
      '0',
      '0',
    ]);
    expect([margin, oracle]).toEqual([undefined, {}]);
    const eth = market.assets.get('ETH');
    if (!eth?.ok) throw new Error('ETH is known');
    expect(textOf(eth.value.collateralWeight)).toBe('1');
    expect(textOf(eth.value.liabilityWeight)).toBe('1');
  });
});

describe('the volatility of a risk class', () => {
  const ruleOf = (volatility: unknown) => {
    const { market, faults } = readMarket(changed(RISK, { volatility }));
    const risk = market.riskClasses.get('BTC');
    if (!risk?.ok) throw new Error(faults.map(({ detail }) => detail).join());
    return JSON.parse(JSON.stringify(risk.value.volatility));
  };

  it('may be a fixed number', () => {
    expect(ruleOf('0.8')).toEqual({ type: 'fixed', annual: '0.8' });
    expect(ruleOf(N('8E-1'))).toEqual(ruleOf('0.8'));
  });

  it('may be measured, by default with a half-life of 1,800 s and a cap of ten', () => {
    expect(ruleOf(EWMA)).toEqual({
      type: 'ewma',
      halfLifeSeconds: 1_800,
      floor: '0.4',
      stress: '2',
      cap: '10',
      quantile: 'tracked',
    });
    // Without it, it is a quarter for requirements and none for the latency shock.
    expect(ruleOf({ ...EWMA, stressWeight: '0.25' })).toMatchObject({ stressWeight: '0.25' });
  });

  it('may have equal floor, stress and cap, and a weight of stress from 0 to 1', () => {
    const flat = { ...EWMA, floor: '2', stress: N('2'), cap: '2.0' };
    expect(ruleOf(flat)).toMatchObject({ floor: '2', stress: '2', cap: '2' });
    expect(ruleOf({ ...EWMA, stressWeight: '0' })).toMatchObject({ stressWeight: '0' });
    expect(ruleOf({ ...EWMA, stressWeight: '1' })).toMatchObject({
      stressWeight: '1',
    });
    expect(ruleOf({ ...EWMA, halfLifeSeconds: N('60') })).toMatchObject({ halfLifeSeconds: 60 });
  });

  it('may leave its quantile to the policy', () => {
    expect(ruleOf({ ...EWMA, quantile: 'policy' })).toMatchObject({ quantile: 'policy' });
  });
});

describe('the policy', () => {
  const refused = (row: RawRow): string => {
    try {
      readMarket([{ ...POLICY, ...row }]);
    } catch (error) {
      if (error instanceof PolicyError) return error.message;
      throw error;
    }
    return 'accepted';
  };

  it('has defaults: mode observe, no halt, ℓ = 1, c = 1.25', () => {
    const { policy } = readMarket([POLICY]).market;
    expect(policy).toMatchObject({
      numeraire: 'USD',
      mode: 'observe',
      halt: false,
      latencyBuffer: 'standard',
      uncertainty: 'standard',
      onCallExpiry: 'liquidate',
      callGraceSeconds: 3600,
      oracle: { staleAfterSeconds: 300, maxAgeSeconds: 120, minSources: 1 },
    });
    expect(textOf(policy.liquidationMultiplier)).toBe('1');
    expect(textOf(policy.callMultiplier)).toBe('1.25');
    // 99 % of Student-t with four degrees of freedom is 2.6494919068, rounded up.
    expect(textOf(policy.shockConfidence)).toBe('0.99');
    expect(textOf(policy.shockQuantile)).toBe('2.649492');
    expect(textOf(policy.confidenceMultiplier)).toBe('2.12');
    expect(textOf(policy.jointShockWeight)).toBe('0');
  });

  it('is required, as nothing can be assessed without it', () => {
    expect(() => readMarket(ROWS.slice(1))).toThrow(PolicyError);
    expect(() => readMarket([])).toThrow(
      'market policy/default: this row is missing; add it (an empty one takes every default)',
    );
  });

  it('is only the row policy/default', () => {
    expect(faultsOf([POLICY, { kind: 'policy', id: 'strict' }])).toEqual([
      'market policy/strict: unknown policy; the id must be default',
    ]);
    expect(() => readMarket([{ kind: 'policy', id: 'strict' }])).toThrow(PolicyError);
  });

  it.each([
    [{ mode: 'live' }, 'mode must be one of observe, enforce'],
    [{ halt: 'true' }, 'halt must be true or false, not a text'],
    [{ halt: N('1') }, 'halt must be true or false, not a number'],
    [{ liquidationMultiplier: '0.99' }, 'liquidationMultiplier must be at least 1, not 0.99'],
    [{ callMultiplier: 'NaN' }, 'callMultiplier must be a decimal number, not "NaN"'],
    [{ callMultiplier: ['1'] }, 'callMultiplier must be a decimal number, not a list'],
    [{ liquidationMultiplier: '1.3' }, 'callMultiplier must be at least liquidationMultiplier'],
    [
      { liquidationTargetMultiplier: '1.2499999' },
      'liquidationTargetMultiplier must be at least callMultiplier, ' +
        'or a liquidated account is called again',
    ],
    [{ jointShockWeight: '1.01' }, 'jointShockWeight must lie between 0 and 1, not 1.01'],
    [{ jointShockWeight: '-0.01' }, 'jointShockWeight must lie between 0 and 1, not -0.01'],
    [{ shockQuantile: '0' }, 'shockQuantile must be above 0, not 0'],
    [{ maxJump: '-0.1' }, 'maxJump must not be negative, not -0.1'],
    [
      { callGraceSeconds: '60.5' },
      'callGraceSeconds must be a whole number from 0 to 31536000, not 60.5',
    ],
    [
      { callGraceSeconds: '-1' },
      'callGraceSeconds must be a whole number from 0 to 31536000, not -1',
    ],
    [
      { executionSeconds: '31536001' },
      'executionSeconds must be a whole number from 0 to 31536000, not 31536001',
    ],
    [
      { executionSeconds: true },
      'executionSeconds must be a whole number from 0 to 31536000, not a boolean',
    ],
    [{ minSources: '0' }, 'minSources must be a whole number from 1 to 100, not 0'],
    [{ amountPlaces: '19' }, 'amountPlaces must be a whole number from 0 to 18, not 19'],
    [{ numeraire: N('5') }, 'numeraire must be a text, not a number'],
    [
      { numeraire: 'U S D' },
      'numeraire must be 1 to 128 letters, digits, currency signs or . _ : / + = , - @ & ( ) [ ] ' +
        '* ~ ! % |, without spaces or invisible characters, and must not begin with __ or a ' +
        'combining mark',
    ],
    [{ cureMargins: '0.1' }, 'unknown attribute cureMargins (begin the names of your own with _)'],
  ])('fails the whole check if it is invalid: %o', (row, fault) => {
    expect(refused(row)).toBe(`market policy/default: ${fault}; no account was assessed`);
  });

  it.each([
    { callMultiplier: '1' },
    { liquidationMultiplier: '1.25', liquidationTargetMultiplier: '1.25' },
    { jointShockWeight: '1' },
    { cureMargin: '0', callUpdateFraction: '0' },
    { executionSeconds: '31536000' },
    { amountPlaces: '18' },
  ])('is accepted at the limit of each value: %o', (row) => {
    expect(refused(row)).toBe('accepted');
  });
});

describe('an invalid number in a market row', () => {
  const SIXTY = '1'.repeat(60);
  it.each([
    ['NaN', 'must be a decimal number, not "NaN"'],
    ['Infinity', 'must be a decimal number, not "Infinity"'],
    ['-Infinity', 'must be a decimal number, not "-Infinity"'],
    ['0x10', 'must be a decimal number, not "0x10"'],
    ['1_000', 'must be a decimal number, not "1_000"'],
    ['', 'must be a decimal number, not empty'],
    ['  ', 'must be a decimal number, not empty'],
    [SIXTY, 'has 60 significant digits; at most 34 are allowed'],
    ['1e999', 'must lie between 1e-24 and 1e24'],
    ['0', 'must be above 0, except of an option'],
    ['-60000', 'must not be negative, not -60000'],
    [undefined, 'is needed unless there is an impliedVolatility'],
    [null, 'is needed unless there is an impliedVolatility'],
    [true, 'must be a decimal number, not a boolean'],
    [['60000'], 'must be a decimal number, not a list'],
    [{ value: '60000' }, 'must be a decimal number, not a map'],
    [60000, 'must be a decimal number, not a number'],
    [N('NaN'), 'must be a decimal number, not "NaN"'],
    [N(SIXTY), 'has 60 significant digits; at most 34 are allowed'],
    [N('-1'), 'must not be negative, not -1'],
  ])('makes its quote a fault that names table, key and attribute: %o', (price, fault) => {
    const reading = readMarket(changed(QUOTE, { price }));
    expect(reading.faults).toEqual([
      {
        code: 'row-malformed',
        subject: 'market quote/BTC-USD#pyth',
        detail: `market quote/BTC-USD#pyth: price ${fault}`,
      },
    ]);
    expect(readable(reading)).toEqual({ ...ALL, quotes: [] });
    expect(reading.market.quoteFaults.get('BTC-USD')).toEqual(reading.faults[0]);
  });

  it('is refused in every other attribute, too', () => {
    expect(faultsOf(changed(QUOTE, { confidence: '-0.01' }))).toEqual([
      'market quote/BTC-USD#pyth: confidence must not be negative, not -0.01',
    ]);
    expect(faultsOf(changed(QUOTE, { fundingRatePerHour: 'NaN' }))).toEqual([
      'market quote/BTC-USD#pyth: fundingRatePerHour must be a decimal number, not "NaN"',
    ]);
    expect(faultsOf(changed(QUOTE, { impliedVolatility: [] }))).toEqual([
      'market quote/BTC-USD#pyth: impliedVolatility must be a decimal number, not a list',
    ]);
  });
});

describe('the time of a quote', () => {
  it.each([
    ['1700000000.5'],
    ['-1'],
    ['8640000000000001'],
    ['17e11'],
    ['2023-11-14T22:13:20Z'],
    [''],
    [1_700_000_000_000],
  ])('must be whole milliseconds since 1970, as N or text, so %o is refused', (publishedAt) => {
    const [fault] = faultsOf(changed(QUOTE, { publishedAt }));
    expect(fault).toMatch(
      /^market quote\/BTC-USD#pyth: publishedAt must be a whole number from 0 to 8640000000000000, not /,
    );
  });

  it('is needed', () => {
    expect(faultsOf(changed(QUOTE, { publishedAt: undefined }))).toEqual([
      'market quote/BTC-USD#pyth: publishedAt is missing',
    ]);
  });

  it('may lie in the future, as each check decides whether it is too far ahead', () => {
    const { market, faults } = readMarket(changed(QUOTE, { publishedAt: '8640000000000000' }));
    expect(faults).toEqual([]);
    expect(market.quotes.get('BTC-USD')?.[0]?.publishedAt).toBe(8_640_000_000_000_000);
  });
});

const OPTION: RawRow = {
  ...INSTRUMENT,
  type: 'option',
  markFeed: 'BTC-60000-C',
  strike: '60000',
  optionType: 'call',
  expiresAt: '1700000000000',
};

/** The one row as JSON, or its fault. */
function readRow(row: RawRow) {
  const { market, faults } = readMarket([POLICY, row]);
  if (faults.length > 0) return faults.map(({ detail }) => detail);
  const rows = { asset: market.assets, location: market.locations, instrument: market.instruments };
  const found = rows[row.kind as keyof typeof rows].get(String(row.id));
  return JSON.parse(JSON.stringify(found?.ok ? found.value : found));
}

describe('an instrument', () => {
  it('is linear with a contract size of 1 by default', () => {
    expect(readRow(INSTRUMENT)).toEqual({
      instrument: 'BTC-PERP',
      type: 'perpetual',
      underlying: 'BTC-USD',
      settlementAsset: 'USDC',
      contractSize: '1',
      inverse: false,
      riskClass: 'BTC',
    });
  });

  it('may be inverse, with the open interest of the venue', () => {
    const inverse = { inverse: true, contractSize: '10', openInterest: N('12.5') };
    expect(readRow({ ...INSTRUMENT, ...inverse })).toMatchObject({
      inverse: true,
      contractSize: '10',
      openInterest: '12.5',
    });
  });

  it('may be an option with its own forward feed and settlement feed', () => {
    const feeds = { forwardFeed: 'BTC-DEC', settlementFeed: 'BTC-DEC-SETTLED' };
    expect(readRow({ ...OPTION, ...feeds })).toMatchObject({
      ...feeds,
      type: 'option',
      strike: '60000',
      optionType: 'call',
      markFeed: 'BTC-60000-C',
      expiresAt: 1_700_000_000_000,
    });
  });

  it('may be a future with a settlement feed, or a perpetual with an expiry', () => {
    const expiresAt = '1700000000000';
    const future = { ...INSTRUMENT, type: 'future', expiresAt, settlementFeed: 'BTC-SETTLED' };
    expect(readRow(future)).toMatchObject({ settlementFeed: 'BTC-SETTLED' });
    expect(readRow({ ...INSTRUMENT, expiresAt })).toMatchObject({ expiresAt: Number(expiresAt) });
  });

  it.each([
    [{ ...OPTION, strike: undefined }, 'strike is needed for an option'],
    [{ ...OPTION, expiresAt: undefined }, 'expiresAt is needed for an option'],
    [{ ...OPTION, optionType: undefined }, 'optionType is needed for an option'],
    [{ ...OPTION, markFeed: undefined }, 'markFeed is needed for an option'],
    [{ ...OPTION, optionType: 'straddle' }, 'optionType must be one of call, put'],
    [{ ...OPTION, strike: '0' }, 'strike must be above 0, not 0'],
    [{ ...INSTRUMENT, strike: '1' }, 'strike is for an option only'],
    [{ ...INSTRUMENT, optionType: 'put' }, 'optionType is for an option only'],
    [{ ...INSTRUMENT, forwardFeed: 'F' }, 'forwardFeed is for an option only'],
    [{ ...INSTRUMENT, settlementFeed: 'F' }, 'settlementFeed is for a future or an option only'],
    [{ ...INSTRUMENT, openInterest: '-1' }, 'openInterest must not be negative, not -1'],
  ])('is refused if its attributes are invalid: %#', (row, fault) => {
    expect(readRow(row)).toEqual([`market instrument/BTC-PERP: ${fault}`]);
  });
});

describe('an asset', () => {
  it('may have lower initial weights, and weights that scale with its size', () => {
    const weights = {
      collateralWeight: '0.9',
      liabilityWeight: '1.1',
      initialCollateralWeight: '0.9',
      initialLiabilityWeight: '1.1',
      sizeScaling: '0.0002',
      initialSizeScaling: '0.0002',
    };
    expect(readRow({ ...ASSET, ...weights })).toMatchObject(weights);
    expect(readRow({ ...ASSET, initialSizeScaling: '0.1' })).toMatchObject({
      initialSizeScaling: '0.1',
    });
  });

  it.each([
    [
      { initialCollateralWeight: '0.900001' },
      'initialCollateralWeight must not exceed collateralWeight',
    ],
    [
      { liabilityWeight: '1.1', initialLiabilityWeight: '1.099999' },
      'initialLiabilityWeight must not be below liabilityWeight',
    ],
    [
      { sizeScaling: '0.0002', initialSizeScaling: '0.0001' },
      'initialSizeScaling must not be below sizeScaling',
    ],
    [{ sizeScaling: '-0.1' }, 'sizeScaling must not be negative, not -0.1'],
  ])('is refused if its attributes are invalid: %o', (change, fault) => {
    expect(readRow({ ...ASSET, ...change })).toEqual([`market asset/ETH: ${fault}`]);
  });
});

describe('a location', () => {
  const LOCATION: RawRow = { kind: 'location', id: 'base', finalitySeconds: '900' };

  it('counts final balances in full and others not at all by default', () => {
    expect(readRow(LOCATION)).toEqual({
      location: 'base',
      finalitySeconds: 900,
      weight: '1',
      pendingWeight: '0',
    });
  });

  it('may have weights, and a time of observation', () => {
    const observed = { observedAt: N('1700000000000'), staleAfterSeconds: '600' };
    expect(readRow({ ...LOCATION, ...observed, weight: '0.9', pendingWeight: '0.9' })).toEqual({
      location: 'base',
      finalitySeconds: 900,
      weight: '0.9',
      pendingWeight: '0.9',
      observedAt: 1_700_000_000_000,
      staleAfterSeconds: 600,
    });
  });

  it.each([
    [{ weight: '0.5', pendingWeight: '0.6' }, 'pendingWeight must not exceed weight'],
    [{ staleAfterSeconds: '600' }, 'staleAfterSeconds needs observedAt'],
    [{ weight: '1.1' }, 'weight must lie between 0 and 1, not 1.1'],
    [{ finalitySeconds: undefined }, 'finalitySeconds is missing'],
  ])('is refused if its attributes are invalid: %o', (change, fault) => {
    expect(readRow({ ...LOCATION, ...change })).toEqual([`market location/base: ${fault}`]);
  });
});

describe('a quote', () => {
  const quotesOf = (change: RawRow) => {
    const { market, faults } = readMarket(changed(QUOTE, change));
    const ofFeed = (quotes: ReadonlyMap<string, unknown>) =>
      JSON.parse(JSON.stringify(quotes.get('BTC-USD') ?? []));
    return {
      quotes: ofFeed(market.quotes),
      volatilityQuotes: ofFeed(market.volatilityQuotes),
      faults: faults.map(({ detail }) => detail),
    };
  };

  const scored = { impliedVolatility: '0.8', confidenceScore: '0.5' };
  const named = { feed: 'BTC-USD', source: 'pyth', publishedAt: 1_700_000_000_000 };

  it('with a price may also state an implied volatility and a confidence score', () => {
    expect(quotesOf(scored)).toEqual({
      quotes: [{ ...named, ...scored, price: '60000' }],
      volatilityQuotes: [],
      faults: [],
    });
  });

  it('with only an implied volatility is separate from prices', () => {
    expect(quotesOf({ ...scored, price: undefined })).toEqual({
      quotes: [],
      volatilityQuotes: [{ ...named, ...scored }],
      faults: [],
    });
  });

  it('may state how far the price went, up to the price itself', () => {
    const wide = { high: '60000.5', low: '59000' };
    expect(quotesOf(wide).quotes).toEqual([{ ...named, ...wide, price: '60000' }]);
    const still = { high: '60000', low: '60000' };
    expect(quotesOf(still)).toMatchObject({ quotes: [still], faults: [] });
  });

  it.each([
    [{ high: '60001' }, 'high needs low, and low needs high'],
    [{ low: '59999' }, 'high needs low, and low needs high'],
    [{ high: '59999.99', low: '59000' }, 'high needs a price, and must not be below it'],
    [{ high: '60001', low: '60000.01' }, 'low needs a price, and must not be above it'],
    [{ high: '59000', low: '61000' }, 'high needs a price, and must not be below it'],
    [
      { price: undefined, ...scored, high: '1', low: '1' },
      'high needs a price, and must not be below it',
    ],
    [{ high: '0', low: '0' }, 'high must be above 0, not 0'],
    [{ high: '60001', low: '-1' }, 'low must be above 0, not -1'],
    [{ high: 'up', low: '1' }, 'high must be a decimal number, not "up"'],
    [{ price: undefined }, 'price is needed unless there is an impliedVolatility'],
    [{ price: undefined, ...scored, confidence: '1' }, 'confidence needs a price'],
    [{ price: undefined, ...scored, fundingRatePerHour: '0' }, 'fundingRatePerHour needs a price'],
    [{ impliedVolatility: '0' }, 'impliedVolatility must be above 0, not 0'],
    [{ confidenceScore: '1.01' }, 'confidenceScore must lie between 0 and 1, not 1.01'],
  ])('is refused if its attributes are invalid: %o', (change, fault) => {
    expect(quotesOf(change)).toEqual({
      quotes: [],
      volatilityQuotes: [],
      faults: [`market quote/BTC-USD#pyth: ${fault}`],
    });
  });
});

describe('a malformed market row', () => {
  it.each([
    ['asset', ASSET, { feed: 5 }, 'market asset/ETH: feed must be a text, not a number'],
    ['asset', ASSET, { feed: N('5') }, 'market asset/ETH: feed must be a text, not a number'],
    [
      'asset',
      ASSET,
      { feed: { toString: 'x' } },
      'market asset/ETH: feed must be a text, not a map',
    ],
    [
      'asset',
      ASSET,
      { collateralWeight: '1.000001' },
      'market asset/ETH: collateralWeight must lie between 0 and 1, not 1.000001',
    ],
    [
      'asset',
      ASSET,
      { liabilityWeight: '0.999999' },
      'market asset/ETH: liabilityWeight must be at least 1, not 0.999999',
    ],
    [
      'asset',
      ASSET,
      { weight: '1', haircut: '2' },
      'market asset/ETH: unknown attribute weight, haircut (begin the names of your own with _)',
    ],
    [
      'instrument',
      INSTRUMENT,
      { type: 'swap' },
      'market instrument/BTC-PERP: type must be one of perpetual, future, option',
    ],
    [
      'instrument',
      INSTRUMENT,
      { type: undefined },
      'market instrument/BTC-PERP: type must be one of perpetual, future, option',
    ],
    [
      'instrument',
      INSTRUMENT,
      { underlying: undefined },
      'market instrument/BTC-PERP: underlying is missing',
    ],
    [
      'instrument',
      INSTRUMENT,
      { contractSize: '0' },
      'market instrument/BTC-PERP: contractSize must be above 0, not 0',
    ],
    [
      'instrument',
      INSTRUMENT,
      { type: 'future' },
      'market instrument/BTC-PERP: expiresAt is needed for a future',
    ],
    [
      'instrument',
      INSTRUMENT,
      { inverse: 'true' },
      'market instrument/BTC-PERP: inverse must be true or false, not a text',
    ],
    ['risk', RISK, { volatility: undefined }, 'market risk/BTC: volatility is missing'],
    ['risk', RISK, { volatility: '0' }, 'market risk/BTC: volatility must be above 0, not 0'],
    ...EWMA_FAULTS.map(([given, fault]): [string, RawRow, RawRow, string] => [
      'risk',
      RISK,
      { volatility: given },
      `market risk/BTC: ${fault}`,
    ]),
    ['risk', RISK, { radiusScale: '-1' }, 'market risk/BTC: radiusScale must be above 0, not -1'],
    [
      'risk',
      RISK,
      { liquidity: { fee: 'x' } },
      'market risk/BTC: liquidity.fee must be a decimal number, not "x"',
    ],
    [
      'risk',
      RISK,
      { oracle: { minSources: '0' } },
      'market risk/BTC: oracle.minSources must be a whole number from 1 to 100, not 0',
    ],
    [
      'risk',
      RISK,
      { margin: { type: 'flat', initial: '0.04', maintenance: '0.05' } },
      'market risk/BTC: margin.initial must not be below maintenance',
    ],
    [
      'risk',
      RISK,
      { margin: { type: 'flat', initial: '0.1' } },
      'market risk/BTC: margin.maintenance is missing',
    ],
    [
      'risk',
      RISK,
      {
        margin: {
          type: 'tiered',
          tiers: [
            { floor: '0', initial: '0.1', maintenance: '0.05' },
            { floor: N('0x5'), initial: '0.1', maintenance: '0.05' },
          ],
        },
      },
      'market risk/BTC: margin.tiers.1.floor must be a decimal number, not "0x5"',
    ],
    [
      'risk',
      RISK,
      { margin: { type: 'tiered', tiers: [{ floor: '5', initial: '0.1', maintenance: '0.05' }] } },
      'market risk/BTC: margin.tiers must have floor 0 in tier 0',
    ],
  ] as [string, RawRow, RawRow, string][])(
    'gives a reason in its place, and the other rows are read: %s %#',
    (kind, row, change, fault) => {
      const reading = readMarket(changed(row, change));
      expect(reading.faults.map(({ detail }) => detail)).toEqual([fault]);
      const field = `${kind}s`.replace('risks', 'risk');
      expect(readable(reading)).toEqual({ ...ALL, [field]: [] });
      const { assets, instruments, riskClasses } = reading.market;
      const found = { asset: assets, instrument: instruments, risk: riskClasses }[kind]?.get(
        String(row.id),
      );
      expect(found).toEqual({ ok: false, reason: reading.faults[0] });
    },
  );

  it('names the part that is missing', () => {
    expect(faultsOf(changed(RISK, { margin: { type: 'tiered' } }))).toEqual([
      'market risk/BTC: margin.tiers is missing',
    ]);
  });

  it('names a margin of an unknown type', () => {
    const [fault] = faultsOf(changed(RISK, { margin: { type: 'ladder' } }));
    expect(fault).toMatch(/^market risk\/BTC: margin\.type must be one of flat, tiered, /);
  });

  it('does not hide other faults', () => {
    const rows = [
      POLICY,
      { ...ASSET, feed: 5 },
      { ...RISK, volatility: 'x' },
      { ...QUOTE, price: '' },
    ];
    expect(faultsOf(rows)).toHaveLength(3);
  });
});

describe('a market row of an unknown kind', () => {
  it.each([
    [
      { kind: 'quotes', id: 'BTC-USD#pyth' },
      'market quotes/BTC-USD#pyth: unknown kind of row; it must be policy, asset, location, instrument, risk, quote or fund',
    ],
    [
      { id: 'BTC' },
      'market undefined/BTC: unknown kind of row; it must be policy, asset, location, instrument, risk, quote or fund',
    ],
    [
      { kind: null, id: 'BTC' },
      'market null/BTC: unknown kind of row; it must be policy, asset, location, instrument, risk, quote or fund',
    ],
  ])('is a fault, and the other rows are read: %o', (row, fault) => {
    const reading = readMarket([...ROWS, row]);
    expect(reading.faults.map(({ detail }) => detail)).toEqual([fault]);
    expect(readable(reading)).toEqual(ALL);
  });
});

describe('the id of a quote', () => {
  it.each([
    'BTC-USD',
    'BTC-USD#',
    '#pyth',
    'BTC USD#pyth',
    'BTC-USD#py th',
    'BTC-USD#pyth#2',
    `${'A'.repeat(129)}#pyth`,
    '',
    '__proto__#pyth',
    'BTC-USD#__proto__',
  ])('must be <feed>#<source>, so %o is refused', (id) => {
    const reading = readMarket(changed(QUOTE, { id }));
    expect(reading.faults.map(({ detail }) => detail)).toEqual([
      `market quote/${id}: the id must be <feed>#<source>`,
    ]);
    expect(readable(reading)).toEqual({ ...ALL, quotes: [] });
  });

  it('distinguishes the sources of one feed', () => {
    const { market } = readMarket([...ROWS, { ...QUOTE, id: 'BTC-USD#chainlink', price: '60001' }]);
    const sources = market.quotes
      .get('BTC-USD')
      ?.map(({ source, price }) => [source, textOf(price)]);
    expect(sources).toEqual([
      ['pyth', '60000'],
      ['chainlink', '60001'],
    ]);
  });

  it('with a malformed row does not affect the other source of its feed', () => {
    const { market, faults } = readMarket([...ROWS, { ...QUOTE, id: 'BTC-USD#b', price: 'x' }]);
    expect(market.quotes.get('BTC-USD')?.map(({ source }) => source)).toEqual(['pyth']);
    expect(market.quoteFaults.get('BTC-USD')).toEqual(faults[0]);
  });
});

describe('a fund meter', () => {
  const METER: RawRow = { kind: 'fund', id: 'seed', total: '100000.005' };
  const withMeter = (change: RawRow) => readMarket([...ROWS, { ...METER, ...change }]);

  it.each([['0'], ['-5'], ['100000.005'], ['1e6']])(
    'is a signed total, read exactly: %s',
    (total) => {
      const { totals, faults } = withMeter({ total });
      expect(faults).toEqual([]);
      expect([...totals].map(([source, read]) => [source, textOf(read)])).toEqual([
        ['seed', total === '1e6' ? '1000000' : total],
      ]);
    },
  );

  it.each<[RawRow, string]>([
    [{ total: undefined }, 'market fund/seed: total is missing'],
    [{ total: 'NaN' }, 'market fund/seed: total must be a decimal number, not "NaN"'],
    [{ at: '5' }, 'market fund/seed: unknown attribute at (begin the names of your own with _)'],
    [{ id: 'a b' }, 'market fund/a b: the id must be 1 to 128 letters, digits'],
  ])('that is malformed is a fault, and no meter: %o', (change, fault) => {
    const { totals, faults } = withMeter(change);
    expect(totals.size).toBe(0);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.detail).toContain(fault);
  });
});

describe('the id of a market row that other rows name', () => {
  const rows: readonly RawRow[] = [
    { kind: 'asset', feed: 'ETH-USD' },
    { kind: 'location', finalitySeconds: '60' },
    {
      kind: 'instrument',
      type: 'perpetual',
      underlying: 'ETH-USD',
      settlementAsset: 'USD',
      riskClass: 'ETH',
    },
    { kind: 'risk', volatility: '1' },
    { kind: 'fund', total: '1' },
  ];

  it.each(['A\nB', ' ', '__proto__', 'x'.repeat(129)])(
    'must be one that they can name: %j',
    (id) => {
      const { faults } = readMarket([POLICY, ...rows.map((row) => ({ ...row, id }))]);
      expect(faults).toHaveLength(rows.length);
      for (const { detail } of faults) expect(detail).toMatch(/: the id must be 1 to 128 letters/);
    },
  );

  it('may have 128 characters of any script', () => {
    const { faults } = readMarket([
      POLICY,
      ...rows.map((row) => ({ ...row, id: '币'.repeat(128) })),
    ]);
    expect(faults).toEqual([]);
  });
});

describe('a price of 0 on the feed of an option', () => {
  const option = {
    kind: 'instrument',
    id: 'C',
    type: 'option',
    underlying: 'ETH-USD',
    markFeed: 'C',
    settlementAsset: 'USD',
    riskClass: 'ETH',
    strike: '1',
    expiresAt: '1',
    optionType: 'call',
  };
  const worthless = { kind: 'quote', id: 'C#a', price: '0', publishedAt: '1' };
  const perpetual = { ...option, id: 'P', type: 'perpetual', strike: null, optionType: null };

  it('is read', () => {
    const { market, faults } = readMarket([POLICY, option, worthless]);
    expect(faults).toEqual([]);
    expect(market.quotes.get('C')).toHaveLength(1);
  });

  it.each<[string, RawRow]>([
    ['an asset', { kind: 'asset', id: 'ETH', feed: 'C' }],
    ['an underlying', { ...perpetual, underlying: 'C', markFeed: null }],
    ['the mark of a perpetual', perpetual],
    ['a forward', { ...option, id: 'D', markFeed: 'D', forwardFeed: 'C' }],
    ['a settlement', { ...option, id: 'D', markFeed: 'D', settlementFeed: 'C' }],
  ])('is refused where the feed is that of %s, too', (_use, row) => {
    const { market, faults } = readMarket([POLICY, option, row, worthless]);
    expect(faults.map(({ detail }) => detail)).toEqual([
      'market quote/C#a: price must be above 0, except of an option',
    ]);
    expect(market.quotes.get('C')).toEqual([]);
  });
});
