import { describe, expect, it, test } from 'vitest';
import { randomStream } from '../../../local/analysis/random.ts';
import { fuzz } from '../../../local/fuzz/fuzz.ts';
import { itemOf, withAttribute } from '../../../local/fuzz/items.ts';
import { accountFaults, contradiction } from '../../../local/fuzz/judge.ts';
import { MUTATIONS } from '../../../local/fuzz/mutation.ts';
import { byPlace, needsOf } from '../../../local/fuzz/needs.ts';
import { CheckedMarket } from '../../../local/fuzz/path.ts';
import { verdictOn } from '../../../local/fuzz/reader.ts';
import { randomWorld } from '../../../local/fuzz/world.ts';

const SEED = 20200312;

describe('random rows', () => {
  it('give no finding, whatever their attributes hold', { timeout: 600_000 }, async () => {
    const { findings, rows, unreadable, kinds, coverage } = await fuzz({ seed: SEED, rows: 2000 });
    expect(findings.map(({ row, fault }) => `${row}: ${fault}`)).toEqual([]);
    expect(unreadable).toBeGreaterThan(rows / 2);
    expect(unreadable).toBeLessThan(rows);
    expect(coverage.drawn).toBeGreaterThan(coverage.all / 3);
    const names = [...kinds.keys()];
    for (const mutation of MUTATIONS) {
      expect(names.filter((name) => name.endsWith(` ${mutation}`)).length).toBeGreaterThan(5);
    }
  });

  it('are the same for the same seed', async () => {
    const run = async (seed: number) => [...(await fuzz({ seed, rows: 40 })).kinds];
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });
});

const balance = (attributes: Record<string, unknown>) =>
  itemOf({ accountId: 'a', item: 'balance#USD', asset: 'USD', amount: '1', ...attributes });

const isReadable = (item: ReturnType<typeof balance>) => verdictOn('accounts', item).isReadable;

describe('the independent reader', () => {
  test.each([
    ['34 digits', balance({ amount: `1.${'1'.repeat(33)}` }), true],
    ['35 digits', balance({ amount: `1.${'1'.repeat(34)}` }), false],
    ['9.99e24', balance({ amount: '9.99e24' }), true],
    ['1e25', balance({ amount: '1e25' }), false],
    ['1e-24', balance({ amount: '1e-24' }), true],
    ['9.99e-25', balance({ amount: '9.99e-25' }), false],
    ['100 characters', balance({ amount: `${'0'.repeat(99)}1` }), true],
    ['101 characters', balance({ amount: `${'0'.repeat(100)}1` }), false],
    ['another key', balance({ asset: 'BTC' }), false],
    ['an attribute of the writer', balance({ _note: ['any'] }), true],
    ['an unknown attribute', balance({ note: 'x' }), false],
    ['a NULL', withAttribute(balance({}), 'location', { NULL: true }), true],
    ['a set', withAttribute(balance({}), 'amount', { NS: ['1'] }), false],
    ['a location alone', balance({ location: 'chain' }), false],
  ])('%s', (_case, item, expected) => {
    expect(isReadable(item)).toBe(expected);
  });
});

/** Ranges at any depth, and one of several kinds. */
describe('the independent reader of structured attributes', () => {
  const risk = (attributes: Record<string, unknown>) =>
    itemOf({ kind: 'risk', id: 'BTC', volatility: '0.5', ...attributes });
  const scanned = (row: Record<string, unknown>) =>
    risk({ portfolio: { scenarios: [{ priceMultiplier: '1', ...row }] } });

  test.each([
    [
      'a volatility that is measured',
      risk({ volatility: { type: 'ewma', floor: 1, stress: 2 } }),
      true,
    ],
    ['and one without a floor', risk({ volatility: { type: 'ewma', stress: 2 } }), false],
    ['a floor of 0', risk({ volatility: { type: 'ewma', floor: '0', stress: 2 } }), false],
    ['a weight of a row', scanned({ weight: '5' }), true],
    ['a negative one', scanned({ weight: '-0.1' }), false],
    ['one that is just below 0', scanned({ weight: '-1e-20' }), false],
    ['k* of 0', scanned({ skew: { flatAt: { minimum: '0' } } }), true],
    ['a negative k*', scanned({ skew: { flatAt: { minimum: '-0.1' } } }), false],
    ['a share of 1', risk({ profit: { weight: '1' } }), true],
    ['a share just above 1', risk({ profit: { weight: '1.00000000000000000001' } }), false],
    ['a margin by its type', risk({ margin: { type: 'flat', initial: 1, maintenance: 0 } }), true],
    ['a rate below 0', risk({ margin: { type: 'flat', initial: 1, maintenance: '-1e-9' } }), false],
    [
      'too many digits',
      risk({ margin: { type: 'flat', initial: `1.${'1'.repeat(34)}`, maintenance: 0 } }),
      false,
    ],
    [
      'a feed that is no id',
      risk({ depegCharge: { feed: 'a b', threshold: 1, factor: 1 } }),
      false,
    ],
  ])('%s', (_case, item, expected) => {
    expect(verdictOn('market', item).isReadable).toBe(expected);
  });
});

/** Each oracle says so when the check is wrong. */
describe('a check that is wrong', () => {
  const { market, accounts } = randomWorld(randomStream(SEED, 'world'));
  const checked = new CheckedMarket(market, new Map());
  const rows = byPlace(market);
  const cash = accounts.get('cash') ?? [];
  const bad = withAttribute(cash[0] ?? {}, 'amount', { BOOL: true });

  it('is found when it ignores an unreadable row', async () => {
    const decided = await checked.decide(cash);
    const faults = [...accountFaults({ decided, items: [...cash, bad], market: rows })];
    expect(faults[0]).toMatch(/^an unreadable row .* was cleared as healthy$/);
  });

  it('is found when it refuses a readable row', async () => {
    const decided = await checked.decide([bad]);
    const faults = [...accountFaults({ decided, items: cash, market: rows })];
    expect(faults[0]).toMatch(/^a readable row was refused/);
  });

  it('is found when it reads another number', async () => {
    const decided = await checked.decide(cash);
    const other = withAttribute(cash[0] ?? {}, 'amount', { N: '7' });
    const faults = [...accountFaults({ decided, items: [other], market: rows })];
    expect(faults).toEqual([expect.stringMatching(/^amount was read as /)]);
  });

  it('is found when it says healthy without a row that the account needs', async () => {
    const decided = await checked.decide(cash);
    const held = itemOf({ accountId: 'cash', item: 'balance#XYZ', asset: 'XYZ', amount: '1' });
    expect(needsOf([held], rows).get('')?.rows).toEqual(new Set(['market asset/XYZ']));
    const faults = [...accountFaults({ decided, items: [...cash, held], market: rows })];
    expect(faults).toContain('market asset/XYZ has no row, and its holder is healthy');
  });

  it('is found when it says healthy of an account that a hidden price would liquidate', async () => {
    const [healthy] = (await checked.decide(cash)).subAccounts;
    const [broke] = (await checked.decide(accounts.get('broke') ?? [])).subAccounts;
    if (healthy === undefined || broke === undefined)
      throw new Error('an account has a cross book');
    expect(contradiction(healthy, broke, { isBacked: true })).toBe(true);
    expect(contradiction(healthy, healthy, { isBacked: true })).toBe(false);
  });
});
