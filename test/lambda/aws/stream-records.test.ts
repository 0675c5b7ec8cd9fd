import { describe, expect, it } from 'vitest';
import { readRecords } from '../../../lambda/aws/stream-records.ts';
import { textOf } from '../../../lambda/margin/number/decimal.ts';

const changed = (accountId: string, item: string, seconds = 1_584_010_800) => ({
  dynamodb: {
    ApproximateCreationDateTime: seconds,
    Keys: { accountId: { S: accountId }, item: { S: item } },
  },
});

const quoted = (id: string, image: object = {}) => ({
  dynamodb: {
    ApproximateCreationDateTime: 1_584_010_801,
    Keys: { kind: { S: 'quote' }, id: { S: id } },
    NewImage: {
      ...{ kind: { S: 'quote' }, id: { S: id }, price: { N: '6000' } },
      ...{ publishedAt: { N: '1584010800000' }, ...image },
    },
  },
});

const textsOf = (Records: readonly unknown[]) =>
  [...readRecords({ Records }).quotes].map(([id, at]) => `${id} ${textOf(at)}`);

describe('records', () => {
  it('name each changed account once, and when the newest was written', () => {
    const Records = [
      changed('b', 'balance#USD', 7),
      changed('a', 'profile', 9),
      changed('b', 'x', 8),
    ];
    const { accountIds, newestAt } = readRecords({ Records });
    expect([...accountIds]).toEqual(['b', 'a']);
    expect(newestAt).toBe(9_000);
  });

  it('of canary rows are none of an account, and of rows that look like them are', () => {
    const at = '2020-03-12T11:00:00.000Z';
    const Records = [
      changed('~canary-7', at, 9),
      changed('~canary-7', `${at}~2020-03-12T11:00:05.250Z`, 9),
      changed('~canary-7', 'balance#USD', 8),
    ];
    const { accountIds, newestAt } = readRecords({ Records });
    expect([...accountIds]).toEqual(['~canary-7']);
    expect(newestAt).toBe(8_000);
  });

  it('of quotes have the latest price of each source', () => {
    const Records = [
      quoted('BTC-USD#pyth'),
      quoted('BTC-USD#other', { price: { S: '6001.5' } }),
      quoted('BTC-USD#pyth', { price: { N: '5999' } }),
    ];
    expect(textsOf(Records)).toEqual(['BTC-USD#pyth 5999', 'BTC-USD#other 6001.5']);
  });

  it.each([
    ['a price that is none', quoted('BTC-USD#pyth', { price: { S: 'much' } })],
    ['no time', quoted('BTC-USD#pyth', { publishedAt: { S: 'now' } })],
    [
      'a volatility alone',
      quoted('BTC-USD#pyth', { price: { NULL: true }, impliedVolatility: { N: '1' } }),
    ],
    ['no image', { dynamodb: { Keys: { kind: { S: 'quote' }, id: { S: 'BTC-USD#pyth' } } } }],
    ['a value that is none', quoted('BTC-USD#pyth', { price: null as never })],
    ['nothing', {}],
    ['no object', 'record'],
    ['null', null],
  ])('with %s are passed over', (_, record) => {
    expect(textsOf([record, quoted('BTC-USD#other')])).toEqual(['BTC-USD#other 6000']);
  });

  it.each([[undefined], [null], ['event'], [{}], [{ Records: 'none' }]])(
    'are none in %j',
    (event) => {
      expect(readRecords(event)).toEqual({
        accountIds: new Set(),
        quotes: new Map(),
        newestAt: undefined,
      });
    },
  );
});
