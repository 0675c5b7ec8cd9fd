import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess } from '../../../../lambda/margin/assess/assess.ts';
import { shortfallOf } from '../../../../lambda/margin/book/equity.ts';
import {
  type Amount,
  absolute,
  amount,
  approximately,
  isBelow,
  isNegative,
  type Ratio,
  ratio,
  subtract,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import { optionValue } from '../../../../lambda/margin/option/black76.ts';
import { Stress } from '../../../../local/analysis/stress/stress.ts';
import {
  type AccountRows,
  crossOf,
  inputOf,
  type MarketRows,
  NOW,
  snapshotOf,
  subAccountsOf,
} from '../../../lambda/margin/build.ts';
import {
  BY_EXPIRY,
  marketOf,
  nameOf,
  type OptionOf,
} from '../../../lambda/margin/portfolio/build.ts';
import { anyBook, type RandomBook } from '../../../lambda/margin/random-book.ts';
import { movedRows, percent } from './moved.ts';

function stressOf(market: MarketRows, accounts: readonly AccountRows[], moves: readonly Ratio[]) {
  const stress = new Stress(inputOf(market), moves);
  for (const account of accounts) for (const each of subAccountsOf(account)) stress.add(each);
  return stress;
}

const badDebtAt = (market: MarketRows, account: AccountRows, move: string): string => {
  const stress = stressOf(market, [account], [ratio(move)]);
  const [sum] = stress.moves;
  expect(textOf(stress.badDebt.at(ratio(move)))).toBe(textOf(sum?.badDebt as Amount));
  return textOf(sum?.badDebt as Amount);
};

const flat = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const market: MarketRows = {
  assets: {
    BTC: { feed: 'BTC-USD', collateralWeight: '0.8' },
    USDC: { feed: 'USDC-USD' },
  },
  instruments: {
    'BTC-PERP': {
      type: 'perpetual',
      underlying: 'BTC-USD',
      settlementAsset: 'USD',
      riskClass: 'BTC',
    },
    'BTC-USDC': {
      type: 'perpetual',
      underlying: 'BTC-USD',
      settlementAsset: 'USDC',
      riskClass: 'BTC',
    },
    'BTC-COIN': {
      type: 'perpetual',
      underlying: 'BTC-USD',
      settlementAsset: 'BTC',
      inverse: true,
      riskClass: 'BTC',
    },
  },
  risk: {
    BTC: { margin: flat, volatility: '0.8' },
    USDC: { volatility: '0.03', radiusScale: '0.1' },
  },
  quotes: { 'BTC-USD#a': { price: '60000' }, 'USDC-USD#a': { price: '1' } },
};
const cash = (text: string) => [{ asset: 'USD', amount: text }];
const held = (instrument: string, quantity: string, entryPrice = '60000') => ({
  instrument,
  quantity,
  entryPrice,
});

describe('bad debt after a move, calculated by hand', () => {
  it('is the loss of a perpetual beyond its cash', () => {
    const account = { balances: cash('10000'), positions: [held('BTC-PERP', '1')] };
    expect(badDebtAt(market, account, '-0.3')).toBe('8000');
  });

  it('ignores haircuts for an inverse contract held with its coin: 60,000·(2x − 1)', () => {
    const account = {
      balances: [{ asset: 'BTC', amount: '1' }],
      positions: [held('BTC-COIN', '60000')],
    };
    expect(badDebtAt(market, account, '-0.6')).toBe('12000');
    const stress = stressOf(market, [account], []);
    expect(stress.badDebt.nonLinearCount).toBe(0);
    expect(stress.badDebt.kinksBetween(ratio('-1'), ratio('10')).map(textOf)).toEqual(['-0.5']);
  });

  it('includes a stablecoin that falls a tenth as far: −18,000·0.97 + 1,000', () => {
    const account = { balances: cash('1000'), positions: [held('BTC-USDC', '1')] };
    expect(badDebtAt(market, account, '-0.3')).toBe('16460');
    const short = { balances: cash('1000'), positions: [held('BTC-USDC', '-1')] };
    expect(badDebtAt(market, short, '0.3')).toBe('17540');
    const { badDebt } = stressOf(market, [account], []);
    expect(badDebt.nonLinearCount).toBe(1);
    const { fall, rise } = badDebt.survivedBy(amount('16460')) ?? {};
    expect([fall && textOf(fall), rise && textOf(rise)]).toEqual(['0.2999', undefined]);
  });

  it('includes an isolated position, whatever the rest of the account has', () => {
    const isolated = { ...held('BTC-PERP', '-1'), isolatedMargin: '6000' };
    const account = { balances: cash('100000'), positions: [isolated] };
    const stress = stressOf(market, [account], [ratio('0.2')]);
    expect(stress.assessed).toBe(2);
    expect(stress.moves[0]).toMatchObject({
      deficits: 1,
      largest: [{ accountId: 'account', position: 'BTC-PERP', shortfall: amount('6000') }],
    });
  });

  it('comes with the liquidated notional by instrument, at the moved price', () => {
    const account = {
      balances: cash('20000'),
      positions: [held('BTC-PERP', '1'), held('BTC-USDC', '-0.25')],
    };
    // At −40 %: 20,000 − 24,000 + 6,000·0.96 = 1,760, and 5 % of 45,000 = 2,250.
    const [fall, far] = stressOf(market, [account], [ratio('-0.25'), ratio('-0.4')]).moves;
    expect(fall?.liquidations).toBe(0);
    expect([...(far?.liquidated ?? [])].map(([name, each]) => [name, textOf(each)])).toEqual([
      ['BTC-PERP', '36000'],
      ['BTC-USDC', '9000'],
    ]);
    expect(far).toMatchObject({ liquidations: 1, deficits: 0 });
  });

  it('stops growing at a price of 0', () => {
    const risk = { ...market.risk, BTC: { margin: flat, volatility: '0.8', radiusScale: '2' } };
    const account = { balances: cash('10000'), positions: [held('BTC-PERP', '1')] };
    expect(badDebtAt({ ...market, risk }, account, '-0.5')).toBe('50000');
    expect(badDebtAt({ ...market, risk }, account, '-0.9')).toBe('50000');
  });

  it('is unaffected by a settled contract, even if the price of its feed moves', () => {
    const dated = {
      type: 'future',
      underlying: 'BTC-USD',
      settlementAsset: 'USD',
      riskClass: 'BTC',
      expiresAt: String(NOW - 1000),
      settlementFeed: 'WBTC-USD',
    };
    const settled = {
      ...market,
      assets: { ...market.assets, WBTC: { feed: 'WBTC-USD' } },
      instruments: { ...market.instruments, 'BTC-OLD': dated },
      quotes: { ...market.quotes, 'WBTC-USD#a': { price: '60000' } },
    };
    const account = { balances: cash('10000'), positions: [held('BTC-OLD', '1', '65000')] };
    const stress = stressOf(settled, [account], [ratio('-0.5')]);
    expect(stress.moves[0]).toMatchObject({ deficits: 0, liquidations: 0 });
  });
});

describe('an account that cannot be assessed', () => {
  it('is named with its reasons, and is in no sum', () => {
    const broken = { balances: [{ asset: 'DOGE', amount: '1' }], positions: [] };
    const stress = stressOf(market, [broken, { balances: cash('-5') }], [ratio('-0.1')]);
    expect(stress.unknown).toMatchObject([
      { accountId: 'account', reasons: [{ code: 'asset-unknown', subject: 'DOGE' }] },
    ]);
    expect(stress.assessed).toBe(1);
    expect(textOf(stress.moves[0]?.badDebt as Amount)).toBe('5');
  });
});

describe('options under stress', () => {
  const call: OptionOf = { type: 'call', strike: 60_000, days: 30, volatility: '0.6' };
  const put: OptionOf = { type: 'put', strike: 55_000, days: 30, volatility: '0.7' };
  const rows = marketOf([call, put], { portfolio: BY_EXPIRY, rate: '0.03' });
  const account = (marginModel: string): AccountRows => ({
    profile: { marginModel },
    balances: cash('20000'),
    positions: [held(nameOf(call), '-2'), held(nameOf(put), '-1'), held('BTC-PERP', '0.5')],
  });

  it('are revalued at the moved forward, with unchanged volatility', () => {
    const years = (30 * 86_400) / 31_536_000;
    const state = {
      forward: 90_000 * Math.exp(0.03 * years),
      volatility: 0.6,
      discount: Math.exp(-0.03 * years),
    };
    const value = optionValue({ type: 'call', strike: 60_000, yearsToExpiry: years }, state);
    const short = { balances: cash('10000'), positions: [held(nameOf(call), '-1')] };
    const found = Number(badDebtAt(rows, short, '0.5'));
    expect(found).toBeCloseTo(value - 10_000, 6);
  });

  it.each(['standard', 'portfolio'])('on %s margin are as in a market that has moved', (model) => {
    for (const percents of [-60, -20, -5, 0, 5, 20, 60]) {
      const move = percent(percents);
      const [sum] = stressOf(rows, [account(model)], [move]).moves;
      const there = assess(crossOf(account(model)), snapshotOf(movedRows(rows, move, () => '1')));
      if (there.certainty === 'indeterminate') throw new Error('is known');
      const wanted = approximately(shortfallOf(there.equity.point));
      expect(approximately(sum?.badDebt as Amount)).toBeCloseTo(wanted, 6);
      expect(sum?.liquidations).toBe(Number(isNegative(there.surplus.liquidation.point)));
    }
  });

  it('let a fund suffice up to the strikes between which a hedge loses, however narrow', () => {
    const strikes = [62_000, 62_100, 62_200].map(
      (strike): OptionOf => ({ type: 'call', strike, days: 0.01, volatility: '0.05' }),
    );
    const [low = '', middle = '', high = ''] = strikes.map(nameOf);
    const butterfly = {
      balances: cash('5000'),
      positions: [held(low, '-100'), held(middle, '200'), held(high, '-100')],
    };
    const { badDebt } = stressOf(marketOf(strikes), [butterfly], []);
    // Without the time value of the options, it owes from 62,050 to 62,150, a sixth of a percent.
    expect(textOf(badDebt.at(ratio('0.03')))).toBe('0');
    expect(textOf(badDebt.at(ratio('0.04')))).toBe('0');
    const { fall, rise } = badDebt.survivedBy(amount('0')) ?? {};
    expect(fall).toBeUndefined();
    expect(Number(textOf(rise as Ratio))).toBeCloseTo(62_050 / 60_000 - 1, 3);
  });

  it('let a fund suffice within the distance found, and not slightly beyond', () => {
    const { badDebt } = stressOf(rows, [account('standard')], []);
    const fund = amount('5000');
    const { fall, rise } = badDebt.survivedBy(fund) ?? {};
    expect(badDebt.nonLinearCount).toBe(1);
    for (const distance of [`-${textOf(fall as Ratio)}`, textOf(rise as Ratio)]) {
      const further = Number(distance) + Math.sign(Number(distance)) * 2e-4;
      expect(Number(textOf(badDebt.at(ratio(distance))))).toBeLessThanOrEqual(5000);
      expect(Number(textOf(badDebt.at(ratio(further.toFixed(4)))))).toBeGreaterThan(5000);
    }
  });

  it('share one fund with linear books', () => {
    const long = { balances: cash('10000'), positions: [held('BTC-PERP', '1')] };
    const { badDebt } = stressOf(rows, [account('standard'), long], []);
    const fall = badDebt.survivedBy(amount('60000'))?.fall as Ratio;
    const [within, beyond] = [0, 2e-4].map((further) => {
      const move = -Number(textOf(fall)) - further;
      return Number(textOf(badDebt.at(ratio(move.toFixed(4)))));
    });
    expect(within).toBeLessThanOrEqual(60_000);
    expect(beyond).toBeGreaterThan(60_000);
  });

  it('keep the difference of a quoted price, and may have to be liquidated after the move', () => {
    const quotes = { ...rows.quotes, [`${nameOf(call)}#venue`]: { price: '4100' } };
    const short = { balances: cash('20000'), positions: [held(nameOf(call), '-1')] };
    const moves = [ratio('0'), ratio('0.3')];
    const [now, risen] = stressOf({ ...rows, quotes }, [short], moves).moves;
    expect([now?.liquidations, risen?.liquidations, risen?.deficits]).toEqual([0, 1, 0]);
  });

  it('keep a quoted price that no volatility gives as its difference from the model', () => {
    const quotes = { ...rows.quotes, [`${nameOf(call)}#venue`]: { price: '3000' } };
    const short = { balances: cash('-1'), positions: [held(nameOf(call), '-1')] };
    expect(badDebtAt({ ...rows, quotes }, short, '0')).toBe('3001');
  });
});

const TINY = amount('1e-20');

/** The class of a name has the radius scale of all its feeds. */
const scalesOf =
  ({ market: { risk = {} } }: RandomBook) =>
  (feed: string): string =>
    String(risk[feed.replace(/-(USD|MARK)$/, '')]?.radiusScale);

describe('the stress of any book', () => {
  it('has the bad debt and the liquidations of a market with multiplied quotes', () => {
    fc.assert(
      fc.property(anyBook(), fc.integer({ min: -33, max: 80 }), (book, hundredths) => {
        const move = percent(hundredths);
        const [sum] = stressOf(book.market, [book.account], [move]).moves;
        const there = snapshotOf(movedRows(book.market, move, scalesOf(book)));
        const outcome = assess(crossOf(book.account), there);
        if (outcome.certainty === 'indeterminate') throw new Error(outcome.reasons[0]?.detail);
        const off = subtract(sum?.badDebt as Amount, shortfallOf(outcome.equity.point));
        expect(isBelow(absolute(off), TINY)).toBe(true);
        const isBelowLine = isNegative(outcome.surplus.liquidation.point);
        expect(sum?.liquidations).toBe(Number(isBelowLine));
      }),
    );
  });
});
