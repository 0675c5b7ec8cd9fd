import { describe, expect, it } from 'vitest';
import { amount, price, quantity, ratio } from '../../../lambda/margin/number/decimal.ts';
import { SHARES_MAX } from '../../../lambda/margin/number/limits.ts';
import { deleverage } from '../../../lambda/margin/waterfall/deleverage.ts';
import { deleveragingOf } from '../../../lambda/margin/waterfall/deleveraging.ts';
import {
  amountText,
  composeDeleveraged,
  composeDrawn,
  composeHaircut,
} from '../../../lambda/messages/compose-fund.ts';
import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';
import { NOW, policyOf } from '../margin/build.ts';

const COMPOSING = { checkId: 'c', asOf: NOW, policy: policyOf({}) };
const BANKRUPT = { accountId: 'desk-7', position: 'BTC-PERP', caseId: 'desk-7#BTC-PERP@c' };
const CLAIM = {
  ...BANKRUPT,
  claimId: 'desk-7#BTC-PERP@c/claim#1',
  amount: amount('12.5'),
  drawn: amount('10'),
  socialized: amount('2'),
  uncovered: amount('0.5'),
  lossId: 'c#1',
  balance: amount('0.005'),
};
const shares = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ accountId: `a${index}`, amount: amount('0.01') }));
const haircutOf = (count: number) =>
  composeHaircut(
    {
      lossId: 'c#1',
      amount: amount('2'),
      fraction: ratio('0.33333333333333'),
      shares: shares(count),
      excluded: 0,
      pages: 1,
      claims: [CLAIM],
    },
    COMPOSING,
  );

describe('a payment of the fund', () => {
  const message = composeDrawn(CLAIM, COMPOSING);

  it('is a message of its schema, under the id of its claim', () => {
    expect(messageSchemas['fund.drawn'].parse(message)).toEqual(message);
    expect(message).toMatchObject({
      id: 'desk-7#BTC-PERP@c/claim#1/fund.drawn',
      shortfall: '12.50',
      drawn: '10.00',
      socialized: '2.00',
      uncovered: '0.50',
      fundBalance: '0.005',
    });
  });

  it.each([
    ['5', '5.00'],
    ['0', '0.00'],
    ['5.125', '5.125'],
    ['-0.5', '-0.50'],
  ])(
    'shows amounts with the policy’s decimal places, or with more if needed: %s as %s',
    (is, text) => {
      expect(amountText(amount(is), 2)).toBe(text);
    },
  );
});

describe('a loss borne by others', () => {
  it.each([1, SHARES_MAX])('lists %i shares', (count) => {
    const message = haircutOf(count);
    expect(messageSchemas['loss.socialized'].parse(message)).toEqual(message);
    expect(message).toHaveProperty('shares');
    expect(message).toMatchObject({ id: 'c#1/loss.socialized', fraction: '0.333333333334' });
  });

  it(`lists no more than ${SHARES_MAX} shares, and says where to find them all`, () => {
    const message = haircutOf(SHARES_MAX + 1);
    expect(messageSchemas['loss.socialized'].parse(message)).toEqual(message);
    expect(message).not.toHaveProperty('shares');
    expect(message).toMatchObject({ accounts: 201, sharesAt: { pk: 'loss#c#1', pages: 1 } });
  });

  it('names the counterparties of a deleveraged position', () => {
    const held = { isInverse: false, mark: price('100'), maintenance: amount('5') };
    const holding = {
      market: 'BTC-PERP',
      quantity: quantity('10'),
      units: quantity('10'),
      ...held,
    };
    const counter = { entryNotional: amount('1000'), notional: amount('1100') };
    const [allocation] = deleverage({
      equity: amount('-50'),
      share: ratio('0.4'),
      positions: [
        {
          ...holding,
          counterpositions: [
            {
              ...{ key: 'bob', accountId: 'bob', quantity: quantity('7'), ...counter },
              ...{ profit: amount('100'), equity: amount('220') },
            },
          ],
        },
      ],
    });
    if (allocation === undefined) throw new Error('nobody took anything');
    const lotSize = quantity('1');
    const deleveraging = deleveragingOf(allocation, {
      holding: { ...holding, lotSize },
      places: 2,
    });
    const plan = { planId: 'c#1', expiresAt: COMPOSING.asOf + 60_000 };
    const message = composeDeleveraged({ bankrupt: BANKRUPT, plan, deleveraging }, COMPOSING);
    expect(messageSchemas['loss.socialized'].parse(message)).toEqual(message);
    expect(message).toMatchObject({
      id: 'c#1/BTC-PERP/loss.socialized',
      lossId: 'c#1/BTC-PERP',
      planId: 'c#1',
      amount: '20.00',
      accountId: 'desk-7',
      method: 'adl',
      side: 'sell',
      price: '105',
      quantity: '4',
      counterparties: [{ accountId: 'bob', quantity: '4', score: '0.5' }],
    });
  });
});
