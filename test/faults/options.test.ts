import { describe, expect, it } from 'vitest';
import type { AccountMessage } from '../../lambda/messages/messages.ts';
import { balance, MARKET, position } from './book.ts';
import { expectInOrder, saidOf } from './invariants.ts';
import { openWorld, type Row, START, timeOf, type World } from './world.ts';

const EXPIRY = START + 30 * 86_400_000;
const grid = ['1.15', '1', '0.85'].flatMap((priceMultiplier) =>
  ['up', 'none', 'down'].map((vol) => ({ priceMultiplier, vol })),
);

const RULES: Row = {
  optionRule: {
    shortCall: {
      initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' },
      maintenance: { rate: '0.075' },
    },
  },
  portfolio: {
    scenarios: grid,
    volShock: { up: '0.5', down: '0.3', power: '0.3' },
    maintenanceFactor: '0.8',
    nakedShortCharge: { initial: '0.005', maintenance: '0.003' },
  },
};

const CALL: Row = {
  kind: 'instrument',
  id: 'BTC-6000-C',
  type: 'option',
  underlying: 'BTC-USD',
  settlementAsset: 'USD',
  riskClass: 'BTC',
  markFeed: 'BTC-6000-C',
  strike: '6000',
  optionType: 'call',
  expiresAt: EXPIRY,
};

const volatility = (minute: number, impliedVolatility = '0.9'): Row => ({
  kind: 'quote',
  id: 'BTC-6000-C#pyth',
  impliedVolatility,
  publishedAt: timeOf(minute) - 3_000,
});

const SHORT = { instrument: 'BTC-6000-C', quantity: '-10', entryPrice: '500' };

/** Ten short calls at the money are worth some −6,100 and require some 10·450 + 6,100. */
const seller = (accountId: string, usd: string, marginModel: string): Row[] => [
  { accountId, item: 'profile', marginModel },
  balance(accountId, usd),
  position(accountId, SHORT),
];

const market = MARKET.filter(({ id }) => id !== 'DOGE').map((row) =>
  row.kind === 'risk' ? { ...row, ...RULES } : row,
);

const worldOf = async (accounts: readonly Row[]): Promise<World> => {
  const world = await openWorld({ market: [...market, CALL, volatility(0)], accounts });
  return world;
};

describe('accounts that hold options', () => {
  const accounts = [
    ...seller('healthy', '40000', 'standard'),
    ...seller('liquidated', '12000', 'standard'),
    ...seller('scanned', '15000', 'portfolio'),
  ];

  it('are called and liquidated, with their Greeks, and every decision replays', async () => {
    const world = await worldOf(accounts);
    await world.check(0);
    const said = await saidOf(world);
    expect(said).toContain('liquidated liquidation.ordered');
    expect(said.filter((each) => each.startsWith('healthy'))).toEqual([]);
    expect(said.some((each) => each.startsWith('scanned '))).toBe(true);
    const messages = (await world.alerts()) as AccountMessage[];
    const scanned = messages.find(({ accountId }) => accountId === 'scanned');
    expect(scanned).toMatchObject({
      figures: {
        greeks: [{ factor: 'BTC-USD', delta: expect.stringMatching(/^-5\.\d/) }],
        worstScenarios: [{ factor: 'BTC-USD', riskClass: 'BTC' }],
      },
    });
    const [plan] = (await world.orders()) as AccountMessage[];
    expect(plan).toMatchObject({
      plan: { orders: [{ kind: 'position', market: 'BTC-6000-C', side: 'buy' }] },
    });
    await expectInOrder(world);
  });

  it('are indeterminate while an old quote of their option leaves open what they are', async () => {
    const world = await worldOf([
      ...seller('rich', '60000', 'portfolio'),
      ...seller('near', '22000', 'portfolio'),
    ]);
    await world.check(0);
    expect(await saidOf(world)).toEqual([]);
    await world.quoteAt(6);
    await world.check(6);
    expect(await saidOf(world)).toContain('near account.indeterminate');
    await world.quoteAt(7);
    await world.writeMarket([volatility(7)]);
    await world.check(7);
    expect(await saidOf(world)).toContain('near account.determinate');
    expect((await saidOf(world)).filter((each) => each.startsWith('rich'))).toEqual([]);
    await expectInOrder(world);
  });

  it('require more margin when the implied volatility rises', async () => {
    const world = await worldOf(seller('one', '15000', 'portfolio'));
    await world.check(0);
    const before = (await saidOf(world)).length;
    await world.quoteAt(1);
    await world.writeMarket([volatility(1, '1.8')]);
    await world.check(1);
    expect((await saidOf(world)).length).toBeGreaterThan(before);
    await expectInOrder(world);
  });
});

describe('collateral at a location', () => {
  it('is called for if it is not final, and the message says why it counts less', async () => {
    const usd = { asset: 'BTC', amount: '3', location: 'base' };
    const observed = { ...usd, observedAt: timeOf(0) - 10_000 };
    const world = await openWorld({
      market: [
        ...market,
        { kind: 'location', id: 'base', finalitySeconds: 900, pendingWeight: '0.5' },
      ],
      accounts: [
        { accountId: 'bridging', item: 'balance#BTC@base', ...observed },
        balance('bridging', '-9000'),
      ],
    });
    await world.check(0);
    const [first] = (await world.alerts()) as AccountMessage[];
    expect(first).toMatchObject({
      accountId: 'bridging',
      figures: { notes: [{ code: 'collateral-pending' }] },
    });
    await expectInOrder(world);
  });
});
