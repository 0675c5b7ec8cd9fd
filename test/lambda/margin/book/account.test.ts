import { describe, expect, it } from 'vitest';
import { positionKey } from '../../../../lambda/margin/book/account.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import { subAccountsOf } from '../build.ts';

const position = { instrument: 'BTC-PERP', quantity: '1', entryPrice: '60000' };

describe('the sub-accounts of an account', () => {
  it('are only the cross book if nothing is isolated', () => {
    const [cross, ...others] = subAccountsOf({
      balances: [{ asset: 'USD', amount: '5' }],
      positions: [position],
    });
    expect(others).toEqual([]);
    expect(cross?.isolated).toBeUndefined();
    expect(cross?.isolatedMargin).toBeUndefined();
    expect(cross?.balances).toHaveLength(1);
    expect(cross?.positions).toHaveLength(1);
  });

  it('include a cross book even if the account is empty', () => {
    expect(subAccountsOf({})).toMatchObject([{ balances: [], positions: [] }]);
  });

  it('include one for each isolated position, without the balances of the cross book', () => {
    const subs = subAccountsOf({
      balances: [{ asset: 'USD', amount: '5' }],
      positions: [
        position,
        { ...position, label: 'a', isolatedMargin: '100' },
        { ...position, label: 'b', isolatedMargin: '200' },
      ],
    });
    expect(subs.map(({ isolated }) => isolated)).toEqual([undefined, 'BTC-PERP#a', 'BTC-PERP#b']);
    expect(subs.map(({ balances }) => balances.length)).toEqual([1, 0, 0]);
    expect(subs.map(({ positions }) => positions.length)).toEqual([1, 1, 1]);
    const margins = subs.map((sub) => sub.isolatedMargin && textOf(sub.isolatedMargin));
    expect(margins).toEqual([undefined, '100', '200']);
  });

  it('treat a position with a margin of 0 as isolated, too', () => {
    const [cross, isolated] = subAccountsOf({ positions: [{ ...position, isolatedMargin: '0' }] });
    expect(cross?.positions).toEqual([]);
    expect(isolated?.isolated).toBe('BTC-PERP');
  });
});

describe('the key of a position', () => {
  it('is its instrument, followed by its label if it has one', () => {
    const [cross] = subAccountsOf({ positions: [position, { ...position, label: 'grid' }] });
    expect(cross?.positions.map(positionKey)).toEqual(['BTC-PERP', 'BTC-PERP#grid']);
  });
});
