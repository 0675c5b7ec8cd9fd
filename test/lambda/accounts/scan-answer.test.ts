import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import {
  readScanAnswer,
  SCAN_FORMAT,
  type ScanAnswer,
  type ScanQuestion,
  writeScanAnswer,
} from '../../../lambda/accounts/scan-answer.ts';
import type { PartCertifier } from '../../../lambda/accounts/scan-part.ts';
import { scanPart } from '../../../lambda/accounts/scan-part.ts';
import { rowOf } from '../../../lambda/aws/attribute-values.ts';
import { ANSWER_BYTES_MAX, packed } from '../../../lambda/aws/worker-answer.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { writeMarket } from '../../../lambda/record/reference-market.ts';
import type { AccountRows } from '../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import type { ScanOptions } from '../../../lambda/rows/scan-options.ts';
import { SOURCES } from '../../../lambda/version.ts';
import { BENCH_START, benchAccount, benchMarket } from '../../../local/bench/book.ts';

const LOT = 50;

function marketText(): string {
  const rows = benchMarket().map((row) => rowOf(marshall(row)));
  const taken = { asOf: BENCH_START + 1_000, gapSeconds: 60, previousPrices: new Map() };
  const snapshot = takeSnapshot({ ...taken, market: readMarket(rows).market });
  return packed(writeMarket({ ...taken, rows, snapshot }));
}

const question = (given: Partial<ScanQuestion> = {}): ScanQuestion => ({
  ...{ format: SCAN_FORMAT, sources: SOURCES, part: 'check/1' },
  ...{ segment: 0, of: 8, market: marketText(), isCertified: false },
  ...given,
});

const account = (index: number): AccountRows => ({
  accountId: `account-${index}`,
  rows: benchAccount(index).map((row) => rowOf(marshall(row))),
});

/** A segment of so many accounts. */
function tableOf(count: number, { failsAfter = Number.POSITIVE_INFINITY } = {}) {
  async function* scanSlice(_: unknown, { after }: ScanOptions = {}) {
    let lots = 0;
    for (let from = after ? numberOf(after.accountId) + 1 : 0; from < count; from += LOT) {
      if (lots++ === failsAfter) throw new Error('Rate exceeded');
      const size = Math.min(LOT, count - from);
      yield Array.from({ length: size }, (_, each) => account(from + each));
    }
  }
  return { scanSlice, read: async (accountId: string) => account(numberOf(accountId)) };
}

const numberOf = (accountId: string): number => Number(accountId.split('-')[1]);
const none = (): PartCertifier => {
  throw new Error('no certificates were asked for');
};

async function asked(
  count: number,
  { failsAfter, timeLeft = () => 10_000, ...given }: Partial<ScanQuestion> & Slow = {},
) {
  const accounts = tableOf(count, { failsAfter });
  const to = question(given);
  const answer = await scanPart(JSON.parse(JSON.stringify(to)), {
    ...{ accounts, timeLeft, certifierAt: none },
  });
  return readScanAnswer(JSON.parse(JSON.stringify(answer)), to);
}

interface Slow {
  readonly failsAfter?: number;
  readonly timeLeft?: () => number;
}

describe('a worker that scans a segment', () => {
  it('answers with every account once, until the segment ends', async () => {
    const { safe, suspects, position } = await asked(220);
    const ids = [...safe, ...suspects].map(({ accountId }) => numberOf(accountId));
    expect(ids.toSorted((left, right) => left - right)).toEqual([...Array(220).keys()]);
    expect(position).toBe('whole');
    expect(safe.length).toBeGreaterThan(0);
    expect(suspects.length).toBeGreaterThan(0);
    // Rows are of breaches alone.
    for (const { urgency, rows } of suspects) expect(rows !== undefined).toBe(urgency === 'breach');
  });

  it('stops after 4,000 accounts, or after 2.5 s, and goes on after the last', async () => {
    const first = await asked(4_100);
    expect(first.safe.length + first.suspects.length).toBe(4_000);
    expect(first.position).toMatchObject({ accountId: 'account-3999' });
    const after = first.position === 'whole' ? undefined : first.position;
    const second = await asked(4_100, { after });
    expect(second.safe.length + second.suspects.length).toBe(100);
    expect(second.position).toBe('whole');
    let left = 10_000;
    const slow = await asked(4_100, { timeLeft: () => (left -= 1_000) });
    expect(slow.safe.length + slow.suspects.length).toBe(3 * LOT);
  });

  it('answers what it has if a later page cannot be read, and fails at the first', async () => {
    const { safe, suspects, position } = await asked(220, { failsAfter: 2 });
    expect(safe.length + suspects.length).toBe(2 * LOT);
    expect(position).toMatchObject({ accountId: 'account-99' });
    await expect(asked(220, { failsAfter: 0 })).rejects.toThrow('Rate exceeded');
  });

  it('scans nothing for a check of other sources', async () => {
    const never = { ...tableOf(0), scanSlice: () => expect.unreachable() as never };
    const answer = await scanPart(question({ sources: 'others' }), {
      ...{ accounts: never, timeLeft: () => 10_000, certifierAt: none },
    });
    expect(answer).toEqual({ format: SCAN_FORMAT, sources: SOURCES, part: 'check/1' });
    expect(() => readScanAnswer(answer, question({ sources: 'others' }))).toThrow(
      'no answer of this version',
    );
  });

  it.each([
    ['another format', { format: 'scan/0' }],
    ['no market', { market: undefined }],
    ['an attribute that it does not know', { more: 1 }],
  ])('refuses a question with %s', async (_, given) => {
    const resources = { accounts: tableOf(1), timeLeft: () => 10_000, certifierAt: none };
    await expect(scanPart({ ...question(), ...given }, resources)).rejects.toThrow();
  });
});

describe('an answer', () => {
  const of = question();
  const written = (given: Partial<ScanAnswer> = {}): unknown => ({
    ...writeScanAnswer(of, { safe: [], suspects: [], position: 'whole' }),
    ...given,
  });
  const row = (accountId: string) => ({ accountId, item: 'profile' });

  it('leaves rows out if it would be larger than Lambda takes', () => {
    const noise = Array.from({ length: 700_000 }, (_, each) => Math.sin(each).toString(36)).join(
      '',
    );
    const rows = [{ ...row('a'), noise }];
    const suspects = [{ accountId: 'a', urgency: 'breach', rows } as const];
    const answer = writeScanAnswer(of, { safe: [], suspects, position: 'whole' });
    expect(JSON.stringify(answer).length).toBeLessThan(ANSWER_BYTES_MAX);
    expect(readScanAnswer(answer, of).suspects).toEqual([{ accountId: 'a', urgency: 'breach' }]);
  });

  it.each<[string, Partial<ScanAnswer>, RegExp]>([
    ['of another part', { part: 'check/2' }, /check\/2 instead of check\/1/],
    ['of other sources', { sources: 'others' }, /no answer of this version/],
    ['without progress', { position: { accountId: 'a', item: 'b' } }, /scanned nothing/],
    ['an account twice', { safe: packed('[["a",1],["a",1]]') }, /twice/],
    [
      'an account that is both',
      { safe: packed('[["a",1]]'), suspects: packed('[["a","call"]]') },
      /twice/,
    ],
    ['an urgency that nobody knows', { suspects: packed('[["a","soon"]]') }, /cannot be read/],
    ['half an account', { safe: packed('[["a"]]') }, /cannot be read/],
    [
      'an amount that is none',
      { safe: packed('[["a",1,[["X","fall","many"]]]]') },
      /cannot be read/,
    ],
    [
      'a row of somebody else',
      { suspects: packed(`[["a","breach",[${JSON.stringify(row('b'))}]]]`) },
      /cannot be read/,
    ],
    ['text that is no gzip', { safe: 'H4sI' }, /cannot be read/],
  ])('is refused: %s', (_, given, why) => {
    expect(() => readScanAnswer(written(given), of)).toThrow(why);
  });
});
