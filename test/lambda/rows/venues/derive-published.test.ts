/**
 * Cases that the venue publishes with its contracts (derivexyz/v2-core, test/risk-managers/unit-tests/
 * PMRM_2/portfolio_cases): inputs, and the initial and maintenance margin that they lead to.
 */
import { describe, expect, it } from 'vitest';
import { assess } from '../../../../local/analysis/assess-document.ts';

const AT = Date.UTC(2025, 1, 18, 19, 12, 28);
const STABLE = 1.00019088635;

type Row = Readonly<Record<string, unknown>>;

const grid = ['1.135', '1.09', '1.045', '1', '0.955', '0.91', '0.865'].flatMap((priceMultiplier) =>
  ['up', 'none', 'down'].map((vol) => ({ priceMultiplier, vol })),
);
const TAILS = {
  '1.18': '1',
  '0.82': '1',
  '0.34': '0.054545454545454536',
  '0.67': '0.10909090909090907',
  '1.5': '0.072',
  '2': '0.036',
  '3': '0.018',
  '4': '0.011999999999999999',
};

const PORTFOLIO = {
  scenarios: [
    ...grid,
    ...Object.entries(TAILS).map(([priceMultiplier, weight]) => {
      return { priceMultiplier, vol: 'up', weight };
    }),
    ...['signed', 'absolute'].map((of) => ({
      priceMultiplier: '1',
      skew: {
        ...{ of, cap: '0.15', capPerRootYear: '-0.05' },
        flatAt: { minimum: '0.01', width: '4', volatility: '0.6', volatilityPerRootYear: '-0.1' },
      },
    })),
  ],
  volShock: { up: '0.5', down: '0.275', power: '0.3', longPower: '0.13', minimum: '0.45' },
  maintenanceFactor: '0.8',
  depegFactor: { feed: 'USDC-USD', threshold: '0.98', factor: '2' },
  gainDiscount: { base: '0.95', rateMultiplier: '1', add: '0.08' },
  lossDiscount: { base: '1.04', rateMultiplier: '0.5', add: '0.08' },
  collateral: 'all',
  expiredOptions: 'scanned',
  perpetualCharge: { initial: '0.02', maintenance: '0.015', on: 'index' },
  nakedShortCharge: { initial: '0.005', maintenance: '0.003' },
  expiryCharges: [
    {
      scenarios: [{ priceMultiplier: '1.045' }, { priceMultiplier: '0.955' }],
      ...{ base: '0.5', perYear: '2', as: 'loss' },
    },
  ],
};

interface Case {
  readonly spot: string;
  readonly coin?: { readonly price: number; readonly weight: string; readonly initial: string };
  readonly option?: Row & {
    readonly quantity: string;
    readonly seconds: number;
    readonly impliedVolatility?: string;
  };
  readonly forward?: Row;
}

const quote = (feed: string, row: Row) => ({ feed, source: 'a', publishedAt: String(AT), ...row });

const NO_OPTION: NonNullable<Case['option']> = { quantity: '0', seconds: 0 };

/** @returns the initial and the maintenance margin */
function marginOf({ spot, coin, option, forward }: Case): [number, number] {
  const { quantity, seconds, impliedVolatility, ...terms } = option ?? NO_OPTION;
  const feed = seconds > 0 ? { forwardFeed: 'F' } : { settlementFeed: 'F' };
  const { assessments, faults } = assess({
    asOf: String(AT),
    policy: { latencyBuffer: 'none', uncertainty: 'none' },
    assets: {
      COIN: {
        ...{ feed: 'COIN-USDC', riskClass: 'X', hedges: 'X-USD' },
        ...{ collateralWeight: coin?.weight ?? '1', initialCollateralWeight: coin?.initial ?? '1' },
      },
    },
    risk: { X: { volatility: '0.6', portfolio: PORTFOLIO } },
    instruments: option
      ? {
          OPTION: {
            ...{ type: 'option', underlying: 'X-USD', settlementAsset: 'USD', riskClass: 'X' },
            ...{ markFeed: 'OPTION', expiresAt: String(AT + seconds * 1000), ...feed, ...terms },
          },
        }
      : {},
    quotes: [
      quote('X-USD', { price: spot }),
      quote('USDC-USD', { price: String(STABLE) }),
      quote('COIN-USDC', { price: String((coin?.price ?? 1) / STABLE) }),
      ...(forward ? [quote('F', forward)] : []),
      ...(impliedVolatility ? [quote('OPTION', { impliedVolatility })] : []),
    ],
    accounts: [
      {
        accountId: 'a',
        profile: { marginModel: 'portfolio' },
        balances: coin ? [{ asset: 'COIN', amount: '1' }] : [],
        positions: option ? [{ instrument: 'OPTION', quantity, entryPrice: '1' }] : [],
      },
    ],
  });
  const [found] = assessments;
  if (faults.length > 0 || !found || found.level === null) throw new Error(JSON.stringify(found));
  const balance = Number(found.marginBalance);
  return [
    balance - Number(found.initialRequirement),
    balance - Number(found.maintenanceRequirement),
  ];
}

describe('the published cases of Derive', () => {
  it.each<[string, Case, number, number]>([
    [
      '10: a coin with a haircut of 100 %',
      {
        spot: '2681.6029850999994',
        coin: { price: 2765.7082515126017, weight: '0', initial: '0' },
      },
      -497.73247493685085,
      -398.1859799494805,
    ],
    [
      '14: calls covered by a wrapped coin',
      {
        spot: '95663.50604855',
        coin: { price: 95621.88912023272, weight: '0.96', initial: '0.945' },
        option: {
          ...{ optionType: 'call', strike: '100000', quantity: '-2', seconds: 794_852 },
          impliedVolatility: '0.453803924321583',
        },
        forward: { price: '95776.67392708939', interestRate: '0.15' },
      },
      71972.70755213911,
      76798.06812286761,
    ],
    [
      '60: a call one second before its expiry',
      {
        spot: '2681.6029850999994',
        option: {
          ...{ optionType: 'call', strike: '2700', quantity: '-1', seconds: 1 },
          ...{ impliedVolatility: '0.6360190705815766', fixedForwardShare: '0.9994444444444444' },
        },
        forward: { price: '2682.9997436016715', interestRate: '0.15' },
      },
      -13.408014925499998,
      -8.044808955299999,
    ],
    [
      '66: a call after its expiry',
      {
        spot: '2681.6029850999994',
        option: { optionType: 'call', strike: '2500', quantity: '-1', seconds: 0 },
        forward: { price: '2691.6029850999994' },
      },
      -205.01100002549938,
      -199.64779405529939,
    ],
  ])('%s', (_, of, initial, maintenance) => {
    const [im, mm] = marginOf(of);
    expect(im).toBeCloseTo(initial, 6);
    expect(mm).toBeCloseTo(maintenance, 6);
  });
});

/** PMRM/testAndVerifyScenarios.json and config-test.sol: r = 3 %, and option values are not discounted. */
describe('the published cases of its first portfolio model', () => {
  const seconds = 500_400;
  const portfolio = {
    scenarios: ['1.15', '1.1', '1.05', '1', '0.95', '0.9', '0.85'].flatMap((priceMultiplier) =>
      ['up', 'none', 'down'].map((vol) => ({ priceMultiplier, vol })),
    ),
    ...{ initialFactor: '1.3', collateral: 'all' },
    volShock: { up: '0.45', down: '0.3', power: '0.3', longPower: '0.13' },
    gainDiscount: { base: '0.95', rateMultiplier: '4', add: '0.05' },
    nakedShortCharge: { initial: '0.013', maintenance: '0.01' },
  };

  it.each([
    ['1: a short call', '0', -368.4876197617556, -301.7685348603643],
    ['14: a short call and a coin', '1', 1114.7467150165035, 1185.3347995844504],
  ])('%s', (_, amount, initial, maintenance) => {
    const { assessments, faults } = assess({
      asOf: String(AT),
      policy: { latencyBuffer: 'none', uncertainty: 'none' },
      assets: {
        COIN: {
          ...{ feed: 'X-USD', riskClass: 'X' },
          ...{ collateralWeight: '0.98', initialCollateralWeight: '0.974' },
        },
      },
      risk: { X: { venue: 'derive-pmrm-v1', volatility: '0.6', portfolio } },
      instruments: {
        OPTION: {
          ...{ type: 'option', underlying: 'X-USD', settlementAsset: 'USD', riskClass: 'X' },
          ...{ optionType: 'call', strike: '1500', markFeed: 'OPTION', forwardFeed: 'F' },
          expiresAt: String(AT + seconds * 1000),
        },
      },
      quotes: [
        quote('X-USD', { price: '1500' }),
        quote('F', { price: '1500.8332793109938176', interestRate: '0.03' }),
        quote('OPTION', { impliedVolatility: '1.04788449408498624' }),
      ],
      accounts: [
        {
          accountId: 'a',
          profile: { marginModel: 'portfolio' },
          balances: [{ asset: 'COIN', amount }],
          positions: [{ instrument: 'OPTION', quantity: '-1', entryPrice: '1' }],
        },
      ],
    });
    const [found] = assessments;
    if (faults.length > 0 || !found || found.level === null) throw new Error(JSON.stringify(found));
    const balance = Number(found.marginBalance);
    expect(balance - Number(found.initialRequirement)).toBeCloseTo(initial, 8);
    expect(balance - Number(found.maintenanceRequirement)).toBeCloseTo(maintenance, 8);
  });
});
