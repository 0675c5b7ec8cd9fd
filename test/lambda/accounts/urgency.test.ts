import { describe, expect, it } from 'vitest';
import { moreUrgent, urgencyOf } from '../../../lambda/accounts/urgency.ts';
import { bookOf, snapshotOf } from '../margin/build.ts';

/** MM 10, IM 20: the liquidation line at 10, the call line at 12, or at 20. */
const snapshotAt = (callAt: string) =>
  snapshotOf({
    policy: { callMultiplier: '1.2', callAt },
    risk: {
      A: { volatility: '0.5', margin: { type: 'flat', initial: '0.2', maintenance: '0.1' } },
    },
    instruments: {
      A: { type: 'perpetual', underlying: 'A-USD', settlementAsset: 'USD', riskClass: 'A' },
    },
    quotes: { 'A-USD#a': { price: '100' } },
  });

function urgencyAt(cash: string, callAt = 'maintenance') {
  const snapshot = snapshotAt(callAt);
  const rows = {
    balances: [{ asset: 'USD', amount: cash }],
    positions: [{ instrument: 'A', quantity: '1', entryPrice: '100' }],
  };
  return urgencyOf(bookOf(rows, snapshot), snapshot.policy);
}

describe('the urgency of a book', () => {
  it.each([
    ['below 0', '-0.01', 'breach'],
    ['just below the liquidation line', '9.99', 'breach'],
    ['at the liquidation line', '10', 'call'],
    ['just below the call line', '11.99', 'call'],
    ['at the call line', '12', 'other'],
  ])('%s', (_, cash, urgency) => {
    expect(urgencyAt(cash)).toBe(urgency);
  });

  it('goes by the initial requirement if the policy calls there', () => {
    expect([urgencyAt('19.99', 'initial'), urgencyAt('20', 'initial')]).toEqual(['call', 'other']);
  });

  it('of an account is that of its most urgent sub-account', () => {
    expect(moreUrgent('other', 'call')).toBe('call');
    expect(moreUrgent('breach', 'call')).toBe('breach');
  });
});
