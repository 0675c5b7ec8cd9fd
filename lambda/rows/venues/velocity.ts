/** A fork of Drift's program: its margin follows the same formulas. */
import { DRIFT } from './drift.ts';
import type { VenuePreset } from './preset.ts';

const [{ risk, policy, assets, left, unsaid }] = DRIFT as readonly [VenuePreset];

export const VELOCITY: readonly VenuePreset[] = [
  {
    name: 'velocity',
    title: 'Velocity, the fork of Drift v2, a market with the default settings of its program',
    model: 'standard',
    source:
      'https://github.com/velocity-exchange/velocity-docs ' +
      '(content/protocol/getting-started/cross-collateral-deposits.mdx), ' +
      'https://github.com/velocity-exchange/protocol-v2 (programs/drift/src/math/margin.rs)',
    date: '2026-12-01',
    risk,
    ...(policy && { policy }),
    // Profits settle in USDT, which counts in full.
    assets: {
      SOL: assets?.SOL ?? {},
      USDT: { collateralWeight: '1', liabilityWeight: '1' },
    },
    left: [
      'weights of SOL but the initial 0.8 and the IMF factor: those of Drift here',
      ...left.filter((line) => !line.startsWith('the state of the venue')),
    ],
    unsaid,
  },
];
