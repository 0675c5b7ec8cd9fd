import { cellsOf, tailsOf, type VenuePreset } from './preset.ts';

const TAILS = {
  '0.34': '0.24',
  '0.67': '0.48',
  '1.5': '0.32',
  '2': '0.16',
  '3': '0.08',
  '4': '0.0533',
  '5': '0.04',
  '6': '0.032',
};

export const PARADEX: readonly VenuePreset[] = [
  {
    name: 'paradex-pm',
    title: 'Paradex, portfolio margin',
    model: 'portfolio',
    source: 'https://docs.paradex.trade/risk/portfolio-margin',
    date: '2026-11-22',
    risk: {
      portfolio: {
        scenarios: [
          ...cellsOf(['0.88', '0.92', '0.96', '1', '1.04', '1.08', '1.12'], ['up', 'down']),
          ...cellsOf(['0.84', '1.16'], ['up']),
          ...tailsOf(TAILS),
        ],
        volShock: { up: '0.4', down: '0.22', power: '0.3', longPower: '0.13' },
        maintenanceFactor: '0.5',
        deltaFloor: { net: '0.02', hedged: '0.01' },
      },
    },
    left: [],
    unsaid: ['provisions for fees and for the funding of the next eight hours'],
  },
];
