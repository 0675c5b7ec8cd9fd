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
  left: [
    'depegCharge with threshold 0.99, factor 2 and the feed of the stablecoin',
    'margin of 0.066 and 0.05, which the venue has for BTC and ETH since 12 June 2024',
  ],
  unsaid: [AUCTION],
};

/** A second model's table and rates; all else is alike for every coin and date. */
interface Deployed {
  /** Price multipliers with volatility up, none and down, and the outermost, up alone. */
  readonly inner: readonly string[];
  readonly outer: readonly string[];
  /** The share of a far move that counts. */
  readonly tails: Readonly<Record<string, string>>;
  readonly vol: { readonly up: string; readonly down: string; readonly minimum: string };
  readonly perpetual: { readonly initial: string; readonly maintenance: string };
  readonly nakedShort: { readonly initial: string; readonly maintenance: string };
  readonly basis: readonly string[];
}

const SKEW = {
  cap: '0.25',
  capPerRootYear: '-0.1',
  flatAt: { minimum: '0.01', width: '4', volatility: '0.6' },
};

const secondModel = ({ inner, outer, tails, vol, perpetual, nakedShort, basis }: Deployed) => ({
  scenarios: [
    ...cellsOf(inner, ['up', 'none', 'down']),
    ...cellsOf(outer, ['up']),
    ...tailsOf(tails),
    { priceMultiplier: '1', skew: { of: 'signed', ...SKEW } },
    { priceMultiplier: '1', skew: { of: 'absolute', ...SKEW } },
  ],
  volShock: { ...vol, power: '0.3', longPower: '0.13' },
  maintenanceFactor: '0.8',
  gainDiscount: { base: '0.98', add: '0.1' },
  lossDiscount: { base: '1.02', add: '0.1' },
  settlementWindowSeconds: '1800',
  collateral: 'all',
  expiredOptions: 'scanned',
  perpetualCharge: { ...perpetual, on: 'index' },
  nakedShortCharge: nakedShort,
  expiryCharges: [{ scenarios: cellsOf(basis, ['none']), base: '0.5', perYear: '2', as: 'loss' }],
});

/** Both coins had this set. It is of June 2025, and its discounts are of January 2026. */
const LAUNCHED: Deployed = {
  inner: ['1.135', '1.09', '1.045', '1', '0.955', '0.91', '0.865'],
  outer: ['1.18', '0.82'],
  tails: {
    '0.34': '0.21',
    '0.67': '0.42',
    '1.5': '0.2772',
    '2': '0.1386',
    '3': '0.0693',
    '4': '0.0462',
    '5': '0.03465',
    '6': '0.02772',
  },
  vol: { up: '0.5', down: '0.3', minimum: '0.4' },
  perpetual: { initial: '0.04', maintenance: '0.03' },
  nakedShort: { initial: '0.005', maintenance: '0.003' },
  basis: ['0.955', '1.045'],
};

const LATEST = {
  vol: { up: '0.4', down: '0.25', minimum: '0.5' },
  perpetual: { initial: '0.015', maintenance: '0.0075' },
  nakedShort: { initial: '0.0025', maintenance: '0.0015' },
};

const LATEST_BTC: Deployed = {
  ...LATEST,
  inner: ['1.105', '1.07', '1.035', '1', '0.965', '0.93', '0.895'],
  outer: ['1.14', '0.86'],
  tails: {
    '0.34': '0.122624',
    '0.67': '0.245',
    '1.5': '0.161741',
    '2': '0.080871',
    '3': '0.020218',
    '4': '0.008976',
    '5': '0.005044',
    '6': '0.003228',
  },
  basis: ['0.965', '1.035'],
};

const LATEST_ETH: Deployed = {
  ...LATEST,
  inner: ['1.12', '1.08', '1.04', '1', '0.96', '0.92', '0.88'],
  outer: ['1.16', '0.84'],
  tails: {
    '0.34': '0.14',
    '0.67': '0.28',
    '1.5': '0.1848',
    '2': '0.0924',
    '3': '0.0231',
    '4': '0.010267',
    '5': '0.005775',
    '6': '0.003696',
  },
  basis: ['0.96', '1.04'],
};

const confidenceChargesOf = (rate: { readonly threshold: string; readonly factor: string }) => [
  { of: 'perpetuals', on: 'index', ...rate },
  { of: 'options', scores: 'expiryAndPerpetuals', ...rate },
  { of: 'collateral', ...rate },
];

const SECOND_CONFIDENCE = confidenceChargesOf({ ...CONFIDENCE, factor: '0.4' });

const LEFT_OF_SECOND = [
  'depegFactor with threshold 0.99, factor 4 and the feed of the stablecoin',
  'scoreFeed of the charge on collateral: the underlying',
  'collateralWeight of each coin, 1 − its maintenance haircut; hedges of a wrapped one',
  'the interestRate of each expiry, on the feed of its forward',
];

const CONTRACTS =
  'https://github.com/derivexyz/v2-core (src/risk-managers/PMRM_2.sol, PMRMLib_2.sol and ' +
  'scripts/config-mainnet.sol at 42a4e48c)';
const EVENTS =
  'https://github.com/gelatotrade/Derive-Option-Surface (results/p2/params: the contracts’ events)';

const second = (
  preset: Pick<VenuePreset, 'name' | 'title' | 'date'>,
  deployed: Deployed,
): VenuePreset => ({
  ...preset,
  model: 'portfolio',
  source: `${CONTRACTS}, ${EVENTS}`,
  risk: {
    portfolio: secondModel(deployed),
    rateFloor: '0',
    confidenceCharges: SECOND_CONFIDENCE,
  },
  left: LEFT_OF_SECOND,
  unsaid: [AUCTION],
});

const seconds: readonly VenuePreset[] = [
  second(
    {
      name: 'derive-pmrm-v2',
      title:
        'Derive v2, portfolio margin, second version, as it was for BTC and ETH in January 2026',
      date: '2026-01-08',
    },
    LAUNCHED,
  ),
  second(
    {
      name: 'derive-pm2-btc',
      title: 'Derive v2, portfolio margin, second version, BTC',
      date: '2026-10-01',
    },
    LATEST_BTC,
  ),
  second(
    {
      name: 'derive-pm2-eth',
      title: 'Derive v2, portfolio margin, second version, ETH',
      date: '2026-10-01',
    },
    LATEST_ETH,
  ),
];

const LAUNCHED_RULES = secondModel(LAUNCHED);

/** The discounts take no rate below 0, and e^{rT} takes any. */
const third: VenuePreset = {
  name: 'derive-pmrm-v2.1',
  title: 'Derive v2, portfolio margin, third version',
  model: 'portfolio',
  source: 'https://github.com/derivexyz/v2-core (src/risk-managers/PMRM_2_1.sol)',
  date: '2026-12-01',
  risk: {
    portfolio: {
      ...LAUNCHED_RULES,
      gainDiscount: { ...LAUNCHED_RULES.gainDiscount, rateFloor: '0' },
      lossDiscount: { ...LAUNCHED_RULES.lossDiscount, rateFloor: '0' },
    },
    confidenceCharges: SECOND_CONFIDENCE,
  },
  left: ['its own values: these are those of derive-pmrm-v2', ...LEFT_OF_SECOND],
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
    confidenceCharges: confidenceChargesOf(CONFIDENCE),
  },
  assets: { BTC: COIN, ETH: COIN },
  left: [
    'expiryCharges for basis, as loss: cells at 0.95 and 1.05, base 1, perYear 1.2',
    'depegFactor with threshold 0.99, factor 4 and the feed of the stablecoin',
    'the interestRate of each expiry, on the feed of its forward',
    'what the venue has changed until 22 February 2025: prices within ±18 %, volatilities by 0.5 and ' +
      '0.275, naked shorts at 0.01875 and 0.015, basis at ±4.5 % with base 0.5 and perYear 2',
  ],
  unsaid: [
    AUCTION,
    'the factor on charges and haircuts, which rises as well while the stablecoin is off its peg',
  ],
};

export const DERIVE: readonly VenuePreset[] = [standard, third, ...seconds, first];
