import type { VenuePreset } from './preset.ts';

const MAJOR = {
  collateralWeight: '0.9',
  initialCollateralWeight: '0.8',
  liabilityWeight: '1.1',
  initialLiabilityWeight: '1.2',
};

export const DRIFT: readonly VenuePreset[] = [
  {
    name: 'drift-v2',
    title: 'Drift v2, a market with the default settings of its program',
    model: 'standard',
    source:
      'https://github.com/drift-labs/protocol-v2 (sdk/src/adminClient.ts), ' +
      'https://docs.drift.trade/getting-started/cross-collateral-deposits',
    date: '2026-11-22',
    risk: {
      margin: { type: 'squareRoot', initial: '0.2', maintenance: '0.05', sizeScaling: '0' },
      openOrderCharge: '0.01',
    },
    assets: {
      SOL: { ...MAJOR, sizeScaling: '0.00125' },
      USDC: { collateralWeight: '1', liabilityWeight: '1' },
      USDT: {
        collateralWeight: '0.95',
        initialCollateralWeight: '0.9',
        liabilityWeight: '1.05',
        initialLiabilityWeight: '1.1',
        sizeScaling: '0.0004',
      },
    },
    left: [
      'margin of each market: its rates, and its IMF factor as sizeScaling',
      'liquidationTargetMultiplier of the policy: 1 + 0.02/m, with m the maintenance rate',
    ],
    unsaid: [
      'weights that fall as the total deposits of an asset grow',
      'profit that counts for less',
    ],
  },
];
