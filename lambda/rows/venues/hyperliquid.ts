import type { VenuePreset } from './preset.ts';

interface Market {
  readonly name: string;
  readonly title: string;
  readonly margin: VenuePreset['risk'];
}

const market = ({ name, title, margin }: Market): VenuePreset => ({
  name: `hyperliquid-${name}`,
  title: `Hyperliquid, ${title}`,
  model: 'standard',
  source: 'https://hyperliquid.gitbook.io/hyperliquid-docs/trading/margin-tiers',
  date: '2026-09-27',
  risk: { margin },
  policy: {
    liquidationCooldownSeconds: '30',
    firstShareAbove: '100000',
    firstShare: '0.2',
    // Rounded down: at two thirds it does not take them.
    backstop: { below: '0.666666666666666666666666', price: 'bankruptcy' },
  },
  left: ['leverage of each position: without it, the rates of the highest leverage'],
  unsaid: ['collateral beside the positions that the backstop takes with them'],
});

export const HYPERLIQUID: readonly VenuePreset[] = [
  market({
    name: 'btc',
    title: 'BTC perpetual, 40x to 150 million, 20x above',
    margin: {
      type: 'tiered',
      tiers: [
        { floor: '0', initial: '0.025', maintenance: '0.0125' },
        { floor: '150000000', initial: '0.05', maintenance: '0.025' },
      ],
    },
  }),
  market({
    name: '20x',
    title: 'markets of at most 20x',
    margin: { type: 'flat', initial: '0.05', maintenance: '0.025' },
  }),
  market({
    name: '10x',
    title: 'markets of at most 10x',
    margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
  }),
  market({
    name: '5x',
    title: 'markets of at most 5x',
    margin: { type: 'flat', initial: '0.2', maintenance: '0.1' },
  }),
];
