import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  positionsNotional,
  type Rank,
  worstFirst,
} from '../../../../lambda/margin/liquidation/queue.ts';
import {
  add,
  amount,
  compareShares,
  ratio,
  recordedAmount,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import { crossOf, NOW, policyOf, snapshotOf } from '../build.ts';

const WAIT_SECONDS = 300;
const AT = { asOf: NOW, policy: policyOf({ liquidationWaitSeconds: String(WAIT_SECONDS) }) };

const rankOf = (
  key: string,
  surplus: string,
  rest: { readonly line?: string; readonly notional?: string; readonly waited?: number } = {},
): Rank => ({
  key,
  surplus: amount(surplus),
  line: amount(rest.line ?? '100'),
  notional: amount(rest.notional ?? '1000'),
  waitingSince: rest.waited === undefined ? undefined : NOW - rest.waited * 1000,
});

const orderOf = (...ranks: readonly Rank[]): string[] =>
  worstFirst(ranks, AT).map(({ key }) => key);

describe('the liquidation queue', () => {
  it.each<[string, Rank, Rank]>([
    ['the lower surplus relative to the line', rankOf('b', '-20'), rankOf('a', '-10')],
    [
      'the lower share of the line, whatever the amounts',
      rankOf('b', '-2', { line: '4' }),
      rankOf('a', '-400', { line: '1000' }),
    ],
    [
      'the lower share, even by the last digit',
      rankOf('b', '-1.000000000000000000000000000000001', { line: '3' }),
      rankOf('a', '-1', { line: '3', notional: '9999' }),
    ],
    [
      'the larger notional at equal shares',
      rankOf('b', '-1', { line: '3', notional: '1000.01' }),
      rankOf('a', '-2', { line: '6', notional: '1000' }),
    ],
    ['the first by name if everything is equal', rankOf('a', '-1'), rankOf('b', '-1')],
    [
      'an account below a line of 0, by however little',
      rankOf('b', '-0.01', { line: '0' }),
      rankOf('a', '-99', { line: '1' }),
    ],
    [
      'the larger notional of two with a line of 0',
      rankOf('b', '-1', { line: '0', notional: '5' }),
      rankOf('a', '-2', { line: '0', notional: '4' }),
    ],
    [
      'an account with a line before one with a line of 0 and no shortfall',
      rankOf('b', '50'),
      rankOf('a', '0', { line: '0' }),
    ],
    [
      'an account that has waited longer than the limit, however much safer',
      rankOf('b', '-1', { waited: WAIT_SECONDS + 0.001 }),
      rankOf('a', '-99'),
    ],
    [
      'the worse account if the other has waited exactly the limit',
      rankOf('b', '-99'),
      rankOf('a', '-1', { waited: WAIT_SECONDS }),
    ],
    [
      'the longer waiting of two that have waited longer than the limit',
      rankOf('b', '-1', { waited: 999 }),
      rankOf('a', '-99', { waited: 998 }),
    ],
    [
      'the worse of two that have waited equally long',
      rankOf('b', '-99', { waited: 999 }),
      rankOf('a', '-1', { waited: 999 }),
    ],
  ])('serves first %s', (_, first, second) => {
    const keys = [first.key, second.key];
    expect(orderOf(first, second)).toEqual(keys);
    expect(orderOf(second, first)).toEqual(keys);
  });
});

const anyRank = fc.record({
  surplus: fc.integer({ min: -50, max: 10 }),
  line: fc.integer({ min: 0, max: 5 }),
  notional: fc.integer({ min: 0, max: 3 }),
  waited: fc.option(fc.constantFrom(10, WAIT_SECONDS, 301, 302), { nil: undefined }),
});

const anyRanks = fc.array(anyRank, { maxLength: 30 }).map((ranks) =>
  ranks.map(({ surplus, line, notional, waited }, index) =>
    rankOf(`k${index}`, `${surplus}`, {
      line: `${line}`,
      notional: `${notional}`,
      ...(waited === undefined ? {} : { waited }),
    }),
  ),
);

describe('the order of the liquidation queue', () => {
  it('does not depend on the order of the scan', () => {
    fc.assert(
      fc.property(
        anyRanks.chain((ranks) =>
          fc.tuple(fc.constant(ranks), fc.shuffledSubarray(ranks, { minLength: ranks.length })),
        ),
        ([ranks, shuffled]) => {
          expect(orderOf(...shuffled)).toEqual(orderOf(...ranks));
        },
      ),
    );
  });

  it('follows the shares of the lines, by exact cross-multiplication', () => {
    fc.assert(
      fc.property(anyRanks, (ranks) => {
        const inTime = ranks.filter(({ waitingSince }) => waitingSince === undefined);
        const withLine = worstFirst(inTime, AT).filter(({ line }) => textOf(line) !== '0');
        for (const [index, next] of withLine.slice(1).entries()) {
          const before = withLine[index] as Rank;
          const shareOf = ({ surplus, line }: Rank) => ({ part: surplus, whole: line });
          expect(compareShares(shareOf(before), shareOf(next))).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});

describe('shares of the line', () => {
  it('with 34 digits differ in their last digit', () => {
    const part = amount('0.1234567890123456789012345678901234');
    const whole = amount('3.876543210987654321098765432109876');
    const share = { part, whole };
    expect(
      compareShares(share, { part: times(part, ratio('2')), whole: times(whole, ratio('2')) }),
    ).toBe(0);
    const more = add(part, recordedAmount('1e-34'));
    expect(compareShares(share, { part: more, whole })).toBe(-1);
    expect(compareShares({ part: more, whole }, share)).toBe(1);
  });
});

describe('the notional of positions', () => {
  it('adds long and short positions at their marks, and ignores collateral and unknown instruments', () => {
    const perpetual = { type: 'perpetual', settlementAsset: 'USD', riskClass: 'R' };
    const snapshot = snapshotOf({
      risk: {
        R: { volatility: '0.5', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
      },
      assets: { BTC: { feed: 'BTC-USD' } },
      instruments: {
        BTC: { ...perpetual, underlying: 'BTC-USD', contractSize: '0.1' },
        ETH: { ...perpetual, underlying: 'ETH-USD' },
        SOL: { ...perpetual, underlying: 'SOL-USD' },
      },
      quotes: { 'BTC-USD#a': { price: '6000' }, 'ETH-USD#a': { price: '100' } },
    });
    const held = crossOf({
      balances: [{ asset: 'BTC', amount: '7' }],
      positions: [
        { instrument: 'BTC', quantity: '2', entryPrice: '1' },
        { instrument: 'ETH', quantity: '-3', entryPrice: '1' },
        { instrument: 'SOL', quantity: '5', entryPrice: '1' },
      ],
    });
    expect(textOf(positionsNotional(held, snapshot))).toBe('1500');
  });
});
