import { cellsOf, type VenuePreset } from './preset.ts';

interface Inverse {
  readonly coin: string;
  /** Increase of both rates per coin of size. */
  readonly slope: string;
  readonly fee: string;
}

const inverse = ({ coin, slope, fee }: Inverse): VenuePreset => ({
  name: `deribit-inverse-${coin.toLowerCase()}`,
  title: `Deribit, inverse ${coin} perpetuals and futures`,
  model: 'standard',
  source: 'https://www.deribit.com (notice to traders of 11 January 2022)',
  date: '2022-01-11',
  risk: {
    margin: {
      type: 'sizeLadder',
      initial: { base: '0.02', slope },
      maintenance: { base: '0.01', slope },
    },
    liquidity: { fee },
  },
  left: ['instruments with inverse true, settled in the coin'],
  unsaid: ['liquidation in steps'],
});

const OPTION_INITIAL = { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' };

const options: VenuePreset = {
  name: 'deribit-options',
  title: 'Deribit, options, standard margin',
  model: 'standard',
  source: 'https://www.deribit.com/kb/options',
  date: '2026-11-22',
  risk: {
    optionRule: {
      shortCall: { initial: OPTION_INITIAL, maintenance: { rate: '0.075' } },
      shortPut: { initial: OPTION_INITIAL, maintenance: { rate: '0.075', ofMark: '0.075' } },
      putInitialOverMaintenance: '1',
      balanceValue: 'none',
    },
  },
  left: ['margin of perpetuals and futures: as deribit-inverse-btc or -eth'],
  unsaid: [
    'the amount out of the money is measured from the index here, and from the future of ' +
      'the expiry at the venue',
  ],
};

const BUCKETS = ['0.84', '0.88', '0.92', '0.96', '1', '1.04', '1.08', '1.12', '1.16'];

const portfolio: VenuePreset = {
  name: 'deribit-pm',
  title: 'Deribit, portfolio margin, BTC',
  model: 'portfolio',
  source: 'https://support.deribit.com/hc/en-us/articles/25944756247837-Portfolio-Margin',
  date: '2026-11-22',
  risk: {
    portfolio: {
      scenarios: cellsOf(BUCKETS, ['up', 'none', 'down']),
      volShock: { up: '0.5', down: '0.25', power: '0.3', longPower: '0.13', minimum: '0.5' },
    },
  },
  left: [
    'the volatility shock, as read in docs.oreome.com',
    'extended rows from -66 % to +500 %, vol up, with the share of the loss that counts as their ' +
      'weight: the page does not state it',
    'initialFactor, and the charges for naked short options, futures and delta',
  ],
  unsaid: [
    'the dampener of extended rows: an amount that is taken off their losses',
    'offsets between futures of several expiries',
    'cross collateral',
  ],
};

export const DERIBIT: readonly VenuePreset[] = [
  inverse({ coin: 'BTC', slope: '0.00005', fee: '0.0075' }),
  inverse({ coin: 'ETH', slope: '0.000004', fee: '0.009' }),
  options,
  portfolio,
];
