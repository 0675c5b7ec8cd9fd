/** Documents of one account each, of the kinds that take a search of the safe radius longest. */

const AT = Date.UTC(2026, 0, 15, 12);
const DAY_MS = 86_400_000;
const DAYS = [1, 3, 7, 14, 30, 45, 60, 120, 180, 300];
const SPOT = { BTC: 60_000, ETH: 3_000 };
type Coin = keyof typeof SPOT;

interface Kind {
  readonly marginModel: 'portfolio' | 'standard';
  /** Number of options by coin. */
  readonly options: Partial<Readonly<Record<Coin, number>>>;
  readonly linears: number;
  /** Preset of the risk class of each coin. */
  readonly venues: Partial<Readonly<Record<Coin, string>>>;
  readonly cash: string;
}

const DERIVE = 'derive-pmrm-v2';
const PORTFOLIO = { marginModel: 'portfolio', linears: 1 } as const;
const STANDARD = {
  marginModel: 'standard',
  linears: 1,
  venues: { BTC: 'deribit-options' },
} as const;

export const SEARCHED: Readonly<Record<string, Kind>> = {
  'portfolio, 40 options': {
    ...PORTFOLIO,
    options: { BTC: 40 },
    venues: { BTC: DERIVE },
    cash: '400000',
  },
  'portfolio, 200 options': {
    ...PORTFOLIO,
    options: { BTC: 200 },
    venues: { BTC: DERIVE },
    cash: '2000000',
  },
  'two portfolios, 40 options each': {
    ...PORTFOLIO,
    options: { BTC: 40, ETH: 40 },
    venues: { BTC: DERIVE, ETH: 'deribit-pm' },
    cash: '400000',
  },
  'standard, 40 options': { ...STANDARD, options: { BTC: 40 }, cash: '800000' },
  'standard, 200 options': { ...STANDARD, options: { BTC: 200 }, cash: '4000000' },
  'linear, 50 positions': {
    marginModel: 'standard',
    options: {},
    linears: 50,
    venues: {},
    cash: '400000',
  },
};

export function documentOf({ marginModel, options, linears, venues, cash }: Kind): object {
  const coins = Object.keys(options) as Coin[];
  const held = coins.flatMap((coin) => optionsOn(coin, options[coin] ?? 0));
  const perpetuals = Array.from({ length: linears }, (_, index) => {
    const coin = linears === 1 ? 'BTC' : `C${index}`;
    return { id: `PERP-${index}`, coin, quantity: index % 2 === 0 ? '-2' : '1.5' };
  });
  const markets = new Set([...coins, ...perpetuals.map(({ coin }) => coin)]);
  const priceOf = (coin: string) => String(SPOT[coin as Coin] ?? 1_000);
  return {
    asOf: String(AT),
    policy: {},
    assets: coins.includes('BTC') ? { BTC: { feed: 'BTC-USD' } } : {},
    risk: {
      ...(marginModel === 'standard' && { LINEAR: { ...RISK, ...FLAT } }),
      ...Object.fromEntries(coins.map((coin) => [coin, { ...RISK, venue: venues[coin] }])),
    },
    instruments: Object.fromEntries([
      ...perpetuals.map(({ id, coin }) => [
        id,
        { type: 'perpetual', ...COMMON(coin), ...(marginModel === 'standard' && LINEAR_CLASS) },
      ]),
      ...held.map(({ id, row }) => [id, row]),
    ]),
    quotes: [
      ...[...markets].map((coin) => quote(`${coin}-USD`, { price: priceOf(coin) })),
      ...held.map(({ id, volatility }) => quote(id, { impliedVolatility: volatility })),
    ],
    accounts: [
      {
        accountId: 'trader',
        profile: { marginModel },
        balances: [
          { asset: 'USD', amount: cash },
          ...(marginModel === 'portfolio' ? [{ asset: 'BTC', amount: '2' }] : []),
        ],
        positions: [
          ...perpetuals.map(({ id, coin, quantity }) => ({
            ...{ instrument: id, quantity, entryPrice: priceOf(coin) },
          })),
          ...held.map(({ id, quantity, entryPrice }) => ({ instrument: id, quantity, entryPrice })),
        ],
      },
    ],
  };
}

const COMMON = (coin: string) => ({
  ...{ underlying: `${coin}-USD`, settlementAsset: 'USD', riskClass: coin },
});

/** Strikes from 70 % of the price to 125 %, in ten expiries. */
function optionsOn(coin: Coin, count: number) {
  const strikes = count / DAYS.length;
  return Array.from({ length: count }, (_, index) => {
    const days = DAYS[Math.floor(index / strikes)] as number;
    const share = 0.7 + (0.55 * (index % strikes)) / Math.max(1, strikes - 1);
    return {
      id: `${coin}-OPTION-${index}`,
      row: {
        ...{ type: 'option', optionType: index % 3 === 0 ? 'put' : 'call', ...COMMON(coin) },
        strike: String(Math.round(SPOT[coin] * share)),
        expiresAt: String(AT + days * DAY_MS),
        markFeed: `${coin}-OPTION-${index}`,
      },
      quantity: String(((index * 7) % 11) - 5.5),
      entryPrice: String(SPOT[coin] / 60),
      volatility: (0.5 + (index % 40) / 200).toFixed(3),
    };
  });
}

const LINEAR_CLASS = { riskClass: 'LINEAR' };
const RISK = { volatility: '0.6', rate: '0.05' };
const FLAT = { margin: { type: 'flat', initial: '0.02', maintenance: '0.01' } };

const quote = (feed: string, row: object) => ({
  ...{ feed, source: 'venue', publishedAt: String(AT) },
  ...row,
});
