import type { VenuePreset } from './preset.ts';

/** Floor of the bracket as a notional, 1 ÷ highest leverage, maintenance rate. */
const BRACKETS = [
  ['0', '0.008', '0.004'],
  ['50000', '0.01', '0.005'],
  ['600000', '0.013333333333333334', '0.0065'],
  ['3000000', '0.02', '0.01'],
  ['12000000', '0.04', '0.02'],
  ['70000000', '0.05', '0.025'],
  ['100000000', '0.1', '0.05'],
  ['230000000', '0.2', '0.1'],
  ['480000000', '0.25', '0.125'],
  ['600000000', '0.333333333333333334', '0.15'],
  ['800000000', '0.5', '0.25'],
  ['1200000000', '1', '0.5'],
] as const;

export const BINANCE: readonly VenuePreset[] = [
  {
    name: 'binance-usdm-btc',
    title: 'Binance USD-M, BTCUSDT perpetual, brackets of 2024',
    model: 'standard',
    source:
      'https://github.com/freqtrade/freqtrade (freqtrade/exchange/binance_leverage_tiers.json)',
    date: '2024-09-27',
    risk: {
      margin: {
        type: 'tiered',
        tiers: BRACKETS.map(([floor, initial, maintenance]) => ({ floor, initial, maintenance })),
      },
    },
    left: [
      'the current brackets: the venue changes them and shows them to its account holders',
      'leverage of each position: without it, marginal rates of the highest leverage of each bracket',
    ],
    unsaid: ['no position above 1.8 billion'],
  },
];
