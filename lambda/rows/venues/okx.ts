import { cellsOf, type VenuePreset } from './preset.ts';

interface Options {
  readonly name: string;
  readonly coin: string;
  /** Maintenance rate. */
  readonly maintenance: string;
}

const INITIAL = { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' };

const options = ({ name, coin, maintenance: rate }: Options): VenuePreset => ({
  name,
  title: `OKX, ${coin} options, all modes except portfolio margin`,
  model: 'standard',
  source: 'https://www.okx.com/help/ii-option-margin',
  date: '2026-05-01',
  risk: {
    optionRule: {
      shortCall: { initial: INITIAL, maintenance: { rate } },
      shortPut: { initial: INITIAL, maintenance: { rate, ofMark: rate } },
      underlyingPrice: 'forward',
      balanceValue: 'none',
    },
  },
  left: [
    'factor of the optionRule: above 1 in the higher position tiers',
    'balanceValue: how much of an option’s value counts in the margin balance depends on ' +
      'the account mode',
  ],
  unsaid: ['margin of open orders', 'the index: the forward is used instead'],
});

const portfolio: VenuePreset = {
  name: 'okx-pm',
  title: 'OKX, portfolio margin, BTC and ETH',
  model: 'portfolio',
  source: 'https://www.okx.com/help/okx-will-further-adjust-portfolio-margin-parameters',
  date: '2025-01-06',
  risk: {
    portfolio: {
      scenarios: [
        ...cellsOf(['0.88', '0.92', '0.96', '1', '1.04', '1.08', '1.12'], ['none']),
        { priceMultiplier: '1', daysForward: '1' },
        { priceMultiplier: '0.76', weight: '0.5' },
        { priceMultiplier: '1.24', weight: '0.5' },
      ],
    },
  },
  left: [
    'weight of the extreme move: a half here, so that a linear book loses as much in it ' +
      'as in the largest spot shock',
    'volatility shocks of the spot rows and of the vega charge; initialFactor',
    'minimum.tiers: the marginal tiers of the minimum charge, at rates of the notional',
    'depegCharge for stablecoins',
  ],
  unsaid: [
    'basis risk between expiries that offset each other',
    'discount rates of collateral by tiers of the amount held',
  ],
};

export const OKX: readonly VenuePreset[] = [
  options({ name: 'okx-options', coin: 'BTC', maintenance: '0.03' }),
  options({ name: 'okx-options-eth', coin: 'ETH', maintenance: '0.05' }),
  portfolio,
];
