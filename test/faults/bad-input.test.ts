/**
 * A bad row makes only its own account or feed indeterminate, is counted, and is named in the alert
 * by table, key and attribute. Alerts about all other accounts stay identical.
 */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FAILURE_KEY } from '../../lambda/check/failure-case.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import { ACCOUNTS, balance, long, MARKET, position, quote } from './book.ts';
import { inject, unharmed } from './injector.ts';
import { expectInOrder, saidOf, subjectOf } from './invariants.ts';
import { openWorld, type Row, timeOf, World } from './world.ts';

const PUBLISHED = timeOf(0) - 3_000;

/** Beyond the book: a victim, and an account called on ETH, the feed of the bad market rows. */
const VICTIM = [balance('victim', '40000'), position('victim')];
const ETHER = [
  balance('ether', '1860'),
  position('ether', { instrument: 'ETH-PERP', quantity: '100', entryPrice: '150' }),
];
const ROWS = [...ACCOUNTS, ...VICTIM, ...ETHER];

const ETH_PERP = {
  kind: 'instrument',
  id: 'ETH-PERP',
  type: 'perpetual',
  underlying: 'ETH-USD',
  settlementAsset: 'USD',
  riskClass: 'ETH',
};
const ETH_RISK = {
  kind: 'risk',
  id: 'ETH',
  margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
  volatility: '1.1',
};
const ETH_QUOTE = quote('ETH-USD', '140', PUBLISHED);
const ROWS_OF_MARKET = [...MARKET, ETH_PERP, ETH_RISK, ETH_QUOTE];

interface Result {
  readonly summary: CheckSummary;
  readonly alerts: readonly Message[];
}

const byId = (left: Message, right: Message) => (left.id < right.id ? -1 : 1);

async function resultOf(world: World): Promise<Result> {
  const summary = await world.check(0);
  return { summary, alerts: (await world.alerts()).toSorted(byId) };
}

async function soundResult(): Promise<Result> {
  const world = await World.start({ accounts: ROWS, market: ROWS_OF_MARKET });
  const result = await resultOf(world);
  await world.close();
  return result;
}

const sound = await soundResult();

const isAbout = (subject: string) => (alert: Message) => subjectOf(alert) === subject;
const without = (alerts: readonly Message[], subjects: readonly string[]) =>
  alerts.filter((alert) => !subjects.includes(subjectOf(alert)));

it('without a bad row, the victim is healthy and the ETH account is called', () => {
  expect(sound.alerts.filter(isAbout('victim'))).toEqual([]);
  expect(sound.alerts.filter(isAbout('ether')).map(({ type }) => type)).toEqual([
    'margin-call.issued',
  ]);
  expect(sound.summary).toMatchObject({ accounts: 9, assessed: 7, indeterminate: 2, failed: 0 });
  expect(sound.summary.marketFaults).toEqual([]);
});

async function expectOnlyIndeterminate(
  world: World,
  expected: {
    /** The account, or one of its isolated positions. */
    readonly subject: string;
    readonly details: readonly unknown[];
    readonly feeds?: string[];
  },
): Promise<Result> {
  const { subject, details, feeds = [] } = expected;
  const result = await resultOf(world);
  const { alerts, summary } = result;
  const own = alerts.filter(isAbout(subject));
  expect(own.map(({ type }) => type)).toEqual(['account.indeterminate']);
  const reasons = own.flatMap((alert) => ('reasons' in alert ? alert.reasons : []));
  expect(reasons.map(({ detail }) => detail)).toEqual(details);
  for (const { detail } of reasons) expect(detail).not.toMatch(/\n|undefined|\[object/);
  expect(without(alerts, [subject, ...feeds])).toEqual(without(sound.alerts, [subject]));
  const { accounts, assessed, indeterminate } = sound.summary;
  expect(summary).toMatchObject({
    accounts,
    assessed: assessed - 1,
    indeterminate: indeterminate + 1,
    failed: 0,
  });
  await expectInOrder(world);
  return result;
}

/** The rows replace those with the same keys. */
async function openWith(rows: readonly Row[]): Promise<World> {
  const world = await openWorld({ accounts: ROWS, market: ROWS_OF_MARKET });
  await world.writeAccounts(rows);
  return world;
}

const SIXTY_DIGITS = `1${'0'.repeat(58)}1`;

/** Values that a decimal attribute refuses, each with the fault reported. */
const NOT_DECIMAL: readonly [string, unknown, string][] = [
  ['NaN', 'NaN', 'must be a decimal number, not "NaN"'],
  ['Infinity', 'Infinity', 'must be a decimal number, not "Infinity"'],
  ['-Infinity', '-Infinity', 'must be a decimal number, not "-Infinity"'],
  ['0x10', '0x10', 'must be a decimal number, not "0x10"'],
  ['the empty text', '', 'must be a decimal number, not empty'],
  ['a space', ' ', 'must be a decimal number, not empty'],
  ['a number with a space', ' 5', 'must be a decimal number, not " 5"'],
  ['thousands', '25,000', 'must be a decimal number, not "25,000"'],
  ['a number of 60 digits', SIXTY_DIGITS, 'has 60 significant digits; at most 34 are allowed'],
  ['1e25', '1e25', 'must lie between 1e-24 and 1e24'],
  ['1e9999', '1e9999', 'must be a decimal number, not "1e9999"'],
  ['a boolean', true, 'must be a decimal number, not a boolean'],
  ['a map', { toString: 'x' }, 'must be a decimal number, not a map'],
  ['a list', ['5'], 'must be a decimal number, not a list'],
  ['a map of DynamoDB', { N: '5' }, 'must be a decimal number, not a map'],
];

const lacking = (row: Row, name: string): Row =>
  Object.fromEntries(Object.entries(row).filter(([each]) => each !== name));

describe('an amount', () => {
  const victims = NOT_DECIMAL.map(([name, amount, fault], index) => {
    const accountId = `victim-${index}`;
    const row = balance(accountId, amount);
    return { name, accountId, row, detail: `accounts ${accountId}/balance#USD: amount ${fault}` };
  });
  const missing = 'amount is missing';
  victims.push({
    name: 'missing',
    accountId: 'victim-missing',
    row: lacking(balance('victim-missing', '5'), 'amount'),
    detail: `accounts victim-missing/balance#USD: ${missing}`,
  });

  it(`makes only its account indeterminate if it is ${victims.map(({ name }) => name).join(', ')}`, async () => {
    const world = await openWith(
      victims.flatMap(({ accountId, row }) => [row, position(accountId)]),
    );
    const { alerts, summary } = await resultOf(world);
    const { accounts, assessed, indeterminate } = sound.summary;
    expect(summary).toMatchObject({
      accounts: accounts + victims.length,
      assessed,
      indeterminate: indeterminate + victims.length,
      failed: 0,
    });
    for (const { accountId, detail } of victims) {
      const own = alerts.filter(isAbout(accountId));
      const said = own.map((alert) => [alert.type, 'reasons' in alert && alert.reasons[0]?.detail]);
      expect(said).toEqual([['account.indeterminate', detail]]);
    }
    const names = victims.map(({ accountId }) => accountId);
    expect(without(alerts, names)).toEqual(sound.alerts);
    await expectInOrder(world);
  });

  it('makes its account indeterminate with the 38 digits that a DynamoDB number may have', async () => {
    const world = await openWith([]);
    await world.writeItem('accounts', {
      accountId: { S: 'victim' },
      item: { S: 'balance#USD' },
      asset: { S: 'USD' },
      amount: { N: '1234567890123456789012345678901234567.8' },
    });
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: [
        'accounts victim/balance#USD: ' +
          'amount has 38 significant digits; at most 34 are allowed',
      ],
    });
  });
});

describe('an attribute of another type of DynamoDB', () => {
  const key = { accountId: { S: 'victim' }, item: { S: 'balance#USD' }, asset: { S: 'USD' } };
  const good = { ...key, amount: { S: '40000' } };

  it.each([
    ['a binary', { B: Buffer.from('40000') }],
    ['a set of texts', { SS: ['40000'] }],
    ['a set of numbers', { NS: ['40000'] }],
    ['a set of binaries', { BS: [Buffer.from('40000')] }],
    ['a map', { M: { toString: { S: 'x' }, constructor: { S: 'x' } } }],
  ])('makes only its account indeterminate: %s', async (_, amount) => {
    const world = await openWith([]);
    await world.writeItem('accounts', { ...key, amount });
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: ['accounts victim/balance#USD: amount must be a decimal number, not a map'],
    });
  });

  it('makes only its account indeterminate, however deep it lies', async () => {
    const world = await openWith([]);
    const deep = Array.from({ length: 25 }).reduce((inner: object) => ({ L: [inner] }), { S: 'x' });
    await world.writeItem('accounts', { ...good, constructor: deep as object });
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: [
        'accounts victim/balance#USD: unknown attribute constructor (begin the names of your own with _)',
      ],
    });
  });

  it('counts as absent if it is NULL', async () => {
    const world = await openWith([]);
    await world.writeItem('accounts', { ...good, location: { NULL: true }, note: { NULL: true } });
    expect((await resultOf(world)).alerts).toEqual(sound.alerts);
  });

  it('ends no scan if the SDK has lost it, as it loses __proto__', async () => {
    const world = await openWith([]);
    const send = async (command: never) => {
      const answer = (await world.dynamo.send(command)) as { readonly Items?: object[] };
      for (const item of answer.Items ?? []) {
        Object.defineProperty(item, '__proto__', { value: undefined, enumerable: true });
      }
      return answer;
    };
    const dynamo = Object.assign(Object.create(world.dynamo), { send });
    const summary = await world.check(0, { dynamo });
    expect(summary).toMatchObject({ isComplete: true, failed: 0, accounts: 9, marketFaults: [] });
  });
});

/** Attributes of a position: what is written, and the fault reported. */
const BAD_POSITIONS: readonly [string, Row, string][] = [
  ['a quantity of NaN', { quantity: 'NaN' }, 'quantity must be a decimal number, not "NaN"'],
  [
    'a quantity of a boolean',
    { quantity: false },
    'quantity must be a decimal number, not a boolean',
  ],
  ['a negative entry price', { entryPrice: '-5' }, 'entryPrice must be above 0, not -5'],
  ['an entry price of zero', { entryPrice: '0' }, 'entryPrice must be above 0, not 0'],
  [
    'an entry price of Infinity',
    { entryPrice: 'Infinity' },
    'entryPrice must be a decimal number, not "Infinity"',
  ],
  [
    'a negative open quantity',
    { openBuyQuantity: '-1' },
    'openBuyQuantity must not be negative, not -1',
  ],
  [
    'a time in words',
    { fundingSettledAt: 'noon' },
    'fundingSettledAt must be a whole number from 0 to 8640000000000000, not noon',
  ],
  [
    'a time of 1.5',
    { fundingSettledAt: 1.5 },
    'fundingSettledAt must be a whole number from 0 to 8640000000000000, not 1.5',
  ],
  [
    'an instrument that is a number',
    { instrument: 5, item: 'position#5' },
    'instrument must be a text, not a number',
  ],
  [
    'an instrument that is a list',
    { instrument: ['BTC-PERP'], item: 'position#BTC-PERP' },
    'instrument must be a text, not a list',
  ],
  [
    'an unknown attribute',
    { side: 'long' },
    'unknown attribute side (begin the names of your own with _)',
  ],
  [
    'a key of another instrument',
    { item: 'position#ETH-PERP' },
    'item must be position#BTC-PERP[#<label>], to match the other attributes',
  ],
  [
    'an empty label',
    { item: 'position#BTC-PERP#' },
    'item must be position#BTC-PERP[#<label>], to match the other attributes',
  ],
  [
    'a key of no kind',
    { item: 'holding#BTC-PERP' },
    'unknown kind of item; it must be profile, balance#<asset> or position#<instrument>',
  ],
];

describe('a row of a position', () => {
  it.each(BAD_POSITIONS)(
    '%s makes only its account indeterminate, and the alert names the fault',
    async (_, attributes, fault) => {
      const row = { ...position('victim'), ...attributes };
      const world = await openWith([row]);
      await expectOnlyIndeterminate(world, {
        subject: 'victim',
        details: [`accounts victim/${row.item}: ${fault}`],
      });
    },
  );

  it('an isolated margin in words leaves its position indeterminate, and not the cross book', async () => {
    const world = await openWith([position('victim', { isolatedMargin: 'all of it' })]);
    const fault = 'isolatedMargin must be a decimal number, not "all of it"';
    await expectOnlyIndeterminate(world, {
      subject: 'victim#BTC-PERP',
      details: [`accounts victim/position#BTC-PERP: ${fault}`],
    });
  });

  it('an attribute that begins with _ is the writer’s own and is accepted', async () => {
    const world = await openWith([position('victim', { _trader: 'anna' })]);
    const { alerts } = await resultOf(world);
    expect(alerts).toEqual(sound.alerts);
  });

  it('attributes of 300 KB that begin with _ are in no record, and leave the account as it is', async () => {
    const note = { _note: randomBytes(150_000).toString('hex') };
    const called = long('victim', '14000').map((row) => ({ ...row, ...note }));
    const world = await openWorld({ accounts: called });
    await world.check(0);
    expect(await saidOf(world)).toContain('victim margin-call.issued');
    await expectInOrder(world);
    const records = (await world.margin()).flatMap(({ record }) => record ?? []);
    expect(records.length).toBeGreaterThan(0);
    for (const record of records) expect(record.length).toBeLessThan(20_000);
  });
});

describe('a row of a profile', () => {
  it.each([
    [
      'a grace period in words',
      { callGraceSeconds: 'soon' },
      'callGraceSeconds must be a whole number from 0 to 31536000, not soon',
    ],
    [
      'a negative grace period',
      { callGraceSeconds: -1 },
      'callGraceSeconds must be a whole number from 0 to 31536000, not -1',
    ],
    ['an unknown margin model', { marginModel: 'gut feeling' }, 'marginModel must be'],
  ])(
    '%s makes its account indeterminate, and the alert names the fault',
    async (_, attributes, fault) => {
      const world = await openWith([{ accountId: 'victim', item: 'profile', ...attributes }]);
      const { alerts } = await resultOf(world);
      const [alert] = alerts.filter(isAbout('victim'));
      const details = alert !== undefined && 'reasons' in alert ? alert.reasons : [];
      expect(details.map(({ detail }) => detail)).toEqual([
        expect.stringMatching(`^accounts victim/profile: ${fault}`),
      ]);
    },
  );
});

describe('a reference to a row that does not exist', () => {
  it('an unknown instrument makes its holder indeterminate', async () => {
    const world = await openWith([position('victim', { instrument: 'NOPE' })]);
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: [expect.stringContaining('position#NOPE: there is no instrument NOPE')],
    });
  });

  it('an unknown asset makes its holder indeterminate', async () => {
    const world = await openWith([balance('victim', '1', 'NOPE')]);
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: [expect.stringContaining('balance#NOPE: there is no asset NOPE')],
    });
  });

  it('an unknown asset with a balance of zero is ignored', async () => {
    const world = await openWith([balance('victim', '0', 'NOPE')]);
    const { alerts } = await resultOf(world);
    expect(alerts).toEqual(sound.alerts);
  });

  it('several unknown references are all named', async () => {
    const world = await openWith([
      balance('victim', '1', 'NOPE'),
      position('victim', { instrument: 'NOPE' }),
    ]);
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: [
        expect.stringContaining('balance#NOPE: there is no asset NOPE'),
        expect.stringContaining('position#NOPE: there is no instrument NOPE'),
      ],
    });
  });
});

describe('a missing rate', () => {
  it('a funding time without a funding rate makes the account indeterminate', async () => {
    const world = await openWith([position('victim', { fundingSettledAt: PUBLISHED })]);
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: [
        expect.stringMatching(/^instrument BTC-PERP has no quote with a fundingRatePerHour/),
      ],
    });
  });

  it('an interest time without a borrow rate makes the account indeterminate', async () => {
    const loan = { ...balance('victim', '-1', 'BTC'), interestSettledAt: PUBLISHED };
    await expectOnlyIndeterminate(await openWith([loan]), {
      subject: 'victim',
      details: [expect.stringMatching(/^asset BTC has no borrowRatePerHour/)],
    });
  });
});

describe('a time later than the check', () => {
  const later = timeOf(0) + 250 + 5_001;

  async function openRated(rows: readonly Row[]): Promise<World> {
    const world = await openWith(rows);
    const asset = MARKET.find(({ kind, id }) => kind === 'asset' && id === 'BTC');
    await world.writeMarket([
      { ...quote('BTC-USD', '6000', PUBLISHED), fundingRatePerHour: '0' },
      { ...asset, borrowRatePerHour: '0' },
    ]);
    return world;
  }

  it('a funding time later than the check makes the account indeterminate', async () => {
    const world = await openRated([position('victim', { fundingSettledAt: later })]);
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: [expect.stringContaining('BTC-PERP: fundingSettledAt is later than the check')],
    });
  });

  it('an interest time later than the check makes the account indeterminate', async () => {
    const loan = { ...balance('victim', '-1', 'BTC'), interestSettledAt: later };
    await expectOnlyIndeterminate(await openRated([loan]), {
      subject: 'victim',
      details: [expect.stringContaining('balance#BTC: interestSettledAt is later than the check')],
    });
  });

  it('a late funding time names the one of two positions that it belongs to', async () => {
    const world = await openRated([
      position('victim', { label: 'a' }),
      position('victim', { label: 'b', fundingSettledAt: later }),
    ]);
    await expectOnlyIndeterminate(world, {
      subject: 'victim',
      details: [expect.stringContaining('BTC-PERP#b: fundingSettledAt is later than the check')],
    });
  });

  it('a time ahead by no more than the clock tolerance is accepted', async () => {
    const world = await openRated([position('victim', { fundingSettledAt: later - 1 })]);
    const { alerts } = await resultOf(world);
    expect(alerts).toEqual(sound.alerts);
  });

  it('if the only quote is later than the check, its feed is rejected and its holders are indeterminate', async () => {
    const world = await openWith([]);
    await world.writeMarket([quote('ETH-USD', '140', later)]);
    const { alerts } = await expectOnlyIndeterminate(world, {
      subject: 'ether',
      details: [expect.stringMatching(/^ETH-USD: .*later than the check/)],
      feeds: ['ETH-USD'],
    });
    const rejected = alerts.filter(isAbout('ETH-USD'));
    expect(rejected.map(({ type }) => type)).toEqual(['oracle.rejected']);
  });
});

const BAD_ID =
  'must be 1 to 128 letters, digits, currency signs or . _ : / + = , - @ & ( ) [ ] * ~ ! % |, ' +
  'without spaces or invisible characters, and must not begin with __ or a combining mark';

describe('an invalid account id', () => {
  it.each([
    ['an id with a space', 'bad id'],
    ['an id with a reserved character', 'bad#id'],
    ['an id with a line break', 'bad\nid'],
    ['an id with a direction mark', 'bad\u202eid'],
    ['an id of 129 characters', 'x'.repeat(129)],
    ['an id that is a special name in JavaScript', '__proto__'],
  ])('%s makes only that account indeterminate', async (_, accountId) => {
    const world = await openWith(long(accountId, '40000'));
    const { alerts, summary } = await resultOf(world);
    expect(summary).toMatchObject({ accounts: 10, indeterminate: 3, failed: 0 });
    const own = alerts.filter(isAbout(accountId));
    expect(own.map((alert) => 'reasons' in alert && alert.reasons[0]?.detail)).toEqual([
      `accounts ${accountId}: accountId ${BAD_ID}`,
    ]);
    expect(without(alerts, [accountId])).toEqual(sound.alerts);
    await expectInOrder(world);
  });
});

/** A market row about ETH: what is written, and the fault reported. */
interface BadMarketRow {
  readonly name: string;
  readonly row: Row;
  readonly detail: string;
  /** True if the feed cannot be used at all, false if only the instruments on it cannot. */
  readonly isFeedRejected: boolean;
}

/** Values that might pass for a number elsewhere. */
const isTelling = ([name]: readonly [string, unknown, string]): boolean =>
  ['NaN', 'Infinity', '0x10', 'the empty text', 'a number of 60 digits', 'a map'].includes(name);

const badQuotes = (
  [
    ...NOT_DECIMAL.filter(isTelling).map(([name, price, fault]) => [
      `price ${name}`,
      { price },
      `price ${fault}`,
    ]),
    ['a negative price', { price: '-140' }, 'price must not be negative, not -140'],
    ['a price of zero', { price: '0' }, 'price must be above 0, except of an option'],
    ['a negative confidence', { confidence: '-1' }, 'confidence must not be negative, not -1'],
    [
      'a time in words',
      { publishedAt: 'now' },
      'publishedAt must be a whole number from 0 to 8640000000000000, not now',
    ],
    [
      'a negative time',
      { publishedAt: -5 },
      'publishedAt must be a whole number from 0 to 8640000000000000, not -5',
    ],
    [
      'a funding rate of NaN',
      { fundingRatePerHour: 'NaN' },
      'fundingRatePerHour must be a decimal number, not "NaN"',
    ],
    [
      'attribute that is not known',
      { venue: 'x' },
      'unknown attribute venue (begin the names of your own with _)',
    ],
  ] as [string, Row, string][]
).map(
  ([name, attributes, fault]): BadMarketRow => ({
    name: `quote with ${name}`,
    row: { ...ETH_QUOTE, ...attributes },
    detail: `market quote/ETH-USD#pyth: ${fault}`,
    isFeedRejected: true,
  }),
);

const badInstruments = (
  [
    ['a contract size of zero', { contractSize: '0' }, 'contractSize must be above 0, not 0'],
    [
      'a contract size of NaN',
      { contractSize: 'NaN' },
      'contractSize must be a decimal number, not "NaN"',
    ],
    ['type future, no expiry', { type: 'future' }, 'expiresAt is needed for a future'],
    ['a number as underlying', { underlying: 5 }, 'underlying must be a text, not a number'],
  ] as [string, Row, string][]
).map(
  ([name, attributes, fault]): BadMarketRow => ({
    name: `instrument with ${name}`,
    row: { ...ETH_PERP, ...attributes },
    detail: `market instrument/ETH-PERP: ${fault}`,
    isFeedRejected: false,
  }),
);

const badRisks = (
  [
    [
      'a volatility of NaN',
      { volatility: 'NaN' },
      'volatility must be a decimal number, not "NaN"',
    ],
    ['a volatility of zero', { volatility: '0' }, 'volatility must be above 0, not 0'],
    ['a negative jump floor', { jumpFloor: '-1' }, 'jumpFloor must not be negative, not -1'],
  ] as [string, Row, string][]
).map(
  ([name, attributes, fault]): BadMarketRow => ({
    name: `risk class with ${name}`,
    row: { ...ETH_RISK, ...attributes },
    detail: `market risk/ETH: ${fault}`,
    isFeedRejected: true,
  }),
);

describe('a market row', () => {
  it.each([...badQuotes, ...badInstruments, ...badRisks])(
    'a bad $name makes only its holders indeterminate and is counted as a market fault',
    async (bad) => {
      const world = await openWith([]);
      await world.writeMarket([bad.row]);
      const { alerts, summary } = await expectOnlyIndeterminate(world, {
        subject: 'ether',
        details: [bad.detail],
        feeds: ['ETH-USD'],
      });
      expect(summary.marketFaults).toEqual([bad.detail]);
      const rejected = alerts.filter(isAbout('ETH-USD'));
      expect(rejected.map((each) => 'reasons' in each && each.reasons[0]?.detail)).toEqual(
        bad.isFeedRejected ? [bad.detail] : [],
      );
    },
  );

  it.each([
    ['instrument', 'ETH-PERP', 'position#ETH-PERP: there is no instrument ETH-PERP'],
    ['risk', 'ETH', 'instrument ETH-PERP names risk class ETH, but that class has no row'],
    ['quote', 'ETH-USD#pyth', 'ETH-USD: no usable quote'],
  ])(
    'a missing row %s %s makes only its holders indeterminate and is no market fault',
    async (kind, id, detail) => {
      const world = await openWith([]);
      await world.removeMarket(kind, id);
      const { summary } = await expectOnlyIndeterminate(world, {
        subject: 'ether',
        details: [detail],
        feeds: ['ETH-USD'],
      });
      expect(summary.marketFaults).toEqual([]);
    },
  );

  it('a quote whose id has two sources is a market fault', async () => {
    const world = await openWith([]);
    await world.writeMarket([{ ...ETH_QUOTE, id: 'ETH-USD#pyth#old' }]);
    const { summary } = await resultOf(world);
    expect(summary.marketFaults).toEqual([
      'market quote/ETH-USD#pyth#old: the id must be <feed>#<source>',
    ]);
  });

  it('a bad quote beside a good one is named, and the feed stays usable', async () => {
    const world = await openWith([]);
    await world.writeMarket([{ ...ETH_QUOTE, id: 'ETH-USD#other', price: 'NaN' }]);
    const { alerts, summary } = await resultOf(world);
    expect(alerts).toEqual(sound.alerts);
    expect(summary.marketFaults).toEqual([
      'market quote/ETH-USD#other: price must be a decimal number, not "NaN"',
    ]);
  });
});

describe('an invalid policy', () => {
  it.each([
    [
      'a multiplier below 1',
      { callMultiplier: '0.9' },
      'callMultiplier must be at least 1, not 0.9',
    ],
    [
      'a multiplier of NaN',
      { callMultiplier: 'NaN' },
      'callMultiplier must be a decimal number, not "NaN"',
    ],
    [
      'a call line below the liquidation line',
      { liquidationMultiplier: '2' },
      'callMultiplier must be at least liquidationMultiplier',
    ],
    ['a halt of text', { halt: 'true' }, 'halt must be true or false'],
    ['an unknown mode', { mode: 'dry-run' }, 'mode must be'],
    [
      'a negative age',
      { maxAgeSeconds: -1 },
      'maxAgeSeconds must be a whole number from 0 to 31536000, not -1',
    ],
    ['an unknown attribute', { callMultiplyer: '2' }, 'unknown attribute callMultiplyer'],
  ])('%s fails the check in one line, and nothing is written', async (_, policy, fault) => {
    const world = await openWorld();
    await world.writePolicy(policy);
    await expectPolicyError(world, `market policy/default: ${fault}`);
  });

  it('a missing policy fails the check in one line, and nothing is written', async () => {
    const world = await openWorld();
    await world.removeMarket('policy', 'default');
    await expectPolicyError(world, 'market policy/default: this row is missing');
  });

  async function expectPolicyError(world: World, start: string): Promise<void> {
    const run = inject(world.services, unharmed);
    const error = await world.check(0, run).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PolicyError);
    const { message } = error as PolicyError;
    expect(message.startsWith(start), message).toBe(true);
    expect(message).not.toMatch(/\n/);
    // Nothing but the alert that says so.
    expect(run.calls.filter(({ command }) => command === 'Scan')).toHaveLength(1);
    expect((await world.margin()).map(({ pk }) => pk)).toEqual([FAILURE_KEY.pk]);
    const [alert, ...others] = await world.alerts();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ type: 'check.failed', error: 'PolicyError', detail: message });
  }
});
