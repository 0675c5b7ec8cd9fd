import type { VenuePreset } from './preset.ts';

/** The liquidation threshold; initially, the loan-to-value. */
const ETHER = { collateralWeight: '0.83', initialCollateralWeight: '0.8' };

export const AAVE: readonly VenuePreset[] = [
  {
    name: 'aave-like',
    title: 'Lending as on Aave v3: health is collateral × threshold ÷ debt',
    model: 'standard',
    source:
      'https://governance.aave.com/t/arfc-chaos-labs-risk-parameter-updates-ltv-and-lt-alignment/18997',
    date: '2026-11-22',
    risk: {},
    assets: { ETH: ETHER, WETH: ETHER },
    left: [
      'weights of every other asset',
      'borrowRatePerHour of lent assets: the yearly rate ÷ 8,760, with interestCompounding binomial',
    ],
    unsaid: ['efficiency and isolation modes', 'at most half is closed while health is near 1'],
  },
];
