import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Amount,
  amount,
  isNegative,
  sumOf,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import { drawFrom, oldestFirst } from '../../../../lambda/margin/waterfall/draw.ts';
import {
  bookDraws,
  bookMeters,
  type Ledger,
  NO_LEDGER,
} from '../../../../lambda/margin/waterfall/ledger.ts';

const totals = (of: Readonly<Record<string, string>>) =>
  new Map(Object.entries(of).map(([source, total]) => [source, amount(total)]));
const book = (ledger: Ledger, of: Readonly<Record<string, string>>, most = 100) =>
  bookMeters(ledger, totals(of), { most });

describe('fund meters', () => {
  it('are booked by the change since the last reading, increases first, then by source', () => {
    const { next } = book(NO_LEDGER, { b: '10', a: '5', c: '0' });
    const { entries, next: after } = book(next, { b: '3', a: '5.5', z: '1' });
    expect(
      entries.map(({ sequence, source, amount: by, balance }) => [
        sequence,
        source,
        textOf(by),
        textOf(balance),
      ]),
    ).toEqual([
      [3, 'a', '0.5', '15.5'],
      [4, 'z', '1', '16.5'],
      [5, 'b', '-7', '9.5'],
    ]);
    expect(textOf(after.balance)).toBe('9.5');
  });

  it('may take out the whole balance, but not the smallest step more', () => {
    const { next } = book(NO_LEDGER, { seed: '10' });
    expect(textOf(book(next, { seed: '0' }).next.balance)).toBe('0');
    const drawn = bookDraws(next, [amount('4')]).next;
    expect(textOf(book(drawn, { seed: '4' }).next.balance)).toBe('0');
    const beyond = book(drawn, { seed: '3.99' });
    expect(beyond.next).toBe(drawn);
    expect(beyond.refused).toMatchObject([{ code: 'fund-overdrawn', subject: 'market fund/seed' }]);
  });

  it('keep the balance equal to the sum of the entries and at least 0, in batches of any size', () => {
    const reading = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.integer({ min: -500, max: 500 }).map((count) => String(count / 8)),
    );
    const step = fc.tuple(
      reading,
      fc.array(fc.nat(300), { maxLength: 3 }),
      fc.integer({ min: 1, max: 3 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let ledger = NO_LEDGER;
        const booked: Amount[] = [];
        const keep = (next: Ledger, amounts: readonly Amount[]) => {
          ledger = next;
          booked.push(...amounts);
          expect(isNegative(ledger.balance)).toBe(false);
        };
        for (const [meters, claims, most] of steps) {
          for (;;) {
            const { next, entries } = book(ledger, meters, most);
            if (entries.length === 0) break;
            keep(
              next,
              entries.map((entry) => entry.amount),
            );
          }
          const wanted = claims.map((claim) => ({ amount: amount(String(claim)) }));
          const { draws, rest } = drawFrom(ledger.balance, wanted);
          const drawn = bookDraws(
            ledger,
            draws.map((draw) => draw.drawn),
          );
          keep(
            drawn.next,
            drawn.entries.flatMap((entry) => entry?.amount ?? []),
          );
          const paid = sumOf([...draws.map((draw) => draw.drawn), rest]);
          expect(textOf(paid)).toBe(textOf(sumOf(wanted.map((each) => each.amount))));
        }
        expect(textOf(ledger.balance)).toBe(textOf(sumOf(booked)));
        expect(ledger.sequence).toBe(booked.length);
      }),
    );
  });
});

it('claims draw on the fund oldest first, then in the order of their ids', () => {
  const claim = (claimId: string, claimedAt: number) => ({ claimId, claimedAt });
  const claims = [claim('b', 2), claim('c', 1), claim('a', 2)].sort(oldestFirst);
  expect(claims.map(({ claimId }) => claimId)).toEqual(['c', 'a', 'b']);
});
