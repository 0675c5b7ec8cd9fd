/** A book deleveraged at the prices that use up its equity, whatever its positions settle in. */
import { expect, it } from 'vitest';
import { traded } from '../../../../lambda/margin/book/trade.ts';
import {
  absolute,
  amount,
  negate,
  quantity,
  ratio,
  subtract,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import { deleverage } from '../../../../lambda/margin/waterfall/deleverage.ts';
import { deleveragingOf } from '../../../../lambda/margin/waterfall/deleveraging.ts';
import {
  counterpositionOf,
  linearHoldings,
  linearPositions,
} from '../../../../lambda/margin/waterfall/linear-holding.ts';
import { assessed, bookOf, crossOf, snapshotOf } from '../build.ts';

const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const perpetual = { type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC' };
const SNAPSHOT = snapshotOf({
  assets: { BTC: { feed: 'BTC-USD' }, USDT: { feed: 'USDT-USD' } },
  instruments: {
    USD: { ...perpetual, settlementAsset: 'USD', contractSize: '0.1' },
    USDT: { ...perpetual, settlementAsset: 'USDT' },
    INVERSE: {
      ...{ ...perpetual, settlementAsset: 'BTC', inverse: true, contractSize: '100' },
      markFeed: 'BTC-MARK',
    },
  },
  risk: {
    BTC: { margin, volatility: '0.8' },
    USDT: { margin, volatility: '0.05' },
  },
  quotes: {
    'BTC-USD#a': { price: '10000' },
    'BTC-MARK#a': { price: '10100' },
    'USDT-USD#a': { price: '0.9' },
  },
});

const position = (instrument: string, held: string, entryPrice: string) => ({
  instrument,
  quantity: held,
  entryPrice,
});

const ROWS = {
  balances: [{ asset: 'USD', amount: '-3000' }],
  positions: [
    position('USD', '50', '10200'),
    position('USDT', '-3', '9900'),
    position('INVERSE', '400', '10300'),
  ],
};

const taker = (market: string) => ({
  ...{ key: market, accountId: market, quantity: quantity('1000') },
  ...{ entryNotional: amount('1'), notional: amount('1') },
  ...{ profit: amount('1'), equity: amount('1') },
});

it.each(['0.25', '0.6', '1'])('deleveraging the share %s leaves the rest of the debt', (share) => {
  const before = crossOf(ROWS);
  const equity = assessed(ROWS, SNAPSHOT).equity.point;
  expect(Number(textOf(equity))).toBeLessThan(-3000);
  const holdings = linearHoldings(bookOf(ROWS, SNAPSHOT), false);
  const positions = holdings.map((each) => ({ ...each, counterpositions: [taker(each.market)] }));
  const done = deleverage({ equity, share: ratio(share), positions });
  expect(done).toHaveLength(3);
  let after = before;
  let givenUp = 0;
  for (const each of done) {
    const holding = holdings.find(({ market }) => market === each.market);
    if (holding === undefined) throw new Error(each.market);
    const deleveraging = deleveragingOf(each, { holding, places: 2 });
    givenUp += Number(textOf(deleveraging.amount));
    const order = { kind: 'instrument', instrument: each.market, isOpen: false } as const;
    const { side, price, quantity: of } = deleveraging;
    const trade = traded(after, { ...order, side, price, quantity: of }, SNAPSHOT);
    if (!trade.ok) throw new Error(trade.reason.detail);
    after = trade.value.after;
  }
  const owes = negate(equity);
  const left = negate(assessed(rowsOf(after), SNAPSHOT).equity.point);
  const expected = subtract(owes, times(owes, ratio(share)));
  expect(Number(textOf(left))).toBeCloseTo(Number(textOf(expected)), 4);
  expect(givenUp).toBeCloseTo(Number(textOf(subtract(owes, left))), 1);
});

const rowsOf = ({ balances, positions }: ReturnType<typeof crossOf>) => ({
  balances: balances.map(({ asset, amount: of }) => ({ asset, amount: textOf(of) })),
  positions: positions.map((each) =>
    position(each.instrument, textOf(each.quantity), textOf(each.entryPrice)),
  ),
});

it('the holding with the largest requirement comes first, or the largest notional without one', () => {
  const marketsOf = (isPortfolio: boolean) =>
    linearHoldings(bookOf(ROWS, SNAPSHOT), isPortfolio).map(({ market, maintenance }) => [
      market,
      textOf(maintenance),
    ]);
  expect(marketsOf(false)).toEqual([
    ['USD', '2500'],
    ['INVERSE', '2000'],
    ['USDT', '1500'],
  ]);
  expect(marketsOf(true)).toEqual([
    ['USD', '50000'],
    ['INVERSE', '40000'],
    ['USDT', '30000'],
  ]);
});

it('a counterposition has its profit in the numeraire, relative to its entry notional', () => {
  const { positions: rows } = crossOf(ROWS);
  const found = linearPositions(bookOf(ROWS, SNAPSHOT)).map((held) =>
    counterpositionOf(held, { key: 'k', accountId: 'k', equity: amount('1'), rows }),
  );
  const texts = found.map(({ quantity: held, entryNotional, notional, profit }) => [
    ...[textOf(absolute(held)), textOf(entryNotional), textOf(notional)],
    Number(textOf(profit)).toFixed(4),
  ]);
  const coins = 40_000 / 10_300 - 40_000 / 10_100;
  expect(texts).toEqual([
    ['50', '51000', '50000', '-1000.0000'],
    ['3', '29700', '30000', '-270.0000'],
    ['400', '40000', '40000', (coins * 10_000).toFixed(4)],
  ]);
});
