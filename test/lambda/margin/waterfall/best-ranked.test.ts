import fc from 'fast-check';
import { expect, it } from 'vitest';
import { amount, quantity, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { COUNTERPARTIES_GATHERED } from '../../../../lambda/margin/number/limits.ts';
import { allocate } from '../../../../lambda/margin/waterfall/allocation.ts';
import { BestRanked } from '../../../../lambda/margin/waterfall/best-ranked.ts';
import {
  type Counterposition,
  rankedForDeleveraging,
} from '../../../../lambda/margin/waterfall/ranking.ts';

const lotSize = quantity('0.5');
const NONE: ReadonlySet<string> = new Set();
const many = 2 * COUNTERPARTIES_GATHERED + 7;

const positionsOf = (seed: number, count: number): Counterposition[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `a${index}`,
    accountId: `a${index}`,
    quantity: quantity(String(((index * 7 + seed) % 40) / 10)),
    entryNotional: amount('1000'),
    notional: amount(String(900 + ((index * 31 + seed) % 200))),
    profit: amount(String(((index * 13 + seed) % 300) - 150)),
    equity: amount(String((index * 17 + seed) % 500)),
  }));

it('the best ranked give the same allotments as a ranking of all counterparties', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.constantFrom(5, 40, many),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
      (seed, count, wants) => {
        const all = positionsOf(seed, count);
        const wanted = quantity(String(wants.reduce((sum, each) => sum + each, 0)));
        const best = new BestRanked({ wanted, lotSize, owners: NONE });
        for (const position of all) best.add(position);
        best.prune();
        const inOrder = rankedForDeleveraging(all);
        const given = wants.flatMap((want) => {
          const of = quantity(String(want));
          const ranking = best.first(of, { most: count, owner: 'nobody' });
          const { allotments } = allocate({ quantity: of, ranking, lotSize });
          best.take(allotments);
          return allotments;
        });
        const { allotments } = allocate({ quantity: wanted, ranking: inOrder, lotSize });
        expect(sums(given)).toEqual(sums(allotments));
      },
    ),
    { numRuns: 40 },
  );
});

function sums(allotments: ReturnType<typeof allocate>['allotments']) {
  const byKey = Map.groupBy(allotments, ({ of }) => of.key);
  return [...byKey].map(([key, each]) => [
    key,
    each.reduce((sum, { quantity: given }) => sum + Number(textOf(given)), 0),
  ]);
}

it('no more counterparties are kept than are needed', () => {
  const best = new BestRanked({ wanted: quantity('3'), lotSize, owners: NONE });
  for (const position of positionsOf(3, many)) best.add(position);
  best.prune();
  expect(
    best.first(quantity('1000000'), { most: many, owner: 'nobody' }).length,
  ).toBeLessThanOrEqual(6);
});

it('no more counterparties are named than asked for', () => {
  const best = new BestRanked({ wanted: quantity('100'), lotSize, owners: NONE });
  for (const position of positionsOf(3, many)) best.add(position);
  best.prune();
  expect(best.first(quantity('100'), { most: 4, owner: 'nobody' })).toHaveLength(4);
});

it('an owner’s own positions serve others, and enough is kept without them', () => {
  const all = positionsOf(3, 40);
  const inOrder = rankedForDeleveraging(all);
  const [first, second] = inOrder.map(({ accountId }) => accountId) as [string, string];
  const wanted = quantity('5');
  const best = new BestRanked({ wanted, lotSize, owners: new Set([first, second]) });
  for (const position of all) best.add(position);
  best.prune();
  const named = (owner: string) =>
    best.first(wanted, { most: 40, owner }).map(({ accountId }) => accountId);
  expect(named(first)).not.toContain(first);
  expect(named(first)[0]).toBe(second);
  expect(named(second)[0]).toBe(first);
  const others = inOrder.filter(({ accountId }) => accountId !== first);
  const { allotted } = allocate({ quantity: wanted, ranking: others, lotSize });
  const ranking = best.first(wanted, { most: 40, owner: first });
  expect(allocate({ quantity: wanted, ranking, lotSize }).allotted).toEqual(allotted);
});

it.each([
  [199, 200, 200],
  [200, 200, 200],
  [201, 200, 199],
  [4000, 200, 10],
])(
  'with names of %i characters, of %i counterparties a message names %i',
  (length, most, named) => {
    const best = new BestRanked({ wanted: quantity('1000'), lotSize, owners: NONE });
    const account = { quantity: quantity('1'), equity: amount('1'), profit: amount('1') };
    for (let index = 0; index < most; index++) {
      const accountId = String(index).padStart(length - 50, 'x');
      const position = 'p'.repeat(50);
      const notional = amount('1');
      best.add({
        key: accountId,
        accountId,
        position,
        notional,
        entryNotional: notional,
        ...account,
      });
    }
    best.prune();
    expect(best.first(quantity('1000'), { most, owner: 'nobody' })).toHaveLength(named);
  },
);
