import { describe, expect, it } from 'vitest';
import { ACCOUNTS, balance, long, OPENINGS, quote } from './book.ts';
import { expectInOrder, saidIn, saidOf } from './invariants.ts';
import { openWorld, timeOf, type World } from './world.ts';

async function newsOf(world: World, minute: number): Promise<string[]> {
  const before = (await world.alerts()).length;
  await world.check(minute);
  return saidIn((await world.alerts()).slice(before));
}

const quoteAged = (world: World, at: { minute: number; seconds: number; price?: string }) => {
  const publishedAt = timeOf(at.minute) + 250 - at.seconds * 1000;
  return world.writeMarket([quote('BTC-USD', at.price ?? '6000', publishedAt)]);
};

describe('a feed that goes stale', () => {
  const HOLDERS = ['bankrupt', 'called', 'healthy', 'isolated#BTC-PERP', 'liquidated'];

  it('reports once that it is rejected and once that it recovered, and the same of its holders', async () => {
    const world = await openWorld();
    await world.check(0);
    const cases = async () =>
      Object.fromEntries(
        (await world.margin())
          .filter(({ sk }) => sk.startsWith('case'))
          .map(({ pk, sk, state }) => [`${pk}/${sk}`, (state as { open?: unknown }).open]),
      );
    const open = await cases();

    expect(await newsOf(world, 6)).toEqual(
      [
        'BTC-USD oracle.rejected',
        'check check.late',
        ...HOLDERS.map((subject) => `${subject} account.indeterminate`),
      ].sort(),
    );
    expect(await newsOf(world, 7)).toEqual([]);
    const { 'account#healthy/case': none, 'feed#BTC-USD/case': feed, ...kept } = await cases();
    expect([none, feed]).toEqual([undefined, undefined]);
    expect(kept).toEqual(open);

    await world.quoteAt(8);
    expect(await newsOf(world, 8)).toEqual(
      [
        'BTC-USD oracle.recovered',
        ...HOLDERS.map((subject) => `${subject} account.determinate`),
      ].sort(),
    );
    await world.quoteAt(9);
    expect(await newsOf(world, 9)).toEqual([]);
    await expectInOrder(world);
  });

  it('leads to the liquidation of a called account if it recovers at a lower price', async () => {
    const world = await openWorld({ accounts: long('called', '14000') });
    await world.check(0);
    await world.check(6);
    await world.quoteAt(7, { 'BTC-USD': '5900' });
    expect(await newsOf(world, 7)).toEqual([
      'BTC-USD oracle.recovered',
      'called account.determinate',
      'called liquidation.ordered',
    ]);
    const [ordered] = (await world.orders()).filter(({ type }) => type === 'liquidation.ordered');
    expect(ordered).toMatchObject({ caseId: 'called@2020-03-12T11:00:00.000Z' });
    await expectInOrder(world);
  });

  it.each([
    ['300 s old still calls', 300, 'called margin-call.issued'],
    ['300.001 s old makes its holder indeterminate', 300.001, 'called account.indeterminate'],
  ])('a price that is %s', async (_, seconds, said) => {
    const world = await openWorld({ accounts: long('called', '13900') });
    await quoteAged(world, { minute: 0, seconds });
    await world.check(0);
    expect(await saidOf(world)).toContain(said);
    await expectInOrder(world);
  });

  it('reports the age of its newest quote and the limit, and names only who depends on it', async () => {
    const world = await openWorld({
      accounts: [
        balance('holder', '1000', 'DOGE'),
        balance('stale', '1000', 'DOGE'),
        balance('stale', '-30'),
      ],
    });
    await world.check(0);
    const detail = 'DOGE-USD: newest quote (pyth) is 600.25 s old, limit 300 s';
    expect(await saidOf(world)).toEqual([
      'DOGE-USD oracle.rejected',
      'stale account.indeterminate',
    ]);
    for (const alert of await world.alerts()) {
      expect(alert).toMatchObject({ reasons: [{ detail }] });
    }
    await expectInOrder(world);
  });
});

describe('a price too old to liquidate on', () => {
  it('withholds the liquidation, calls instead, and a fresh price carries it out', async () => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    await quoteAged(world, { minute: 0, seconds: 150 });
    await world.check(0);
    expect(await saidOf(world)).toEqual([
      'DOGE-USD oracle.rejected',
      'liquidated liquidation.withheld',
      'liquidated margin-call.issued',
    ]);
    expect(await world.orders()).toEqual([]);
    const reasons = (await world.alerts()).flatMap((alert) =>
      alert.type === 'liquidation.withheld' ? alert.reasons : [],
    );
    expect(reasons).toEqual([
      {
        code: 'price-too-old-to-act',
        subject: 'BTC-USD',
        detail: 'BTC-USD: the price is 150 s old, which is too old for a liquidation',
      },
    ]);
    expect(await newsOf(world, 1)).toEqual([]);

    await world.quoteAt(2);
    expect(await newsOf(world, 2)).toEqual(['liquidated liquidation.ordered']);
    const [plan] = await world.orders();
    expect(plan).toMatchObject({ generation: 1, caseId: 'liquidated@2020-03-12T11:00:00.000Z' });
    await expectInOrder(world);
  });

  it.each([
    ['119.999 s old still liquidates', 119.999, 'liquidated liquidation.ordered'],
    ['120 s old withholds the liquidation', 120, 'liquidated liquidation.withheld'],
  ])('a price that is %s', async (_, seconds, said) => {
    const world = await openWorld({ accounts: long('liquidated', '12000') });
    await quoteAged(world, { minute: 0, seconds });
    await world.check(0);
    expect(await saidOf(world)).toContain(said);
    await expectInOrder(world);
  });
});

describe('a jump that only one source reports', () => {
  const UNDECIDED = ['BTC-USD oracle.rejected', 'healthy account.indeterminate'];
  const DECIDED = ['BTC-USD oracle.recovered', 'healthy account.determinate'];

  it('leaves its holder undecided, and liquidates once the next check confirms it', async () => {
    const world = await openWorld({ accounts: long('healthy', '40000') });
    await world.check(0);
    await world.quoteAt(1, { 'BTC-USD': '3150' });
    expect(await newsOf(world, 1)).toEqual(UNDECIDED);
    await world.quoteAt(2, { 'BTC-USD': '3150' });
    expect(await newsOf(world, 2)).toEqual([...DECIDED, 'healthy liquidation.ordered']);
    await expectInOrder(world);
  });

  it('leaves its holder undecided, as long as no newer quote confirms it', async () => {
    const world = await openWorld({ accounts: long('healthy', '40000') });
    await world.check(0);
    await world.quoteAt(1, { 'BTC-USD': '3150' });
    expect(await newsOf(world, 1)).toEqual(UNDECIDED);
    expect(await newsOf(world, 2)).toEqual([]);
    expect(await world.orders()).toEqual([]);
    await expectInOrder(world);
  });

  it('never liquidates if it is taken back', async () => {
    const world = await openWorld({ accounts: long('healthy', '40000') });
    await world.check(0);
    await world.quoteAt(1, { 'BTC-USD': '3150' });
    expect(await newsOf(world, 1)).toEqual(UNDECIDED);
    await world.quoteAt(2);
    expect(await newsOf(world, 2)).toEqual(DECIDED);
    await world.quoteAt(3);
    expect(await newsOf(world, 3)).toEqual([]);
    expect(await world.orders()).toEqual([]);
    await expectInOrder(world);
  });

  it('cures no call if it is taken back, and the case stays as it was', async () => {
    const world = await openWorld({ accounts: long('called', '14000') });
    await world.check(0);
    const call = async () => (await world.caseOf('called'))?.state;
    const { open } = (await call()) as { open?: unknown };
    expect(open).toBeDefined();
    await world.quoteAt(1, { 'BTC-USD': '12000' });
    expect(await newsOf(world, 1)).toEqual([
      'BTC-USD oracle.rejected',
      'called account.indeterminate',
    ]);
    expect(await call()).toMatchObject({ open });
    await world.quoteAt(2);
    expect(await newsOf(world, 2)).toEqual([
      'BTC-USD oracle.recovered',
      'called account.determinate',
    ]);
    expect(await call()).toMatchObject({ open });
    await expectInOrder(world);
  });
});

describe('market rows that cannot be read', () => {
  const faulty = [
    { kind: 'quote', id: 'BTC-USD#other', price: 'NaN', publishedAt: timeOf(0) },
    { kind: 'instrument', id: 'ETH-PERP', type: 'swap' },
    { kind: 'policy', id: 'other' },
    { kind: 'note', id: 'mine' },
  ];
  const details = [
    'market instrument/ETH-PERP: type must be one of perpetual, future',
    'market note/mine: unknown kind of row; it must be policy, asset, location, instrument, risk, quote or fund',
    'market policy/other: unknown policy; the id must be default',
    'market quote/BTC-USD#other: price must be a decimal number, not "NaN"',
  ];

  it('are named in the summary and in the record of the check, and affect no account', async () => {
    const world = await openWorld();
    await world.writeMarket(faulty);
    const summary = await world.check(0);
    expect(summary.marketFaults.toSorted()).toEqual(
      details.map((detail) => expect.stringContaining(detail.slice(0, 48))),
    );
    const record = (await world.margin()).find(({ sk }) => sk === summary.checkId);
    expect(record).toMatchObject({ ...summary, marketFaults: summary.marketFaults });
    expect(await saidOf(world)).toEqual(OPENINGS);
    await expectInOrder(world);
  });

  it('are listed up to the first fifty, so that the record of the check fits into one item', async () => {
    const world = await openWorld();
    const rows = Array.from({ length: 60 }, (_, id) => ({ kind: 'note', id: `n-${id}` }));
    await world.writeMarket(rows);
    expect((await world.check(0)).marketFaults).toHaveLength(50);
  });
});

describe('a late check', () => {
  it('is reported once, with its delay and the gap since the check before', async () => {
    const world = await openWorld({ accounts: ACCOUNTS.slice(0, 2) });
    await world.check(0);
    await world.quoteAt(3);
    expect(await newsOf(world, 3)).toEqual(['check check.late']);
    const late = (await world.alerts()).find(({ type }) => type === 'check.late');
    expect(late).toMatchObject({ lateSeconds: 0.25, gapSeconds: 180, intervalSeconds: 60 });
    await world.quoteAt(4);
    expect(await newsOf(world, 4)).toEqual([]);
    await expectInOrder(world);
  });
});
