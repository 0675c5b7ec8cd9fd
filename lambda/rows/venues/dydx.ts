import type { VenuePreset } from './preset.ts';

const tier = (name: string, margin: VenuePreset['risk']): VenuePreset => ({
  name: `dydx-v4-${name}`,
  title: `dYdX v4, ${name} markets`,
  model: 'standard',
  source:
    'https://github.com/dydxprotocol/v4-chain (protocol/testing/genesis.sh, ' +
    'protocol/x/perpetuals/types/liquidity_tier.go)',
  date: '2024-10-02',
  risk: { margin, requirementPlaces: '6' },
  left: [
    ...(margin.type === 'openInterest' ? ['openInterest of each instrument'] : []),
    'leverage of positions for which an account has chosen one',
    'changes by governance since then: tiers and caps are parameters of the chain',
    'liquidity.liquidationFee: the most that the insurance fund receives, a parameter too',
  ],
  unsaid: [
    'only USDC counts as collateral',
    'rates that grew with the root of the notional, up to 1: the venue gave them up in 2024',
  ],
});

const scaled = (
  rates: Readonly<Record<'initial' | 'maintenance' | 'lower' | 'upper', string>>,
) => ({
  type: 'openInterest',
  ...rates,
  ratePlaces: '6',
});

export const DYDX: readonly VenuePreset[] = [
  tier('large-cap', { type: 'flat', initial: '0.02', maintenance: '0.012' }),
  tier(
    'mid-cap',
    scaled({ initial: '0.05', maintenance: '0.03', lower: '40000000', upper: '100000000' }),
  ),
  tier(
    'small-cap',
    scaled({ initial: '0.1', maintenance: '0.05', lower: '20000000', upper: '50000000' }),
  ),
  tier(
    'long-tail',
    scaled({ initial: '0.2', maintenance: '0.1', lower: '5000000', upper: '10000000' }),
  ),
  tier('safety', { type: 'flat', initial: '1', maintenance: '0.2' }),
];
