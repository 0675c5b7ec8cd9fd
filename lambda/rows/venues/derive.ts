import { cellsOf, tailsOf, type VenuePreset } from './preset.ts';

const SOURCE = 'https://github.com/derivexyz/v2-core (scripts/config-mainnet.sol)';
const CONFIDENCE = { threshold: '0.55', factor: '1' };
const OPTION_INITIAL = { rate: '0.15', lessOutOfTheMoney: true, floor: '0.13' };

const AUCTION =
  'liquidation by auction of shares of the whole portfolio; a liquidatorFee that opens with time ' +
  'stands for its discount, on the notional';

const standard: VenuePreset = {
  name: 'derive-srm',
  title: 'Derive v2, standard margin, BTC and ETH',
  model: 'standard',
  source: SOURCE,
  date: '2026-11-22',
  risk: {
    margin: { type: 'flat', initial: '0.1', maintenance: '0.065' },
    optionRule: {
      shortCall: { initial: OPTION_INITIAL, maintenance: { rate: '0.09' } },
      shortPut: { initial: OPTION_INITIAL, maintenance: { rate: '0.09', ofMark: '0.09' } },
      putInitialOverMaintenance: '1.05',
      balanceValue: 'none',
      expiryNetting: { initial: '1.2', maintenance: '1.1' },
    },
    confidenceCharges: [
      { of: 'perpetuals', ...CONFIDENCE },
      { of: 'shortOptions', ...CONFIDENCE },
      { of: 'collateral', ...CONFIDENCE },
    ],
  },
  assets: {
    BTC: { collateralWeight: '0.75', initialCollateralWeight: '0.6975' },
    ETH: { collateralWeight: '0.8', initialCollateralWeight: '0.75' },
  },
  left: ['depegCharge with threshold 0.99, factor 2 and the feed of the stablecoin'],
  unsaid: [AUCTION],
};

const TAILS = {
  '0.34': '0.21',
  '0.67': '0.42',
  '1.5': '0.2772',
  '2': '0.1386',
  '3': '0.0693',
  '4': '0.0462',
  '5': '0.03465',
  '6': '0.02772',
};

const SKEW = {
  cap: '0.15',
  capPerRootYear: '-0.05',
  flatAt: { minimum: '0.01', width: '4', volatility: '0.6', volatilityPerRootYear: '-0.1' },
};

const SECOND = {
  scenarios: [
    ...cellsOf(['1.135', '1.09', '1.045', '1', '0.955', '0.91', '0.865'], ['up', 'none', 'down']),
    ...cellsOf(['1.18', '0.82'], ['up']),
    ...tailsOf(TAILS),
    { priceMultiplier: '1', skew: { of: 'signed', ...SKEW } },
    { priceMultiplier: '1', skew: { of: 'absolute', ...SKEW } },
  ],
  volShock: { up: '0.5', down: '0.3', power: '0.3', longPower: '0.13', minimum: '0.4' },
  maintenanceFactor: '0.8',
  gainDiscount: { base: '0.95', rateMultiplier: '1', add: '0.08' },
  lossDiscount: { base: '1.04', rateMultiplier: '0.5', add: '0.08' },
  settlementWindowSeconds: '1800',
  collateral: 'all',
  expiredOptions: 'scanned',
  perpetualCharge: { initial: '0.04', maintenance: '0.03', on: 'index' },
  nakedShortCharge: { initial: '0.005', maintenance: '0.003' },
  expiryCharges: [
    { scenarios: cellsOf(['0.955', '1.045'], ['none']), base: '0.5', perYear: '2', as: 'loss' },
  ],
};

const CONFIDENCE_CHARGES = [
  { of: 'perpetuals', on: 'index', ...CONFIDENCE },
  { of: 'options', scores: 'expiryAndPerpetuals', ...CONFIDENCE },
  { of: 'collateral', ...CONFIDENCE },
];

const LEFT_OF_SECOND = [
  'the deployed values: the repository has those of its tests, from which skews and discounts are',
  'depegFactor with threshold 0.98, factor 2 and the feed of the stablecoin',
  'scoreFeed of the charge on collateral: the underlying',
  'collateralWeight of the coin; hedges of a wrapped one',
  'the interestRate of each expiry, on the feed of its forward',
];

const second: VenuePreset = {
  name: 'derive-pmrm-v2',
  title: 'Derive v2, portfolio margin, second version',
  model: 'portfolio',
  source: 'https://github.com/derivexyz/v2-core (src/risk-managers/PMRM_2.sol and its tests)',
  date: '2026-12-01',
  risk: { portfolio: SECOND, rateFloor: '0', confidenceCharges: CONFIDENCE_CHARGES },
  left: LEFT_OF_SECOND,
  unsaid: [AUCTION],
};

/** The discounts take no rate below 0, and e^{rT} takes any. */
const third: VenuePreset = {
  name: 'derive-pmrm-v2.1',
  title: 'Derive v2, portfolio margin, third version',
  model: 'portfolio',
  source: 'https://github.com/derivexyz/v2-core (src/risk-managers/PMRM_2_1.sol)',
  date: '2026-12-01',
  risk: {
    portfolio: {
      ...SECOND,
      gainDiscount: { ...SECOND.gainDiscount, rateFloor: '0' },
      lossDiscount: { ...SECOND.lossDiscount, rateFloor: '0' },
    },
    confidenceCharges: CONFIDENCE_CHARGES,
  },
  left: LEFT_OF_SECOND,
  unsaid: [AUCTION],
};

const COIN = { collateralWeight: '0.97', initialCollateralWeight: '0.9625' };

/** The initial factor of 1.25 multiplies the charges and the collateral's haircut, too. */
const first: VenuePreset = {
  name: 'derive-pmrm-v1',
  title: 'Derive v2, portfolio margin, first version',
  model: 'portfolio',
  source: SOURCE,
  date: '2026-11-29',
  risk: {
    portfolio: {
      scenarios: [
        ...cellsOf(['1.15', '1.1', '1.05', '1', '0.95', '0.9', '0.85'], ['up', 'none', 'down']),
        ...cellsOf(['1.2', '0.8'], ['up']),
      ],
      volShock: { up: '0.6', down: '0.3', power: '0.3', longPower: '0.13' },
      initialFactor: '1.25',
      gainDiscount: { base: '0.95', rateMultiplier: '1', add: '0.12' },
      settlementWindowSeconds: '1800',
      collateral: 'all',
      perpetualCharge: { initial: '0.0375', maintenance: '0.03', on: 'index' },
      nakedShortCharge: { initial: '0.025', maintenance: '0.02' },
    },
    optionValue: 'undiscounted',
    confidenceCharges: CONFIDENCE_CHARGES,
  },
  assets: { BTC: COIN, ETH: COIN },
  left: [
    'expiryCharges for basis, as loss: cells at 0.95 and 1.05, base 1, perYear 1.2',
    'depegCharge with threshold 0.99, factor 4 and the feed of the stablecoin',
  ],
  unsaid: [AUCTION],
};

export const DERIVE: readonly VenuePreset[] = [standard, third, second, first];
