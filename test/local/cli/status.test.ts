import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../../lambda/check.ts';
import type { MeasuredVolatility } from '../../../lambda/margin/market/volatility.ts';
import { price, ratio } from '../../../lambda/margin/number/decimal.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { readBook } from '../../../local/load/read-book.ts';
import { readLastCheck } from '../../../local/status/last-check.ts';
import { type MarketInput, readMarketNow } from '../../../local/status/market-now.ts';
import { pricesOf } from '../../../local/status/prices.ts';
import { readStatus } from '../../../local/status/read-status.ts';
import { statusTables } from '../../../local/status/tables.ts';
import { runMargin } from './margin.ts';

const NOW = Date.UTC(2020, 2, 12, 11);
const TIMES = { now: NOW, intervalSeconds: 60 };

const readPrices = async (input: MarketInput) => pricesOf(await readMarketNow(input));

const recordAt = (asOf: number, more: object = {}) => ({
  checkId: new Date(asOf).toISOString(),
  asOf: new Date(asOf).toISOString(),
  lateSeconds: 0.5,
  accounts: 3,
  assessed: 3,
  indeterminate: 0,
  failed: 0,
  levels: { healthy: 3 },
  published: 0,
  publishFailures: 0,
  superseded: 0,
  withdrawn: 0,
  marketFaults: [],
  errors: [],
  ...more,
});

describe('the status of the last check', () => {
  it('is a finding if there was none', () => {
    expect(readLastCheck(undefined, TIMES).findings).toMatchObject([
      {
        severity: 'CRITICAL',
        code: 'nothing-checked',
        what: 'nothing is being checked: no check has ended yet',
      },
    ]);
  });

  it('is no finding at an age of 3 intervals', () => {
    expect(readLastCheck(recordAt(NOW - 180_000), TIMES).findings).toEqual([]);
  });

  it('is a finding just above 3 intervals', () => {
    expect(readLastCheck(recordAt(NOW - 180_001), TIMES).findings).toMatchObject([
      {
        severity: 'CRITICAL',
        what: 'nothing has been checked for 3 min, more than 3 intervals of 60 s',
        next: expect.stringContaining('docs/runbook.md#nocompletecheck'),
      },
    ]);
  });

  it.each([
    ['half a minute old', 10, recordAt(NOW - 30_000), []],
    ['older than that', 10, recordAt(NOW - 30_001), ['nothing-checked']],
    ['a minute after the one before', 10, recordAt(NOW, { gapSeconds: 60 }), []],
    ['more than that', 10, recordAt(NOW, { gapSeconds: 60.1 }), ['check-late']],
    ['91 s after it', 60, recordAt(NOW, { gapSeconds: 91 }), ['check-late']],
  ])('%s, at an interval of %d s', (_, intervalSeconds, record, codes) => {
    const { findings } = readLastCheck(record, { now: NOW, intervalSeconds });
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });

  it('is as old as it is, in seconds, where checks are seconds apart', () => {
    const old = (intervalSeconds: number) =>
      readLastCheck(recordAt(NOW - 200_000), { now: NOW, intervalSeconds }).findings[0]?.what;
    expect(old(10)).toBe('nothing has been checked for 200 s, more than 3 intervals of 10 s');
    expect(old(60)).toBe('nothing has been checked for 3 min, more than 3 intervals of 60 s');
  });

  it.each([
    ['four of six that came too late', 10, [20, 20, 10, 20, 10, 20], ['checks-slow']],
    ['three of them', 10, [20, 20, 10, 20, 10, 10], []],
    ['four at just one and a half intervals', 10, [15, 15, 15, 15, 10, 10], []],
    ['four that came too late, at a minute', 60, [91, 120, 120, 120], ['check-late']],
  ])('is a finding with %s, at %d s', (_, intervalSeconds, gaps, codes) => {
    const [last, ...earlier] = gaps.map((gapSeconds) => recordAt(NOW, { gapSeconds }));
    const { findings } = readLastCheck(last, { now: NOW, intervalSeconds, earlier });
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });

  it('says how often checks come if they take longer than the interval', () => {
    const [last, ...earlier] = [20, 30, 20, 30].map((gapSeconds) => recordAt(NOW, { gapSeconds }));
    const { findings } = readLastCheck(last, { now: NOW, intervalSeconds: 10, earlier });
    expect(findings[0]?.what).toBe('the last 4 checks came every 25 s, not every 10 s');
  });

  it('is a finding if the check failed in part', () => {
    const more = { failed: 1, publishFailures: 2, errors: ['account a: Error: x', 'publish: y'] };
    expect(readLastCheck(recordAt(NOW, more), TIMES).findings).toMatchObject([
      {
        what: 'the last check failed in part: 1 account failed, 2 messages not published',
        why: more.errors,
      },
    ]);
  });

  it('is a finding if its record cannot be read', () => {
    const [finding] = readLastCheck({ checkId: 'c' }, TIMES).findings;
    expect(finding?.what).toMatch(/^the record of the last check cannot be read: asOf /);
  });
});

describe('the status of the markets at the last check', () => {
  const textOf = (more: object) =>
    statusTables({
      ...{ verdict: 'OK', headline: 'well', findings: [], openCases: [], replaced: [] },
      lastCheck: readLastCheck(recordAt(NOW, more), TIMES),
      prices: { feeds: [], moves: [], faults: [] },
    });

  it('shows times to the second where checks are seconds apart', () => {
    const openCases = [
      { kind: 'call', accountId: 'a', since: '2020-03-12T11:00:20.000Z' } as const,
    ];
    const shown = (intervalSeconds: number) =>
      statusTables({
        ...{ verdict: 'OK', headline: 'well', findings: [], openCases, replaced: [] },
        lastCheck: readLastCheck(recordAt(NOW, { gapSeconds: 90 }), { now: NOW, intervalSeconds }),
        prices: { feeds: [], moves: [], faults: [] },
      });
    expect(shown(10)).toContain('03-12 11:00:20');
    expect(shown(10)).toContain('90 s after the previous check; due every 10 s');
    expect(shown(60)).toContain('03-12 11:00 ');
    expect(shown(60)).toContain('1 min after the previous check; due every 1 min');
  });

  it('shows what was carried over, and what a move of 1 % would liquidate', () => {
    const text = textOf({
      carriedOver: { accounts: 2, notional: '1500.50', byMarket: { 'BTC-PERP': '1500.50' } },
      cascade: {
        'BTC-PERP': { notional1PctDown: '600', notional1PctUp: '1', depth: '1000', ratio: '0.6' },
        'DOGE-PERP': { notional1PctDown: '7', notional1PctUp: '0' },
        'ETH-PERP': { notional1PctDown: '0', notional1PctUp: '0', depth: '9', ratio: '0' },
      },
    });
    expect(text).toMatch(/carried over +│ +1500\.50 notional of 2 accounts: 1500\.50 in BTC-PERP/);
    expect(text).toMatch(/BTC-PERP +│ +600 │ +1 │ +1000 │ +0\.6 │/);
    expect(text).toMatch(/DOGE-PERP +│ +7 │ +0 │ +— │ +— │/);
    expect(text).not.toContain('ETH-PERP');
  });

  it('names the feeds that liquidate on a single source', () => {
    const feeds = Array.from({ length: 12 }, (_, n) => `F${n}-USD`);
    const unwrapped = (more: object) => textOf(more).replaceAll(/[│\s]+/g, ' ');
    expect(unwrapped({ prices: { singleSource: { count: 13, feeds } } })).toMatch(
      /one source 13 feeds liquidate on a single source: F0-USD, .*F9-USD and 3 others/,
    );
    expect(unwrapped({ prices: { singleSource: { count: 1, feeds: ['BTC-USD'] } } })).toMatch(
      / 1 feed liquidates on a single source: BTC-USD /,
    );
    expect(textOf({ prices: {} })).not.toContain('source');
  });

  it('is left out if there is nothing to show, or if the record is older', () => {
    const calm = textOf({ carriedOver: { accounts: 0, notional: '0', byMarket: {} }, cascade: {} });
    for (const text of [calm, textOf({})]) expect(text).not.toMatch(/carried|cascade/);
  });
});

describe('the status of prices', () => {
  const market = (...quotes: RawRow[]): RawRow[] => [
    { kind: 'policy', id: 'default', staleAfterSeconds: '300', maxAgeSeconds: '120' },
    { kind: 'risk', id: 'R', volatility: '0.8', margin: flat },
    ...['FRESH', 'AGED', 'STALE', 'NONE', 'BAD'].map((id) => {
      const own = { type: 'perpetual', settlementAsset: 'USD', riskClass: 'R' };
      return { kind: 'instrument', id, underlying: id, ...own };
    }),
    ...quotes,
  ];
  const flat = { type: 'flat', initial: '0.1', maintenance: '0.05' };
  const quote = (feed: string, ageSeconds: number, text = '100') => ({
    kind: 'quote',
    id: `${feed}#s`,
    price: text,
    publishedAt: new Numeral(String(NOW - ageSeconds * 1000)),
  });
  const read = (rows: readonly RawRow[], previousPrices = new Map()) =>
    readPrices({
      ...{ rows, ...TIMES },
      recall: async () => ({ previousPrices, volatilities: new Map(), faults: [] }),
    });

  it('lists them oldest first, with what they can be used for and why not for more', async () => {
    const rows = [
      quote('FRESH', 119),
      quote('AGED', 120),
      quote('STALE', 301),
      quote('BAD', 5, 'x'),
    ];
    const { feeds, faults } = await read(market(...rows));
    expect(feeds.map(({ feed, use, ageSeconds }) => [feed, use, ageSeconds])).toEqual([
      ['BAD', 'nothing', undefined],
      ['NONE', 'nothing', undefined],
      ['STALE', 'as a range', 301],
      ['AGED', 'calls only', 120],
      ['FRESH', 'anything', 119],
    ]);
    expect(feeds.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^market quote\/BAD#s: price /),
      'NONE: no usable quote',
      'STALE: newest quote (s) is 301 s old, limit 300 s',
      'AGED: the price is 120 s old, which is too old for a liquidation',
      undefined,
    ]);
    expect(faults).toEqual([feeds[0]?.reason]);
    expect(feeds.at(-1)).toMatchObject({ price: '100', sources: 1 });
  });

  it('takes a price that jumped since the last check as a range', async () => {
    const previous = new Map([['FRESH', { price: price('70') }]]);
    const { feeds } = await read(market(quote('FRESH', 1)), previous);
    expect(feeds.find(({ feed }) => feed === 'FRESH')).toMatchObject({
      use: 'as a range',
      reason: expect.stringMatching(/^FRESH: one source says 100 after 70, /),
    });
  });

  it('is empty without a policy, and says so', async () => {
    expect((await read([])).policyFault).toMatch(/^market policy\/default: this row is missing/);
  });
});

describe('the status of the volatilities', () => {
  const flat = { type: 'flat', initial: '0.1', maintenance: '0.05' };
  const ewma = { type: 'ewma', floor: '0.3', stress: '1.2', stressWeight: '0.25', cap: '3' };
  const dynamic = { referenceVolatility: '0.6', cap: '4', initialRisePerHour: '0.1' };
  const perpetual = { kind: 'instrument', type: 'perpetual', settlementAsset: 'USD' };
  const rows: RawRow[] = [
    { kind: 'policy', id: 'default' },
    { kind: 'risk', id: 'BTC', margin: flat, volatility: ewma, dynamic },
    { kind: 'risk', id: 'ETH', margin: flat, volatility: '0.9' },
    { ...perpetual, id: 'ETH-PERP', underlying: 'ETH-USD', riskClass: 'ETH' },
    { ...perpetual, id: 'BTC-PERP', underlying: 'BTC-USD', riskClass: 'BTC' },
  ];
  const read = (measured: MeasuredVolatility) =>
    readPrices({
      ...{ rows, ...TIMES },
      recall: async () => ({
        previousPrices: new Map(),
        volatilities: new Map([['BTC-USD', measured]]),
        faults: [],
      }),
    });
  const tracked = { down: ratio('2.7'), up: ratio('3') };

  it('shows σ, tracked z, Λ, and the scale of a dynamic class', async () => {
    const { moves } = await read({
      annual: ratio('1.2'),
      forecast: { volatility: ratio('1.2'), quantiles: tracked },
      initial: ratio('0.9'),
    });
    const shock = expect.stringMatching(/^0\.00\d+$/);
    expect(moves).toEqual([
      {
        feed: 'BTC-USD',
        volatility: '1.2',
        initialVolatility: '0.9',
        quantileDown: '2.7',
        quantileUp: '3',
        shockDown: shock,
        shockUp: shock,
        scales: [{ riskClass: 'BTC', initial: '1.5', maintenance: '2' }],
      },
      { feed: 'ETH-USD', volatility: '0.9', shockDown: shock, shockUp: shock, scales: [] },
    ]);
    expect(Number(moves[0]?.shockUp)).toBeGreaterThan(Number(moves[0]?.shockDown));
  });

  it('leaves out a slowed σ that is not slower', async () => {
    const { moves } = await read({ annual: ratio('1.2'), initial: ratio('1.2') });
    expect(moves[0]).not.toHaveProperty('initialVolatility');
    expect(moves[0]).not.toHaveProperty('quantileDown');
  });

  it('has no row if σ cannot be read, and the price says why', async () => {
    const { moves, feeds } = await read(null);
    expect(moves.map(({ feed }) => feed)).toEqual(['ETH-USD']);
    const { reason } = feeds.find(({ feed }) => feed === 'BTC-USD') ?? {};
    expect(reason).toMatch(/^BTC-USD: its measured volatility could not be read/);
  });
});

describe('margin status on deployed tables', () => {
  let services: Services;
  beforeAll(async () => {
    services = await startServices();
  });
  afterAll(() => services.close());

  const status = (now: number) =>
    readStatus({ dynamo: services.dynamo, deployment: services.config, now });

  const putItem = (item: object) =>
    services.dynamo.send(
      new PutItemCommand({ TableName: services.config.marginTable, Item: marshall(item) }),
    );

  it('reports empty tables as a finding in one line, and no failure', async () => {
    const empty = await status(NOW);
    expect(empty).toMatchObject({ verdict: 'CRITICAL', openCases: [], prices: { feeds: [] } });
    expect(empty.findings.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^nothing is being checked: market policy\/default: /),
      'nothing is being checked: no check has ended yet',
    ]);
    const { code, out } = await runMargin(services, 'status', '--environment');
    expect(code).toBe(3);
    expect(out).toMatch(/^CRITICAL: nothing is being checked: market policy\/default: /);
    expect(out).toContain('no open cases');
  });

  it('shows the check, the open cases worst first, and the prices', async () => {
    const { rows } = await readBook('docs/examples/book', NOW);
    await writeBook({ dynamo: services.dynamo, tables: services.config, rows });
    await createHandler({ ...services, now: () => NOW + 250 })({
      source: 'aws.scheduler',
      'detail-type': 'Scheduled Event',
      time: new Date(NOW).toISOString(),
    });
    const found = await status(NOW + 10_250);
    expect(found).toMatchObject({
      verdict: 'ATTENTION',
      findings: [{ code: 'liquidations-observed', accounts: 1, why: ['liquidated-long'] }],
      lastCheck: { record: { accounts: 6, lateSeconds: 0.25 } },
    });
    const since = '2020-03-12T11:00:00.250Z';
    expect(found.openCases).toEqual([
      expect.objectContaining({
        kind: 'liquidation',
        accountId: 'liquidated-long',
        since,
        planGeneration: 1,
        pending: 0,
        isWithheld: false,
      }),
      expect.objectContaining({
        kind: 'call',
        accountId: 'called-long',
        since,
        amountDue: expect.stringMatching(/^\d+(\.\d+)?$/),
        deadline: '2020-03-12T11:30:00.250Z',
        isExpired: false,
      }),
    ]);
    expect(found.prices.feeds.map(({ feed, use }) => [feed, use])).toEqual([
      ['BTC-USD', 'anything'],
      ['USDC-USD', 'anything'],
    ]);
    const text = statusTables(found);
    const counts = 'open cases: 1 liquidation, 1 call';
    for (const part of ['called-long', '6 = 6 assessed', '03-12 11:30', 'BTC-USD', counts]) {
      expect(text).toContain(part);
    }
  });

  it('shows the volatilities that checks have stored', async () => {
    const { marketTable: TableName } = services.config;
    const put = (item: object) =>
      services.dynamo.send(new PutItemCommand({ TableName, Item: marshall(item) }));
    const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
    const volatility = { type: 'ewma', floor: '0.3', stress: '1.2', cap: '3' };
    const dynamic = { referenceVolatility: '0.6', cap: '4', initialRisePerHour: '0.1' };
    await put({ kind: 'risk', id: 'SOL', margin, volatility, dynamic });
    await put({ kind: 'asset', id: 'SOL', feed: 'SOL-USD' });
    const quote = { price: '150', publishedAt: NOW + 5_000 };
    const kept = { annualVariance: '1.44', ...quote };
    await put({ kind: 'quote', id: 'SOL-USD#s', ...quote });
    // Nothing is scored yet, so z is that of Student-t at 99 %: 2.649492.
    const forecast = {
      ...{ variance: '1.69', gaps: 12, sum: '0', isRanged: true, unranged: 0, open: [] },
      ...{ alphaDown: '0.01', alphaUp: '0.01', taken: 0, since: 0, down: '', up: '' },
    };
    const initial = { initialVolatility: '0.9', initialAsOf: NOW + 10_250 };
    const page = { pk: 'feeds', sk: 'page-7', checkId: new Date(NOW).toISOString() };
    const putPage = (volatility: object) =>
      putItem({ ...page, feeds: JSON.stringify({ 'SOL-USD': { volatility } }) });
    await putPage({ ...kept, forecast, ...initial });
    const found = await status(NOW + 10_250);
    expect(found.prices.moves.find(({ feed }) => feed === 'SOL-USD')).toMatchObject({
      volatility: '1.2',
      initialVolatility: '0.9',
      quantileDown: '2.649492',
      quantileUp: '2.649492',
      scales: [{ riskClass: 'SOL', initial: '1.5', maintenance: '2' }],
    });
    const text = statusTables(found, true);
    expect(text).toContain(
      'SOL initial ×1.500, maintenance ×2.000; the initial requirement still uses σ 90.00 %',
    );
    expect(text).toMatch(/SOL-USD +│ +120\.00 % │ +2\.649, 2\.649 │ +\d\.\d\d %, \d\.\d\d % │/);
    await putPage({ ...kept, ...initial, initialVolatility: '0' });
    expect((await status(NOW + 10_250)).prices.faults).toEqual([
      expect.stringContaining(
        'margin feeds/page-7 SOL-USD volatility: initialVolatility must be above 0',
      ),
    ]);
    await services.dynamo.send(
      new DeleteItemCommand({ TableName, Key: marshall({ kind: 'asset', id: 'SOL' }) }),
    );
  });

  it('says that the last check is old, and exits with 3', async () => {
    const { code, out } = await runMargin(services, 'status', '--environment', '--json');
    expect(code).toBe(3);
    const { verdict, headline } = JSON.parse(out);
    expect(verdict).toBe('CRITICAL');
    expect(headline).toMatch(/^nothing has been checked for \d+ d \d+ h, more than 3 intervals/);
  });

  it('has a row for an unreadable case, for a feed, and for leftover messages', async () => {
    const item = { version: 1, checkId: 'c', isActive: true, forgetAfterSeconds: 1 };
    const open = (pk: string, sk: string) => ({ ...item, pk, sk, openSubject: pk });
    await putItem({ ...open('account#odd', 'case'), state: { level: 'new' }, pending: [] });
    await putItem({ ...open('account#broken', 'case#BTC-PERP'), pending: 'none' });
    await putItem({ ...open('feed#BTC-USD', 'case'), state: { isRejected: true }, pending: [] });
    await putItem({ ...open('market#BTC-PERP', 'case'), state: { isWarned: true }, pending: [] });
    const pending = [{ checkId: 'c', deliveries: [] }];
    const left = { ...open('account#done', 'case'), isActive: false, pending };
    await putItem({ ...left, state: { isIndeterminate: false } });
    const unknown = { ...open('account#unknown', 'case'), pending: [] };
    await putItem({ ...unknown, state: { isIndeterminate: true } });
    const changing = { ...open('account#changing', 'case'), pending: [] };
    await putItem({ ...changing, state: { isIndeterminate: false, changingSince: NOW } });
    await putItem({ ...open('account#closed', 'case'), isActive: false, state: {}, pending: [] });
    const { openCases } = await status(NOW + 10_250);
    const subjects = openCases.map(({ accountId, feed, market }) => accountId ?? feed ?? market);
    expect(openCases.map(({ kind }, index) => [kind, subjects[index]])).toEqual([
      ['unreadable', expect.stringMatching(/odd|broken/)],
      ['unreadable', expect.stringMatching(/odd|broken/)],
      ['liquidation', 'liquidated-long'],
      ['call', 'called-long'],
      ['indeterminate', 'unknown'],
      ['rows changing', 'changing'],
      ['price rejected', 'BTC-USD'],
      ['cascade', 'BTC-PERP'],
      ['unpublished', 'done'],
    ]);
    expect(openCases.find(({ position }) => position === 'BTC-PERP')?.accountId).toBe('broken');
    for (const { fault } of openCases.slice(0, 2)) expect(fault).toMatch(/^[^\n]+$/);
  });

  it('says that the state of the last check cannot be read', async () => {
    await putItem({ pk: 'check', sk: 'latest', version: 1, checkId: 'x', state: {}, pending: [] });
    const { verdict, findings, prices } = await status(NOW + 10_250);
    expect(verdict).toBe('CRITICAL');
    expect(findings.map(({ what }) => what)).toContain(
      'no check can run: the item margin check/latest cannot be read; restore it',
    );
    expect(prices.feeds).toHaveLength(2);
  });
});
