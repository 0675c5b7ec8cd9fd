import { expect, it } from 'vitest';
import { rowOf } from '../../../lambda/aws/attribute-values.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';

it('reads every attribute but those that begin with _, whatever these hold', () => {
  const unreadable = { M: { deep: { L: [{ X: 'no such type' }] } } } as never;
  const row = rowOf({
    asset: { S: 'USD' },
    amount: { N: '1.50' },
    _note: { S: 'x'.repeat(300_000) },
    _: { B: new Uint8Array(100_000) },
    _tree: unreadable,
    my_note: { S: 'not the writer’s own' },
  });
  expect({ ...row }).toEqual({
    asset: 'USD',
    amount: new Numeral('1.50'),
    my_note: 'not the writer’s own',
  });
});
