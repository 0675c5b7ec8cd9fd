import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildBook } from '../../../../lambda/margin/book/build-book.ts';
import { crossOf, snapshotOf } from '../build.ts';
import { anyBook } from '../random-book.ts';
import { buildBook as buildByDraft } from './reference/book.ts';

test('the book of contributions is the book of drafts, in every figure of 3,000 random books', () => {
  fc.assert(
    fc.property(anyBook(), ({ market, account }) => {
      const snapshot = snapshotOf(market);
      const cross = crossOf(account);
      expect(buildBook(cross, snapshot)).toEqual(buildByDraft(cross, snapshot));
    }),
    { numRuns: 3000 },
  );
});
