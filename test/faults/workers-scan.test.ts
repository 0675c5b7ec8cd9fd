/** Checks that scan the whole book, with workers that scan segments of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScanAnswer } from '../../lambda/accounts/scan-answer.ts';
import { packed, unpacked } from '../../lambda/aws/worker-answer.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { type Fault, memoryWorkers } from '../aws/memory-workers.ts';
import { balance, long, MARKET, PRICES, position } from './book.ts';
import { expectInOrder, unpack } from './invariants.ts';
import { accountsSaid, certificatesOf, throttled, Warm } from './warm.ts';
import { openWorld, type Row, type World } from './world.ts';

const SEGMENTS = 4;
const CRASH = { ...PRICES, 'BTC-USD': '5800' };
const WITH = { hasCertificates: true } as const;
const WITHOUT = { hasCertificates: false } as const;

const readable = (index: number, collateral: number, kind: number): readonly Row[] => {
  const accountId = `account-${index}`;
  if (kind === 0) return [balance(accountId, '25,000')];
  if (kind === 1) return [balance(accountId, '1000', 'DOGE'), balance(accountId, '-30')];
  if (kind === 2) {
    const isolated = { quantity: '-4', entryPrice: '5500', isolatedMargin: '2500' };
    return [balance(accountId, '5000'), position(accountId, isolated)];
  }
  return long(accountId, String(collateral));
};

/** From bankrupt to safe, some unreadable, in doubt for want of a price, or isolated. */
const books = fc
  .array(fc.tuple(fc.integer({ min: 9_000, max: 26_000 }), fc.nat(12)), {
    minLength: 30,
    maxLength: 60,
  })
  .map((drawn) => drawn.flatMap(([usd, kind], index) => readable(index, usd, kind)));

const BOOK = [
  ...Array.from({ length: 60 }, (_, each) => long(`account-${each}`, `${9_000 + 200 * each}`)),
  ...Array.from({ length: 12 }, (_, each) => readable(60 + each, 12_000, each % 3)),
].flat();

interface Input {
  readonly accounts?: readonly Row[];
  readonly hasCertificates?: boolean;
  readonly fault?: Fault;
  readonly timeLeft?: () => number;
  readonly accountsMin?: number;
  readonly isAlone?: boolean;
  readonly segments?: number;
}

async function opened(input: Input) {
  const { accounts = BOOK, hasCertificates = true, segments = SEGMENTS } = input;
  const world = await openWorld({ accounts, hasCertificates });
  const { fault, timeLeft, accountsMin = 0 } = input;
  const { dynamo, services } = world;
  const table = services.config.accountsTable;
  const workers = memoryWorkers({ dynamo, table, fault, timeLeft, accountsMin });
  const config = { scanSegments: segments, ...(!hasCertificates && { certificates: undefined }) };
  return { world, warm: new Warm(world, config, input.isAlone ? {} : { workers }) };
}

/** Two checks of a calm market and one of a crash. */
async function lived(input: Input = {}) {
  const { world, warm } = await opened(input);
  const summaries: CheckSummary[] = [];
  for (const minute of [0, 1]) summaries.push(await warm.check(minute));
  summaries.push(await warm.check(2, CRASH));
  return { world, summaries, workers: summaries.map(({ workers }) => workers) };
}

/** All that a check says and keeps about accounts, but for how it has read them. */
async function keptOf(world: World) {
  const items = await world.margin();
  return {
    said: await accountsSaid(world),
    orders: (await world.orders()).map(({ id }) => id).sort(),
    records: items
      .filter(({ record }) => record !== undefined)
      .map((item) => unpack(item))
      .map((record) => JSON.stringify(record))
      .sort(),
  };
}

const countedIn = (summaries: readonly CheckSummary[]) =>
  summaries.map(({ workers: _, certificates, ...summary }) => ({
    ...summary,
    ...(certificates && { certificates: { ...certificates, lagSeconds: 0 } }),
  }));

async function expectAsAlone(
  { world, summaries }: Awaited<ReturnType<typeof lived>>,
  input: Input = {},
) {
  const alone = await lived({ ...input, isAlone: true });
  expect(countedIn(summaries)).toEqual(countedIn(alone.summaries));
  expect(await keptOf(world)).toEqual(await keptOf(alone.world));
  await expectInOrder(world);
}

describe.each([
  ['with certificates', WITH],
  ['without certificates', WITHOUT],
])('a scan of the whole book, %s,', (_, certificates) => {
  it('is counted, decided and recorded as without workers, whose accounts it does not scan', async () => {
    const run = await lived(certificates);
    await expectAsAlone(run, certificates);
    const { levels } = run.summaries[0] as CheckSummary;
    expect(Object.values(levels).every((count) => count > 0)).toBe(true);
    expect(run.workers[0]).toMatchObject({ takenOver: 0 });
    expect(run.workers[0]?.accounts).toBeGreaterThanOrEqual(72);
  });

  it('is so for random books, replayed', async () => {
    await fc.assert(
      fc.asyncProperty(books, fc.constantFrom(0, 20), async (accounts, accountsMin) => {
        const input = { ...certificates, accounts, accountsMin };
        await expectAsAlone(await lived(input), input);
      }),
      { numRuns: Number(process.env.SCAN_BOOKS ?? 4) },
    );
  });

  it.each<[string, Fault]>([
    ['fails', () => Promise.reject(new Error('the worker failed (Unhandled)'))],
    ['answers nothing', async () => null],
    [
      'answers for another part',
      async (asked, answer) => ({ ...(await answer()), part: asked.part + 0 }),
    ],
    ['is of another version', async (_, answer) => ({ ...(await answer()), format: 'scan/0' })],
    ['has other sources', async (_, answer) => ({ ...(await answer()), sources: 'others' })],
    ['damages its accounts', async (_, answer) => ({ ...(await answer()), safe: 'H4sI' })],
    ['answers accounts twice', async (_, answer) => doubled((await answer()) as ScanAnswer)],
    ['scans nothing and never ends', async (_, answer) => ({ ...(await answer()), ...NOTHING })],
  ])('is so if every worker %s, and the check scans', async (_, fault) => {
    const run = await lived({ ...certificates, fault });
    await expectAsAlone(run, certificates);
    expectAllTakenOver(run.workers[0]);
  });

  it('is so if one answer fails in the middle of a segment', async () => {
    const workers = await secondAnswer(certificates, () => Promise.reject(new Error('timed out')));
    expect(workers).toMatchObject({ failure: 'timed out' });
    expect(workers?.accounts).toBeGreaterThan(1_000);
  });

  it('is so if a worker begins its segment anew instead of going on', async () => {
    let first: object = {};
    const workers = await secondAnswer(
      certificates,
      async ({ part }) => ({ ...first, part }),
      (answer) => {
        first = answer;
      },
    );
    expect(workers).toMatchObject({ failure: 'the worker did not go on where it was asked to' });
  });
});

/** A long segment, of which the second answer is another: all is as if the check had scanned alone. */
async function secondAnswer(
  certificates: Pick<Input, 'hasCertificates'>,
  second: Fault,
  noteFirst: (answer: object) => void = () => undefined,
): Promise<CheckSummary['workers']> {
  const accounts = Array.from({ length: 1_400 }, (_, each) =>
    long(`account-${each}`, `${11_500 + 10 * each}`),
  ).flat();
  let asked = 0;
  let left = 100_000;
  const input = {
    ...{ ...certificates, accounts, segments: 1 },
    // A worker has time for one page.
    timeLeft: () => (left -= 3_000),
  };
  const fault: Fault = async (question, answer) => {
    if (++asked === 2) return second(question, answer);
    const given = await answer();
    if (asked === 1) noteFirst(given);
    return given;
  };
  const { world, warm } = await opened({ ...input, fault });
  const summary = await warm.check(0);
  const alone = await opened({ ...input, isAlone: true });
  const expected = await alone.warm.check(0);
  expect(countedIn([summary])).toEqual(countedIn([expected]));
  expect(asked).toBeGreaterThan(1);
  expect(await accountsSaid(world)).toEqual(await accountsSaid(alone.world));
  return summary.workers;
}

/** After three failures in a row no other is asked; three are asked at once. */
function expectAllTakenOver(workers: CheckSummary['workers']): void {
  const { accounts, parts = 0, takenOver, failure } = workers ?? {};
  expect({ accounts, takenOver }).toEqual({ accounts: 0, takenOver: parts });
  expect([3, 4]).toContain(parts);
  expect(failure).toBeDefined();
}

const NOTHING = {
  position: { accountId: 'account-0', item: 'balance#USD' },
  safe: packed('[]'),
  suspects: packed('[]'),
};

function doubled(answer: ScanAnswer): object {
  const twice = (text: string) => {
    const accounts = JSON.parse(unpacked(text)) as unknown[];
    return packed(JSON.stringify([...accounts, ...accounts]));
  };
  return { ...answer, safe: twice(answer.safe), suspects: twice(answer.suspects) };
}

describe('a worker’s certificates', () => {
  it('make the next checks read as little as the check’s own', async () => {
    const accounts = Array.from({ length: 80 }, (_, each) =>
      long(`account-${each}`, `${16_000 + 150 * each}`),
    ).flat();
    const run = await lived({ accounts });
    const alone = await lived({ accounts, isAlone: true });
    expect(run.workers[0]?.accounts).toBe(80);
    expect(run.summaries.map(certificatesOf)).toEqual(alone.summaries.map(certificatesOf));
    expect(run.summaries[1]?.certificates?.certified).toBe(80);
    await expectInOrder(run.world);
  });

  it.each<[string, (certificates: Stored) => object]>([
    ['too few lines', ({ lines, ...rest }) => ({ ...rest, lines: { ...lines, count: 1 } })],
    ['arrays that are cut', ({ arrays, ...rest }) => ({ ...rest, arrays: arrays.slice(0, -8) })],
    ['no digests', (stored) => ({ ...stored, digests: '' })],
    ['lines of nobody', ({ arrays, ...rest }) => ({ ...rest, arrays: 'A'.repeat(arrays.length) })],
  ])('are refused with %s, and the check scans', async (_, change) => {
    const fault: Fault = async (_, answer) => {
      const given = (await answer()) as ScanAnswer;
      const { certificates } = given;
      return certificates ? { ...given, certificates: change(certificates as Stored) } : given;
    };
    const run = await lived({ fault });
    await expectAsAlone(run);
    expectAllTakenOver(run.workers[0]);
  });

  it('are made again after a change of the policy', async () => {
    const accounts = Array.from({ length: 200 }, (_, each) => long(`account-${each}`, '40000'));
    const { world, warm } = await opened({ accounts: accounts.flat() });
    for (const minute of [0, 1]) await warm.check(minute);
    const [policy] = MARKET;
    await world.writeMarket([{ ...policy, callGraceSeconds: 7_200 }]);
    const summary = await warm.check(2);
    expect(summary.workers).toMatchObject({ accounts: 200, takenOver: 0 });
    expect(summary).toMatchObject({ isComplete: true, errors: [] });
    expect((await warm.check(3)).certificates).toMatchObject({ certified: 200 });
  });

  it('are not of accounts that have changed since a part of the book was read', async () => {
    let isThrottled = true;
    const { world, warm } = await opened({
      fault: (asked, answer) => {
        const isLater = 'segment' in asked && asked.segment > 0;
        return isThrottled && isLater ? Promise.reject(new Error('late')) : answer();
      },
    });
    warm.intercept = (call, proceed) =>
      isThrottled && call.command === 'Scan' && call.target === 'accounts'
        ? Promise.reject(throttled())
        : proceed();
    const first = await warm.check(0);
    expect(first).toMatchObject({ isComplete: false });
    expect(first.accounts).toBeGreaterThan(0);
    isThrottled = false;
    await world.writeAccounts([...long('account-59', '14000'), ...long('account-58', '14000')]);
    const second = await warm.check(1);
    expect(second).toMatchObject({ isComplete: true, accounts: 72, errors: [] });
    expect(second.workers).toMatchObject({ takenOver: 0 });
    const said = await accountsSaid(world);
    for (const accountId of ['account-58', 'account-59']) {
      expect(said.filter((each) => each === `${accountId} margin-call.issued`)).toHaveLength(1);
    }
    await expectInOrder(world);
  });
});

interface Stored {
  readonly lines: { readonly count: number };
  readonly arrays: string;
  readonly digests: string;
}

it('a check reads nothing of the segments that it hands over', async () => {
  const { warm } = await opened({ ...WITHOUT, accountsMin: 20, segments: 24 });
  let pages = 0;
  warm.intercept = (call, proceed) => {
    if (call.command === 'Scan' && call.target === 'accounts') pages++;
    return proceed();
  };
  const { accounts, workers } = await warm.check(0);
  expect(accounts).toBe(72);
  expect(workers?.accounts).toBeGreaterThan(20);
  // Three accounts a segment: seven hold twenty, and four are read at once.
  expect(pages).toBeLessThanOrEqual(12);
});

describe('a check that is about to be stopped', () => {
  it('asks no worker any more, and says that it is incomplete', async () => {
    let asked = 0;
    const { warm } = await opened({
      ...WITHOUT,
      fault: (_, answer) => {
        asked++;
        return answer();
      },
    });
    let pages = 0;
    warm.intercept = (call, proceed) => {
      if (call.command === 'Scan' && call.target === 'accounts') pages++;
      return proceed();
    };
    // The time is over once the first worker has been asked.
    warm.timeLeft = () => (asked > 0 ? 10_000 : 60_000);
    const summary = await warm.check(0);
    expect(asked).toBe(1);
    expect(pages).toBe(0);
    expect(summary).toMatchObject({ isComplete: false });
    expect(summary.errors[0]).toMatch(/^the scan of segment \d of 4: TimeOverError/);
  });

  it('says of each segment once that it was not scanned, and reads no more', async () => {
    const { warm } = await opened({ ...WITHOUT, accountsMin: 20 });
    let pages = 0;
    warm.intercept = (call, proceed) => {
      if (call.command === 'Scan' && call.target === 'accounts') pages++;
      return proceed();
    };
    // The time of the scan is over once the check has begun to read its first page.
    warm.timeLeft = () => (pages > 0 ? 20_000 : 60_000);
    const { errors, isComplete } = await warm.check(0);
    expect(isComplete).toBe(false);
    expect(pages).toBe(1);
    expect(errors.map((each) => each.split(':')[0]).sort()).toEqual(
      [1, 2, 3, 4].map((each) => `the scan of segment ${each} of 4`),
    );
  });
});
