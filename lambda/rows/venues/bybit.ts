import type { VenuePreset } from './preset.ts';

const INITIAL = { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' };
/** 3 % of the index plus the liquidation fee of 0.2 %. */
const MAINTENANCE = '0.032';

export const BYBIT: readonly VenuePreset[] = [
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
        balanceValue: 'none',
      },
    },
    left: ['coins other than BTC may have rates of their own'],
    unsaid: [
      'for the initial requirement, an average entry price above the mark replaces the mark',
      'the liquidation fee of a put whose mark is above the index',
    ],
  },
];
