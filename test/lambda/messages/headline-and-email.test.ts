import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emailOf } from '../../../lambda/messages/email.ts';
import {
  endingAtWord,
  headlineOf,
  smsOf,
  subjectLineOf,
} from '../../../lambda/messages/headline.ts';
import type { AccountMessage, Figures, Message } from '../../../lambda/messages/messages.ts';

const HEADER = {
  id: 'desk-7/2020-03-12T11:00:00.000Z/x',
  version: 1,
  severity: 'critical',
  checkId: '2020-03-12T11:00:00.000Z',
  asOf: '2020-03-12T11:00:01.250Z',
} as const;

const range = { low: '1900.00', point: '2000.00', high: '2100.00' };
const FIGURES: Figures = {
  numeraire: 'USD',
  level: 'liquidation',
  equity: range,
  marginBalance: range,
  initialRequirement: '6000.00',
  maintenanceRequirement: '3000.00',
  latencyBuffer: '571.62',
  liquidationLine: '3571.62',
  callLine: '4321.62',
  restoreLine: '6571.62',
  liquidationSurplus: range,
  callSurplus: range,
  prices: [
    {
      feed: 'BTC-USD',
      price: '6000',
      ageSeconds: 3.25,
      uncertainty: '0.0007',
      sources: 1,
      volatility: '1.0523',
      shock: '0.0112345',
      shockDown: '0.0112345',
      shockUp: '0.0112345',
    },
  ],
};
const ACCOUNT = { ...HEADER, accountId: 'desk-7', certainty: 'certain', figures: FIGURES } as const;
const CALL = { amountDue: '2571.62', deadline: '2020-03-12T12:00:01.250Z' };
const REASONS = [{ code: 'price-stale', subject: 'BTC-USD', detail: 'BTC-USD: 600 s old' }];

const HALTED = { mode: 'enforce', halt: true } as const;
const CHANGED = {
  type: 'operator.changed',
  ...HEADER,
  mode: 'enforce',
  halt: false,
  previous: { mode: 'enforce', halt: false },
} as const;

const NOTHING_LEFT = [
  { code: 'nothing-to-close', subject: 'desk-7', detail: 'there is nothing left to close' },
];
const FAILED = {
  extent: 'whole',
  since: '2020-03-12T10:58:00.250Z',
  error: 'PolicyError',
  detail: 'market policy/default: mode must be observe',
} as const;

const ORDERED = {
  type: 'liquidation.ordered',
  ...ACCOUNT,
  planId: 'desk-7@2020-03-12T11:00:00.000Z#2',
  generation: 2,
  supersedes: 'desk-7@2020-03-12T11:00:00.000Z#1',
  expiresAt: '2020-03-12T11:05:01.250Z',
  isObserved: false,
  plan: {
    scope: 'partial',
    why: 'the least notional that restores the account to its target',
    cancelOpenOrders: ['ETH-PERP'],
    orders: [
      {
        kind: 'position',
        market: 'BTC-PERP',
        side: 'sell',
        quantity: '6.4871748',
        referencePrice: '6000',
        notional: '38923.04',
        limitPrice: '5961.2',
      },
    ],
  },
} as const satisfies Message;

const CASE = { accountId: 'desk-7', caseId: 'desk-7@c' } as const;

const DRAWN = {
  type: 'fund.drawn',
  ...HEADER,
  ...CASE,
  claimId: 'desk-7@c/claim#1',
  numeraire: 'USD',
  shortfall: '12.50',
  drawn: '10.00',
  socialized: '0.00',
  uncovered: '2.50',
  fundBalance: '0.00',
} as const satisfies Message;

const LOSS = {
  type: 'loss.socialized',
  ...HEADER,
  lossId: '2020-03-12T11:00:00.000Z#1',
  numeraire: 'USD',
  amount: '2.00',
} as const;

const HAIRCUT = {
  ...LOSS,
  method: 'haircut',
  fraction: '0.002',
  accounts: 2,
  excluded: 1,
  losses: [{ ...CASE, claimId: 'desk-7@c/claim#1', amount: '2.00' }],
  shares: [
    { accountId: 'alice', amount: '0.50' },
    { accountId: 'bob', amount: '1.50' },
  ],
  sharesAt: { pk: 'loss#2020-03-12T11:00:00.000Z#1', pages: 1 },
} as const satisfies Message;

const DELEVERAGED = {
  ...LOSS,
  ...CASE,
  method: 'adl',
  planId: 'desk-7@c#1',
  expiresAt: '2020-03-12T11:01:01.250Z',
  market: 'BTC-PERP',
  side: 'sell',
  price: '6012.5',
  quantity: '3.5',
  counterparties: [{ accountId: 'bob', quantity: '3.5', score: '0.8' }],
} as const satisfies Message;

const CASCADE = {
  market: 'BTC-PERP',
  numeraire: 'USD',
  move: 'fall',
  side: 'sell',
  ratio: '1.22',
  notional: '61000.00',
  depth: '50000',
} as const;

const MESSAGES: readonly [string, Message][] = [
  [
    'Margin call 2571.62 USD by 2020-03-12 12:00 UTC: desk-7',
    { type: 'margin-call.issued', ...ACCOUNT, ...CALL },
  ],
  [
    'Margin call grew to 2571.62 USD by 2020-03-12 12:00 UTC: desk-7',
    { type: 'margin-call.updated', ...ACCOUNT, ...CALL },
  ],
  [
    'Margin call unpaid at its deadline, 2571.62 USD: desk-7',
    { type: 'margin-call.expired', ...ACCOUNT, ...CALL, consequence: 'liquidate' },
  ],
  ['Margin call cured: desk-7', { type: 'margin-call.cured', ...ACCOUNT }],
  ['Liquidation ordered, plan 2: 1 order, about 38923 USD: desk-7', ORDERED],
  ['Liquidation ordered: 1 order, about 38923 USD: desk-7', { ...ORDERED, generation: 1 }],
  [
    'Liquidation not ordered (mode observe), plan 2: 1 order, about 38923 USD: desk-7',
    { ...ORDERED, isObserved: true },
  ],
  [
    'Liquidation ordered, plan 2: open orders cancelled: desk-7',
    { ...ORDERED, plan: { ...ORDERED.plan, orders: [] } },
  ],
  ['Liquidation completed: desk-7', { type: 'liquidation.completed', ...ACCOUNT }],
  [
    'Liquidation WITHHELD: desk-7: BTC-USD: 600 s old',
    { type: 'liquidation.withheld', ...ACCOUNT, reasons: REASONS },
  ],
  ['Deficit 12.50 USD: desk-7', { type: 'deficit.detected', ...ACCOUNT, shortfall: '12.50' }],
  [
    'Insurance fund pays 12.50 of 12.50 USD: desk-7',
    { ...DRAWN, drawn: '12.50', uncovered: '0.00' },
  ],
  ['Insurance fund pays 10.00 of 12.50 USD, 2.50 UNCOVERED: desk-7', DRAWN],
  [
    'Insurance fund pays 10.00 of 12.50 USD, 2.00 shared by others, 0.50 UNCOVERED: desk-7',
    { ...DRAWN, socialized: '2.00', uncovered: '0.50', lossId: LOSS.lossId },
  ],
  ['Loss of 2.00 USD shared by 2 accounts, 0.20 % of equity', HAIRCUT],
  ['Deleveraged 3.5 BTC-PERP at 6012.5, 2.00 USD borne by 1 counterparty: desk-7', DELEVERAGED],
  [
    'Margin unknown: desk-7: BTC-USD: 600 s old',
    {
      type: 'account.indeterminate',
      ...HEADER,
      accountId: 'desk-7',
      certainty: 'indeterminate',
      reasons: REASONS,
    },
  ],
  ['Margin known again, liquidation: desk-7', { type: 'account.determinate', ...ACCOUNT }],
  [
    'Price in doubt, 2 accounts undecided: BTC-USD: 600 s old',
    { type: 'oracle.rejected', ...HEADER, feed: 'BTC-USD', reasons: REASONS, accounts: 2 },
  ],
  [
    'Price of BTC-USD usable again: 6000',
    { type: 'oracle.recovered', ...HEADER, feed: 'BTC-USD', price: '6000' },
  ],
  [
    'Cascade possible in BTC-PERP: a fall of 1 % would liquidate 61000.00 USD, 1.22 times its depth',
    { type: 'cascade.warned', ...HEADER, ...CASCADE },
  ],
  [
    'Cascade no longer likely in BTC-PERP: a fall of 1 % would liquidate 61000.00 USD, 1.22 times its depth',
    { type: 'cascade.eased', ...HEADER, ...CASCADE },
  ],
  [
    'Margin check late: 91 s behind its schedule (interval 60 s)',
    { type: 'check.late', ...HEADER, lateSeconds: 90.5, intervalSeconds: 60 },
  ],
  [
    'NOTHING IS CHECKED since 2020-03-12 10:58 UTC: market policy/default: mode must be observe',
    { type: 'check.failed', ...HEADER, ...FAILED },
  ],
  [
    'Some accounts are not checked since 2020-03-12 10:58 UTC: 1 accounts failed',
    { type: 'check.failed', ...HEADER, ...FAILED, extent: 'part', detail: '1 accounts failed' },
  ],
  [
    'Nothing left to close: desk-7 is still below its liquidation line',
    { type: 'liquidation.withheld', ...ACCOUNT, reasons: NOTHING_LEFT },
  ],
  [
    'Margin check late: 0 s behind its schedule, 180 s after the last complete one (interval 60 s)',
    { type: 'check.late', ...HEADER, lateSeconds: 0.25, gapSeconds: 180, intervalSeconds: 60 },
  ],
  [
    'Order plans halted by alice@desk: the feed looks wrong',
    { ...CHANGED, halt: true, changedBy: 'alice@desk', changeReason: 'the feed looks wrong' },
  ],
  ['Order plans resumed, no name given', { ...CHANGED, previous: HALTED }],
  [
    'Order plans halted and mode enforce set by bob',
    { ...CHANGED, halt: true, changedBy: 'bob', previous: { mode: 'observe', halt: false } },
  ],
  ['Policy left at mode enforce, halt false by bob', { ...CHANGED, changedBy: 'bob' }],
];

const TIME = ' (2020-03-12 11:00 UTC)';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

describe('the headline of a message', () => {
  it.each(MESSAGES)('the headline reads: %s', (headline, message) => {
    expect(headlineOf(message)).toBe(headline);
    expect(subjectLineOf(message)).toBe(endingAtWord(`[critical] ${headline}`, 99));
    const rest = 140 - TIME.length;
    expect(smsOf(message)).toBe(endingAtWord(`[critical] ${headline}`, rest) + TIME);
    expect(emailOf(message).split('\n')[0]).toBe(headline);
    expect(emailOf(message)).toContain(message.id);
    expect(emailOf(message)).not.toMatch(/undefined|\[object|null|NaN/);
  });

  it('names the isolated position', () => {
    const message: AccountMessage = { ...ORDERED, position: 'BTC-PERP#a' };
    expect(headlineOf(message)).toBe(
      'Liquidation ordered, plan 2: 1 order, about 38923 USD: desk-7, isolated BTC-PERP#a',
    );
    expect(emailOf(message)).toMatch(/^isolated position +BTC-PERP#a$/m);
  });
});

describe('an e-mail about the insurance fund', () => {
  it('says once what to do, and under which claim id', () => {
    expect(emailOf(DRAWN)).toContain('Credit the account with the whole claim, once.');
    expect(emailOf(DRAWN)).toMatch(/^claim +desk-7@c\/claim#1$/m);
  });

  it('lists who has lost, who bears how much, and where all shares are', () => {
    const text = emailOf(HAIRCUT);
    expect(text).toMatch(/^loss of +desk-7, 2\.00 USD$/m);
    expect(text).toMatch(/^share of +bob, 1\.50 USD$/m);
    expect(text).toMatch(/^all shares +margin table loss#2020-03-12T11:00:00\.000Z#1, 1 pages$/m);
    expect(text).toMatch(/^excluded +1 accounts with unknown equity bear nothing$/m);
  });

  it('lists the counterparties and the scores that rank them', () => {
    expect(emailOf(DELEVERAGED)).toMatch(/^plan +desk-7@c#1$/m);
    expect(emailOf(DELEVERAGED)).toMatch(/^bob +3\.5 contracts \(rank score 0\.8\)$/m);
  });
});

describe('an e-mail names', () => {
  const ORIGIN = {
    stack: 'Desk',
    region: 'eu-west-1',
    mode: 'enforce',
    runbook: 'https://wiki.example.com/runbook',
  } as const;

  it('the stack, its region and mode, the command that shows more, and the runbook', () => {
    const email = emailOf({ type: 'margin-call.issued', ...ACCOUNT, ...CALL }, ORIGIN);
    expect(email).toMatch(/^sent by +Desk in eu-west-1, mode enforce$/m);
    expect(email).toMatch(/^to see more +npx margin account desk-7 --stack Desk$/m);
    expect(email).toMatch(/^runbook +https:\/\/wiki\.example\.com\/runbook#margin-call$/m);
  });

  it('no mode where the policy could not be read', () => {
    const failed = { type: 'check.failed', ...HEADER, ...FAILED } as const;
    expect(emailOf(failed, { ...ORIGIN, mode: undefined })).toMatch(
      /^sent by +Desk in eu-west-1$/m,
    );
    expect(emailOf(failed)).toMatch(/^to see more +npx margin status$/m);
    expect(emailOf(failed)).toMatch(/^error +PolicyError$/m);
  });

  it.each([
    ['alice', 'alice'],
    ['a b', "'a b'"],
    ['$(rm -rf ~)', "'$(rm -rf ~)'"],
    ["it's", "'it'\\''s'"],
    ['-x', "'-x'"],
  ])('the account %s as %s, which a shell does not act on', (accountId, quoted) => {
    const email = emailOf({ type: 'margin-call.cured', ...ACCOUNT, accountId });
    expect(email.split('\n')).toContain(`to see more         npx margin history ${quoted}`);
  });

  it('what the fund has drawn, what is left of it, and what nobody pays', () => {
    const email = emailOf(DRAWN);
    expect(email).toMatch(/^drawn from the fund +10\.00 USD$/m);
    expect(email).toMatch(/^uncovered +2\.50 USD$/m);
    expect(email).toMatch(/^left in the fund +0\.00 USD$/m);
    expect(email).toContain('Pay into the fund.');
    expect(emailOf({ ...DRAWN, uncovered: '0.00' })).not.toContain('Pay into the fund.');
  });

  it('no liquidation that is missing where nothing is left to close', () => {
    const email = emailOf({ type: 'liquidation.withheld', ...ACCOUNT, reasons: NOTHING_LEFT });
    expect(email).not.toContain('should be liquidated');
    expect(email).toContain('no further order follows');
  });
});

describe('a line that is too long', () => {
  it.each([
    ['one two three', 13, 'one two three'],
    ['one two three', 12, 'one two...'],
    ['one two three', 10, 'one two...'],
    ['one two, three', 12, 'one two...'],
    ['onetwothreefour', 10, 'onetwot...'],
  ])('%s in %i characters ends at a word: %s', (text, length, cut) => {
    expect(endingAtWord(text, length)).toBe(cut);
  });
});

describe('a long account id', () => {
  const issued = (accountId: string): Message => ({
    type: 'margin-call.issued',
    ...ACCOUNT,
    ...CALL,
    accountId,
  });

  it.each([
    [32, 'x'.repeat(32)],
    [33, `${'x'.repeat(29)}...`],
    [64, `${'x'.repeat(29)}...`],
  ])(
    'with %i characters is shortened, so that the amount and the deadline fit',
    (length, shown) => {
      const line = `[critical] Margin call 2571.62 USD by 2020-03-12 12:00 UTC: ${shown}`;
      const message = issued('x'.repeat(length));
      expect(subjectLineOf(message)).toBe(line);
      expect(smsOf(message)).toBe(`${line}${TIME}`);
    },
  );

  it('is shown in full in the e-mail', () => {
    expect(emailOf(issued('x'.repeat(64)))).toMatch(/^account +x{64}$/m);
  });
});

describe('the subject line of an e-mail', () => {
  it('is at most 99 characters of printable ASCII, whatever the account id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (accountId) => {
        const subject = subjectLineOf({ ...ORDERED, accountId });
        expect(subject.length).toBeLessThanOrEqual(99);
        expect(subject).toMatch(PRINTABLE_ASCII);
        expect(subject).toMatch(/^[[A-Za-z0-9]/);
      }),
    );
  });
});

describe('an SMS', () => {
  it('is at most 140 characters, whatever the account id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (accountId) => {
        for (const [, message] of MESSAGES) {
          const named = 'accountId' in message ? { ...message, accountId } : message;
          expect(smsOf(named).length).toBeLessThanOrEqual(140);
          expect(smsOf(named)).toMatch(/ \(2020-03-12 11:00 UTC\)$/);
        }
      }),
    );
  });
});

describe('an e-mail', () => {
  it('about an order plan states its content, the plan that it supersedes, and its figures', () => {
    expect(emailOf(ORDERED)).toBe(
      `Liquidation ordered, plan 2: 1 order, about 38923 USD: desk-7

The order plan is on its way to the execution system. It is reduce-only, and it expires.

sent by             MarginChecker
to see more         npx margin account desk-7
runbook             docs/runbook.md#liquidationordered

plan                desk-7@2020-03-12T11:00:00.000Z#2
supersedes          desk-7@2020-03-12T11:00:00.000Z#1
scope               partial: the least notional that restores the account to its target
expires             2020-03-12 11:05 UTC
  cancel open orders in ETH-PERP
  sell 6.4871748 BTC-PERP at about 6000, no worse than 5961.2, 38923.04 in all

level               liquidation
equity              2000.00 USD (1900.00 to 2100.00)
margin balance      2000.00 USD (1900.00 to 2100.00)
maintenance         3000.00 USD
latency buffer      571.62 USD
liquidation line    3571.62 USD
call line           4321.62 USD
restore line        6571.62 USD
liquidation surplus 2000.00 USD (1900.00 to 2100.00)
call surplus        2000.00 USD (1900.00 to 2100.00)
BTC-USD             6000, 3.25 s old, 1 source
                    volatility 105.23 % a year; buffer for moves of 1.12 %

account             desk-7
certainty           certain
check               2020-03-12T11:00:00.000Z
as of               2020-03-12T11:00:01.250Z
message             desk-7/2020-03-12T11:00:00.000Z/x`,
    );
  });

  it('states both shocks of a price if they differ', () => {
    const prices = FIGURES.prices.map((price) => ({ ...price, shockUp: '0.0084' }));
    const figures = { ...FIGURES, prices };
    expect(emailOf({ ...ORDERED, figures })).toContain(
      'buffer for moves of 1.12 % down, 0.84 % up',
    );
  });

  it('has one line each for Greeks, worst scenarios and notes', () => {
    const per = { delta: '0.268842', gamma: '-0.00005', vega: '-4810.86', theta: '38350' };
    const figures: Figures = {
      ...FIGURES,
      greeks: [
        { factor: 'BTC-USD', ...per },
        { factor: 'ETH-USD', ...per },
      ],
      worstScenarios: [
        { factor: 'BTC-USD', riskClass: 'B', scenario: 'price -18 %, vol up', profit: '-4492.57' },
        { factor: 'X', riskClass: 'Y', scenario: 'price +9 %', profit: '-1.00', filling: 'sells' },
      ],
      notes: [{ code: 'collateral-pending', subject: 'balance#USDC', detail: 'not final yet' }],
    };
    const lines = emailOf({ ...ORDERED, figures }).split('\n');
    const rest = 'vega -48.11 per point, theta 105.07 a day';
    expect(lines).toEqual(
      expect.arrayContaining([
        `Greeks              BTC-USD: delta 0.268842, gamma -0.003 per 1 %, ${rest}`,
        `Greeks              ETH-USD: delta 0.268842, ${rest}`,
        'worst scenario      BTC-USD B: -4492.57 USD (price -18 %, vol up)',
        'worst scenario      X Y: -1.00 USD (price +9 %, all open sells filled)',
        'note                not final yet',
      ]),
    );
  });

  it.each([
    ['liquidate', undefined, 'The policy liquidates an account whose call has expired.'],
    ['remind', '2020-03-12T13:00:00.000Z', 'The call is renewed until 2020-03-12 13:00 UTC.'],
  ] as const)(
    'about an expired call states what follows: %s',
    (consequence, nextDeadline, line) => {
      const next = nextDeadline === undefined ? {} : { nextDeadline };
      const message: Message = {
        type: 'margin-call.expired',
        ...ACCOUNT,
        ...CALL,
        consequence,
        ...next,
      };
      expect(emailOf(message).split('\n')).toContain(line);
    },
  );

  it('lists every reason of a withheld liquidation', () => {
    const reasons = [...REASONS, { code: 'x', subject: 'y', detail: 'another reason' }];
    const email = emailOf({ type: 'liquidation.withheld', ...ACCOUNT, reasons });
    expect(email).toContain('- BTC-USD: 600 s old\n- another reason\n');
  });
});

describe('the e-mail about a change by an operator', () => {
  it('says what follows from it, and how it was before', () => {
    const notes = { changedAt: '2020-03-12T10:59:00.000Z', changeReason: 'drill' };
    const email = emailOf({ ...CHANGED, halt: true, ...notes });
    expect(email).toContain('No order plan leaves until the halt is lifted.');
    expect(email).toMatch(/^policy +mode enforce, halt true$/m);
    expect(email).toMatch(/^before +mode enforce, halt false$/m);
    expect(email).toMatch(/^reason +drill$/m);
    expect(emailOf(CHANGED)).toContain('Order plans go to the execution system.');
    expect(emailOf({ ...CHANGED, mode: 'observe' })).toContain('Order plans go out as alerts only');
  });
});

describe('the e-mail about market capacity', () => {
  it('states what a plan carries over', () => {
    const carriedOver = [{ market: 'BTC-PERP', side: 'sell', notional: '1234.50' }] as const;
    const plan = { ...ORDERED.plan, carriedOver: [...carriedOver] };
    expect(emailOf({ ...ORDERED, plan })).toMatch(
      /^ {2}carried over to the next check: sell 1234\.50 more in BTC-PERP, which has no capacity left$/m,
    );
    expect(emailOf(ORDERED)).not.toContain('carried over');
  });

  it('says that the next check tries again, so that nobody need act', () => {
    const full = [{ code: 'market-full', subject: 'BTC-PERP', detail: 'BTC-PERP: it is full' }];
    const withheld = { type: 'liquidation.withheld', ...ACCOUNT, reasons: full } as const;
    expect(emailOf(withheld)).toContain('the next check tries again');
    const changing = [{ code: 'rows-changing', subject: 'desk-7', detail: 'in the middle' }];
    expect(emailOf({ ...withheld, reasons: changing })).toContain('write each change in one');
    expect(emailOf({ ...withheld, reasons: REASONS })).toContain('act by hand');
  });

  it('explains a possible cascade', () => {
    const text = emailOf({ type: 'cascade.warned', ...HEADER, ...CASCADE });
    expect(text).toMatch(/^market +BTC-PERP$/m);
    expect(text).toMatch(/^to sell +61000\.00 USD$/m);
    expect(text).toMatch(/^depth +50000 USD$/m);
  });
});

/** Words of the checker; all other texts of a message come from the writer of a row. */
const OWN_WORDS = [
  'type',
  'mode',
  'method',
  'severity',
  'level',
  'consequence',
  'filling',
  'side',
  'move',
];

/** The message with more behind each text that a writer may have chosen. */
function followedBy<T>(value: T, more: string): T {
  if (typeof value === 'string') return `${value}${more}` as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => followedBy(each, more)) as T;
  const entries = Object.entries(value).map(([name, each]) => [
    name,
    OWN_WORDS.includes(name) ? each : followedBy(each, more),
  ]);
  return Object.fromEntries(entries) as T;
}

describe('a text in a message', () => {
  const INVISIBLE = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

  it.each([
    ['a line break', '\n[critical] Margin call 0.00 USD: nobody'],
    ['a carriage return', '\rMargin call cured'],
    ['other line breaks', '\v\f\u0085\u2028\u2029x'],
    ['an escape of a terminal', '\u001b[2J\u009b31m\u0007\b'],
    ['a direction mark', '\u202e\u2066\u200f\u061c'],
    ['invisible characters', '\u200b\u00ad\ufeff\u3164\ufe0f\u{e0041}\ud800'],
  ])('cannot use %s to leave its line', (_, more) => {
    for (const [, message] of MESSAGES) {
      const forged = followedBy(message, more);
      const plain = followedBy(message, 'x');
      expect(emailOf(forged)).not.toMatch(INVISIBLE);
      expect(emailOf(forged).split('\n')).toHaveLength(emailOf(plain).split('\n').length);
      for (const line of [headlineOf(forged), smsOf(forged), subjectLineOf(forged)]) {
        expect(line).not.toMatch(INVISIBLE);
        expect(line).not.toContain('\n');
      }
    }
  });

  it('does not run into the figure after it, however long a name is', () => {
    const [price] = FIGURES.prices;
    const feed = `${'B'.repeat(19)}-1`;
    const figures = { ...FIGURES, prices: price === undefined ? [] : [{ ...price, feed }] };
    const email = emailOf({ type: 'margin-call.cured', ...ACCOUNT, figures });
    expect(email).toContain(`${feed} 6000, 3.25 s old`);
  });

  it('is never cut within a character', () => {
    const accountId = '𝟘'.repeat(128);
    for (const [, message] of MESSAGES) {
      const long = { ...message, ...('accountId' in message ? { accountId } : {}) } as Message;
      expect(`${headlineOf(long)}${smsOf(long)}`.isWellFormed()).toBe(true);
    }
  });
});

describe('a call whose deadline an outage has moved', () => {
  const moved = {
    type: 'margin-call.updated',
    ...ACCOUNT,
    ...CALL,
    previousDeadline: '2020-03-12T11:30:00.000Z',
  } as const;

  it('says so first, with the deadline of now', () => {
    expect(headlineOf(moved)).toBe(
      'Margin call has a later deadline, 2571.62 USD by 2020-03-12 12:00 UTC: desk-7',
    );
    const { previousDeadline: _, ...grown } = moved;
    expect(headlineOf(grown)).toBe(
      'Margin call grew to 2571.62 USD by 2020-03-12 12:00 UTC: desk-7',
    );
  });

  it('says in the e-mail why, and from when', () => {
    expect(emailOf(moved)).toContain('so the deadline moved from 2020-03-12 11:30 UTC by');
  });
});
