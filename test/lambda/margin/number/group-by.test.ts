import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupBy } from '../../../../lambda/margin/number/group-by.ts';

it('groups as Map.groupBy does, in the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (numbers, divisor) => {
      const keyOf = (each: number) => each % divisor;
      expect([...groupBy(numbers, keyOf)]).toEqual([...Map.groupBy(numbers, keyOf)]);
    }),
  );
});
