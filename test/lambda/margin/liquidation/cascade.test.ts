import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowCallSurplus } from '../../../../lambda/margin/assess/assess.ts';
import { curveAtMark } from '../../../../lambda/margin/curve/curve-at-mark.ts';
import {
  isSafeAfterMove,
  liquidatedByMove,
} from '../../../../lambda/margin/liquidation/cascade.ts';
import { isNegative, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import {
  type AccountRows,
  assessed,
  assessedBook,
  bookOf,
  bounded,
  type MarketRows,
  snapshotOf,
} from '../build.ts';
import { anyBook } from '../random-book.ts';

const said = (market: MarketRows, account: AccountRows): string[] => {
  const snapshot = snapshotOf(market);
  return liquidatedByMove(bookOf(account, snapshot), snapshot.policy)
    .map(({ market: name, move, notional }) => `${name} ${move} ${textOf(notional)}`)
    .sort();
};

const FLAT = { type: 'flat', initial: '0.2', maintenance: '0.1' };

const marketOf = (policy: RawRow = {}): MarketRows => ({
  policy,
  risk: { R: { volatility: '0.5', margin: FLAT } },
  assets: { BTC: { feed: 'BTC-USD' }, ETH: { feed: 'ETH-USD' } },
  instruments: Object.fromEntries(
    ['BTC', 'ETH'].map((name) => [
      `${name}-PERP`,
      {
        ...{ type: 'perpetual', settlementAsset: 'USD', riskClass: 'R' },
        underlying: `${name}-USD`,
      },
    ]),
  ),
  quotes: { 'BTC-USD#a': { price: '1000' }, 'ETH-USD#a': { price: '100' } },
});

/**
 * Long or short one BTC-PERP at its mark: 100 is required. A move of 1 % changes it by 1, and the
 * profit by 10.
 */
const holding = (usd: string, quantity: string, rest: AccountRows = {}): AccountRows => ({
  balances: [{ asset: 'USD', amount: usd }, ...(rest.balances ?? [])],
  positions: [{ instrument: 'BTC-PERP', quantity, entryPrice: '1000' }, ...(rest.positions ?? [])],
});

describe('a move of 1 %', () => {
  it.each<[string, string, string, string[]]>([
    [
      'liquidates a long that a fall takes just below its line',
      '108.99',
      '1',
      ['BTC-PERP fall 1000'],
    ],
    ['does not liquidate a long that a fall takes exactly to its line', '109', '1', []],
    [
      'liquidates a short that a rise takes just below its line',
      '110.99',
      '-1',
      ['BTC-PERP rise 1000'],
    ],
    ['does not liquidate a short that a rise takes exactly to its line', '111', '-1', []],
    ['liquidates an account that was exactly at its line', '100', '1', ['BTC-PERP fall 1000']],
    ['does not count an account that is already below its line', '99.99', '1', []],
  ])('a move of 1 % %s', (_, usd, quantity, expected) => {
    expect(said(marketOf(), holding(usd, quantity))).toEqual(expected);
  });

  it('applies to one price alone, and positions on another price do not count', () => {
    const rest = { positions: [{ instrument: 'ETH-PERP', quantity: '-2', entryPrice: '100' }] };
    expect(said(marketOf(), holding('122', '1', rest))).toEqual([
      'BTC-PERP fall 1000',
      'ETH-PERP rise 200',
    ]);
    expect(said(marketOf(), holding('128', '1', rest))).toEqual(['BTC-PERP fall 1000']);
  });

  it('includes the collateral and the loans on that price', () => {
    const long = { balances: [{ asset: 'BTC', amount: '2' }] };
    expect(said(marketOf(), holding('-1890', '1', long))).toEqual([
      'BTC fall 2000',
      'BTC-PERP fall 1000',
    ]);
    const short = { balances: [{ asset: 'BTC', amount: '-2' }] };
    expect(said(marketOf(), holding('2110', '-1', short))).toEqual([
      'BTC rise 2000',
      'BTC-PERP rise 1000',
    ]);
  });

  it('takes the latency buffer at the moved price', () => {
    const policy = { latencyBuffer: 'standard', executionSeconds: '0' };
    const market = marketOf(policy);
    const { latencyBuffer, surplus } = assessed(holding('200', '-1'), snapshotOf(market));
    // 11 from the move, plus 1 % of the buffer.
    const needed =
      200 - Number(textOf(surplus.liquidation.point)) + 11 + Number(textOf(latencyBuffer)) / 100;
    expect(said(market, holding((needed + 0.001).toFixed(4), '-1'))).toEqual([]);
    expect(said(market, holding((needed - 0.001).toFixed(4), '-1'))).toEqual([
      'BTC-PERP rise 1000',
    ]);
  });
});

/** The same market with the spot price of one risk factor, and every mark on it, multiplied. */
function moved(market: MarketRows, name: string, by: number): MarketRows {
  const quotes = Object.entries(market.quotes ?? {}).map(([id, row]) => {
    if (!id.startsWith(`${name}-`)) return [id, row];
    const price = (Number(row.price) * by).toFixed(9);
    const confidence = (Number(row.confidence) * by).toFixed(9);
    return [id, { ...row, price, confidence }];
  });
  return { ...market, quotes: Object.fromEntries(quotes) };
}

describe('compared with a book that is built again at the moved price, the cascade gauge', () => {
  const NAMES = ['BTC', 'ETH', 'SOL'];
  const isBreached = (market: MarketRows, account: AccountRows) => {
    const { surplus } = assessed(account, snapshotOf(market));
    return isNegative(surplus.liquidation.point);
  };
  const brute = (market: MarketRows, account: AccountRows): string[] => {
    if (isBreached(market, account)) return [];
    const found = NAMES.flatMap((name) =>
      (['fall', 'rise'] as const)
        .filter((move) => isBreached(moved(market, name, move === 'fall' ? 0.99 : 1.01), account))
        .map((move) => `${name} ${move}`),
    );
    return found;
  };

  it('finds the same risk factors and sides if the weights do not depend on the price', () => {
    let counted = 0;
    fc.assert(
      fc.property(anyBook({ shares: [0, 40] }), ({ market, account }) => {
        const expected = brute(market, account);
        const found = said(market, account).map((line) => {
          const [name = '', move] = line.split(' ');
          return `${name.split('-')[0]} ${move}`;
        });
        counted += found.length;
        // A side on which nothing is held is not named, whatever the move does.
        for (const each of new Set(found)) expect(expected).toContain(each);
        const held = new Set(heldOn(market, account));
        for (const each of expected) if (held.has(each)) expect(found).toContain(each);
      }),
      { numRuns: 400 },
    );
    expect(counted).toBeGreaterThan(50);
  });

  it('finds no liquidation in a book that the screen passes', () => {
    let passed = 0;
    fc.assert(
      fc.property(anyBook({ shares: [20, 400] }), ({ market, account }) => {
        const snapshot = snapshotOf(market);
        const book = bookOf(account, snapshot);
        const atMarks = book.curves.map(curveAtMark);
        const low = bounded(lowCallSurplus(book, atMarks, snapshot.policy));
        if (isNegative(low) || !isSafeAfterMove(atMarks, low, snapshot.policy)) return;
        passed++;
        expect(liquidatedByMove(book, snapshot.policy)).toEqual([]);
        const { surplus } = assessedBook(book, snapshot);
        expect(isNegative(surplus.liquidation.point)).toBe(false);
      }),
      { numRuns: 400 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});

/** `<asset> <move>` for every move that hurts something in the book. */
function heldOn(market: MarketRows, account: AccountRows): string[] {
  const { positions, holdings } = bookOf(account, snapshotOf(market));
  const side = (units: string) => (units.startsWith('-') ? 'rise' : 'fall');
  return [
    ...positions
      .filter(({ quantity }) => textOf(quantity) !== '0')
      .map(({ terms, quantity }) => `${terms.instrument.split('-')[0]} ${side(textOf(quantity))}`),
    ...holdings.map(({ terms, amount }) => `${terms.asset} ${side(textOf(amount))}`),
  ];
}
