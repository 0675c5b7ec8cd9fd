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
      'https://github.com/drift-labs/protocol-v2 (sdk/src/adminClient.ts, ' +
      'programs/drift/src/math/margin.rs, programs/drift/src/instructions/admin.rs), ' +
      'https://docs.drift.trade/getting-started/cross-collateral-deposits',
    date: '2026-12-01',
    risk: {
      margin: {
        type: 'squareRoot',
        initial: '0.2',
        maintenance: '0.05',
        sizeScaling: '0',
        ratePlaces: '4',
      },
      profit: { initialWeight: '0', initialCap: '100', weightPlaces: '4' },
      openOrderCharge: '0.01',
    },
    policy: {
      callMultiplier: '1',
      liquidationTargetMultiplier: '1',
      liquidationExitBuffer: '0.02',
    },
    assets: {
      SOL: { ...MAJOR, sizeScaling: '0.00125', weightPlaces: '4' },
      USDC: { collateralWeight: '1', liabilityWeight: '1' },
      USDT: {
        collateralWeight: '0.95',
        initialCollateralWeight: '0.9',
        liabilityWeight: '1.05',
        initialLiabilityWeight: '1.1',
        sizeScaling: '0.0004',
        weightPlaces: '4',
      },
    },
    left: [
      'margin of each market: its rates, and its IMF factor as sizeScaling',
      'profit of each market: its initial weight, 0 by default, and its IMF factor as initialScaling',
      'profit.imbalanceStart of each market with a limit on it, and netProfit of its instrument: ' +
        'net user PnL less its profit pool and a fifth of its fee pool',
      'leverage of each account and position with a margin ratio of its own: 1 ÷ the ratio',
      'initialPriceFeed of each asset: a feed of its mean over five minutes',
      'weightScaleStart and totalDeposits of each asset with a limit on its deposits',
      'liquidity: the fee of the fund, with liquidationFeeShare; liquidatorFee of each market: its own, ' +
        'after 600 s higher by 0.0000025 for each second since the beginning, up to its most',
      'liquidationShare of the shortage, linear: what the state of the program opens with, and 1 after ' +
        'its liquidation duration × (1 − that); wholeBelow 50',
      'loanSwap: the premium of each pair of assets, and swapBonus of each collateral',
      'the state of the venue: it was halted in April 2026',
    ],
    unsaid: [
      'what earlier plans have freed, which counts against the share of the shortage',
      'the fee that the fund takes of a swap of collateral for a loan: add it to the premium, f of it as ' +
        '(1 + premium)/(1 − f) − 1',
      'requirements of perpetuals at the greater of the price and the mean of the quote asset: they ' +
        'count at the price of their feed',
      'the lesser and greater of two prices for maintenance, which settles profits and allows orders ' +
        'that reduce',
      'losses beyond the fund are borne by positions of the market or by depositors of the asset, not by ' +
        'equity',
      'values are not cut to a millionth at every step, nor the least amounts rounded up',
      'high-leverage mode, and margin for fills between initial and maintenance',
    ],
  },
];
