import {
  type DynamoDBClient,
  ScanCommand,
  type ScanCommandInput,
  type ScanCommandOutput,
  ThrottlingException,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../lambda/aws/attribute-values.ts';
import { FAILURE_KEY } from '../../lambda/check/failure-case.ts';
import { balance, long, OPENINGS, position } from './book.ts';
import {
  type Call,
  failing,
  type Interceptor,
  inject,
  isPublication,
  unharmed,
} from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { failureOf, openWorld, type World } from './world.ts';

const isAccountsScan = ({ command, target }: Call): boolean =>
  command === 'Scan' && target === 'accounts';

const throttled = (): ThrottlingException =>
  new ThrottlingException({ message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } });

/** Throttles the first scans of the accounts, below the retries of the SDK. */
function throttle(dynamo: DynamoDBClient, times: number): () => number {
  let left = times;
  let attempts = 0;
  dynamo.middlewareStack.add(
    (next) => async (request) => {
      const { TableName, TotalSegments } = request.input as ScanCommandInput;
      if (TableName !== 'accounts' || TotalSegments === undefined) return next(request);
      attempts++;
      if (left-- > 0) throw throttled();
      return next(request);
    },
    { step: 'deserialize', name: 'throttle', priority: 'low' },
  );
  return () => attempts;
}

const pagesOf =
  (Limit: number): Interceptor =>
  (call, proceed) => {
    if (isAccountsScan(call)) Object.assign(call.input, { Limit });
    return proceed();
  };

describe('a throttled page', () => {
  it('is read if throttling ends before the SDK gives up', async () => {
    const world = await openWorld({ on: 'dynalite' });
    const attempts = throttle(world.dynamo, 2);
    await world.check(0);
    expect(attempts()).toBe(3);
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it('fails the check by name if the SDK gives up, after everything else was done', async () => {
    const world = await openWorld();
    const run = inject(world.services, failing(isAccountsScan, throttled));
    const summary = await failureOf(world.check(0, run));
    expect(summary.accounts).toBe(0);
    expect(summary.errors).toEqual([
      'the scan of segment 1 of 1: ThrottlingException: Rate exceeded',
    ]);
    expect(await saidOf(world)).toEqual(['DOGE-USD oracle.rejected']);
    await expectInOrder(world);
  });
});

const SEGMENTS = 4;
const CALLED = Array.from({ length: 24 }, (_, index) => `called-${index}`);
const ISSUED = CALLED.map((accountId) => `${accountId} margin-call.issued`);

const openSegmented = (): Promise<World> =>
  openWorld({
    scanSegments: SEGMENTS,
    accounts: CALLED.flatMap((accountId) => long(accountId, '14000')),
  });

async function accountsIn(world: World, Segment: number): Promise<string[]> {
  const input = { TableName: 'accounts', Segment, TotalSegments: SEGMENTS };
  const { Items = [] } = await world.dynamo.send(new ScanCommand(input));
  return [...new Set(Items.map(({ accountId }) => accountId?.S ?? ''))];
}

/** Fails every page of one segment from the nth on. */
const brokenFrom = (page: number, segment: number): Interceptor => {
  const isHit = (call: Call) => {
    const { Segment, ExclusiveStartKey } = call.input as unknown as ScanCommandInput;
    if (!isAccountsScan(call) || Segment !== segment) return false;
    return page === 1 || ExclusiveStartKey !== undefined;
  };
  return failing(isHit, throttled);
};

describe('a segment whose scan breaks off', () => {
  it('leaves the other segments assessed, and the next check makes up for it', async () => {
    const world = await openSegmented();
    const unread = await accountsIn(world, 1);
    expect(unread.length).toBeGreaterThan(0);
    const summary = await failureOf(world.check(0, inject(world.services, brokenFrom(1, 1))));
    expect(summary).toMatchObject({ accounts: CALLED.length - unread.length, failed: 0 });
    expect(summary.errors).toEqual([
      'the scan of segment 2 of 4: ThrottlingException: Rate exceeded',
    ]);
    const said = ISSUED.filter((each) => !unread.some((id) => each.startsWith(`${id} `)));
    expect(await saidOf(world)).toEqual([...said, 'DOGE-USD oracle.rejected'].sort());

    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual([...ISSUED, 'DOGE-USD oracle.rejected'].sort());
    await expectInOrder(world);
  });

  it('leaves the cases of its unread accounts open', async () => {
    const world = await openSegmented();
    await world.check(0);
    const cases = async () =>
      (await world.margin()).filter(({ pk, sk }) => sk === 'case' && pk !== FAILURE_KEY.pk);
    const before = await cases();
    const unread = await accountsIn(world, 2);
    expect(unread.length).toBeGreaterThan(0);
    await world.quoteAt(1);
    await failureOf(world.check(1, inject(world.services, brokenFrom(1, 2))));
    expect(await cases()).toEqual(before);
    expect(await saidOf(world)).toEqual([...ISSUED, 'DOGE-USD oracle.rejected'].sort());
  });

  it('makes the check incomplete: the gap keeps growing and is reported once it is too long', async () => {
    const world = await openSegmented();
    await world.check(0);
    for (const minute of [1, 2]) {
      await world.quoteAt(minute);
      const run = inject(world.services, brokenFrom(1, 2));
      expect(await failureOf(world.check(minute, run))).toMatchObject({ gapSeconds: minute * 60 });
    }
    expect(await world.checkAfresh(3)).toMatchObject({ gapSeconds: 180 });
    expect(await world.checkAfresh(4)).toMatchObject({ gapSeconds: 60 });
    const late = (await world.alerts()).filter(({ type }) => type === 'check.late');
    expect(late.map(({ checkId }) => checkId)).toEqual(['2020-03-12T11:03:00.000Z']);
    await expectInOrder(world);
  });

  it('publishes pending messages of its unread accounts', async () => {
    const world = await openSegmented();
    const refuse = failing(isPublication, () => new Error('connect ECONNREFUSED'));
    await failureOf(world.check(0, inject(world.services, refuse)));
    await world.quoteAt(1);
    await failureOf(world.check(1, inject(world.services, brokenFrom(1, 3))));
    expect(await saidOf(world)).toEqual([...ISSUED, 'DOGE-USD oracle.rejected'].sort());
    await expectInOrder(world);
  });

  it('does not assess an account of which it has read only some rows', async () => {
    // Without its balance the account would be in deficit, without its position healthy.
    const world = await openWorld({ accounts: [...long('whole', '14000'), ...wide('called')] });
    const broken = brokenFrom(2, 0);
    const paged: Interceptor = (call, proceed) => broken(call, () => pagesOf(3)(call, proceed));
    const summary = await failureOf(world.check(0, inject(world.services, paged)));
    expect(summary.accounts).toBeLessThan(2);
    expect(await saidOf(world)).not.toContain('called deficit.detected');
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual([
      'DOGE-USD oracle.rejected',
      'called margin-call.issued',
      'whole margin-call.issued',
    ]);
    await expectInOrder(world);
  });
});

/** Ten positions of 1 BTC each: together like one of 10, but any part of them is something else. */
const wide = (accountId: string) => [
  balance(accountId, '14000'),
  ...Array.from({ length: 10 }, (_, label) =>
    position(accountId, { label: `lot-${label}`, quantity: '1' }),
  ),
];

describe('an account with more rows than a page', () => {
  const accounts = [
    ...long('before', '12000'),
    ...wide('called'),
    ...wide('wide'),
    ...long('zz', '9000'),
  ];

  it.each([1, 3, 7])('is assessed whole and once in pages of %i rows', async (limit) => {
    const whole = await openWorld({ accounts });
    const expected = await whole.check(0);
    const world = await openWorld({ accounts });
    const run = inject(world.services, pagesOf(limit));
    expect(await world.check(0, run)).toEqual(expected);
    expect(run.calls.filter(isAccountsScan).length).toBeGreaterThan(Math.floor(26 / limit));
    const byId = (left: { id: string }, right: { id: string }) => (left.id < right.id ? -1 : 1);
    expect((await world.alerts()).toSorted(byId)).toEqual((await whole.alerts()).toSorted(byId));
    await expectInOrder(world);
  });
});

describe('a scan that lags behind the table', () => {
  /** Leaves rows out of every page, as an eventually consistent read may. */
  const behind =
    (isMissing: (item: Item) => boolean): Interceptor =>
    async (call, proceed) => {
      const answer = (await proceed()) as ScanCommandOutput;
      if (!isAccountsScan(call)) return answer;
      return { ...answer, Items: answer.Items?.filter((item) => !isMissing(item)) };
    };

  it('misses a balance and calls nobody, as the account is read again strongly consistent', async () => {
    const world = await openWorld({ accounts: long('healthy', '40000') });
    const run = inject(
      world.services,
      behind(({ item }) => item?.S === 'balance#USD'),
    );
    expect(await world.check(0, run)).toMatchObject({ accounts: 1, levels: { healthy: 1 } });
    expect(await saidOf(world)).toEqual(['DOGE-USD oracle.rejected']);
    await expectInOrder(world);
  });

  it('misses an account and keeps its case open, as it is read again strongly consistent', async () => {
    const world = await openWorld({ accounts: long('called', '14000') });
    await world.check(0);
    await world.quoteAt(1);
    await world.check(
      1,
      inject(
        world.services,
        behind(() => true),
      ),
    );
    expect(await saidOf(world)).toEqual(['DOGE-USD oracle.rejected', 'called margin-call.issued']);
    expect(await world.caseOf('called')).toMatchObject({ isActive: true });
    await expectInOrder(world);
  });

  it('misses the deletion of an account and treats it as empty', async () => {
    const world = await openWorld({ accounts: long('called', '14000') });
    const gone: Interceptor = async (call, proceed) => {
      const answer = await proceed();
      if (isAccountsScan(call)) {
        await world.removeAccount('called', ['balance#USD', 'position#BTC-PERP']);
      }
      return answer;
    };
    await world.check(0, inject(world.services, gone));
    expect(await saidOf(world)).toEqual(['DOGE-USD oracle.rejected']);
  });
});

it('everything that a decision rests on is read strongly: market, fence, accounts and cases', async () => {
  const world = await openWorld({ hasCertificates: false });
  const run = inject(world.services, unharmed);
  await world.check(0, run);
  const reads = run.calls.filter(({ command }) => ['GetItem', 'Query', 'Scan'].includes(command));
  const isStrong = ({ input }: Call) => input.ConsistentRead === true;
  const weak = reads.filter((call) => !isStrong(call)).map(({ target }) => target);
  // Scores of feeds may be read a moment late: if a feed knows of more, they are read strongly.
  expect(weak).toEqual(['margin', 'margin/open-cases', 'accounts']);
  expect(reads.filter(isStrong).length).toBeGreaterThan(10);
});

describe('an account that cannot be read again', () => {
  const isRead = ({ command, input }: Call) =>
    command === 'Query' && JSON.stringify(input).includes('"called-7"');

  it('is failed by name while the others are decided, and the next check makes up for it', async () => {
    const world = await openSegmented();
    const run = inject(world.services, failing(isRead, throttled));
    const summary = await failureOf(world.check(0, run));
    expect(summary).toMatchObject({ accounts: 24, assessed: 23, failed: 1 });
    expect(summary.errors).toEqual(['account called-7: ThrottlingException: Rate exceeded']);
    expect(await saidOf(world)).toHaveLength(24);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toEqual([...ISSUED, 'DOGE-USD oracle.rejected'].sort());
    await expectInOrder(world);
  });

  it('keeps its open case, and the cases of other accounts still end', async () => {
    const world = await openSegmented();
    await world.check(0);
    await world.removeAccount('called-3', ['balance#USD', 'position#BTC-PERP']);
    await world.quoteAt(1);
    const run = inject(world.services, failing(isRead, throttled));
    const summary = await failureOf(world.check(1, run));
    expect(summary).toMatchObject({ accounts: 23, assessed: 22, failed: 1 });
    expect(summary.errors).toEqual(['account called-7: ThrottlingException: Rate exceeded']);
    expect(await world.caseOf('called-7')).toMatchObject({ isActive: true });
    expect(await saidOf(world)).toContain('called-3 margin-call.cured');
    await expectInOrder(world);
  });
});

describe('a book of many accounts', () => {
  it('is screened page by page, and its breaches are read again while the scan goes on', async () => {
    const accounts = Array.from({ length: 2_400 }, (_, index) =>
      index % 200 === 0 ? long(`desk-${index}`, '12000') : balance(`desk-${index}`, '1'),
    ).flat();
    const world = await openWorld({ accounts });
    const run = inject(world.services, pagesOf(300));
    expect(await world.check(0, run)).toMatchObject({
      accounts: 2_400,
      levels: { liquidation: 12 },
    });
    const scans = run.calls.filter(isAccountsScan).map(({ index }) => index);
    expect(scans.length).toBeGreaterThanOrEqual(8);
    const reads = run.calls.filter(({ command, target, index }) => {
      const isRead = command === 'Query' && target === 'accounts';
      return isRead && index > (scans[0] ?? 0) && index < (scans.at(-1) ?? 0);
    });
    expect(reads.length).toBeGreaterThan(0);
    await expectInOrder(world);
  });
});
