import { describe, expect, it } from 'vitest';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { parseExactJson } from '../../../lambda/rows/numeral.ts';
import { OrderError, readOrders } from '../../../local/analysis/orders.ts';
import { whatIf } from '../../../local/analysis/what-if.ts';
import { documentUnder, evidenceOf } from '../../docs/documents.ts';

const read = (value: unknown) => readOrders(parseExactJson(JSON.stringify(value)));

const BUY = { instrument: 'BTC-PERP', side: 'buy', quantity: '0.4' };

describe('the orders of a what-if assessment', () => {
  it('are one order or a list, filled by default, and at the mark by default', () => {
    const [order] = read(BUY);
    expect(order).toMatchObject({ order: { kind: 'instrument', isOpen: false } });
    expect(order?.order.price).toBeUndefined();
    expect(order && textOf(order.order.quantity)).toBe('0.4');
    expect(read([BUY, { asset: 'BTC', side: 'sell', quantity: 1, accountId: 'a' }])).toMatchObject([
      { order: { kind: 'instrument' } },
      { accountId: 'a', order: { kind: 'spot', asset: 'BTC' } },
    ]);
  });

  it.each([
    [[], 'the list of orders is empty'],
    ['buy', 'the order must be a map'],
    [[BUY, 1], 'order 1 must be a map'],
    [{ ...BUY, asset: 'BTC' }, 'the order must have an instrument or an asset, not both'],
    [{ ...BUY, quantity: '0' }, 'the order: quantity must be above 0, not 0'],
    [[BUY, { ...BUY, quantity: '-1' }], 'order 1: quantity must be above 0, not -1'],
    [{ ...BUY, side: 'long' }, 'the order: side must be'],
    [{ ...BUY, price: '0' }, 'the order: price must be above 0, not 0'],
    [{ side: 'buy', quantity: '1' }, 'the order: instrument is missing'],
    [{ asset: 'BTC', side: 'buy', quantity: '1', open: true }, 'the order: unknown attribute open'],
  ])('are refused in one line if they are invalid: %j', (value, fault) => {
    expect(() => read(value)).toThrow(OrderError);
    expect(() => read(value)).toThrow(fault);
  });
});

describe('an assessment with what-if orders', () => {
  const evidence = evidenceOf(documentUnder('Portfolio model'));

  it('shows the account before and after, and the orders with their prices', () => {
    const { before, after, orders } = whatIf(evidence, read(BUY));
    expect(orders).toEqual([
      {
        ...{ accountId: 'hedged-writer', instrument: 'BTC-PERP', open: false },
        ...{ side: 'buy', quantity: '0.4', price: '60000' },
      },
    ]);
    expect(before).toMatchObject([{ maintenanceRequirement: '4428.536971070032107628' }]);
    expect(after).toHaveLength(1);
    expect(after[0]).not.toEqual(before[0]);
  });

  it('is limited to the isolated position that an order is for', () => {
    const document = documentUnder('Portfolio model');
    Object.assign(document.accounts[0]?.positions[1] ?? {}, { isolatedMargin: '5000' });
    const { before, orders } = whatIf(evidenceOf(document), read(BUY));
    expect(before).toMatchObject([{ position: 'BTC-PERP' }]);
    expect(orders).toMatchObject([{ position: 'BTC-PERP' }]);
  });

  it.each([
    [{ ...BUY, instrument: 'ETH-PERP' }, 'the order: there is no instrument ETH-PERP'],
    [{ ...BUY, accountId: 'nobody' }, 'the order: there is no account nobody'],
  ])('is refused if an order names something unknown: %j', (order, fault) => {
    expect(() => whatIf(evidence, read(order))).toThrow(fault);
  });

  it('needs the account id if the document has several accounts', () => {
    const document = documentUnder('Portfolio model');
    document.accounts.push({ accountId: 'other', balances: [], positions: [] });
    const orders = read([BUY, { ...BUY, accountId: 'other' }]);
    expect(() => whatIf(evidenceOf(document), orders)).toThrow(
      'order 0: accountId is missing, and the document has 2 accounts',
    );
  });
});
