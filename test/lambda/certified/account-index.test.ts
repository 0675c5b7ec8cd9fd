import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountIndex, NO_EDITION } from '../../../lambda/certified/account-index.ts';

/** Numbers that tell an account from others, in every array. */
function mark({ of }: AccountIndex, number: number): void {
  of.edition[number] = 1 + (number % 255);
  of.firstLine[number] = 3 * number;
  of.lines[number] = number + 1;
  of.digest[number] = number + 0.5;
  of.isDirty[number] = 1;
  of.cycle[number] = number % 65_536;
}

const marked = ({ of }: AccountIndex, number: number) => ({
  edition: of.edition[number],
  firstLine: of.firstLine[number],
  lines: of.lines[number],
  digest: of.digest[number],
  isDirty: of.isDirty[number],
  cycle: of.cycle[number],
});

const certificateOf = ({ of }: AccountIndex, number: number) => ({
  edition: of.edition[number],
  lines: of.lines[number],
  isDirty: of.isDirty[number],
  cycle: of.cycle[number],
});

const NO_CERTIFICATE = { edition: NO_EDITION, lines: 0, isDirty: 0, cycle: 0 };

describe('the index of accounts', () => {
  it('gives each account a number of its own', () => {
    const index = new AccountIndex();
    expect(['a', 'b', 'a', 'c'].map((each) => index.add(each))).toEqual([0, 1, 0, 2]);
    expect([0, 1, 2, 3].map((number) => index.idOf(number))).toEqual(['a', 'b', 'c', undefined]);
    expect(index.numberOf('b')).toBe(1);
    expect(index.numberOf('d')).toBeUndefined();
    expect(index).toMatchObject({ size: 3, end: 3 });
  });

  it('leaves an account as it is when it is added again', () => {
    const index = new AccountIndex();
    mark(index, index.add('a'));
    const before = marked(index, 0);
    index.add('a');
    expect(marked(index, 0)).toEqual(before);
  });

  it('gives the number of a removed account to the next, and no certificate with it', () => {
    const index = new AccountIndex();
    for (const each of ['a', 'b', 'c']) mark(index, index.add(each));
    const before = marked(index, 2);
    index.remove('b');
    expect(index.numberOf('b')).toBeUndefined();
    expect(index.idOf(1)).toBeUndefined();
    expect(index).toMatchObject({ size: 2, end: 3 });
    expect(index.add('d')).toBe(1);
    expect(index.idOf(1)).toBe('d');
    expect(index.numberOf('b')).toBeUndefined();
    expect(certificateOf(index, 1)).toEqual(NO_CERTIFICATE);
    expect(marked(index, 2)).toEqual(before);
    expect(index).toMatchObject({ size: 3, end: 3 });
  });

  it('removes an account once', () => {
    const index = new AccountIndex();
    index.add('a');
    index.remove('a');
    index.remove('a');
    index.remove('of nobody');
    expect(['b', 'c'].map((each) => index.add(each))).toEqual([0, 1]);
    expect(index.size).toBe(2);
  });

  it('knows nobody when it is cleared', () => {
    const index = new AccountIndex();
    for (const each of ['a', 'b', 'c']) mark(index, index.add(each));
    index.remove('b');
    index.clear();
    expect(index).toMatchObject({ size: 0, end: 0 });
    expect(index.numberOf('a')).toBeUndefined();
    expect(index.idOf(0)).toBeUndefined();
    expect(['c', 'd'].map((each) => index.add(each))).toEqual([0, 1]);
    for (const number of [0, 1]) expect(certificateOf(index, number)).toEqual(NO_CERTIFICATE);
  });

  it('keeps everything when it grows beyond its first size', () => {
    const index = new AccountIndex();
    const first = index.of.edition.length;
    const numbers = Array.from({ length: 4 * first + 1 }, (_, number) => number);
    for (const number of numbers) {
      index.add(`account-${number}`);
      mark(index, number);
    }
    expect(numbers.map((number) => index.idOf(number))).toEqual(
      numbers.map((number) => `account-${number}`),
    );
    expect(numbers.map((number) => index.numberOf(`account-${number}`))).toEqual(numbers);
    expect(numbers.map((number) => marked(index, number))).toEqual(
      numbers.map((number) => ({
        edition: 1 + (number % 255),
        ...{ firstLine: 3 * number, lines: number + 1, digest: number + 0.5 },
        ...{ isDirty: 1, cycle: number % 65_536 },
      })),
    );
  });

  it('has one number an account and one account a number, over additions and removals', () => {
    const steps = fc.array(
      fc.record({
        accountId: fc.constantFrom(...'abcdefghij'),
        kind: fc.constantFrom('add', 'remove'),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (course) => {
        const index = new AccountIndex();
        const numbers = new Map<string, number>();
        let most = 0;
        const add = (accountId: string) => {
          const number = index.add(accountId);
          const known = numbers.get(accountId);
          if (known === undefined) expect(certificateOf(index, number)).toEqual(NO_CERTIFICATE);
          expect(number).toBe(known ?? number);
          mark(index, number);
          numbers.set(accountId, number);
          most = Math.max(most, numbers.size);
        };
        const remove = (accountId: string) => {
          index.remove(accountId);
          numbers.delete(accountId);
        };
        for (const { accountId, kind } of course) (kind === 'add' ? add : remove)(accountId);
        expect(new Set(numbers.values()).size).toBe(numbers.size);
        expect(index.size).toBe(numbers.size);
        expect(index.end).toBe(most);
        const ids = new Map([...numbers].map(([accountId, number]) => [number, accountId]));
        for (let number = 0; number < index.end; number++) {
          expect(index.idOf(number)).toBe(ids.get(number));
        }
        for (const accountId of 'abcdefghij') {
          expect(index.numberOf(accountId)).toBe(numbers.get(accountId));
        }
      }),
    );
  });
});
