import { gzipSync } from 'node:zlib';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPart } from '../../../lambda/accounts/read-part.ts';
import { rowOf } from '../../../lambda/aws/attribute-values.ts';
import {
  ANSWER_BYTES_MAX,
  FORMAT,
  type Question,
  readAnswer,
  readQuestion,
} from '../../../lambda/aws/worker-answer.ts';
import { digestOf } from '../../../lambda/certified/digest.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { benchAccount } from '../../../local/bench/book.ts';

const PART = '2020-03-12T11:00:00.000Z/1';
const LONG = 60_000;

const question = (accountIds: readonly string[]): Question => ({
  format: FORMAT,
  part: PART,
  accountIds,
});

const account = (index: number): AccountRows => ({
  accountId: `account-${index}`,
  rows: benchAccount(index).map((row) => rowOf(marshall(row))),
});

const tableOf = (accounts: readonly AccountRows[]) => ({
  read: async (accountId: string) =>
    accounts.find((each) => each.accountId === accountId) ?? { accountId, rows: [] },
});

/** As Lambda passes it on. */
const passed = <T>(value: T): T => JSON.parse(JSON.stringify(value));

async function answered(accounts: readonly AccountRows[], timeLeft = () => LONG) {
  const asked = question(accounts.map(({ accountId }) => accountId));
  const answer = passed(await readPart(passed(asked), { accounts: tableOf(accounts), timeLeft }));
  return { asked, answer, read: () => readAnswer(answer, asked) };
}

describe('the rows that a worker gives', () => {
  it('are those of the table, to the last digit and to the prototype', async () => {
    const accounts = Array.from({ length: 50 }, (_, index) => account(index));
    const { read } = await answered(accounts);
    expect(read()).toStrictEqual(accounts);
  });

  it('are so whatever an item holds', async () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'grapheme' }).map((S) => ({ S })),
        fc
          .constantFrom('0', '-1', '1E+3', '12345678901234567890.12345678', '1e-130')
          .map((N) => ({ N })),
        fc.boolean().map((BOOL) => ({ BOOL })),
        fc.constant({ NULL: true }),
        fc.constant({ SS: ['a', 'b'] }),
        fc.uint8Array().map((B) => ({ B })),
        fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }).map((M) => ({ M })),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ minLength: 1 }), value), async (attributes) => {
        const key = { accountId: { S: 'a' }, item: { S: 'profile' } };
        const rows = [rowOf({ ...attributes, ...key } as never)];
        const [found] = (await answered([{ accountId: 'a', rows }])).read();
        expect(found?.rows).toStrictEqual(rows);
        expect(digestOf(found?.rows ?? [])).toBe(digestOf(rows));
      }),
    );
  });

  it('leave out an account that cannot be read, or written', async () => {
    const odd: AccountRows = {
      accountId: 'odd',
      rows: [{ accountId: 'odd', item: 'profile', x: new Numeral('no number') }],
    };
    const { answer } = await answered([account(1), odd]);
    const table = {
      read: async (accountId: string) => {
        if (accountId === 'gone') throw new Error('no answer');
        return accountId === 'odd' ? odd : account(1);
      },
    };
    const asked = question(['gone', 'account-1', 'odd']);
    const some = await readPart(asked, { accounts: table, timeLeft: () => LONG });
    expect(readAnswer(some, asked).map(({ accountId }) => accountId)).toEqual(['account-1']);
    expect(readAnswer(answer, question(['account-1', 'odd']))).toHaveLength(1);
  });

  it('end when the time of the function does', async () => {
    let left = 1_050;
    const { read } = await answered([1, 2, 3].map(account), () => (left -= 20));
    expect(read()).toHaveLength(2);
  });

  it('end when they would not fit into an answer', async () => {
    const text = (length: number) =>
      Array.from({ length }, () => Math.random().toString(36).slice(2)).join('');
    const accounts = Array.from({ length: 12 }, (_, index) => ({
      accountId: `a${index}`,
      rows: [{ accountId: `a${index}`, item: 'profile', text: text(100_000) }],
    }));
    const { answer, read } = await answered(accounts);
    expect(JSON.stringify(answer).length).toBeLessThan(ANSWER_BYTES_MAX + 200);
    expect(read().length).toBeGreaterThan(0);
    expect(read().length).toBeLessThan(accounts.length);
  });
});

describe('an answer', () => {
  const rows = (of: unknown) => gzipSync(JSON.stringify(of)).toString('base64');
  const row = (accountId: string) => ({ accountId, item: 'profile' });
  const asked = question(['a', 'b']);
  const refused = (given: unknown) => () => readAnswer(given, asked);
  const good = { format: FORMAT, part: PART, rows: rows([['a', [row('a')]]]) };

  it('is taken if it answers the question', () => {
    expect(readAnswer(good, asked).map(({ accountId }) => accountId)).toEqual(['a']);
  });

  it.each([
    ['nothing', undefined, /no answer of this version/],
    ['another version', { ...good, format: 'rows/0' }, /no answer of this version/],
    ['another part', { ...good, part: `${PART}0` }, /answered .*10 instead of/],
    [
      'an account that was not asked for',
      { ...good, rows: rows([['c', [row('c')]]]) },
      /without being asked/,
    ],
    [
      'an account twice',
      {
        ...good,
        rows: rows([
          ['a', []],
          ['a', []],
        ]),
      },
      /answered a twice/,
    ],
    ['the row of another account', { ...good, rows: rows([['a', [row('b')]]]) }, /not its own/],
    ['no row', { ...good, rows: rows([['a', [null]]]) }, /not its own/],
    ['a row without a name', { ...good, rows: rows([['a', [{ accountId: 'a' }]]]) }, /not its own/],
    ['no list of accounts', { ...good, rows: rows({ a: [] }) }, /cannot be read/],
    ['damaged bytes', { ...good, rows: 'AAAA' }, /cannot be read/],
  ])('is refused if it has %s', (_, given, why) => {
    expect(refused(given)).toThrow(why);
  });

  it('is refused if its text fills the memory', () => {
    const bomb = gzipSync(Buffer.alloc(65_000_000, ' ')).toString('base64');
    expect(refused({ ...good, rows: bomb })).toThrow(/cannot be read/);
  });
});

it('a question of another version is refused', () => {
  expect(() => readQuestion({ ...question(['a']), format: 'rows/0' })).toThrow();
  expect(readQuestion(passed(question(['a'])))).toEqual(question(['a']));
});
