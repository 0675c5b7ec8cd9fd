import { describe, expect, it } from 'vitest';
import { marginFiguresOf } from '../../../../lambda/margin/assess/assess.ts';
import type { SubAccount } from '../../../../lambda/margin/book/account.ts';
import { buildBook } from '../../../../lambda/margin/book/build-book.ts';
import { type TradeOrder, traded } from '../../../../lambda/margin/book/trade.ts';
import { type Closable, closablesOf } from '../../../../lambda/margin/liquidation/closable.ts';
import { Trial } from '../../../../lambda/margin/liquidation/trial.ts';
import { quantity, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { bookOf, crossOf, type MarketRows, NOW, plain, snapshotOf } from '../build.ts';

const perpetual = {
  type: 'perpetual',
  underlying: 'BTC-USD',
  riskClass: 'BTC',
  settlementAsset: 'USD',
};

const MARKET: MarketRows = {
  assets: {
    BTC: {
      feed: 'BTC-USD',
      collateralWeight: '0.9',
      liabilityWeight: '1.1',
      borrowRatePerHour: '0.01',
    },
  },
  risk: {
    BTC: {
      volatility: '0.8',
      margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
      liquidity: { fee: '0.001', slippage: '0', impact: '0' },
    },
  },
  instruments: {
    PERP: perpetual,
    INVERSE: { ...perpetual, settlementAsset: 'BTC', inverse: true },
  },
  quotes: { 'BTC-USD#a': { price: '50', fundingRatePerHour: '0.01' } },
};

const HOUR_AGO = String(NOW - 3_600_000);
const snapshot = snapshotOf(MARKET);

const row = (instrument: string, label: string, held: string, entryPrice: string): RawRow => ({
  instrument,
  label,
  quantity: held,
  entryPrice,
  fundingSettledAt: HOUR_AGO,
});

const ROWS = {
  balances: [
    { asset: 'USD', amount: '-100' },
    { asset: 'BTC', amount: '-3', interestSettledAt: HOUR_AGO },
  ],
  positions: [
    row('PERP', 'a', '2', '40'),
    row('PERP', 'b', '-1', '45'),
    row('PERP', 'c', '5', '60'),
    row('INVERSE', 'd', '-200', '40'),
    row('INVERSE', 'e', '-100', '100'),
  ],
};

const account = crossOf(ROWS);
const closables = closablesOf(bookOf(ROWS, snapshot), {
  isIsolated: false,
  policy: snapshot.policy,
});
const named = (market: string): Closable =>
  closables.find((each) => each.market === market) as Closable;

const afterOrders = (orders: readonly TradeOrder[]): SubAccount =>
  orders.reduce((before, order) => {
    const trade = traded(before, order, snapshot);
    if (!trade.ok) throw new Error(trade.reason.detail);
    return trade.value.after;
  }, account);

const sell = (label: string, held: string, instrument = 'PERP'): TradeOrder => ({
  kind: 'instrument',
  instrument,
  label,
  side: instrument === 'PERP' ? 'sell' : 'buy',
  quantity: quantity(held),
  isOpen: false,
});

const figuresOf = (subAccount: SubAccount) => {
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) throw new Error('all is known');
  return plain(marginFiguresOf(built.book, snapshot.policy));
};

const heldIn = ({ positions }: SubAccount) =>
  positions.map(({ label, quantity: held }) => `${label} ${textOf(held)}`);

describe('closing a quantity of an instrument', () => {
  it('takes the rows that it reduces in their order, and leaves the others', () => {
    const after = new Trial(account, snapshot).filled(
      new Map([[named('PERP'), quantity('4')]]),
      'mark',
    );
    expect(heldIn(after)).toEqual(['a 0', 'b -1', 'c 3', 'd -200', 'e -100']);
  });

  it('settles funding and interest and realises the profit, as trades one by one would', () => {
    const closed = new Map([
      [named('PERP'), quantity('6')],
      [named('INVERSE'), quantity('250')],
      [named('BTC'), quantity('1')],
    ]);
    const after = new Trial(account, snapshot).filled(closed, 'mark');
    const oneByOne = afterOrders([
      sell('a', '2'),
      sell('c', '4'),
      sell('d', '200', 'INVERSE'),
      sell('e', '50', 'INVERSE'),
      { kind: 'spot', asset: 'BTC', side: 'buy', quantity: quantity('1') },
    ]);
    expect(heldIn(after)).toEqual(heldIn(oneByOne));
    expect(figuresOf(after)).toEqual(figuresOf(oneByOne));
  });

  it('takes each row once if two orders reduce them', () => {
    const twice = new Map([
      [named('PERP'), quantity('3')],
      [{ ...named('PERP') }, quantity('2')],
    ]);
    const after = new Trial(account, snapshot).filled(twice, 'mark');
    expect(heldIn(after).slice(0, 3)).toEqual(['a 0', 'b -1', 'c 2']);
  });
});
