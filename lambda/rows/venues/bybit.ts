import type { VenuePreset } from './preset.ts';

const INITIAL = { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' };
/** 3 % of the index plus the liquidation fee of 0.2 %. */
const MAINTENANCE = '0.032';

/** Floor as a notional, 1 ÷ highest leverage, maintenance rate. */
const BRACKETS = [
  ['0', '0.01', '0.005'],
  ['2000000', '0.011111111111111112', '0.0056'],
  ['2600000', '0.0125', '0.0063'],
  ['3200000', '0.013333333333333334', '0.0067'],
  ['3800000', '0.014285714285714286', '0.0071'],
  ['4400000', '0.015384615384615385', '0.0077'],
  ['5000000', '0.018181818181818182', '0.0091'],
  ['5600000', '0.02', '0.01'],
  ['8500000', '0.022222222222222223', '0.013'],
  ['10000000', '0.025', '0.015'],
  ['14000000', '0.028571428571428572', '0.016'],
  ['20000000', '0.033333333333333334', '0.02'],
  ['28000000', '0.04', '0.025'],
  ['38000000', '0.05', '0.029'],
  ['50000000', '0.052631578947368422', '0.03'],
  ['55000000', '0.055555555555555556', '0.035'],
  ['60000000', '0.058823529411764706', '0.036'],
  ['65000000', '0.0625', '0.038'],
  ['70000000', '0.066666666666666667', '0.04'],
  ['75000000', '0.071428571428571429', '0.045'],
] as const;

const linear: VenuePreset = {
  name: 'bybit-linear-btc',
  title: 'Bybit, BTCUSDT perpetual, margin on the value at entry',
  model: 'standard',
  source: 'https://bybitx.global/pt-PT/announcement-info/margin-parameters',
  date: '2026-12-01',
  risk: {
    margin: {
      type: 'tiered',
      tiers: BRACKETS.map(([floor, initial, maintenance]) => ({ floor, initial, maintenance })),
    },
    notionalAt: 'entry',
  },
  left: [
    'the current risk limits: the venue changes them',
    'leverage of each position: without it, marginal rates of the highest leverage of each tier',
    'the fee to close, where it counts: fee·(1 ∓ initial rate) more in both rates, − for a long',
  ],
  unsaid: [
    'in cross margin, a fee to close at the bankruptcy price of the account',
    'collateral value ratios by tiers of the amount held',
    'no position above 80 million',
    'hedged positions',
  ],
};

export const BYBIT: readonly VenuePreset[] = [
  linear,
  {
    name: 'bybit-options',
    title: 'Bybit, options, cross margin',
    model: 'standard',
    source: 'https://www.bybit.com/en/help-center/article?id=000001546',
    date: '2023-12-04',
    risk: {
      optionRule: {
        shortCall: { initial: INITIAL, maintenance: { rate: MAINTENANCE } },
        shortPut: { initial: INITIAL, maintenance: { rate: MAINTENANCE, ofMark: '0.03' } },
        putInitialOverMaintenance: '1',
        initialMark: 'entry',
        balanceValue: 'none',
      },
    },
    left: ['coins other than BTC may have rates of their own'],
    unsaid: ['the liquidation fee of a put whose mark is above the index'],
  },
];
