/**
 * The default book, an assess document: BTC perpetuals, long and short on dollars and long on
 * coins, and dollars borrowed against coins.
 */
import { type RandomStream, randomStream } from '../analysis/random.ts';

export interface BookRequest {
  readonly seed: number;
  readonly accounts: number;
  /** Median of notional ÷ equity. */
  readonly leverage: number;
}

export const LEVERAGE_MAX = 40;
const LEVERAGE_SPREAD = 0.6;
const EQUITY_MEDIAN = 40_000;
const EQUITY_SPREAD = 1.1;
const PRICE = 60_000;
const FEED = 'BTC-USD';
const AS_OF = Date.UTC(2026, 0, 1);

const MARKET = {
  asOf: AS_OF,
  policy: {},
  assets: { BTC: { feed: FEED, collateralWeight: '0.9', liabilityWeight: '1.1' } },
  instruments: {
    'BTC-PERP': {
      type: 'perpetual',
      underlying: FEED,
      settlementAsset: 'USD',
      contractSize: '1',
      riskClass: 'BTC',
    },
  },
  risk: {
    BTC: {
      volatility: '0.8',
      jumpFloor: '0.005',
      liquidity: { fee: '0.0005', slippage: '0.001' },
      margin: {
        type: 'tiered',
        tiers: [
          { floor: '0', initial: '0.02', maintenance: '0.01' },
          { floor: '250000', initial: '0.04', maintenance: '0.02' },
          { floor: '1000000', initial: '0.08', maintenance: '0.04' },
        ],
      },
    },
  },
  quotes: [{ feed: FEED, source: 'venue', price: String(PRICE), publishedAt: AS_OF }],
};

export const generatedDocument = ({ seed, accounts, leverage }: BookRequest) => ({
  ...MARKET,
  accounts: Array.from({ length: accounts }, (_, index) => {
    const accountId = `account-${String(index + 1).padStart(4, '0')}`;
    return accountOf({ accountId, leverage, random: randomStream(seed, accountId) });
  }),
});

interface AccountDraw {
  readonly accountId: string;
  readonly leverage: number;
  readonly random: RandomStream;
}

function accountOf({ accountId, leverage, random }: AccountDraw) {
  const kind = random.uniform();
  const equity = random.logNormal(EQUITY_MEDIAN, EQUITY_SPREAD);
  const drawn = random.logNormal(leverage, LEVERAGE_SPREAD);
  const notional = equity * Math.min(LEVERAGE_MAX, Math.max(1, drawn));
  if (kind < 0.55) return held(accountId, { dollars: equity, position: notional });
  if (kind < 0.8) return held(accountId, { dollars: equity, position: -notional });
  if (kind < 0.9)
    return held(accountId, { coins: equity, position: Math.min(notional, 3 * equity) });
  return held(accountId, { coins: equity, dollars: -equity * random.between(0.4, 0.75) });
}

/** USD. */
interface Holdings {
  readonly dollars?: number;
  readonly coins?: number;
  readonly position?: number;
}

function held(accountId: string, { dollars, coins, position }: Holdings) {
  const balances = [
    ...(dollars === undefined ? [] : [{ asset: 'USD', amount: dollars.toFixed(2) }]),
    ...(coins === undefined ? [] : [{ asset: 'BTC', amount: (coins / PRICE).toFixed(8) }]),
  ];
  if (position === undefined) return { accountId, balances };
  const quantity = (position / PRICE).toFixed(8);
  const entered = { instrument: 'BTC-PERP', quantity, entryPrice: String(PRICE) };
  return { accountId, balances, positions: [entered] };
}
