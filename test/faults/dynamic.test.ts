import { describe, expect, it } from 'vitest';
import type { AccountMessage } from '../../lambda/messages/messages.ts';
import { replay } from '../../local/analysis/replay.ts';
import { long, MARKET } from './book.ts';
import { isPageWrite, rememberedIn, writePage } from './feed-pages.ts';
import { failing, inject } from './injector.ts';
import { expectInOrder, unpack } from './invariants.ts';
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
const DYNAMIC = { referenceVolatility: '0.9', floor: '0.5', cap: '4', initialRisePerHour: '0.1' };

interface ClassInput {
  /** null: the class is not dynamic. */
  readonly dynamic?: Row | null;
  readonly volatility?: Row | string;
}

function marketWith({ dynamic = DYNAMIC, volatility = EWMA }: ClassInput): readonly Row[] {
  const own = { volatility, ...(dynamic === null ? {} : { dynamic }) };
  const known = MARKET.filter(({ id }) => id !== 'DOGE');
  return known.map((row) => (row.kind === 'risk' ? { ...row, ...own } : row));
}

const worldWith = (riskClass: ClassInput = {}): Promise<World> =>
  openWorld({ market: marketWith(riskClass), accounts: long('called', '14000') });

/** σ as the initial requirement sees it, and its time, as stored. */
async function keptIn(world: World) {
  const { volatility } = await rememberedIn(world);
  return [volatility?.initialVolatility, volatility?.initialAsOf];
}

const asOf = (minute: number): number => timeOf(minute) + CLOCK_LAG_MS;

async function moveTo(world: World, minute: number, price: string): Promise<void> {
  await world.quoteAt(minute, { 'BTC-USD': price });
  await world.check(minute);
}

interface Figures {
  readonly initialRequirement: string;
  readonly maintenanceRequirement: string;
}

/** Three parts of σ_ewma, and one of the stress of 0.9. */
const usedOf = (annualVariance: number): number => 0.75 * Math.sqrt(annualVariance) + 0.225;

/** For every message about the account, in order: its requirements, relative to the reference σ. */
async function scalesIn(world: World, notionals: readonly number[]) {
  const said = (await world.alerts()).filter((each) => 'figures' in each);
  return said.map((message, index) => {
    const { figures } = message as AccountMessage & { figures: Figures };
    const notional = notionals[index] ?? Number.NaN;
    return {
      initial: Number(figures.initialRequirement) / notional / 0.1,
      maintenance: Number(figures.maintenanceRequirement) / notional / 0.05,
    };
  });
}

describe('the initial requirement of a dynamic class', () => {
  it('begins at σ and rises by its hourly fraction, while the maintenance requirement rises at once', async () => {
    const world = await worldWith();
    await world.check(0);
    expect(await keptIn(world)).toEqual(['0.9', asOf(0)]);
    await moveTo(world, 1, '5880');
    // 0.9·1.1^(1/60) = 0.901430788…
    expect(await keptIn(world)).toEqual(['0.90143079', asOf(1)]);
    const [calm, wild] = await scalesIn(world, [60_000, 58_800]);
    expect(calm).toEqual({ initial: 1, maintenance: 1 });
    // A return of ln(0.98) in 60 s, at a half-life of an hour.
    const kept = 2 ** (-60 / 3600);
    const variance = kept * 0.81 + (1 - kept) * Math.log(0.98) ** 2 * 525_600;
    expect(wild?.maintenance).toBeCloseTo(usedOf(variance) / 0.9, 5);
    expect(wild?.maintenance).toBeGreaterThan(1.7);
    expect(wild?.initial).toBeCloseTo(0.90143079 / 0.9, 5);
    await expectInOrder(world);
  });

  it('is never below the maintenance requirement, which may rise further', async () => {
    const world = await worldWith();
    await world.check(0);
    await moveTo(world, 1, '5700');
    const [, wild] = await scalesIn(world, [60_000, 57_000]);
    expect(wild?.maintenance).toBeGreaterThan(2);
    expect(wild?.initial).toBeCloseTo((wild?.maintenance ?? 0) / 2, 5);
    await expectInOrder(world);
  });

  it('rises by no more than an hour allows after an hour without a check', async () => {
    const world = await worldWith();
    await world.check(0);
    await moveTo(world, 60, '5000');
    await moveTo(world, 61, '5000');
    // 0.9·1.1, and one minute more.
    expect(await keptIn(world)).toEqual([expect.stringMatching(/^0\.9915738\d$/), asOf(61)]);
    await expectInOrder(world);
  });

  it('falls with σ at once', async () => {
    const world = await worldWith();
    await write(world, { annualVariance: '0.81', initialVolatility: '3', initialAsOf: asOf(-1) });
    await world.check(0);
    const [initial] = await keptIn(world);
    // 57 s without a move.
    expect(Number(initial)).toBeCloseTo(usedOf(0.81 * 2 ** (-57 / 3600)), 7);
    expect(Number(initial)).toBeLessThan(0.9);
    await expectInOrder(world);
  });

  it('keeps rising while there is no newer quote', async () => {
    const world = await worldWith();
    await world.check(0);
    await moveTo(world, 1, '5880');
    await world.check(2);
    expect(await keptIn(world)).toEqual(['0.90286386', asOf(2)]);
    await expectInOrder(world);
  });

  it('begins at σ if none is stored', async () => {
    const world = await worldWith();
    await write(world, { annualVariance: '4' });
    await world.check(0);
    expect(Number((await keptIn(world))[0])).toBeCloseTo(usedOf(4 * 2 ** (-57 / 3600)), 7);
    await expectInOrder(world);
  });

  const { initialRisePerHour: _, ...AT_ONCE } = DYNAMIC;
  it.each([
    ['a class without a limit on its rise', AT_ONCE],
    ['a class that is not dynamic', null],
  ])('stores no σ for %s', async (_name, dynamic) => {
    const world = await worldWith({ dynamic });
    await world.check(0);
    await moveTo(world, 1, '5880');
    expect(await keptIn(world)).toEqual([undefined, undefined]);
    await expectInOrder(world);
  });

  it('stores no σ for a fixed volatility, whose change counts at once', async () => {
    const world = await worldWith({ volatility: '0.9' });
    await world.check(0);
    await world.writeMarket(
      marketWith({ volatility: '1.8' }).filter(({ kind }) => kind === 'risk'),
    );
    await moveTo(world, 1, '5880');
    expect(await keptIn(world)).toEqual([undefined, undefined]);
    const [, changed] = await scalesIn(world, [60_000, 58_800]);
    expect(changed).toEqual({ initial: 2, maintenance: 2 });
    await expectInOrder(world);
  });
});

describe('a check in which σ rises', () => {
  it('changes nothing when the check runs twice', async () => {
    const world = await worldWith();
    await world.check(0);
    await moveTo(world, 1, '5880');
    const kept = await keptIn(world);
    await moveTo(world, 1, '5000');
    expect(await keptIn(world)).toEqual(kept);
  });

  it('makes up in the next check for a σ that could not be stored', async () => {
    const world = await worldWith();
    await world.check(0);
    const unkept = inject(
      world.services,
      failing(isPageWrite, () => new Error('unavailable')),
    );
    await world.quoteAt(1, { 'BTC-USD': '5880' });
    await failureOf(world.check(1, unkept));
    expect(await keptIn(world)).toEqual(['0.9', asOf(0)]);
    await moveTo(world, 2, '5880');
    // 0.9·1.1^(2/60) = 0.902863852…
    expect(await keptIn(world)).toEqual(['0.90286386', asOf(2)]);
    await expectInOrder(world);
  });

  it('is decided again from the σ in its evidence, and differs with another σ', async () => {
    const world = await worldWith();
    await world.check(0);
    await moveTo(world, 1, '5880');
    const items = await world.margin();
    const decided = items.find(({ sk }) => sk === `decision#${checkIdOf(1)}`);
    if (decided === undefined) throw new Error('nothing was decided at the second check');
    const record = unpack(decided);
    const evidence = record.evidence as { volatilities: Record<string, Row> };
    expect(evidence.volatilities['BTC-USD']).toMatchObject({ initial: '0.90143079' });
    expect(replay(record).matches).toBe(true);
    const { initial: _, ...others } = evidence.volatilities['BTC-USD'] as Row;
    const volatilities = { 'BTC-USD': others };
    expect(replay({ ...record, evidence: { ...evidence, volatilities } }).matches).toBe(false);
  });
});

/** Stores what a check one minute earlier would have, with these attributes changed. */
async function write(world: World, row: Row): Promise<void> {
  const counted = { price: '6000', publishedAt: timeOf(0) - 60_000 };
  const price = { price: '6000' };
  await writePage(world, { 'BTC-USD': { price, volatility: { ...counted, ...row } } });
}

describe('a stored σ that is malformed', () => {
  it.each([
    ['initialVolatility must be above 0, not 0', { initialVolatility: '0', initialAsOf: asOf(-1) }],
    [
      'initialAsOf must not be later than the check',
      { initialVolatility: '1', initialAsOf: timeOf(0) + 5_251 },
    ],
    ['initialAsOf must be a whole number', { initialVolatility: '1', initialAsOf: 'soon' }],
  ])('%s: begins at σ again, and reports the fault once', async (fault, row) => {
    const world = await worldWith();
    await write(world, { annualVariance: '4', ...row });
    const { marketFaults } = await world.check(0);
    expect(marketFaults[0]).toContain(`margin feeds/page-0 BTC-USD volatility: ${fault}`);
    expect(await keptIn(world)).toEqual(['0.9', asOf(0)]);
    expect((await world.checkAfresh(1)).marketFaults).toEqual([]);
    await expectInOrder(world);
  });
});
