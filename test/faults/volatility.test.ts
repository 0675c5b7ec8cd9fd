import { describe, expect, it } from 'vitest';
import {
  type MeasureTerms,
  nextMemory,
  type VolatilityMemory,
} from '../../lambda/margin/market/measure.ts';
import { price, ratio } from '../../lambda/margin/number/decimal.ts';
import type { AccountMessage } from '../../lambda/messages/messages.ts';
import { writeRecordedFeed } from '../../lambda/record/recorded-feed.ts';
import { long, MARKET, quote } from './book.ts';
import { isPageRead, isPageWrite, rememberedIn, writePage } from './feed-pages.ts';
import { type Call, failing, holdAt, inject, killAt, killWhen, unharmed } from './injector.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { failureOf, openWorld, type Row, timeOf, World } from './world.ts';

const EWMA = { type: 'ewma', halfLifeSeconds: 3600, floor: '0.4', stress: '0.9' };
const INTERVAL_SECONDS = 60;
/** Δ + L = 90 s are two gaps. */
const TERMS: MeasureTerms = {
  halfLifeSeconds: 3600,
  stress: ratio('0.9'),
  forecast: { intervalSeconds: INTERVAL_SECONDS, horizonGaps: 2, stress: 0.9, allowed: 0.01 },
};

const marketWith = (volatility: object | string): readonly Row[] =>
  MARKET.filter(({ id }) => id !== 'DOGE').map((row) =>
    row.kind === 'risk' ? { ...row, volatility } : row,
  );

const WORLD = { market: marketWith(EWMA), accounts: long('called', '14000') };

const memoryIn = async (world: World) => (await rememberedIn(world)).volatility;

const QUOTE_AGE_MS = 3_000;
const quoteOf = (minute: number, at: string) => ({
  price: price(at),
  publishedAt: timeOf(minute) - QUOTE_AGE_MS,
  maxJump: ratio('0.2'),
});

/** The stored memory after these quotes have been counted, each with its minute. */
function memoryOf(quotes: readonly (readonly [number, string])[]) {
  let memory: VolatilityMemory | undefined;
  for (const [minute, at] of quotes) {
    memory = nextMemory(memory, { quote: quoteOf(minute, at), terms: TERMS });
  }
  return JSON.parse(JSON.stringify(writeRecordedFeed({ volatility: memory }).volatility));
}

const priceAt = (minute: number) => ({
  price: '6000',
  publishedAt: timeOf(minute) - QUOTE_AGE_MS,
});

const moveTo = (world: World, minute: number, at: string) =>
  world.quoteAt(minute, { 'BTC-USD': at });

const pricesIn = (message: unknown) => (message as AccountMessage & { figures: Figures }).figures;
interface Figures {
  readonly latencyBuffer: string;
  readonly prices: readonly {
    volatility: string;
    shock: string;
    shockDown: string;
    shockUp: string;
  }[];
}

describe('the volatility of a feed', () => {
  it('begins at stress, and each check goes on from what the one before has stored', async () => {
    const world = await openWorld(WORLD);
    await world.check(0);
    expect(await memoryIn(world)).toEqual(memoryOf([[0, '6000']]));
    await moveTo(world, 1, '5880');
    await world.check(1);
    const seen = [[0, '6000'] as const, [1, '5880'] as const];
    expect(await memoryIn(world)).toEqual(memoryOf(seen));
    // σ²_ewma = 0.81·2^(−1/60) + (1 − 2^(−1/60))·ln(0.98)²·525,600.
    expect(Number((await memoryIn(world))?.annualVariance)).toBeCloseTo(3.2648, 3);
    await expectInOrder(world);
  });

  it('appears in the messages and in every replay, that of the shock without a blend', async () => {
    const world = await openWorld(WORLD);
    const measured = { annualVariance: '0.81', ...priceAt(-1) };
    await writePage(world, { 'BTC-USD': { price: { price: '6000' }, volatility: measured } });
    await world.check(0);
    await moveTo(world, 1, '5880');
    await world.check(1);
    const [calm, wild] = (await world.alerts()).filter((each) => 'figures' in each).map(pricesIn);
    // Two gaps of 60 s at a half-life of 180 s: the first without a move, the second of ln(0.98).
    const kept = 2 ** (-60 / 180);
    const first = kept * 0.81;
    const second = kept * first + (1 - kept) * Math.log(0.98) ** 2 * 525_600;
    expect(Number(calm?.prices[0]?.volatility)).toBeCloseTo(Math.sqrt(first), 7);
    expect(Number(wild?.prices[0]?.volatility)).toBeCloseTo(Math.sqrt(second), 7);
    // x = 2.649492·σ̂·√(90 s/year); a jump of 0.005 and a slippage of 0.001 beside it.
    const x = 2.649492 * Math.sqrt(second) * Math.sqrt(90 / 31_536_000);
    expect(Number(wild?.prices[0]?.shockDown)).toBeCloseTo(0.006 + 1 - Math.exp(-x), 6);
    expect(Number(wild?.prices[0]?.shockUp)).toBeCloseTo(0.006 + Math.exp(x) - 1, 6);
    expect(wild?.prices[0]?.shock).toBe(wild?.prices[0]?.shockUp);
    expect(Number(wild?.latencyBuffer)).toBeGreaterThan(Number(calm?.latencyBuffer));
    await expectInOrder(world);
  });

  it('is charged no further than the rates of its class leave, and all of it is shown beside that', async () => {
    const world = await openWorld(WORLD);
    const measured = { annualVariance: '400', ...priceAt(-1) };
    await writePage(world, { 'BTC-USD': { price: { price: '6000' }, volatility: measured } });
    await world.check(0);
    const [found] = (await world.alerts()).filter((each) => 'figures' in each).map(pricesIn);
    // (0.1 − 0.05)/1.05, while σ̂ is 17.8.
    expect(found?.prices[0]?.shock).toBe('0.047619047619');
    await expectInOrder(world);
  });

  it('has no forecast if the class leaves the shock to the law of the policy', async () => {
    const world = await openWorld({
      ...WORLD,
      market: marketWith({ ...EWMA, quantile: 'policy' }),
    });
    await world.check(0);
    await moveTo(world, 1, '5880');
    await world.check(1);
    expect(Object.keys((await memoryIn(world)) ?? {}).sort()).toEqual([
      'annualVariance',
      'price',
      'publishedAt',
    ]);
    await expectInOrder(world);
  });

  it('is neither counted nor written again until a newer quote comes', async () => {
    const world = await openWorld(WORLD);
    await world.check(0);
    const before = await memoryIn(world);
    await world.check(1);
    await world.writeMarket([quote('BTC-USD', '5900', timeOf(0) - QUOTE_AGE_MS)]);
    await world.check(2);
    expect(await memoryIn(world)).toEqual(before);
  });

  it('counts a jump only once it is confirmed, once, and over all of its time', async () => {
    const world = await openWorld(WORLD);
    await world.check(0);
    const before = await memoryIn(world);
    await moveTo(world, 1, '4000');
    await world.check(1);
    expect(await memoryIn(world)).toEqual(before);
    await moveTo(world, 2, '4000');
    await world.check(2);
    const counted = memoryOf([
      [0, '6000'],
      [2, '4000'],
    ]);
    expect(await memoryIn(world)).toMatchObject(counted);
    await moveTo(world, 3, '4000');
    await world.check(3);
    expect(Number((await memoryIn(world))?.annualVariance)).toBeLessThan(
      Number(counted.annualVariance),
    );
    await expectInOrder(world);
  });

  it('does not count a stale price', async () => {
    const world = await openWorld(WORLD);
    await world.check(0);
    const before = await memoryIn(world);
    await moveTo(world, 1, '5900');
    await world.check(7);
    expect(await memoryIn(world)).toEqual(before);
  });

  it('is not kept if no class measures it', async () => {
    const world = await openWorld({ ...WORLD, market: marketWith('0.9') });
    await world.check(0);
    expect(await rememberedIn(world)).toEqual({ price: expect.anything() });
  });

  /**
   * λ = .94 is 2^(−dt/halfLife) at dt = 1400.426 s and half-life 15,688 s; v0 = 4e-4 a step is σ =
   * 3.0.
   */
  it('follows RiskMetrics through whole checks: v4 = 4.05179488e-4 at λ = .94', async () => {
    const STEP_MS = 1_400_426;
    const perStep = STEP_MS / 1000 / 31_536_000;
    const stress = Math.sqrt(4e-4 / perStep).toPrecision(17);
    const volatility = { ...EWMA, halfLifeSeconds: 15_688, stress, cap: '20' };
    const world = await openWorld({ market: marketWith(volatility), prices: {} });
    let level = 0;
    for (const [step, logReturn] of [0, 0.01, -0.02, 0.015, -0.03].entries()) {
      level += logReturn;
      const text = (6000 * Math.exp(level)).toPrecision(17);
      const publishedAt = timeOf(0) + step * STEP_MS;
      await world.writeMarket([quote('BTC-USD', text, publishedAt)]);
      await world.check(Math.ceil((publishedAt - timeOf(0)) / 60_000));
    }
    const variance = Number((await memoryIn(world))?.annualVariance);
    expect(variance * perStep * 1e4).toBeCloseTo(4.05179488, 8);
    await expectInOrder(world);
  });
});

const fault = () => new Error('service unavailable');

describe('a stored volatility that cannot be read', () => {
  it('neither calls nor liquidates its accounts, which are determinate again after the fault', async () => {
    const world = await openWorld({ ...WORLD, accounts: long('liquidated', '12000') });
    const unread = inject(world.services, failing(isPageRead, fault));
    const { errors } = await failureOf(world.check(0, unread));
    expect(errors).toEqual(['margin feeds: Error: service unavailable']);
    expect(await saidOf(world)).toEqual([
      'BTC-USD oracle.rejected',
      'liquidated account.indeterminate',
    ]);
    expect(await memoryIn(world)).toBeUndefined();
    expect(await world.orders()).toEqual([]);
    await world.checkAfresh(1);
    expect(await saidOf(world)).toContain('liquidated liquidation.ordered');
    expect(await saidOf(world)).toContain('BTC-USD oracle.recovered');
    await expectInOrder(world);
  });
});

describe('a volatility that cannot be stored', () => {
  it('fails the check visibly, stops nothing, and is fully counted by the next check', async () => {
    const world = await openWorld(WORLD);
    await world.check(0);
    await moveTo(world, 1, '5880');
    const unkept = inject(world.services, failing(isPageWrite, fault));
    const { errors, isComplete } = await failureOf(world.check(1, unkept));
    expect(errors).toEqual(['margin feeds/page-0: Error: service unavailable']);
    expect(isComplete).toBe(true);
    await moveTo(world, 2, '5880');
    await world.check(2);
    expect(await memoryIn(world)).toMatchObject({
      ...memoryOf([
        [0, '6000'],
        [2, '5880'],
      ]),
    });
    await expectInOrder(world);
  });
});

describe('a stored volatility', () => {
  const well = { annualVariance: '4', price: '6000', publishedAt: timeOf(0) - 60_000 };
  const write = (world: World, volatility: Row) =>
    writePage(world, { 'BTC-USD': { price: { price: '6000' }, volatility } });

  it('is used if it is well-formed', async () => {
    const world = await openWorld(WORLD);
    await write(world, well);
    expect((await world.check(0)).marketFaults).toEqual([]);
    const memory = await memoryIn(world);
    expect(Number(memory?.annualVariance)).toBeCloseTo(4 * 0.5 ** (57 / 3600), 9);
  });

  it('of an earlier version is where the forecast begins, and loses its quantiles', async () => {
    const world = await openWorld(WORLD);
    await write(world, { ...well, quantileDown: '4', quantileUp: '5.5' });
    expect((await world.check(0)).marketFaults).toEqual([]);
    const { forecast, ...others } = (await memoryIn(world)) ?? {};
    expect(others).not.toHaveProperty('quantileDown');
    // A gap of 57 s without a move, from σ² = 4 on.
    expect(forecast).toMatchObject({ gaps: 12, taken: 0, alphaDown: '0.005', alphaUp: '0.005' });
    const { variance } = forecast as { variance: string };
    expect(Number(variance)).toBeCloseTo(4 * 2 ** (-57 / 180), 12);
    await expectInOrder(world);
  });

  it.each([
    ['quantileDown must be a number', { quantileDown: '-3', quantileUp: '3' }],
    ['quantileUp must be above 0', { quantileDown: '3', quantileUp: '0' }],
    ['quantileUp must be at most 1000000000000', { quantileDown: '3', quantileUp: '1e+13' }],
    ['annualVariance must be a number', { annualVariance: 'NaN' }],
    ['annualVariance must be a number', { annualVariance: '-1' }],
    ['annualVariance must be at most 1e+24', { annualVariance: '1e+300' }],
    ['annualVariance is missing', { annualVariance: undefined }],
    ['price must be above 0, not 0', { price: '0' }],
    ['publishedAt must be a whole number', { publishedAt: 'soon' }],
    ['publishedAt must not be later than the check', { publishedAt: timeOf(0) + 5_251 }],
    ['unknown attribute colour', { colour: 'red' }],
  ])('with the fault "%s" begins at stress again, and reports it once', async (fault, change) => {
    const world = await openWorld(WORLD);
    await write(world, { ...well, ...change });
    const { marketFaults } = await world.check(0);
    expect(marketFaults).toEqual([
      expect.stringMatching(/; the measurement starts again from the stress volatility$/),
    ]);
    expect(marketFaults[0]).toContain(`margin feeds/page-0 BTC-USD volatility: ${fault}`);
    expect(await memoryIn(world)).toMatchObject({
      annualVariance: String(0.9 * 0.9),
    });
    expect((await rememberedIn(world)).price).toMatchObject({ price: '6000' });
    expect((await world.checkAfresh(1)).marketFaults).toEqual([]);
    await expectInOrder(world);
  });
});

describe('a check in which the price moves', () => {
  it('changes nothing when it runs twice', async () => {
    const world = await openWorld(WORLD);
    await world.check(0);
    const before = await memoryIn(world);
    await moveTo(world, 0.02, '5880');
    await world.check(0);
    expect(await memoryIn(world)).toEqual(before);
  });

  it('changes nothing if a later check has stored its volatility first', async () => {
    const world = await openWorld(WORLD);
    await world.check(0);
    await moveTo(world, 1, '5880');
    const held = holdAt(isPageWrite);
    const late = world.check(1, inject(world.services, held.intercept));
    await held.arrived;
    await moveTo(world, 2, '5900');
    await world.check(2);
    const kept = await memoryIn(world);
    held.letGo();
    await late.catch(() => undefined);
    expect(kept).toMatchObject({ price: '5900' });
    expect(await memoryIn(world)).toEqual(kept);
  });

  it('whose write succeeds without an answer counts as written', async () => {
    const world = await openWorld(WORLD);
    await world.check(0);
    await moveTo(world, 1, '5880');
    const killed = world.check(1, inject(world.services, killWhen(isPageWrite, 'after')));
    await expect(killed).rejects.toThrow(/killed/i);
    expect(await memoryIn(world)).toMatchObject({ price: '5880' });
  });
});

async function callsOfTheMove(): Promise<readonly Call[]> {
  const world = await World.start(WORLD);
  await world.check(0);
  await moveTo(world, 1, '5880');
  const run = inject(world.services, unharmed);
  await world.check(1, run);
  await world.close();
  return run.calls;
}

const moving = await callsOfTheMove();
const named = moving.map(({ index, command, target }) => ({ index, call: `${command} ${target}` }));
const keep = moving.findIndex(isPageWrite) + 1;

describe('a check in which the price moves, killed', () => {
  it.each(named)('after call $index, $call, leaves a correct volatility', async ({ index }) => {
    const killed = await openWorld(WORLD);
    await killed.check(0);
    await moveTo(killed, 1, '5880');
    const dead = killed.check(1, inject(killed.services, killAt(index, 'after')));
    await expect(dead).rejects.toThrow(/killed/i);
    await moveTo(killed, 2, '5880');
    await killed.check(2);
    const seen = index < keep ? [] : [[1, '5880'] as const];
    expect(await memoryIn(killed)).toMatchObject(memoryOf([[0, '6000'], ...seen, [2, '5880']]));
    await expectInOrder(killed);
  });
});
