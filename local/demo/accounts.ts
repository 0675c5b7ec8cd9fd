/**
 * The demo's accounts, by kind. Positions start at the run's first prices, with leverages that most
 * survive for hours and few for the whole day. Nothing in the demo settles interest or funding.
 */

import { type RandomStream, randomStream } from '../analysis/random.ts';
import type { AccountRow } from '../aws/rows.ts';
import type { Prices } from './feeds.ts';
import { type AccountKind, accountIdOf, countByKind } from './kinds.ts';
import { DEMO_INSTRUMENTS, type DemoInstrument } from './market.ts';

interface BookInput {
  readonly seed: number;
  readonly accounts: number;
  readonly prices: Prices;
}

export function demoAccountRows({ seed, accounts, prices }: BookInput): AccountRow[] {
  return [...countByKind(accounts)].flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => {
      const accountId = accountIdOf(kind, index);
      const draw = { accountId, prices, random: randomStream(seed, accountId) };
      return BUILDERS[kind](draw);
    }).flat(),
  );
}

interface Draw {
  readonly accountId: string;
  readonly prices: Prices;
  readonly random: RandomStream;
}

const BUILDERS: Readonly<Record<AccountKind, (draw: Draw) => AccountRow[]>> = {
  long: longRows,
  short: shortRows,
  hedged: hedgedRows,
  lender: lenderRows,
  borrower: borrowerRows,
  isolated: isolatedRows,
  'stale-feed': staleFeedRows,
  malformed: malformedRows,
};

function longRows(draw: Draw): AccountRow[] {
  const { random } = draw;
  const equity = random.logNormal(40_000, 1.1);
  const notional = equity * within(random.logNormal(2.6, 0.65), 0.5, 9);
  const instruments = longInstruments(random.uniform());
  const openBuyShare = random.uniform() < 0.1 ? 0.2 : 0;
  const each = notional / instruments.length;
  return [
    balance(draw, 'USD', equity),
    ...instruments.map((instrument) =>
      position(draw, { instrument, notional: each, openBuyShare }),
    ),
  ];
}

function longInstruments(draw: number): DemoInstrument[] {
  if (draw < 0.5) return ['BTC-PERP'];
  if (draw < 0.75) return ['ETH-PERP'];
  return draw < 0.88 ? ['BTC-PERP', 'ETH-PERP'] : ['BTC-27MAR20'];
}

function shortRows(draw: Draw): AccountRow[] {
  const { random } = draw;
  const equity = random.logNormal(40_000, 1);
  const notional = -equity * within(random.logNormal(2, 0.5), 0.5, 7);
  const instrument = random.uniform() < 0.7 ? 'BTC-PERP' : 'ETH-PERP';
  return [balance(draw, 'USD', equity), position(draw, { instrument, notional })];
}

/** Coins hedged with perpetuals. */
function hedgedRows(draw: Draw): AccountRow[] {
  const { random } = draw;
  const value = random.logNormal(100_000, 0.9);
  const notional = -value * random.between(0.9, 1.05);
  return [
    balance(draw, 'USD', value * 0.02),
    balance(draw, 'BTC', value),
    position(draw, { instrument: 'BTC-PERP', notional }),
  ];
}

function lenderRows(draw: Draw): AccountRow[] {
  return [balance(draw, 'USDC', draw.random.logNormal(150_000, 1))];
}

function borrowerRows(draw: Draw): AccountRow[] {
  const value = draw.random.logNormal(120_000, 0.9);
  const loan = value * draw.random.between(0.3, 0.66);
  return [balance(draw, 'BTC', value), balance(draw, 'USDC', -loan)];
}

/** The balance is not at risk. */
function isolatedRows(draw: Draw): AccountRow[] {
  const { random } = draw;
  const margin = random.logNormal(8_000, 0.8);
  const leverage = within(random.logNormal(3.5, 0.4), 1.5, 7);
  const notional = margin * leverage * (random.uniform() < 0.75 ? 1 : -1);
  const instrument = random.uniform() < 0.6 ? 'BTC-PERP' : 'ETH-PERP';
  return [
    balance(draw, 'USD', random.logNormal(20_000, 0.8)),
    position(draw, { instrument, notional, margin, label: 'swing' }),
  ];
}

/** Long the feed that falls silent. */
function staleFeedRows(draw: Draw): AccountRow[] {
  return [
    balance(draw, 'USD', 20_000),
    position(draw, { instrument: 'LINK-PERP', notional: 60_000 }),
  ];
}

/** Has a decimal comma, which is unreadable. */
function malformedRows(draw: Draw): AccountRow[] {
  const entered = position(draw, { instrument: 'BTC-PERP', notional: 100_000 });
  return [balance(draw, 'USD', 50_000), { ...entered, quantity: '12,5' }];
}

const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

type BalanceAsset = 'USD' | 'USDC' | 'BTC';

/** @param value USD */
function balance({ accountId, prices }: Draw, asset: BalanceAsset, value: number): AccountRow {
  const price = asset === 'USD' ? 1 : Number(prices[`${asset}-USD`]);
  const amount = (value / price).toFixed(asset === 'BTC' ? 6 : 2);
  return { accountId, item: `balance#${asset}`, asset, amount };
}

interface Entered {
  readonly instrument: DemoInstrument;
  /** USD; negative if short. */
  readonly notional: number;
  /** USD. */
  readonly margin?: number;
  readonly label?: string;
  /** As a share of the quantity. */
  readonly openBuyShare?: number;
}

function position({ accountId, prices }: Draw, entered: Entered): AccountRow {
  const { instrument, notional, margin, label, openBuyShare = 0 } = entered;
  const { markFeed, contractSize } = DEMO_INSTRUMENTS[instrument];
  const entryPrice = prices[markFeed];
  const quantity = notional / (Number(entryPrice) * Number(contractSize));
  return {
    accountId,
    item: `position#${instrument}${label === undefined ? '' : `#${label}`}`,
    instrument,
    quantity: quantity.toFixed(4),
    entryPrice,
    ...(margin === undefined ? {} : { isolatedMargin: margin.toFixed(2) }),
    ...(openBuyShare === 0 ? {} : { openBuyQuantity: (quantity * openBuyShare).toFixed(4) }),
  };
}
