import { describe, expect, it } from 'vitest';
import { balance, long, MARKET, position, quote } from './book.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { checkIdOf, eventAt, openWorld, timeOf, type World } from './world.ts';

const called = long('called', '14000');

describe('a decision record', () => {
  it.each([
    ['59.9 s, less than the interval,', 59_900],
    ['60 s, the interval,', 60_000],
    ['60.137 s, as on a real clock,', 60_137],
    ['100.5 s', 100_500],
    ['200 s, more than the buffer counts,', 200_000],
  ])('replays when the check before was %s ago', async (_, gapMs) => {
    const world = await openWorld({ accounts: [] });
    await world.check(0);
    await world.writeAccounts(called);
    const clock = timeOf(0) + 250 + gapMs;
    await world.quoteAt(gapMs / 60_000);
    await world.handle(eventAt(1), clock);
    expect(await saidOf(world)).toContain('called margin-call.issued');
    await expectInOrder(world);
  });

  it.each([
    ['an hour', 3_600],
    ['a day, the longest that the stack allows,', 86_400],
  ])('replays when checks are %s apart and one was missed', async (_, checkIntervalSeconds) => {
    const world = await openWorld({ accounts: [] });
    const config = { ...world.services.config, checkIntervalSeconds };
    await world.check(0, { config });
    await world.writeAccounts(called);
    const minute = (checkIntervalSeconds / 60) * 2;
    await world.quoteAt(minute);
    await world.check(minute, { config });
    expect((await saidOf(world)).some((said) => said.startsWith('called '))).toBe(true);
    await expectInOrder(world);
  });
});

describe('a decision on rows that cannot be read', () => {
  const victim = (row: object) => [balance('victim', '40000'), { ...position('victim'), ...row }];
  const published = timeOf(0) - 3_000;

  async function expectReplays(world: World): Promise<void> {
    await world.check(0);
    expect(await saidOf(world)).toContain('victim account.indeterminate');
    await expectInOrder(world);
  }

  it.each([
    ['a text that is no number', { quantity: 'ten' }],
    ['a list', { quantity: ['10'] }],
    ['a map', { quantity: { N: '10' } }],
    ['a set', { quantity: new Set(['10']) }],
    ['bytes', { quantity: new Uint8Array([1, 2]) }],
    ['nothing', { quantity: null }],
    ['another instrument than its key', { instrument: 'ETH-PERP' }],
    ['a number for the instrument', { instrument: 5 }],
    ['an attribute label', { label: 'mine' }],
    ['an unknown attribute', { colour: 'red' }],
    ['a label that is too long', { item: `position#BTC-PERP#${'x'.repeat(129)}` }],
    ['a label with a line break', { item: 'position#BTC-PERP#a\nb' }],
    ['an unknown kind of item', { item: 'holding#BTC-PERP' }],
  ])('replays for a position with %s', async (_, row) => {
    await expectReplays(await openWorld({ accounts: victim(row) }));
  });

  it.each([
    ['an attribute feed', { ...quote('BTC-USD', '6000', published), feed: 'BTC-USD' }],
    ['an attribute source', { ...quote('BTC-USD', '6000', published), source: 'pyth' }],
    ['no source in its id', { ...quote('BTC-USD', '6000', published), id: 'BTC-USD' }],
    ['an invalid source', { ...quote('BTC-USD', '6000', published), id: 'BTC-USD#a b' }],
    ['an invalid price', quote('BTC-USD', 'NaN', published)],
  ])('replays for a quote with %s', async (_, row) => {
    const world = await openWorld({ accounts: victim({}), prices: {} });
    await world.writeMarket([row]);
    await expectReplays(world);
  });

  it('replays for an instrument and a risk class with faults', async () => {
    const market = MARKET.map((row) => {
      if (row.kind === 'instrument') return { ...row, contractSize: '0' };
      return row.kind === 'risk' ? { ...row, volatility: 'high' } : row;
    });
    await expectReplays(await openWorld({ accounts: victim({}), market }));
  });
});

describe('records of one account in one check', () => {
  it('have different keys for each position, even with a lowercase instrument', async () => {
    const instrument = { ...MARKET.find(({ kind }) => kind === 'instrument'), id: 'lowercase' };
    const short = { quantity: '-4', entryPrice: '5500', isolatedMargin: '2500' };
    const lot = (label: string) => position('lots', { ...short, instrument: 'lowercase', label });
    const world = await openWorld({
      market: [...MARKET, instrument],
      accounts: [lot('a'), lot('b')],
    });
    await world.check(0);
    const keys = (await world.margin()).filter(({ record }) => record !== undefined);
    expect(keys.map(({ sk }) => sk)).toEqual([
      `decision#${checkIdOf(0)}#lowercase#a`,
      `decision#${checkIdOf(0)}#lowercase#b`,
    ]);
    await expectInOrder(world);
  });
});
