import { describe, expect, it } from 'vitest';
import { parseExactJson } from '../../../lambda/rows/numeral.ts';
import { readDocument } from '../../../local/analysis/document.ts';
import { backtest } from '../../../local/backtest/backtest.ts';
import { bookOf, runBook } from '../../../local/backtest/book.ts';
import { bookChecks } from '../../../local/backtest/book-checks.ts';
import { DEFAULTS } from '../../../local/backtest/parameters.ts';
import { InputError } from '../../../local/cli/input.ts';
import { bars, flatBars, START, samples } from './histories.ts';

const PARAMETERS = {
  ...DEFAULTS,
  method: 'fixed',
  floor: 0.8,
  cap: 0.8,
  stressWeight: 0,
  executionSeconds: 60,
  trainDays: 60 / 1440,
} as const;

/** One long of 10 at 100 with 5 % maintenance. */
function bookWith(cash: string, more: Readonly<Record<string, unknown>> = {}) {
  const document = {
    asOf: '2020-03-12T00:00:00Z',
    policy: { liquidationCooldownSeconds: 3600, planExpirySeconds: 3600 },
    instruments: {
      'X-PERP': { type: 'perpetual', underlying: 'X-USD', settlementAsset: 'USD', riskClass: 'X' },
    },
    risk: { X: { volatility: '3', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } } },
    quotes: [{ feed: 'X-USD', source: 'venue', price: '100', publishedAt: START * 1000 }],
    accounts: [
      {
        accountId: 'long',
        balances: [{ asset: 'USD', amount: cash }],
        positions: [{ instrument: 'X-PERP', quantity: '10', entryPrice: '100' }],
      },
    ],
    ...more,
  };
  const evidence = readDocument(parseExactJson(JSON.stringify(document)));
  return (feed?: string) => bookOf(evidence, { feed, path: 'book.json' });
}

function resultOf(
  prices: readonly number[],
  cash: string,
  intervalSeconds = 60,
  more: Readonly<Record<string, unknown>> = {},
) {
  const history = samples(prices);
  const input = { history, parameters: PARAMETERS, confidences: [0.99], side: 'both' } as const;
  const { runs, reportFrom } = backtest({ ...input, intervals: [intervalSeconds] });
  const [run] = runs;
  if (run === undefined) throw new Error('no run');
  return runBook({
    history,
    run,
    parameters: PARAMETERS,
    reportFrom,
    book: bookWith(cash, more)(),
  });
}

/** The first hour is for training. */
const path = (...prices: readonly number[]) => [...Array(60).fill(100), ...prices];

describe('a book replayed over a price history', () => {
  it('has nothing to report without a move', () => {
    const result = resultOf(path(...Array(100).fill(100)), '500');
    expect(result).toMatchObject({ subjects: 1, calls: 0, liquidations: 0, badDebt: 0 });
    expect(result.checks).toBe(99);
  });

  it('has a false call if it falls close to the line and recovers', () => {
    const result = resultOf(path(100, 100, 99, ...Array(50).fill(103)), '75');
    expect(result).toMatchObject({ calls: 1, falseCalls: 1, liquidations: 0, badDebt: 0 });
  });

  it('is liquidated within its buffer if it falls slowly', () => {
    const slow = Array.from({ length: 60 }, (_, minute) => 100 - 0.1 * minute);
    const result = resultOf(path(...slow), '75');
    expect(result.liquidations).toBeGreaterThan(0);
    expect(result).toMatchObject({ shortfalls: 0, shortfallPerLiquidation: 0, badDebt: 0 });
  });

  it('owes the rest if it falls through everything between two checks', () => {
    const result = resultOf(path(100, 100, ...Array(50).fill(80)), '120');
    // 10 units at 80 have lost 200 of 120. The requirement of 40 should be left, and is not.
    expect(result).toMatchObject({ liquidations: 1, shortfalls: 1, badDebt: 80 });
    expect(result.shortfallPerLiquidation).toBeCloseTo(120, 9);
    expect(result.meanLagSeconds).toBe(0);
  });

  it('is liquidated late at a longer interval', () => {
    // The report starts an hour in, together with a check. The fall comes three minutes later.
    const result = resultOf(path(100, 100, 100, ...Array(100).fill(80)), '120', 600);
    expect(result).toMatchObject({ liquidations: 1, badDebt: 80, meanLagSeconds: 420 });
  });

  /** 8 a unit against 700: the loan is repaid at 86 or so, and 30 % of the rest is left at 60. */
  it('repays loans by swaps of collateral', () => {
    const lent = {
      policy: {
        ...{ liquidationCooldownSeconds: 60, planExpirySeconds: 60 },
        loanSwap: { bonus: { points: [{ seconds: 0, value: '0.05' }] }, amount: 'most' },
      },
      assets: { X: { feed: 'X-USD', collateralWeight: '0.8', riskClass: 'X' } },
      accounts: [
        {
          accountId: 'borrower',
          balances: [
            { asset: 'X', amount: '10' },
            { asset: 'USD', amount: '-700' },
          ],
        },
      ],
    };
    const result = resultOf(path(100, 100, 87, 87, ...Array(50).fill(60)), '0', 60, lent);
    expect(result).toMatchObject({ liquidations: 1, badDebt: 0 });
  });

  it('has its positions taken by the backstop without a cost', () => {
    const X = {
      ...{ volatility: '3', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
      liquidity: { fee: '0.01' },
    };
    const more = (policy: object) => ({
      risk: { X },
      policy: { liquidationCooldownSeconds: 3600, planExpirySeconds: 3600, ...policy },
    });
    const fall = path(100, 100, ...Array(50).fill(80));
    // 200 of 120 are lost, and 1 % of 800 is what the market would cost.
    expect(resultOf(fall, '120', 60, more({})).badDebt).toBe(88);
    const taken = more({ backstop: { below: '1', price: 'mark' } });
    expect(resultOf(fall, '120', 60, taken).badDebt).toBe(80);
  });

  it('is left out if it is below its line at the start, or cannot be assessed', () => {
    expect(resultOf(path(...Array(60).fill(100)), '40')).toMatchObject({
      subjects: 0,
      breachedAtStart: 1,
      indeterminate: 0,
      liquidations: 0,
    });
    expect(resultOf(path(...Array(60).fill(100)), '1,000')).toMatchObject({
      subjects: 0,
      breachedAtStart: 0,
      indeterminate: 1,
    });
  });
});

it('the move across a gap is removed from the price multiples', () => {
  const rows = flatBars(200).map((row, minute) => {
    if (minute < 100) return row;
    const { time } = row;
    return { time: time + 6000, open: 300, high: 300, low: 300, close: 300 };
  });
  const history = bars(rows);
  const input = { history, parameters: PARAMETERS, confidences: [0.99], side: 'both' } as const;
  const { runs, reportFrom } = backtest({ ...input, intervals: [60] });
  const [run] = runs;
  if (run === undefined) throw new Error('no run');
  const checks = [...bookChecks({ history, run, reportFrom })];
  expect(new Set(checks.map(({ now }) => now.multiple))).toEqual(new Set([1]));
});

describe('a book that cannot be replayed', () => {
  it('is refused without a quote to start from', () => {
    expect(bookWith('1', { quotes: [] })).toThrow(
      new InputError('book.json: there is no usable quote of X-USD to start from'),
    );
  });

  it('is refused if it does not say which feed the prices are for', () => {
    const instrument = { type: 'perpetual', settlementAsset: 'USD', riskClass: 'X' };
    const instruments = {
      'X-PERP': { ...instrument, underlying: 'X-USD' },
      'Y-PERP': { ...instrument, underlying: 'Y-USD' },
    };
    const book = bookWith('1', { instruments });
    expect(book).toThrow(
      new InputError('book.json: name the feed of the prices with --feed, one of: X-USD, Y-USD'),
    );
    expect(book('X-USD').feed).toBe('X-USD');
  });
});
