/** Rules of listed options and futures. */
import { cellsOf, type VenuePreset } from './preset.ts';

const CHARGE = { rate: '0.2', lessOutOfTheMoney: true, floor: '0.1' };
const PUT_CHARGE = { ...CHARGE, floorOf: 'strike' };

/** A net short call is not covered by what its expiry can lose: no sum of charges is larger. */
const NOT_NETTED = '1000';

const regulationT: VenuePreset = {
  name: 'reg-t',
  title: 'Short options on a strategy basis, FINRA and Cboe',
  model: 'standard',
  source: 'https://www.finra.org/rules-guidance/rulebooks/finra-rules/4210',
  date: '2026-12-01',
  risk: {
    optionRule: {
      shortCall: { initial: CHARGE, maintenance: CHARGE },
      shortPut: { initial: PUT_CHARGE, maintenance: PUT_CHARGE },
      balanceValue: 'none',
      strangles: 'pairs',
      expiryNetting: { initial: NOT_NETTED, maintenance: NOT_NETTED },
    },
  },
  left: [
    'rate 0.15 instead of 0.2 for broad indices',
    'minimum of the charges, where a broker has one: that of a contract ÷ its contractSize',
  ],
  unsaid: [
    'spreads beside naked options of the same expiry: spreads are netted where no call is naked',
    'spreads of two expiries, and calls covered by shares',
    'full payment for long options',
  ],
};

const span: VenuePreset = {
  name: 'span',
  title: 'SPAN, sixteen scenarios, with an example price range of 12 %',
  model: 'portfolio',
  source: 'https://www.cmegroup.com/clearing/risk-management/span-overview.html',
  date: '2026-11-22',
  risk: {
    portfolio: {
      scenarios: [
        ...cellsOf(['0.88', '0.92', '0.96', '1', '1.04', '1.08', '1.12'], ['up', 'down']),
        { priceMultiplier: '0.76', weight: '0.35' },
        { priceMultiplier: '1.24', weight: '0.35' },
      ],
      volShock: { up: '0.25', down: '0.25', power: '0' },
    },
  },
  left: [
    'portfolio of the product: its price range (rows at thirds of it and at twice ' +
      'it), its volatility range, and the share of an extreme move; 12 %, 25 % and 35 % ' +
      'are examples',
    'minimum.perContract: the charge for a short option',
    'lossArray of each instrument, where the clearing house publishes its own',
    'deltaFloor: hedged is the charge for a spread between months ÷ the price, as: charge',
  ],
  unsaid: [
    'charges between months that differ by tier, or count options by month',
    'credits between products',
    'option value credit',
  ],
};

const POINTS = [
  '0.85',
  '0.88',
  '0.91',
  '0.94',
  '0.97',
  '1',
  '1.03',
  '1.06',
  '1.09',
  '1.12',
  '1.15',
];
/** 0.375 times the multiplier of 100. */
const PER_CONTRACT = '37.5';

const tims: VenuePreset = {
  name: 'occ-tims',
  title: 'OCC, customer portfolio margin, single equities',
  model: 'portfolio',
  source: 'https://www.finra.org/rules-guidance/rulebooks/finra-rules/4210',
  date: '2026-11-22',
  risk: {
    portfolio: {
      scenarios: cellsOf(POINTS, ['none']),
      minimum: {
        perContract: { initial: PER_CONTRACT, maintenance: PER_CONTRACT },
        options: 'all',
      },
    },
  },
  left: ['minimum.perContract where a contract is not 100 shares'],
  unsaid: ['offsets between underlyings of a product group: each is required by itself'],
};

export const LISTED: readonly VenuePreset[] = [regulationT, span, tims];
