import { describe, expect, it } from 'vitest';
import type { Assessment, Outcome } from '../../../../lambda/margin/assess/assess.ts';
import { type CaseState, NO_CASE } from '../../../../lambda/margin/case/case.ts';
import { decide } from '../../../../lambda/margin/case/decide.ts';
import { isPlanWanted, liquidationDue } from '../../../../lambda/margin/case/liquidation-due.ts';
import { isWantOfPrice } from '../../../../lambda/margin/case/outage.ts';
import type { RowsChanging } from '../../../../lambda/margin/case/rows-changing.ts';
import type { Plan } from '../../../../lambda/margin/liquidation/order-plan.ts';
import { type CheckOutage, checkOutage } from '../../../../lambda/margin/market/outage.ts';
import { amount, price, quantity } from '../../../../lambda/margin/number/decimal.ts';
import type { ReasonCode } from '../../../../lambda/margin/number/reason.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { NOW, policyOf, rangeOf } from '../build.ts';

const MINUTE = 60_000;
const GRACE_MINUTES = 60;

/** The parts of an assessment that decide reads: a call surplus of so much. */
const surplusOf = (level: 'healthy' | 'call' | 'liquidation', call: string) =>
  ({
    certainty: 'certain',
    level,
    isLiquidationWithheld: false,
    reasons: [],
    equity: rangeOf('500'),
    lines: { call: amount('1000') },
    surplus: {
      liquidation: rangeOf(level === 'liquidation' ? '-200' : '100'),
      call: rangeOf(call),
      restore: rangeOf(call),
    },
  }) as unknown as Assessment;

const CALL = surplusOf('call', '-100');
const ALMOST = surplusOf('healthy', '5');
const HEALTHY = surplusOf('healthy', '500');
const BREACH = surplusOf('liquidation', '-300');
const unknownFor = (code: ReasonCode, subject = 'BTC-USD'): Outcome => ({
  certainty: 'indeterminate',
  reasons: [{ code, subject, detail: code }],
});
const NO_PRICE = unknownFor('price-stale');
const BAD_ROW = unknownFor('row-malformed', 'accounts alice/balance#USD');

const ORDER = {
  kind: 'position',
  market: 'BTC-PERP',
  side: 'sell',
  quantity: quantity('1'),
  referencePrice: price('6000'),
  notional: amount('6000'),
} as const;
const PLAN: Plan = {
  scope: 'partial',
  why: '',
  carriedOver: [],
  cancelOpenOrders: [],
  orders: [ORDER],
};

interface Look {
  readonly minute: number;
  readonly outcome?: Outcome;
  /** Minute of the last completed check. */
  readonly completed?: number;
  readonly rowsChanging?: RowsChanging;
}

const at = (minute: number): number => NOW + minute * MINUTE;
const outageFrom = (minute: number): CheckOutage => ({ since: at(minute), leastSeconds: 120 });

/** The events of each look, one after the other, and the state that they leave. */
function followed(looks: readonly Look[], row: RawRow = {}) {
  const policy = policyOf({ mode: 'enforce', outageGrace: 'moved', ...row });
  let state: CaseState = NO_CASE;
  const said = looks.map(({ minute, outcome = CALL, completed, rowsChanging }) => {
    const outage = completed === undefined ? undefined : outageFrom(completed);
    const due = { asOf: at(minute), policy, outage, rowsChanging };
    const isDue = liquidationDue(outcome, state, due);
    const { next, events } = decide({
      subject: 'alice',
      outcome,
      state,
      ...due,
      checkId: `check-${minute}`,
      callGraceSeconds: GRACE_MINUTES * 60,
      plan: isDue ? PLAN : undefined,
    });
    state = next;
    return events.map(saying).join(', ');
  });
  return { said, state };
}

function saying(event: ReturnType<typeof decide>['events'][number]): string {
  const minuteOf = (time: number | undefined) => (((time ?? 0) - NOW) / MINUTE).toString();
  const { type } = event;
  if (type === 'margin-call.updated') {
    const { deadline, previousDeadline } = event;
    return `moved from ${minuteOf(previousDeadline)} to ${minuteOf(deadline)}`;
  }
  if (type === 'margin-call.expired') return `expired at ${minuteOf(event.deadline)}`;
  return type.replace(/^(margin-call|liquidation|account)\./, '');
}

const ISSUED = { minute: 0 };

describe('an outage of checks', () => {
  it('moves the deadline by its length, once, and says so', () => {
    const looks = [ISSUED, { minute: 90, completed: 10 }, { minute: 91 }, { minute: 139 }];
    expect(followed(looks).said).toEqual(['issued', 'moved from 60 to 140', '', '']);
    expect(followed([...looks, { minute: 140 }]).said.at(-1)).toBe('expired at 140, ordered');
  });

  it('does not count before the call was last sent', () => {
    const looks = [{ minute: 5 }, { minute: 90, completed: 0 }];
    expect(followed(looks).said).toEqual(['issued', 'moved from 65 to 150']);
  });

  it.each([
    ['two intervals, which is none,', 12, ''],
    ['a moment more than two intervals', 12.001, 'moved from 60 to 62.001'],
  ])('of %s', (_, minute, said) => {
    expect(followed([ISSUED, { minute, completed: 10 }]).said).toEqual(['issued', said]);
  });

  it('counts once while no check is completed', () => {
    const looks = [13, 14, 15, 20].map((minute) => ({ minute, completed: 10 }));
    expect(followed([ISSUED, ...looks]).said).toEqual([
      'issued',
      'moved from 60 to 63',
      '',
      '',
      '',
    ]);
  });

  it('counts again after a completed check', () => {
    const looks = [{ minute: 20, completed: 10 }, { minute: 21 }, { minute: 40, completed: 21 }];
    expect(followed([ISSUED, ...looks]).said.at(-1)).toBe('moved from 70 to 89');
  });

  it('moves no deadline that has passed, and none of an account that is cured or liquidated', () => {
    const back = { minute: 90, completed: 70 };
    expect(followed([ISSUED, { minute: 60, outcome: CALL }, back]).said).toEqual([
      'issued',
      'expired at 60, ordered',
      'ordered',
    ]);
    const cured = followed([ISSUED, { ...back, outcome: HEALTHY }]);
    expect(cured.said).toEqual(['issued', 'cured']);
    expect(followed([ISSUED, { ...back, outcome: BREACH }]).said).toEqual(['issued', 'ordered']);
  });

  it('moves the deadline of an account that is above its line and not cured', () => {
    const looks = [ISSUED, { minute: 30, completed: 10, outcome: ALMOST }];
    expect(followed(looks).said).toEqual(['issued', 'moved from 60 to 80']);
  });

  it('moves the deadline of a call that will be renewed', () => {
    const looks = [ISSUED, { minute: 90, completed: 10 }, { minute: 140 }];
    expect(followed(looks, { onCallExpiry: 'remind' }).said.at(-1)).toBe('expired at 140');
  });

  it('is kept for the next check while the rows are in the middle of a change', () => {
    const looks = [
      ISSUED,
      { minute: 90, completed: 10, outcome: BREACH, rowsChanging: 'marked' as const },
      { minute: 91 },
    ];
    expect(followed(looks).said).toEqual(['issued', 'withheld', 'moved from 60 to 141']);
  });
});

describe('an outage of a feed', () => {
  it('moves the deadline by the time for which the account could not be assessed', () => {
    const looks = [
      ISSUED,
      { minute: 6, outcome: NO_PRICE },
      { minute: 50, outcome: NO_PRICE },
      { minute: 70 },
      { minute: 71 },
    ];
    const { said, state } = followed(looks);
    expect(said).toEqual(['issued', 'indeterminate', '', 'determinate, moved from 60 to 124', '']);
    expect(state.open?.call).toMatchObject({ movedAt: at(70) });
    expect(state.open?.call).not.toHaveProperty('outageSince');
  });

  it('counts once with an outage of checks, from the earlier of both', () => {
    const feedFirst = [
      ISSUED,
      { minute: 6, outcome: NO_PRICE },
      { minute: 40, completed: 10, outcome: NO_PRICE },
      { minute: 50 },
    ];
    expect(followed(feedFirst).said.at(-1)).toBe('determinate, moved from 60 to 104');
    const checksFirst = [ISSUED, { minute: 40, completed: 10, outcome: NO_PRICE }, { minute: 50 }];
    expect(followed(checksFirst).said.at(-1)).toBe('determinate, moved from 60 to 100');
    const together = [
      ISSUED,
      { minute: 6, outcome: NO_PRICE },
      { minute: 50, completed: 10 },
      { minute: 51 },
    ];
    expect(followed(together).said.slice(-2)).toEqual(['determinate, moved from 60 to 104', '']);
  });

  it('is none where a row of the account is malformed, and begins when a price is missing, too', () => {
    const looks = [ISSUED, { minute: 6, outcome: BAD_ROW }, { minute: 20, outcome: BAD_ROW }];
    expect(followed([...looks, { minute: 30 }]).said.at(-1)).toBe('determinate');
    const then = [...looks, { minute: 21, outcome: NO_PRICE }, { minute: 31 }];
    expect(followed(then).said.at(-1)).toBe('determinate, moved from 60 to 70');
  });

  it.each([
    ['price-missing', 'BTC-USD', true],
    ['price-stale', 'BTC-USD', true],
    ['price-future', 'BTC-USD', true],
    ['sources-too-few', 'BTC-USD', true],
    ['sources-disagree', 'BTC-USD', true],
    ['row-malformed', 'market quote/BTC-USD#pyth', true],
    ['row-malformed', 'market risk/BTC', false],
    ['row-malformed', 'accounts alice/profile', false],
    ['instrument-unknown', 'BTC-PERP', false],
  ] as const)('is %s of %s: %s', (code, subject, is) => {
    expect(isWantOfPrice([{ code, subject, detail: '' }])).toBe(is);
  });
});

describe('without grace', () => {
  it('no outage moves a deadline or leaves a trace', () => {
    const looks = [
      ISSUED,
      { minute: 6, outcome: NO_PRICE },
      { minute: 50, completed: 10, outcome: NO_PRICE },
    ];
    const row = { outageGrace: 'none' };
    expect(followed(looks, row).state.open?.call).toEqual(followed([ISSUED], row).state.open?.call);
    const late = [...looks, { minute: 90, completed: 50 }];
    expect(followed(late, row).said.at(-1)).toBe('determinate, expired at 60, ordered');
  });

  it('is the default', () => {
    expect(policyOf({}).outageGrace).toBe('none');
  });
});

it('a plan is wanted by expiry only after the moved deadline', () => {
  const { state } = followed([ISSUED]);
  const policy = policyOf({ outageGrace: 'moved' });
  const wanted = (minute: number, outage?: CheckOutage) =>
    isPlanWanted(CALL, state, { asOf: at(minute), policy, outage });
  expect(wanted(60)).toBe(true);
  expect(wanted(90, outageFrom(10))).toBe(false);
});

it.each([
  ['no completed check', undefined, undefined],
  ['two intervals', 120_000, undefined],
  ['a millisecond more', 120_001, NOW - 120_001],
])('a check after %s', (_, ago, since) => {
  const completedAsOf = ago === undefined ? undefined : NOW - ago;
  const found = checkOutage({ asOf: NOW, completedAsOf, intervalSeconds: 60 });
  expect(found).toEqual(since === undefined ? undefined : { since, leastSeconds: 120 });
});
