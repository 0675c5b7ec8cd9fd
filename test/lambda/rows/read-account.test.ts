import { describe, expect, it } from 'vitest';
import type { Account } from '../../../lambda/margin/book/account.ts';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { readAccount } from '../../../lambda/rows/read-account.ts';

const N = (text: string) => new Numeral(text);

const PROFILE: RawRow = { item: 'profile', marginModel: 'standard', callGraceSeconds: '600' };
const BALANCE: RawRow = { item: 'balance#USD', asset: 'USD', amount: '-10000.5' };
const POSITION: RawRow = {
  item: 'position#BTC-PERP',
  instrument: 'BTC-PERP',
  quantity: '-1.5',
  entryPrice: '60000',
};

function known(rows: readonly RawRow[], accountId = 'acc'): Account {
  const reading = readAccount(accountId, rows);
  if (!reading.ok) throw new Error(reading.reasons.map(({ detail }) => detail).join('; '));
  return reading.account;
}

function faultsOf(rows: readonly RawRow[], accountId = 'acc'): string[] {
  const reading = readAccount(accountId, rows);
  return reading.ok ? [] : reading.reasons.map(({ detail }) => detail);
}

describe('well-formed account rows', () => {
  it('are read into an account', () => {
    const { accountId, callGraceSeconds, balances, positions } = known([
      PROFILE,
      BALANCE,
      POSITION,
    ]);
    expect([accountId, callGraceSeconds]).toEqual(['acc', 600]);
    expect(balances.map(({ asset, amount }) => [asset, textOf(amount)])).toEqual([
      ['USD', '-10000.5'],
    ]);
    const [position] = positions;
    expect(position && textOf(position.quantity)).toBe('-1.5');
    expect(position && textOf(position.entryPrice)).toBe('60000');
    expect(position && textOf(position.openBuyQuantity)).toBe('0');
    expect(position && textOf(position.openSellQuantity)).toBe('0');
    expect(position?.isolatedMargin).toBeUndefined();
    expect(position?.label).toBeUndefined();
  });

  it('may be empty, for an account that holds nothing', () => {
    expect(known([])).toEqual({
      accountId: 'acc',
      marginModel: 'standard',
      callGraceSeconds: undefined,
      balances: [],
      positions: [],
    });
  });

  it('may state numbers as DynamoDB N or as text, with the same result', () => {
    const numerals = [
      { ...PROFILE, callGraceSeconds: N('600') },
      { ...BALANCE, amount: N('-10000.5') },
      { ...POSITION, quantity: N('-1.5'), entryPrice: N('6E+4') },
    ];
    expect(known(numerals)).toEqual(known([PROFILE, BALANCE, POSITION]));
  });

  it('may put the account on portfolio margin', () => {
    expect(known([{ ...PROFILE, marginModel: 'portfolio' }]).marginModel).toBe('portfolio');
    expect(known([BALANCE]).marginModel).toBe('standard');
  });

  it('may hold one asset at several locations, each with its own time of observation', () => {
    const { balances } = known([
      BALANCE,
      { ...BALANCE, item: 'balance#USD@arbitrum', location: 'arbitrum', observedAt: '5' },
      { ...BALANCE, item: 'balance#USD@base', location: 'base', observedAt: N('6') },
    ]);
    expect(balances.map(({ location, observedAt }) => [location, observedAt])).toEqual([
      [undefined, undefined],
      ['arbitrum', 5],
      ['base', 6],
    ]);
  });

  it('state the number of open orders of a position, 0 by default', () => {
    const { positions } = known([
      POSITION,
      { ...POSITION, item: 'position#BTC-PERP#grid', openOrderCount: N('12') },
    ]);
    expect(positions.map(({ openOrderCount }) => openOrderCount)).toEqual([0, 12]);
  });

  it('may have attributes that begin with _, and the key of the table', () => {
    expect(faultsOf([{ ...BALANCE, accountId: 'acc', _desk: { any: 'thing' } }])).toEqual([]);
  });

  it('may hold several positions of an instrument, distinguished by label', () => {
    const { positions } = known([
      POSITION,
      { ...POSITION, item: 'position#BTC-PERP#grid', isolatedMargin: '-0.5' },
      { ...POSITION, item: 'position#BTC-PERP#a.b_c:d/e' },
    ]);
    expect(positions.map(({ label }) => label)).toEqual([undefined, 'grid', 'a.b_c:d/e']);
    expect(positions.map(({ isolatedMargin }) => isolatedMargin && textOf(isolatedMargin))).toEqual(
      [undefined, '-0.5', undefined],
    );
  });

  it('may name an instrument with slashes and colons', () => {
    const row = { ...POSITION, instrument: 'BTC/USD:PERP', item: 'position#BTC/USD:PERP' };
    expect(known([row]).positions).toHaveLength(1);
  });
});

describe('an attribute of an account row that is null or undefined', () => {
  it.each([null, undefined])('counts as absent: %s', (none) => {
    const rows = [
      { ...PROFILE, labels: none },
      { ...BALANCE, location: none, observedAt: none, interestSettledAt: none, other: none },
      { ...POSITION, isolatedMargin: none, openBuyQuantity: none, fundingSettledAt: none },
    ];
    expect(known(rows)).toEqual(known([PROFILE, BALANCE, POSITION]));
  });
});

describe('a position that holds nothing', () => {
  const { entryPrice: _, ...UNPRICED } = POSITION;

  it.each(['0', '0.0', '-0', '.0', '0e5', N('0'), N('0E-20')])(
    'needs no entry price: quantity %s',
    (quantity) => {
      expect(known([{ ...UNPRICED, quantity }]).positions).toHaveLength(1);
    },
  );

  it.each(['0', '0.0', '', 'n/a', '-5', null, true, N('1E+99')])(
    'may have any entry price: %s',
    (entryPrice) => {
      const flat = { ...UNPRICED, quantity: '0' };
      expect(known([{ ...flat, entryPrice }])).toEqual(known([flat]));
    },
  );

  it.each(['openBuyQuantity', 'openSellQuantity', 'openOrderCount'])(
    'needs no quantity with %s',
    (name) => {
      const { quantity: __, ...resting } = { ...UNPRICED, [name]: '2' };
      expect(known([resting])).toEqual(known([{ ...resting, quantity: '0' }]));
    },
  );

  it('needs a quantity without open orders', () => {
    const { quantity: __, ...bare } = POSITION;
    const fault = 'accounts acc/position#BTC-PERP: quantity is missing';
    expect(faultsOf([bare])).toEqual([fault]);
    expect(faultsOf([{ ...bare, openBuyQuantity: '0' }])).toEqual([fault]);
  });

  it.each(['1', '-1', '1e-24'])('is no longer one at quantity %s', (quantity) => {
    const fault = 'accounts acc/position#BTC-PERP: entryPrice';
    expect(faultsOf([{ ...UNPRICED, quantity }])).toEqual([`${fault} is missing`]);
    expect(faultsOf([{ ...UNPRICED, quantity, entryPrice: '0' }])).toEqual([
      `${fault} must be above 0, not 0`,
    ]);
  });
});

describe('the fault of a row', () => {
  it('is short, however long the names and values of the row are', () => {
    const long = 'x'.repeat(100_000);
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}${long}`, '1']));
    const rows = [
      { ...BALANCE, ...many },
      { ...BALANCE, amount: long },
      { ...PROFILE, labels: { [long]: N('1') } },
      { ...PROFILE, marginModel: long },
    ];
    for (const row of rows) {
      const [fault = ''] = faultsOf([row]);
      expect(fault.length).toBeGreaterThan(20);
      expect(fault.length).toBeLessThan(600);
    }
    expect(faultsOf([{ ...BALANCE, ...many }])[0]).toMatch(/ and 47 others \(begin/);
  });
});

describe('an invalid number in an account row', () => {
  const SIXTY = '1'.repeat(60);
  it.each([
    ['NaN', 'must be a decimal number, not "NaN"'],
    ['Infinity', 'must be a decimal number, not "Infinity"'],
    ['0x10', 'must be a decimal number, not "0x10"'],
    ['', 'must be a decimal number, not empty'],
    [SIXTY, 'has 60 significant digits; at most 34 are allowed'],
    [undefined, 'is missing'],
    [null, 'is missing'],
    [{ toString: 'x' }, 'must be a decimal number, not a map'],
    [false, 'must be a decimal number, not a boolean'],
    [['5'], 'must be a decimal number, not a list'],
    [{ N: '5' }, 'must be a decimal number, not a map'],
    [5, 'must be a decimal number, not a number'],
    [N('NaN'), 'must be a decimal number, not "NaN"'],
    [N('1e25'), 'must lie between 1e-24 and 1e24'],
  ])('gives a reason that names table, key and attribute: %o', (value, fault) => {
    const amount = Object.fromEntries(
      Object.entries({ ...BALANCE, amount: value }).filter(([, given]) => given !== undefined),
    );
    expect(readAccount('acc', [amount])).toEqual({
      ok: false,
      reasons: [
        {
          code: 'row-malformed',
          subject: 'accounts acc/balance#USD',
          detail: `accounts acc/balance#USD: amount ${fault}`,
        },
      ],
    });
    expect(faultsOf([{ ...POSITION, quantity: value }])).toEqual([
      `accounts acc/position#BTC-PERP: quantity ${fault}`,
    ]);
  });
});

describe('a malformed account row', () => {
  const at = 'accounts acc/position#BTC-PERP';
  it.each([
    [{ ...POSITION, entryPrice: '-1' }, `${at}: entryPrice must be above 0, not -1`],
    [{ ...POSITION, entryPrice: '0' }, `${at}: entryPrice must be above 0, not 0`],
    [
      { item: 'position#BTC-PERP', instrument: 'BTC-PERP', quantity: '1' },
      `${at}: entryPrice is missing`,
    ],
    [{ ...POSITION, openBuyQuantity: '-1' }, `${at}: openBuyQuantity must not be negative, not -1`],
    [{ ...POSITION, instrument: N('5') }, `${at}: instrument must be a text, not a number`],
    [{ ...POSITION, instrument: ['BTC-PERP'] }, `${at}: instrument must be a text, not a list`],
    [{ ...POSITION, instrument: null }, `${at}: instrument is missing`],
    [
      { ...POSITION, fundingSettledAt: '1.5' },
      `${at}: fundingSettledAt must be a whole number from 0 to 8640000000000000, not 1.5`,
    ],
    [
      { ...POSITION, openOrderCount: '1.5' },
      `${at}: openOrderCount must be a whole number from 0 to 1000000, not 1.5`,
    ],
    [
      { ...BALANCE, item: 'balance#USD@base', location: 'base' },
      'accounts acc/balance#USD@base: observedAt is needed with a location, and only allowed there',
    ],
    [
      { ...BALANCE, observedAt: '5' },
      'accounts acc/balance#USD: observedAt is needed with a location, and only allowed there',
    ],
    [
      { ...BALANCE, item: 'balance#USD@b@c', location: 'b@c', observedAt: '5' },
      'accounts acc/balance#USD@b@c: location must not contain @, which separates asset and ' +
        'location in the key',
    ],
    [
      { ...POSITION, side: 'long' },
      `${at}: unknown attribute side (begin the names of your own with _)`,
    ],
    [
      { ...BALANCE, interestSettledAt: 'yesterday' },
      'accounts acc/balance#USD: interestSettledAt must be a whole number from 0 to ' +
        '8640000000000000, not yesterday',
    ],
    [{ ...BALANCE, asset: true }, 'accounts acc/balance#USD: asset must be a text, not a boolean'],
    [
      { ...PROFILE, marginModel: 'span' },
      'accounts acc/profile: marginModel must be one of standard, portfolio',
    ],
    [
      { ...PROFILE, callGraceSeconds: '-1' },
      'accounts acc/profile: callGraceSeconds must be a whole number from 0 to 31536000, not -1',
    ],
    [
      { ...PROFILE, labels: { desk: 5 } },
      'accounts acc/profile: labels.desk must be a text, not a number',
    ],
    [
      { ...PROFILE, grace: '5' },
      'accounts acc/profile: unknown attribute grace (begin the names of your own with _)',
    ],
  ])('gives a reason that names the item: %#', (row, fault) => {
    expect(faultsOf([row])).toEqual([fault]);
  });

  it('makes the whole account indeterminate, with every reason', () => {
    const rows = [PROFILE, { ...BALANCE, amount: 'x' }, POSITION, { item: 'order#1' }];
    expect(faultsOf(rows)).toEqual([
      'accounts acc/order#1: unknown kind of item; it must be profile, balance#<asset> or position#<instrument>',
      'accounts acc/balance#USD: amount must be a decimal number, not "x"',
    ]);
  });

  it('does not affect another account', () => {
    expect(faultsOf([{ ...BALANCE, amount: 'x' }])).toHaveLength(1);
    expect(faultsOf([BALANCE], 'other')).toEqual([]);
  });
});

describe('an item of an unknown kind', () => {
  it.each([
    ['order#1'],
    ['balances#USD'],
    ['Balance#USD'],
    ['profile#2'],
    ['profiles'],
    [''],
    [undefined],
    [null],
    [{ a: 1 }],
  ])('gives a reason that names the item: %o', (item) => {
    expect(faultsOf([{ ...BALANCE, item }])).toEqual([
      `accounts acc/${typeof item === 'object' && item !== null ? '' : item}: unknown kind of item; it must be profile, balance#<asset> or position#<instrument>`,
    ]);
  });
});

describe('a key that contradicts its attributes', () => {
  it.each([
    ['balance#EUR', 'balance#USD'],
    ['balance', 'balance#USD'],
    ['balance#', 'balance#USD'],
    ['balance#USD#2', 'balance#USD'],
    ['balance#usd', 'balance#USD'],
  ])('gives a reason for a balance of USD under the key %s', (item, wanted) => {
    expect(faultsOf([{ ...BALANCE, item }])).toEqual([
      `accounts acc/${item}: item must be ${wanted}, to match the other attributes`,
    ]);
  });

  it.each(['balance#USD', 'balance#USD@arbitrum', 'balance#USD@', 'balance#EUR@base'])(
    'gives a reason for a balance of USD at base under the key %s',
    (item) => {
      const row = { ...BALANCE, item, location: 'base', observedAt: '5' };
      expect(faultsOf([row])).toEqual([
        `accounts acc/${item}: item must be balance#USD@base, to match the other attributes`,
      ]);
    },
  );

  it('gives a reason for a balance with a location only in its key', () => {
    expect(faultsOf([{ ...BALANCE, item: 'balance#USD@base' }])).toEqual([
      'accounts acc/balance#USD@base: item must be balance#USD, to match the other attributes',
    ]);
  });

  it.each([
    'position#ETH-PERP',
    'position#BTC-PERP#',
    'position#BTC-PERP#a b',
    'position#BTC-PERP#a#b',
    'position#BTC-PERPX',
    'position#BTC-PER',
    'position#BTC-PERP-grid',
    'position',
    'position#',
    `position#BTC-PERP#${'x'.repeat(129)}`,
  ])('gives a reason for a position of BTC-PERP under the key %s', (item) => {
    expect(faultsOf([{ ...POSITION, item }])).toEqual([
      `accounts acc/${item}: item must be position#BTC-PERP[#<label>], to match the other attributes`,
    ]);
  });
});

describe('the id of an account', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty'])(
    'is refused if it is a name that every map has in JavaScript: %s',
    (name) => {
      expect(faultsOf([BALANCE], name)).toEqual([
        `accounts ${name}: accountId must not be ${name}, which JavaScript reserves`,
      ]);
    },
  );

  it('is not checked for an account that holds nothing', () => {
    expect(known([], 'a b').accountId).toBe('a b');
  });

  it.each([
    'a',
    'Desk-7/eu:main+x=1,2_3.4',
    'x'.repeat(128),
    '𝟘'.repeat(128),
    `0x${'0123456789abcdef'.repeat(4)}`,
    'alice@example.com',
    'счёт',
    'ä',
    'a\u0308',
    'हिन्दी',
    'חשבון-٣',
    '牛来USDT',
    'USD₮0',
    'S&P500',
    'BTC(BEP20)',
    'Constructor',
  ])('may be %s, of 1 to 128 visible characters in any script', (accountId) => {
    expect(faultsOf([BALANCE], accountId)).toEqual([]);
  });

  it.each([
    ['an empty id', ''],
    ['a space', 'a b'],
    ['a no-break space', 'a\u00a0b'],
    ['the separator of keys', 'a#b'],
    ['129 characters', 'x'.repeat(129)],
    ['a line feed', 'a\n'],
    ['a line separator', 'a\u2028b'],
    ['an escape', 'a\u001b[2Kb'],
    ['a C1 control character', 'a\u009b31mb'],
    ['a right-to-left override', 'a\u202eb'],
    ['an isolate', 'a\u2066b'],
    ['a zero-width space', 'a\u200bb'],
    ['a zero-width joiner', 'a\u200db'],
    ['a soft hyphen', 'a\u00adb'],
    ['a byte order mark', '\ufeffa'],
    ['a Hangul filler, an invisible letter', 'a\u3164'],
    ['a variation selector, an invisible mark', 'a\ufe0f'],
    ['a grapheme joiner, an invisible mark', 'a\u034fb'],
    ['a tag character', 'a\u{e0041}'],
    ['an invisible hieroglyph', 'a\u{13441}'],
    ['a mark at its beginning', '\u0301a'],
    ['half a character', 'a\ud800'],
    ['markup', '<b>'],
    ['a quote', 'a"b'],
    ['a special name of JavaScript', '__proto__'],
  ])('is refused if it could be mistaken, or break out of a line: %s', (_, accountId) => {
    const [fault, ...others] = faultsOf([BALANCE], accountId);
    expect(fault).toContain('must be 1 to 128 letters, digits, currency signs or . _ : / + =');
    expect(others).toEqual([]);
  });
});
