/**
 * What a function with certificates does when something fails or changes: every test is named by what
 * happens. The others:
 *
 *     cold start, policy changed, stream late          certificates.test.ts
 *     canary missing, position trimmed                 certificates-stream.test.ts
 *     the stream loses a record, two in turn           certificates-comparison.test.ts
 *     writes during a scan, two at once, overtaken     certificates-races.test.ts
 *     a certificate is wrong                           certificates-unsound.test.ts
 *     a function is killed                             certificates-killed.test.ts
 */
import { describe, expect, it, vi } from 'vitest';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { Screen } from '../../lambda/margin/certificate/screen.ts';
import { balance, MARKET, position, quote } from './book.ts';
import { isPageRead } from './feed-pages.ts';
import {
  accountsSaid,
  certificatesOf,
  failingFirst,
  many,
  openCertified,
  openWarm,
  unrecorded,
  Warm,
} from './warm.ts';
import { eventAt, openWorld, type Row, timeOf, type World } from './world.ts';

const CHAIN = { kind: 'location', id: 'chain', finalitySeconds: 900, pendingWeight: '0.5' };
const ON_CHAIN = {
  ...{ ...balance('distant', '2', 'BTC'), item: 'balance#BTC@chain' },
  ...{ location: 'chain', observedAt: timeOf(0) - 3_600_000 },
};

const rowOf = (kind: string, id: string): Row => {
  const found = MARKET.find((row) => row.kind === kind && row.id === id);
  if (found === undefined) throw new Error(`there is no ${kind} ${id}`);
  return found;
};

/** 20 that hold a contract, one that holds coin at a location, one that holds coin, one that lends. */
const BOOK = [
  ...many(20),
  ON_CHAIN,
  balance('distant', '5000'),
  balance('coin', '1', 'BTC'),
  balance('cash', '1000'),
];
const ALL = 23;

async function openBook(market: readonly Row[] = MARKET, accounts: readonly Row[] = BOOK) {
  const world = await openWorld({ market: [...market, CHAIN], accounts, hasCertificates: true });
  const warm = new Warm(world);
  await warm.check(0);
  expect(certificatesOf(await warm.check(1)).certified).toBe(ALL);
  return { world, warm };
}

/** Beside a function that reads every account at the same time. */
async function expectAlike(world: World, summary: CheckSummary, minute: number): Promise<void> {
  const exact = await new Warm(world, { certificates: undefined }).run(minute);
  const { accounts, levels, indeterminate } = exact;
  expect(summary).toMatchObject({ accounts, levels, indeterminate });
}

describe('a row of the market that changes: its holders are read, and certified again', () => {
  const CHANGES: readonly (readonly [string, Row, number])[] = [
    ['a location', { ...CHAIN, finalitySeconds: 1800 }, 1],
    ['an instrument', { ...rowOf('instrument', 'BTC-PERP'), contractSize: '0.9' }, 20],
    ['a risk class', { ...rowOf('risk', 'BTC'), jumpFloor: '0.006' }, 0],
    ['an asset', { ...rowOf('asset', 'BTC'), collateralWeight: '0.8' }, 2],
    ['the policy', { ...rowOf('policy', 'default'), callMultiplier: '1.3' }, 23],
  ];

  it.each(CHANGES)('%s', async (_what, row, holders) => {
    const { world, warm } = await openBook();
    await world.writeMarket([row]);
    const summary = await warm.check(2);
    expect(ALL - certificatesOf(summary).certified).toBeGreaterThanOrEqual(holders);
    await expectAlike(world, summary, 2.01);
    await warm.check(3);
    expect(certificatesOf(await warm.check(4)).certified).toBe(ALL);
  });

  it('a risk class with higher rates', async () => {
    const { world, warm } = await openBook();
    const margin = { type: 'flat', initial: '0.3', maintenance: '0.25' };
    await world.writeMarket([{ ...rowOf('risk', 'BTC'), margin }]);
    const summary = await warm.check(2);
    expect(summary.levels.liquidation).toBeGreaterThan(10);
    await expectAlike(world, summary, 2.01);
  });
});

describe('a price', () => {
  it('that is refused: its holders are read, and undecided', async () => {
    const { world, warm } = await openBook();
    for (const minute of [10, 11]) {
      const summary = await warm.run(minute);
      expect(summary.indeterminate).toBeGreaterThan(0);
      expect(certificatesOf(summary).certified).toBeLessThanOrEqual(1);
      await expectAlike(world, summary, minute + 0.01);
    }
    await warm.check(12);
    await warm.check(13);
    expect(certificatesOf(await warm.check(14)).certified).toBe(ALL);
  });

  it('whose memory cannot be read: its holders are read, and undecided', async () => {
    const { world, warm } = await openBook();
    warm.intercept = failingFirst(1, isPageRead);
    const failed = await warm.check(2);
    expect(failed).toMatchObject({ accounts: ALL, indeterminate: 20 });
    for (const minute of [3, 4, 5]) {
      const summary = await warm.check(minute);
      expect(summary).toMatchObject({ accounts: ALL, indeterminate: 0 });
      expect(certificatesOf(summary).missed).toEqual([]);
    }
    expect(certificatesOf(await warm.check(6)).certified).toBe(ALL);
    expect((await accountsSaid(world)).length).toBeGreaterThan(0);
  });

  it.each([
    ['above', '66000'],
    ['below', '250'],
  ])('%s the envelope: its holders are read', async (_where, price) => {
    const { world, warm } = await openBook();
    for (const minute of [2, 3, 4]) {
      const summary = await warm.check(minute, { 'BTC-USD': price });
      if (minute < 4) expect(certificatesOf(summary).certified).toBe(1);
      await expectAlike(world, summary, minute + 0.01);
    }
  });

  it('whose funding rate changes by too much, or is gone: its holders are read', async () => {
    const { world, warm } = await openBook();
    const check = async (minute: number, rate: Row) => {
      await world.writeMarket([{ ...quote('BTC-USD', '6000', timeOf(minute) - 3_000), ...rate }]);
      const summary = await warm.run(minute);
      await expectAlike(world, summary, minute + 0.01);
      return certificatesOf(summary).certified;
    };
    const rates = ['0.0001', '0.00015', '0.0009'].map((fundingRatePerHour) => ({
      fundingRatePerHour,
    }));
    const first: number[] = [];
    for (const [place, rate] of [...rates, {}].entries()) {
      first.push(await check(2 + 3 * place, rate));
      // Certificates of another market are made within two checks.
      await check(3 + 3 * place, rate);
      expect(await check(4 + 3 * place, rate)).toBe(ALL);
    }
    expect(first).toEqual([1, ALL, 1, 1]);
  });

  it('with a shock beyond the envelope: its holders are read', async () => {
    const shocked = { ...rowOf('risk', 'BTC'), jumpFloor: '0.35', shockMax: '0.5' };
    const { world, warm } = await openBook();
    await world.writeMarket([shocked]);
    for (const minute of [2, 3, 4]) {
      const summary = await warm.check(minute);
      expect(certificatesOf(summary).certified).toBe(1);
      await expectAlike(world, summary, minute + 0.01);
    }
  });
});

it('memory that is damaged: every account is read, and certified again', async () => {
  const { warm } = await openBook();
  const bounds = vi.spyOn(Screen.prototype, 'boundsAt');
  await warm.check(2);
  for (const screen of bounds.mock.contexts as Screen[]) screen.lines.ofEntries.slopes[0] = 0;
  bounds.mockRestore();
  const { certified, allRead, healthy } = certificatesOf(await warm.check(3));
  expect({ certified, healthy }).toEqual({ certified: 0, healthy: ALL });
  expect(allRead).toBe('the certificates cannot be used: the arrays are damaged');
  await warm.check(4);
  expect(certificatesOf(await warm.check(5)).certified).toBe(ALL);
});

it('an account that cannot be certified is read at every check', async () => {
  const closed = position('closed', { quantity: '0', isolatedMargin: '5' });
  const { world, warm } = await openWarm([...many(20), balance('closed', '100'), closed]);
  const summary = await warm.check(2);
  expect(summary.certificates).toMatchObject({ certified: 20, uncertified: { closed: 1 } });
  await unrecorded(world, () => world.writeAccounts([balance('closed', '-100')]));
  for (const minute of [3, 4, 5]) {
    expect(certificatesOf(await warm.check(minute)).missed).toEqual([]);
    expect(await accountsSaid(world)).toContain('closed deficit.detected');
  }
});

describe('a clock', () => {
  it('that is a day later: certificates have expired', async () => {
    const { world, warm } = await openBook();
    const minute = 1 + 24 * 60;
    const summary = await warm.check(minute);
    expect(certificatesOf(summary).certified).toBe(0);
    await expectAlike(world, summary, minute + 0.01);
    await warm.check(minute + 1);
    expect(certificatesOf(await warm.check(minute + 2)).certified).toBe(ALL);
  });

  it('that goes back: certificates of a later market prove nothing', async () => {
    const world = await openCertified(BOOK.filter((row) => row !== ON_CHAIN));
    await world.checkAfresh(0);
    const summary = await world.handle(eventAt(0.01), timeOf(0) - 2_000);
    expect(summary.certificates?.allRead).toBeUndefined();
    expect(summary.certificates?.certified).toBe(0);
  });
});
