import type { VenuePreset } from './preset.ts';

/** The liquidation threshold; initially, the loan-to-value. */
const ETHER = { collateralWeight: '0.83', initialCollateralWeight: '0.8' };

export const AAVE: readonly VenuePreset[] = [
  {
    name: 'aave-like',
    title: 'Lending as on Aave v3: health is collateral × threshold ÷ debt',
    model: 'standard',
    source:
      'https://governance.aave.com/t/arfc-chaos-labs-risk-parameter-updates-ltv-and-lt-alignment/18997, ' +
      'https://github.com/aave-dao/aave-v3-origin (LiquidationLogic.sol)',
    date: '2026-12-01',
    risk: {},
    assets: { ETH: ETHER, WETH: ETHER },
    policy: {
      loanSwap: {
        bonus: { points: [{ seconds: '0', value: '0.05' }] },
        amount: 'most',
        closeFactor: '0.5',
        wholeBelowHealth: '0.95',
        wholeBelow: '2000',
        leastLeft: '1000',
      },
    },
    left: [
      'weights of every other asset',
      'swapBonus of every asset: its liquidation bonus; 5 % in loanSwap is an example',
      'borrowRatePerHour of lent assets: the yearly rate ÷ 8,760, with interestCompounding binomial',
    ],
    unsaid: ['efficiency and isolation modes', 'the share of the bonus that goes to the treasury'],
  },
];
