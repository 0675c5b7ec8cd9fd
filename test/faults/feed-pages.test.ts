import { describe, expect, it } from 'vitest';
import { replay } from '../../local/analysis/replay.ts';
import { readStatus } from '../../local/status/read-status.ts';
import { long, MARKET, quote } from './book.ts';
import {
  isPageRead,
  isPageWrite,
  pagesIn,
  putMargin,
  rememberedIn,
  writePage,
} from './feed-pages.ts';
import { type Call, failing, inject, killAt, killWhen, unharmed } from './injector.ts';
import { expectInOrder, saidOf, unpack } from './invariants.ts';
import { checkIdOf, failureOf, openWorld, type Row, timeOf, World } from './world.ts';

const EWMA = { type: 'ewma', halfLifeSeconds: 3600, floor: '0.4', stress: '0.9' };
const BOOK = MARKET.filter(({ id }) => id !== 'DOGE');
const MEASURED = BOOK.map((row) => (row.kind === 'risk' ? { ...row, volatility: EWMA } : row));
const fault = () => new Error('service unavailable');
const ACCOUNTS = long('liquidated', '12000');

describe('what an earlier version remembered', () => {
  const FACTOR = { pk: 'factor#BTC-USD', sk: 'volatility' };
  const FENCE = { pk: 'check', sk: 'latest' };
  const suspect = { price: '5000', publishedAt: timeOf(-1) - 3_000 };
  const volatility = {
    annualVariance: '4',
    quantileDown: '4',
    quantileUp: '5.5',
    price: '6000',
    publishedAt: timeOf(-1) - 3_000,
  };

  /** A table as the version before pages left it, one minute before the first check. */
  async function oldWorld(input: object = {}): Promise<World> {
    const world = await openWorld({ market: MEASURED, accounts: ACCOUNTS, ...input });
    await leaveAsBefore(world);
    return world;
  }

  async function leaveAsBefore(world: World): Promise<void> {
    const prices = { 'BTC-USD': { price: '6000', suspect }, 'GONE-USD': { price: '7' } };
    const state = { runId: 'old', completedAsOf: timeOf(-1), prices };
    const own = { version: 3, isActive: false, pending: [], forgetAfterSeconds: 2_000_000_000 };
    await putMargin(world, { ...FENCE, ...own, checkId: checkIdOf(-1), state });
    const kept = { checkId: checkIdOf(-1), expiresAtSeconds: 2_000_000_000 };
    await putMargin(world, { ...FACTOR, ...kept, ...volatility });
  }

  const isOld = ({ input }: Call) => (input.Key as { pk?: { S: string } })?.pk?.S === FACTOR.pk;
  const isOldRead = (call: Call) => call.command === 'GetItem' && isOld(call);
  const fencePricesIn = async (world: World) => {
    const fence = (await world.margin()).find(({ pk, sk }) => `${pk}/${sk}` === 'check/latest');
    return (fence as { state: { prices: object } } | undefined)?.state.prices ?? {};
  };

  it('is on a page after the first check, which goes on from it', async () => {
    const world = await oldWorld({ prices: { 'BTC-USD': '5000' } });
    await world.check(0);
    const { price, volatility: measured } = await rememberedIn(world);
    // The newer quote confirms the jump that the version before held as suspect.
    expect(price).toMatchObject({ price: '5000' });
    expect(price).not.toHaveProperty('suspect');
    expect(Number(measured?.annualVariance)).toBeGreaterThan(4);
    // Quantiles are not taken over: the forecast learns its own, from σ² = 4 on. A gap of 60 s.
    expect(measured).not.toHaveProperty('quantileDown');
    const kept = 2 ** (-60 / 180);
    const ofGap = (Math.log(5000 / 6000) ** 2 * 31_536_000) / 60;
    const forecast = measured?.forecast as { variance: string };
    expect(Number(forecast.variance)).toBeCloseTo(kept * 4 + (1 - kept) * ofGap, 8);
    expect(await rememberedIn(world, 'GONE-USD')).toMatchObject({ price: { price: '7' } });
    expect(await fencePricesIn(world)).toEqual({});
    expect((await saidOf(world)).filter((said) => said.startsWith('liquidated'))).not.toEqual([]);
  });

  it('is what the commands read until then', async () => {
    const world = await oldWorld();
    const { services, dynamo } = world;
    const now = timeOf(0);
    const { prices } = await readStatus({ dynamo, deployment: services.config, now });
    const [move] = prices.moves;
    expect(prices.feeds).toMatchObject([{ feed: 'BTC-USD', price: '6000', use: 'anything' }]);
    // Student-t at 99 %: nothing has been scored yet.
    expect(move?.quantileUp).toBe('2.649492');
    await world.writeMarket([quote('BTC-USD', '4900', now)]);
    const jumped = await readStatus({ dynamo, deployment: services.config, now: now + 1000 });
    expect(jumped.prices.feeds).toMatchObject([{ use: 'anything' }]);
    await world.writeMarket([quote('BTC-USD', '9000', now)]);
    const doubted = await readStatus({ dynamo, deployment: services.config, now: now + 1000 });
    expect(doubted.prices.feeds).not.toMatchObject([{ use: 'anything' }]);
    expect(await pagesIn(world)).toEqual([]);
  });

  it('is read once', async () => {
    const world = await oldWorld();
    const runs = [0, 1].map(() => inject(world.services, unharmed));
    for (const [minute, run] of runs.entries()) {
      await world.quoteAt(minute, { 'BTC-USD': '6000' });
      await world.check(minute, run);
    }
    expect(runs.map(({ calls }) => calls.filter(isOldRead).length)).toEqual([1, 0]);
  });

  it('stays where it is until a page can be written', async () => {
    const world = await oldWorld();
    const unkept = inject(world.services, failing(isPageWrite, fault));
    const { errors } = await failureOf(world.check(0, unkept));
    expect(errors).toEqual(['margin feeds/page-0: Error: service unavailable']);
    expect(Object.keys(await fencePricesIn(world))).toEqual(['BTC-USD', 'GONE-USD']);
    await world.checkAfresh(1, { 'BTC-USD': '6000' });
    expect((await rememberedIn(world)).volatility).toMatchObject({ price: '6000' });
    expect(Number((await rememberedIn(world)).volatility?.annualVariance)).toBeGreaterThan(3);
    expect(await fencePricesIn(world)).toEqual({});
  });

  it('is unknown if it cannot be read, and is taken over by the next check', async () => {
    const world = await oldWorld();
    const unread = inject(world.services, failing(isOldRead, fault));
    const { errors } = await failureOf(world.check(0, unread));
    expect(errors).toEqual(['margin factor#BTC-USD/volatility: Error: service unavailable']);
    expect(await world.orders()).toEqual([]);
    expect(await rememberedIn(world)).toEqual({});
    await world.checkAfresh(1, { 'BTC-USD': '6000' });
    expect(Number((await rememberedIn(world)).volatility?.annualVariance)).toBeGreaterThan(3);
  });

  it('is a fault if it is damaged, and begins anew', async () => {
    const world = await oldWorld();
    const damaged = { ...FACTOR, ...volatility, annualVariance: 'NaN', checkId: checkIdOf(-1) };
    await putMargin(world, damaged);
    expect((await world.check(0)).marketFaults).toEqual([
      expect.stringMatching(/^margin factor#BTC-USD\/volatility: annualVariance must be a number;/),
    ]);
    expect((await rememberedIn(world)).volatility?.annualVariance).toBe(String(0.9 * 0.9));
    expect((await world.checkAfresh(1, { 'BTC-USD': '6000' })).marketFaults).toEqual([]);
  });

  it('survives a run that dies at any of its calls', async () => {
    const whole = await oldWorld();
    const run = inject(whole.services, unharmed);
    await whole.check(0, run);
    for (const { index } of run.calls) {
      const world = await World.start({ market: MEASURED, accounts: ACCOUNTS });
      await leaveAsBefore(world);
      await world.check(0, inject(world.services, killAt(index, 'after'))).catch(() => undefined);
      await world.checkAfresh(1, { 'BTC-USD': '6000' });
      const { volatility: measured } = await rememberedIn(world);
      expect([index, Number(measured?.annualVariance) > 3]).toEqual([index, true]);
      expect(await fencePricesIn(world)).toEqual({});
      await world.close();
    }
  });
});

describe('a page that cannot be read', () => {
  const memory = { 'BTC-USD': { price: { price: '6000' } }, 'FAR-USD': { price: { price: '1' } } };

  it('leaves a price of one source unconfirmed, so that it liquidates nobody until the next check', async () => {
    const world = await openWorld({ market: BOOK, accounts: ACCOUNTS });
    await writePage(world, memory);
    const unread = inject(world.services, failing(isPageRead, fault));
    const { errors } = await failureOf(world.check(0, unread));
    expect(errors).toEqual(['margin feeds: Error: service unavailable']);
    expect(await world.orders()).toEqual([]);
    expect(await saidOf(world)).not.toContain('liquidated liquidation.ordered');
    await world.checkAfresh(1, { 'BTC-USD': '6000' });
    expect(await saidOf(world)).toContain('liquidated liquidation.ordered');
    for (const decided of (await world.margin()).filter(({ sk }) => sk.startsWith('decision#'))) {
      expect(replay(unpack(decided)).matches).toBe(true);
    }
    await expectInOrder(world);
  });

  it('is not written over', async () => {
    const world = await openWorld({ market: BOOK, accounts: ACCOUNTS });
    await writePage(world, memory);
    const before = await pagesIn(world);
    const unread = inject(world.services, failing(isPageRead, fault));
    await failureOf(world.check(0, unread));
    expect(await pagesIn(world)).toEqual(before);
  });

  it('is a fault once if it is damaged, and is then written anew', async () => {
    const world = await openWorld({ market: BOOK, accounts: ACCOUNTS });
    await writePage(world, {}, { feeds: 'lost' });
    expect((await world.check(0)).marketFaults).toEqual([
      'margin feeds/page-0: feeds must be JSON; all its feeds are remembered anew',
    ]);
    expect(await rememberedIn(world)).toMatchObject({ price: { price: '6000' } });
    expect((await world.checkAfresh(1, { 'BTC-USD': '6000' })).marketFaults).toEqual([]);
  });
});

describe('what is remembered of a feed', () => {
  const rowsOf = (feed: string): Row[] => [{ kind: 'asset', id: feed, feed, riskClass: 'BTC' }];

  it('stays for a week after its rows are gone, and goes on if they return', async () => {
    const world = await openWorld({ market: [...BOOK, ...rowsOf('SOL-USD')], accounts: [] });
    const quoteAt = (minute: number, price: string) =>
      world.writeMarket([quote('SOL-USD', price, timeOf(minute) - 3_000)]);
    await quoteAt(0, '150');
    await world.check(0);
    await world.removeMarket('asset', 'SOL-USD');
    await world.checkAfresh(1);
    await world.checkAfresh(2);
    const gone = { price: { price: '150' }, goneSince: timeOf(1) + 250 };
    expect(await rememberedIn(world, 'SOL-USD')).toMatchObject(gone);
    await world.writeMarket(rowsOf('SOL-USD'));
    await quoteAt(3, '50');
    await world.check(3);
    const suspect = { price: '50', publishedAt: timeOf(3) - 3_000 };
    const back = await rememberedIn(world, 'SOL-USD');
    expect(back).toMatchObject({ price: { price: '150', suspect } });
    expect(back).not.toHaveProperty('goneSince');
    await world.removeMarket('asset', 'SOL-USD');
    await world.checkAfresh(4);
    await world.checkAfresh(4 + 7 * 24 * 60 - 1);
    expect(await rememberedIn(world, 'SOL-USD')).not.toEqual({});
    await world.checkAfresh(4 + 7 * 24 * 60);
    expect(await rememberedIn(world, 'SOL-USD')).toEqual({});
  });

  it('is written only if it has changed', async () => {
    const world = await openWorld({ market: MEASURED, accounts: ACCOUNTS });
    await world.check(0);
    const run = inject(world.services, unharmed);
    await world.check(1, run);
    expect(run.calls.filter(isPageRead)).toHaveLength(1);
    expect(run.calls.filter(isPageWrite)).toEqual([]);
  });

  it('is what the run with the later check wrote, whichever of two runs is late', async () => {
    const world = await openWorld({ market: MEASURED, accounts: ACCOUNTS });
    await world.check(0);
    await world.quoteAt(1, { 'BTC-USD': '5880' });
    await world.check(1, inject(world.services, killWhen(isPageWrite))).catch(() => undefined);
    await world.quoteAt(2, { 'BTC-USD': '5900' });
    await world.check(2);
    const kept = await pagesIn(world);
    expect(kept).toMatchObject([{ checkId: checkIdOf(2) }]);
    await world.check(1);
    expect(await pagesIn(world)).toEqual(kept);
  });
});

describe('5,000 feeds that all jump', () => {
  const FEEDS = Array.from({ length: 5000 }, (_, index) => `FEED-${index}-USD`);
  const quotes = (minute: number, price: string): Row[] =>
    FEEDS.map((feed) => quote(feed, price, timeOf(minute) - 3_000));
  const assets = FEEDS.map((feed): Row => ({ kind: 'asset', id: feed, feed, riskClass: 'BTC' }));

  it('are remembered in a handful of items, each below 300 KB, and in few calls', async () => {
    const world = await openWorld({ market: [...MEASURED, ...assets], accounts: ACCOUNTS });
    await world.writeMarket(quotes(0, '100'));
    await world.check(0);
    await world.quoteAt(1, { 'BTC-USD': '6000' });
    await world.writeMarket(quotes(1, '30'));
    const run = inject(world.services, unharmed);
    await world.check(1, run);
    const items = (await world.margin()).filter(({ pk }) => pk === 'feeds' || pk === 'check');
    const sizes = items.map(({ feeds, ...item }) =>
      Buffer.byteLength(`${feeds}${JSON.stringify(item)}`),
    );
    expect(Math.max(...sizes)).toBeLessThan(300_000);
    const pages = await pagesIn(world);
    expect(pages.length).toBeLessThanOrEqual(12);
    expect(run.calls.filter(isPageWrite)).toHaveLength(pages.length);
    expect(run.calls.filter(isPageRead).length).toBeLessThanOrEqual(pages.length);
    const remembered = pages.flatMap(({ feeds }) => Object.values(feeds));
    const jumped = remembered.filter(({ price }) => price?.suspect !== undefined);
    expect(jumped).toHaveLength(5000);
    await world.writeMarket(quotes(2, '30'));
    await world.check(2);
    const believed = (await pagesIn(world)).flatMap(({ feeds }) => Object.values(feeds));
    expect(believed.filter(({ price }) => price?.price === '30')).toHaveLength(5000);
  }, 120_000);
});
