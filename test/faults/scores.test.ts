import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { CountedQuote } from '../../lambda/margin/market/counted-gap.ts';
import {
  type MeasureTerms,
  measuredOf,
  nextMemory,
  type VolatilityMemory,
} from '../../lambda/margin/market/measure.ts';
import { price, ratio, textOf } from '../../lambda/margin/number/decimal.ts';
import type { AccountMessage } from '../../lambda/messages/messages.ts';
import { feedsOn, readFeedPage, readScorePage } from '../../lambda/record/feed-pages.ts';
import { writeRecordedFeed } from '../../lambda/record/recorded-feed.ts';
import { writeScores } from '../../lambda/record/recorded-scores.ts';
import { long, MARKET, quote } from './book.ts';
import {
  isPageRead,
  isPageWrite,
  isScoreRead,
  isScoreWrite,
  putMargin,
  scorePagesIn,
} from './feed-pages.ts';
import {
  type Call,
  failing,
  holdAt,
  type Interceptor,
  inject,
  killWhen,
  unharmed,
} from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import {
  CLOCK_LAG_MS,
  checkIdOf,
  failureOf,
  openWorld,
  type Row,
  timeOf,
  type World,
} from './world.ts';

const EWMA = { type: 'ewma', halfLifeSeconds: 3600, floor: '0.4', stress: '0.9' };
const TERMS: MeasureTerms = {
  halfLifeSeconds: 3600,
  stress: ratio('0.9'),
  forecast: { intervalSeconds: 60, horizonGaps: 2, stress: 0.9, allowed: 0.01 },
};
const BOOK = MARKET.filter(({ id }) => id !== 'DOGE').map((row) =>
  row.kind === 'risk' ? { ...row, volatility: EWMA } : row,
);
const LEARNT_MINUTES = 80;
const QUOTE_AGE_MS = 3_000;
const YEAR_SECONDS = 31_536_000;
const FEED = 'BTC-USD';

/** How far the price went before this minute, always back to 6,000: falls are the deeper ones. */
const rangeAt = (minute: number) => ({
  low: String(6000 - 6 - (Math.abs(minute * 7919) % 4)),
  high: String(6000 + 2 + (Math.abs(minute * 104_729) % 3)),
});

const quoteRow = (minute: number): Row => ({
  ...quote(FEED, '6000', timeOf(minute) - QUOTE_AGE_MS),
  ...rangeAt(minute),
});

function countedAt(minute: number): CountedQuote {
  const { low, high } = rangeAt(minute);
  return {
    price: price('6000'),
    publishedAt: timeOf(minute) - QUOTE_AGE_MS,
    maxJump: ratio('0.2'),
    range: { low: price(low), high: price(high) },
  };
}

/** What a memory that never left knows after the quotes of these minutes. */
function afterMinutes(minutes: readonly number[]): VolatilityMemory {
  let memory: VolatilityMemory | undefined;
  for (const minute of minutes) {
    memory = nextMemory(memory, { quote: countedAt(minute), terms: TERMS });
  }
  if (memory === undefined) throw new Error('no minutes');
  return memory;
}

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const LEARNT = from(-LEARNT_MINUTES, -1);

/** A world whose pages are those of 80 minutes of checks. */
async function learntWorld(accounts: readonly Row[] = []): Promise<World> {
  const world = await openWorld({ market: BOOK, accounts });
  const volatility = afterMinutes(LEARNT);
  const { forecast } = volatility;
  if (forecast === undefined) throw new Error('no forecast');
  const { taken } = forecast.scores.down;
  const recorded = writeRecordedFeed({ price: { price: price('6000') }, volatility }, taken);
  await putPage(world, 'feeds', { [FEED]: recorded });
  await putPage(world, 'scores', { [FEED]: writeScores(forecast) });
  return world;
}

const putPage = (world: World, pk: string, feeds: object, attributes: Row = {}) => {
  const own = { checkId: checkIdOf(-1), feeds: JSON.stringify(feeds) };
  return putMargin(world, { pk, sk: 'page-0', ...own, ...attributes });
};

/** The check of this minute, with its quote. */
async function checkAt(world: World, minute: number, through?: Parameters<World['check']>[1]) {
  await world.writeMarket([quoteRow(minute)]);
  return world.check(minute, through);
}

async function checksAt(world: World, minutes: readonly number[]): Promise<void> {
  for (const minute of minutes) await checkAt(world, minute);
}

/** The third of them is scored: a horizon is two gaps, and that from minute −1 is too long. */
const SEEN = [6, 7, 8];

/** What the next check will find. */
async function found(world: World) {
  const items = await world.margin();
  const pages = (read: typeof readFeedPage, kind: string) =>
    items.filter(({ pk }) => pk === kind).flatMap((item) => read(item) ?? []);
  return feedsOn(
    { feeds: pages(readFeedPage, 'feeds'), scores: pages(readScorePage, 'scores') },
    Number.POSITIVE_INFINITY,
  );
}

/** σ̂, α and z, as the next check will read them; `later` are not compared. */
async function expectKnown(world: World, minutes: readonly number[]): Promise<void> {
  const { feeds, faults, scoreless } = await found(world);
  expect([faults, scoreless.size]).toEqual([[], 0]);
  const memory = feeds.get(FEED)?.volatility;
  const never = afterMinutes(minutes);
  const stateOf = ({ forecast, ...rest }: VolatilityMemory) => {
    if (forecast === undefined) throw new Error('no forecast');
    const { scores, ...others } = forecast;
    const asOf = never.publishedAt + 5_000;
    const { taken } = scores.down;
    return {
      ...rest,
      ...others,
      taken,
      read: measuredOf({ ...rest, forecast }, { asOf, terms: TERMS }),
    };
  };
  expect(memory && stateOf(memory)).toEqual(stateOf(never));
}

const scoresCheck = async (world: World) =>
  (await scorePagesIn(world)).map(({ sk, checkId }) => [sk, checkId]);

const fault = () => new Error('service unavailable');

describe('a liquidation whose latency shock came from scores', () => {
  /** 10 BTC from 7,000 at 6,000: a loss of 10,000, and MM 3,000. A fall of Λ costs 57,000·Λ. */
  const [LOSS, REQUIRED, SLOPE] = [10_000, 3_000, 57_000];

  it('is ordered by them, and replays', async () => {
    const { forecast } = measuredOf(afterMinutes([...LEARNT, 0]), {
      asOf: timeOf(0) + CLOCK_LAG_MS,
      terms: TERMS,
    });
    if (forecast === undefined) throw new Error('no forecast');
    const deviation = Number(textOf(forecast.volatility)) * Math.sqrt(90 / YEAR_SECONDS);
    const shockAt = (z: number) => 0.006 + 1 - Math.exp(-z * deviation);
    const shock = shockAt(Number(textOf(forecast.quantiles.down)));
    const byLaw = shockAt(2.649492);
    // Far enough apart for the uncertainty of a price that is 3 s old: some 25.
    expect(SLOPE * (byLaw - shock)).toBeGreaterThan(90);
    const between = (SLOPE * (shock + byLaw)) / 2;
    const world = await learntWorld([
      ...long('within', String(Math.round(LOSS + REQUIRED + (SLOPE * shock) / 3))),
      ...long('beyond', String(Math.round(LOSS + REQUIRED + between))),
    ]);
    await checkAt(world, 0);
    const said = await saidOf(world);
    expect(said).toContain('within liquidation.ordered');
    expect(said).not.toContain('beyond liquidation.ordered');
    const [message] = (await world.orders()) as (AccountMessage & {
      figures: { prices: { shockDown: string; shockUp: string }[] };
    })[];
    const [moves] = message?.figures.prices ?? [];
    expect(Number(moves?.shockDown)).toBeCloseTo(shock, 9);
    expect(Number(moves?.shockUp)).toBeLessThan(Number(moves?.shockDown));
    await expectInOrder(world);
  });
});

describe('the scores of a feed', () => {
  it('are written every ten minutes, and each check goes on as if its memory had never left', async () => {
    const world = await learntWorld();
    const writes: number[] = [];
    for (const minute of from(0, 21)) {
      const run = inject(world.services, unharmed);
      await checkAt(world, minute, run);
      expect(run.calls.filter(isPageWrite)).toHaveLength(1);
      if (run.calls.some(isScoreWrite)) writes.push(minute);
      await expectKnown(world, [...LEARNT, ...from(0, minute)]);
    }
    // The pages of before are of minute −1.
    expect(writes).toEqual([9, 19]);
  });

  it('are written at most every ten minutes even if one of their pages never changes', async () => {
    const world = await learntWorld();
    await putPage(world, 'scores', {}, { sk: 'page-1', checkId: checkIdOf(-60) });
    const run = inject(world.services, unharmed);
    for (const minute of from(0, 3)) await checkAt(world, minute, run);
    expect(run.calls.filter(isScoreWrite)).toEqual([]);
  });

  it('are not written if no newer quote has come', async () => {
    const world = await learntWorld();
    await checksAt(world, SEEN);
    const run = inject(world.services, unharmed);
    await checkAt(world, 9, run);
    expect(run.calls.filter(isScoreWrite)).toHaveLength(1);
    // The feed's page leaves out what is on the other page now, and then neither changes.
    await world.check(10);
    const again = inject(world.services, unharmed);
    await world.check(11, again);
    await world.check(30, again);
    expect(again.calls.filter((call) => isPageWrite(call) || isScoreWrite(call))).toEqual([]);
    expect(await scoresCheck(world)).toEqual([['page-0', checkIdOf(9)]]);
  });

  it('go on if a run is killed between the two writes', async () => {
    const world = await learntWorld();
    await checksAt(world, SEEN);
    const killed = checkAt(world, 9, inject(world.services, killWhen(isScoreWrite)));
    await expect(killed).rejects.toThrow(/killed/i);
    await expectKnown(world, [...LEARNT, ...SEEN, 9]);
    expect(await scoresCheck(world)).toEqual([['page-0', checkIdOf(-1)]]);
    await checkAt(world, 10);
    await expectKnown(world, [...LEARNT, ...SEEN, 9, 10]);
    expect(await scoresCheck(world)).toEqual([['page-0', checkIdOf(10)]]);
  });

  it('go on if their page cannot be written, which the check says', async () => {
    const world = await learntWorld();
    await checksAt(world, SEEN);
    const unkept = inject(world.services, failing(isScoreWrite, fault));
    const { errors } = await failureOf(checkAt(world, 9, unkept));
    expect(errors).toEqual(['margin scores/page-0: Error: service unavailable']);
    await expectKnown(world, [...LEARNT, ...SEEN, 9]);
    await checkAt(world, 10);
    await expectKnown(world, [...LEARNT, ...SEEN, 9, 10]);
  });
});

describe('a late run that comes back', () => {
  it('writes no scores if a later check has written the feeds', async () => {
    const world = await learntWorld();
    await checksAt(world, SEEN);
    const held = holdAt(isPageWrite);
    const run = inject(world.services, held.intercept);
    const late = checkAt(world, 9, run);
    await held.arrived;
    await checkAt(world, 10);
    held.letGo();
    await late.catch(() => undefined);
    expect(run.calls.filter(isScoreWrite)).toEqual([]);
    await expectKnown(world, [...LEARNT, ...SEEN, 10]);
    await checkAt(world, 11);
    await expectKnown(world, [...LEARNT, ...SEEN, 10, 11]);
  });

  it('does not replace the scores of a later check by its own', async () => {
    const world = await learntWorld();
    await checksAt(world, SEEN);
    const held = holdAt(isScoreWrite);
    const late = checkAt(world, 9, inject(world.services, held.intercept));
    await held.arrived;
    await checkAt(world, 10);
    const kept = await scorePagesIn(world);
    expect(await scoresCheck(world)).toEqual([['page-0', checkIdOf(10)]]);
    held.letGo();
    await late.catch(() => undefined);
    expect(await scorePagesIn(world)).toEqual(kept);
    await expectKnown(world, [...LEARNT, ...SEEN, 9, 10]);
  });
});

describe('two runs that overlap', () => {
  /** Holds one call until it is released, before it is sent or after it took effect. */
  const gate = (isMine: (call: Call) => boolean, moment: 'before' | 'after') => {
    const [arrival, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const intercept: Interceptor = async (call, proceed) => {
      const answer = moment === 'after' ? await proceed() : undefined;
      if (isMine(call)) {
        arrival.resolve();
        await release.promise;
      }
      return moment === 'after' ? answer : proceed();
    };
    return { intercept, arrived: arrival.promise, letGo: release.resolve };
  };
  const both =
    (outer: Interceptor, inner: Interceptor): Interceptor =>
    (call, proceed) =>
      outer(call, () => inner(call, proceed));

  it('leave what the later one knew, though it read a page of scores that was ahead of its feeds', async () => {
    const world = await learntWorld();
    await checksAt(world, SEEN);
    // The earlier run has the fence, and has written nothing when the later one reads the feeds.
    const [feedsHeld, scoresHeld] = [gate(isPageWrite, 'before'), gate(isScoreWrite, 'after')];
    const through = both(feedsHeld.intercept, scoresHeld.intercept);
    const earlier = checkAt(world, 9, inject(world.services, through));
    await feedsHeld.arrived;
    await world.writeMarket([quoteRow(10)]);
    const readHeld = gate(isScoreRead, 'before');
    const feedsRead = gate(isPageRead, 'after');
    feedsRead.letGo();
    const reading = both(readHeld.intercept, feedsRead.intercept);
    const later = world.check(10, inject(world.services, reading));
    await Promise.all([readHeld.arrived, feedsRead.arrived]);
    // Then the earlier one writes both, before the later one reads the scores.
    feedsHeld.letGo();
    await scoresHeld.arrived;
    readHeld.letGo();
    await later;
    scoresHeld.letGo();
    await earlier.catch(() => undefined);
    expect(await scoresCheck(world)).toEqual([['page-0', checkIdOf(9)]]);
    await expectKnown(world, [...LEARNT, ...SEEN, 10]);
    for (const minute of from(11, 21)) {
      await checkAt(world, minute);
      await expectKnown(world, [...LEARNT, ...SEEN, ...from(10, minute)]);
    }
  });
});

describe('a page of scores', () => {
  const LOST = `${FEED}: its scores are on no page of margin scores; they are gathered anew`;

  /** z of the law, and the σ̂ that was measured. */
  async function expectAnew(world: World): Promise<void> {
    const { feeds } = await found(world);
    const memory = feeds.get(FEED)?.volatility;
    const read = memory && measuredOf(memory, { asOf: memory.publishedAt, terms: TERMS });
    const { down, up } = read?.forecast?.quantiles ?? {};
    expect([down, up].map((z) => z && textOf(z))).toEqual(['2.649492', '2.649492']);
    const never = afterMinutes([...LEARNT, 0]).forecast;
    expect(memory?.forecast?.variance).toBe(never?.variance);
  }

  it('that is lost is told once, and its scores are gathered anew', async () => {
    const world = await learntWorld();
    const { marginTable: TableName } = world.services.config;
    const Key = marshall({ pk: 'scores', sk: 'page-0' });
    await world.dynamo.send(new DeleteItemCommand({ TableName, Key }));
    expect((await checkAt(world, 0)).marketFaults).toEqual([LOST]);
    await expectAnew(world);
    expect((await checkAt(world, 1)).marketFaults).toEqual([]);
  });

  it('that is damaged is told once, replaced at once, and its scores are gathered anew', async () => {
    const world = await learntWorld();
    await putPage(world, 'scores', {}, { feeds: 'lost' });
    expect((await checkAt(world, 0)).marketFaults).toEqual([
      'margin scores/page-0: feeds must be JSON; the scores of its feeds are gathered anew',
      LOST,
    ]);
    await expectAnew(world);
    expect(await scoresCheck(world)).toEqual([['page-0', checkIdOf(0)]]);
    expect((await checkAt(world, 1)).marketFaults).toEqual([]);
  });

  it('that cannot be read withholds calls and liquidations, and nothing is written over', async () => {
    const world = await learntWorld(long('liquidated', '12000'));
    const unread = inject(world.services, failing(isScoreRead, fault));
    const { errors } = await failureOf(checkAt(world, 0, unread));
    expect(errors).toEqual(['margin scores: Error: service unavailable']);
    expect(await world.orders()).toEqual([]);
    expect(await saidOf(world)).toContain('liquidated account.indeterminate');
    expect(unread.calls.filter((call) => isPageWrite(call) || isScoreWrite(call))).toEqual([]);
    await expectKnown(world, LEARNT);
    await checkAt(world, 1);
    await expectKnown(world, [...LEARNT, 1]);
    expect(await saidOf(world)).toContain('liquidated liquidation.ordered');
    await expectInOrder(world);
  });
});
