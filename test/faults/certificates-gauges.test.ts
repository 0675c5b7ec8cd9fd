/** The gauges of accounts that are not read, beside those of a function that reads every account. */
import { describe, expect, it } from 'vitest';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { balance, long, MARKET, position } from './book.ts';
import { openWarm, Warm } from './warm.ts';
import { openWorld, type Row } from './world.ts';

const ETH = [
  {
    ...{ kind: 'asset', id: 'ETH', feed: 'ETH-USD', riskClass: 'BTC' },
    ...{ collateralWeight: '0.5', liabilityWeight: '1.1' },
  },
  {
    ...{ kind: 'instrument', id: 'ETH-PERP', type: 'perpetual', underlying: 'ETH-USD' },
    ...{ settlementAsset: 'USD', riskClass: 'BTC' },
  },
];

const marketWith = (changes: Readonly<Record<string, Row>>): readonly Row[] => [
  ...MARKET.filter(({ id }) => id !== 'DOGE').map((row) => ({
    ...row,
    ...changes[`${row.kind} ${row.id}`],
  })),
  ...ETH,
];

const START = { 'BTC-USD': '6000', 'ETH-USD': '100' };

async function openBoth(market: readonly Row[], accounts: readonly Row[]) {
  const input = { market, accounts, prices: START, hasCertificates: true };
  const [world, shadow] = [await openWorld(input), await openWorld(input)];
  const plain = new Warm(shadow, { certificates: undefined });
  return { world, shadow, warm: new Warm(world), plain };
}

/** Longs, shorts with coin, and spreads, from far below the liquidation line to far above. */
const BOOK = Array.from({ length: 200 }, (_, each): Row[] => {
  const id = `account-${each}`;
  const far = 2 * each;
  if (each % 4 === 3) {
    const short = position(id, { quantity: '-10', entryPrice: '6000' });
    return [balance(id, `${2_000 + 25 * far}`), short, balance(id, '3', 'ETH')];
  }
  if (each % 4 === 2) {
    const eth = position(id, { instrument: 'ETH-PERP', quantity: '200', entryPrice: '100' });
    const btc = position(id, { quantity: '5', entryPrice: '6000' });
    return [balance(id, `${2_800 + 20 * far}`), btc, eth];
  }
  return [balance(id, `${3_400 + 15 * far}`), position(id, { entryPrice: '6000' })];
}).flat();

const PATH = [
  ['6000', '100'],
  ['6000', '100'],
  ['6060', '101'],
  ['6120', '98'],
  ['6240', '101'],
  ['6060', '107'],
  ['6240', '113'],
] as const;

/** One account of the book. */
const NOTIONAL_MAX = 63_000;
const CENT = 0.011;

function expectNear(own: number, exact: number, over: number): void {
  expect(own).toBeGreaterThanOrEqual(exact - CENT);
  expect(own).toBeLessThanOrEqual(exact + over);
}

function expectGauges(own: CheckSummary, exact: CheckSummary): void {
  for (const market of ['BTC-PERP', 'ETH-PERP']) {
    for (const side of ['notional1PctDown', 'notional1PctUp'] as const) {
      const [left, right] = [own, exact].map(({ cascade }) => Number(cascade[market]?.[side] ?? 0));
      expectNear(left ?? 0, right ?? 0, NOTIONAL_MAX);
    }
  }
  for (const side of ['badDebtAtFall', 'badDebtAtRise'] as const) {
    expectNear(Number(own.shock[side]), Number(exact.shock[side]), CENT);
  }
  expect(own.shock.liquidatedByBuffer).toBe(exact.shock.liquidatedByBuffer);
}

describe('the gauges of certified accounts', () => {
  it.each(['1.2', '1.01'])('err high, by little: calls at %s', async (callMultiplier) => {
    const market = marketWith({
      'policy default': { callMultiplier },
      'risk BTC': { jumpFloor: '0.1', shockMax: '0.01' },
    });
    const { warm, plain } = await openBoth(market, BOOK);
    for (const [minute, [btc, eth]] of PATH.entries()) {
      const prices = { 'BTC-USD': btc, 'ETH-USD': eth };
      const own = await warm.check(minute, prices);
      expectGauges(own, await plain.check(minute, prices));
      // Most of the debt is that of accounts that are not read.
      if (minute > 0) expect(own.certificates?.certified).toBeGreaterThan(130);
    }
  });

  it('warn of the same cascades while another price rises', async () => {
    const market = marketWith({ 'instrument BTC-PERP': { depth: '3000000' } });
    const accounts = Array.from({ length: 200 }, (_, each) =>
      long(`account-${each}`, `${14_420 + 5 * each}`),
    ).flat();
    const eth = position('eth', { instrument: 'ETH-PERP', quantity: '1', entryPrice: '100' });
    const both = await openBoth(market, [...accounts, balance('eth', '1000'), eth]);
    for (const [minute, price] of ['100', '125', '155', '190', '190'].entries()) {
      const prices = { ...START, 'ETH-USD': price };
      const own = await both.warm.check(minute, prices);
      const exact = await both.plain.check(minute, prices);
      expect(own.cascade).toEqual(exact.cascade);
    }
    const alerts = async (world: typeof both.world) =>
      (await world.alerts()).map(({ type }) => type).filter((type) => type.startsWith('cascade.'));
    expect(await alerts(both.world)).toEqual(await alerts(both.shadow));
  });
});

it('a large account that is read alone counts as one of many rows', async () => {
  const rows = Array.from({ length: 2_001 }, (_, each) =>
    position('large', { label: `${each}`, quantity: '0.001', entryPrice: '6000' }),
  );
  const { world, warm } = await openWarm([balance('large', '90000'), ...rows]);
  expect((await warm.check(2)).largeAccounts).toEqual([]);
  await world.writeAccounts([balance('large', '80000')]);
  expect((await warm.check(3)).largeAccounts).toEqual(['large']);
});
