import { expect, it } from 'vitest';
import { rowOf } from '../../../lambda/aws/attribute-values.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { readMarketText, writeMarket } from '../../../lambda/record/reference-market.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { inputOf, type MarketRows, tableRowsOf } from '../margin/build.ts';

const S = (text: string) => ({ S: text });

it('rows that nobody can read are read alike', () => {
  const odd = [
    { kind: S('asset'), id: S('BTC'), nothing: { NULL: true }, set: { SS: ['a'] } },
    { kind: S('asset'), id: S('ETH'), weights: { L: [{ NULL: true }, { N: '1E+2' }] } },
    {
      kind: S('instrument'),
      id: S('X'),
      price: { N: '9.9999999999999999999999999999999999999E+125' },
    },
    {
      kind: S('instrument'),
      id: S('Y\u0000\ufeff"\\'),
      flag: { BOOL: true },
      raw: { B: new Uint8Array([1]) },
    },
    { kind: S('nobody knows'), id: S('Z'), toJSON: S('text'), constructor: S('x') },
    JSON.parse('{"kind":{"S":"asset"},"id":{"S":"USD"},"weights":{"M":{"__proto__":{"S":"1"}}}}'),
    JSON.parse('{"kind":{"S":"asset"},"id":{"S":"USDC"},"__proto__":{"S":"1"},"price":{"S":"1"}}'),
  ].map((item) => rowOf(item as never));
  const base: MarketRows = {};
  const { market: _, ...taken } = inputOf(base);
  const rows = [...tableRowsOf(base), ...odd];
  const snapshotOf = (each: typeof rows) =>
    takeSnapshot({ ...taken, market: readMarket(each).market });
  const market = { ...taken, rows, snapshot: snapshotOf(rows) };
  const again = readMarketText(writeMarket(market));
  expect(again.snapshot).toEqual(market.snapshot);
  expect(readMarket(again.rows).faults).toEqual(readMarket(rows).faults);
});
