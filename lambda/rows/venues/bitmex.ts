import type { VenuePreset } from './preset.ts';

/** Position size in XBT from which a risk limit applies, and its rates. */
const LIMITS = [
  ['0', '0.01', '0.005'],
  ['200', '0.015', '0.01'],
  ['350', '0.02', '0.015'],
  ['500', '0.025', '0.02'],
] as const;

export const BITMEX: readonly VenuePreset[] = [
  {
    name: 'bitmex-xbtusd',
    title: 'BitMEX, XBTUSD perpetual, risk limits up to 650 XBT',
    model: 'standard',
    source: 'https://www.bitmex.com/app/riskLimitsExamples',
    date: '2021-08-31',
    risk: {
      margin: {
        ...{ type: 'tiered', by: 'size', rates: 'whole' },
        tiers: LIMITS.map(([floor, initial, maintenance]) => ({ floor, initial, maintenance })),
      },
    },
    left: [
      'the current risk limits; each further step of 150 XBT adds 0.5 % to both rates',
      'leverage of each position',
    ],
    unsaid: ['a risk limit that an account has raised beyond its size'],
  },
];
