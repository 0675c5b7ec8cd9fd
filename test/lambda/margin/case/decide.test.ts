import { describe, expect, it } from 'vitest';
import type { Assessment, Outcome } from '../../../../lambda/margin/assess/assess.ts';
import type { Level } from '../../../../lambda/margin/assess/level.ts';
import {
  type CaseEvent,
  type CaseState,
  isOpen,
  NO_CASE,
} from '../../../../lambda/margin/case/case.ts';
import { type Decision, decide } from '../../../../lambda/margin/case/decide.ts';
import { liquidationDue } from '../../../../lambda/margin/case/liquidation-due.ts';
import type { Plan } from '../../../../lambda/margin/liquidation/order-plan.ts';
import { amount, price, quantity, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { Reason } from '../../../../lambda/margin/number/reason.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { NOW, policyOf, rangeOf } from '../build.ts';

type Three = readonly [low: string, point: string, high: string];

interface Standing {
  readonly level: Level;
  readonly liquidation?: Three;
  readonly call?: Three;
  readonly restore?: Three;
  readonly callLine?: string;
  readonly equity?: Three;
  readonly isLiquidationWithheld?: boolean;
  readonly reasons?: readonly Reason[];
}

/** What decide reads of an assessment; the rest is of no account here. */
function assessment(standing: Standing): Assessment {
  const { level, reasons = [], isLiquidationWithheld = false } = standing;
  const call = rangeOf(...(standing.call ?? ['0', '0', '0']));
  const line = amount(standing.callLine ?? '1000');
  return {
    certainty: 'certain',
    level,
    isLiquidationWithheld,
    reasons,
    notes: [],
    equity: rangeOf(...(standing.equity ?? ['500', '500', '500'])),
    marginBalance: rangeOf('500'),
    initialRequirement: amount('0'),
    maintenanceRequirement: amount('0'),
    latencyBuffer: amount('0'),
    lines: { liquidation: line, call: line, restore: line },
    surplus: {
      liquidation: rangeOf(...(standing.liquidation ?? ['0', '0', '0'])),
      call,
      restore: standing.restore === undefined ? call : rangeOf(...standing.restore),
    },
    factors: [],
    prices: [],
    options: [],
  };
}

const OLD: Reason = { code: 'price-too-old-to-act', subject: 'BTC-USD', detail: 'too old' };
const GONE: Reason = { code: 'price-missing', subject: 'BTC-USD', detail: 'no quote' };

const same = (value: string): Three => [value, value, value];

const HEALTHY = assessment({ level: 'healthy', liquidation: same('900'), call: same('500') });
/** Safe, but its call surplus of 5 is less than 2 % of a call line of 1,000. */
const ALMOST = assessment({ level: 'healthy', liquidation: same('400'), call: same('5') });
const callOf = (missing: string): Assessment =>
  assessment({
    level: 'call',
    liquidation: same('100'),
    call: same('-50'),
    restore: same(`-${missing}`),
  });
const CALL = callOf('100');
/** Below the call line at the quoted prices, but not over all of their uncertainty. */
const UNSURE = assessment({
  level: 'call',
  liquidation: ['50', '100', '150'],
  call: ['-100', '-50', '0'],
});
const LIQUIDATION = assessment({
  level: 'liquidation',
  liquidation: same('-200'),
  call: same('-300'),
});
const withheld = (reasons: readonly Reason[]): Assessment =>
  assessment({
    level: 'call',
    liquidation: ['-300', '-200', '100'],
    call: ['-400', '-300', '-50'],
    isLiquidationWithheld: true,
    reasons,
  });
const deficitOf = (shortfall: string): Assessment =>
  assessment({
    level: 'deficit',
    liquidation: same('-700'),
    call: same('-800'),
    equity: ['-9999', `-${shortfall}`, '-1'],
  });
const UNKNOWN: Outcome = { certainty: 'indeterminate', reasons: [GONE] };

const PLAN: Plan = {
  scope: 'partial',
  why: 'because',
  carriedOver: [],
  cancelOpenOrders: [],
  orders: [
    {
      kind: 'position',
      market: 'BTC-PERP',
      side: 'sell',
      quantity: quantity('1'),
      referencePrice: price('60000'),
      notional: amount('60000'),
    },
  ],
};
const NOTHING: Plan = { ...PLAN, orders: [] };
const carrying: Plan = {
  ...NOTHING,
  carriedOver: [{ market: 'BTC-PERP', side: 'sell', notional: amount('1') }],
};

const SECOND = 1_000;
const GRACE = 3_600;
const COOLDOWN = 120;
const EXPIRY = 300;
const POLICY: RawRow = {
  mode: 'enforce',
  callGraceSeconds: String(GRACE),
  liquidationCooldownSeconds: String(COOLDOWN),
  planExpirySeconds: String(EXPIRY),
  callUpdateFraction: '0.1',
  cureMargin: '0.02',
};

interface Step {
  readonly outcome: Outcome;
  readonly state?: CaseState;
  /** Seconds after the first check. */
  readonly at?: number;
  readonly policy?: RawRow;
  readonly plan?: Plan;
}

function settle({ outcome, state = NO_CASE, at = 0, policy = {}, plan = PLAN }: Step): Decision {
  return decide({
    subject: 'acc',
    outcome,
    state,
    asOf: NOW + at * SECOND,
    checkId: `check${at}`,
    policy: policyOf({ ...POLICY, ...policy }),
    callGraceSeconds: GRACE,
    plan,
  });
}

/** What a case comes to after one step, or another after that. */
const stateAfter = (...steps: readonly Omit<Step, 'state'>[]): CaseState =>
  steps.reduce<CaseState>((state, step) => settle({ ...step, state }).next, NO_CASE);

const typesOf = ({ events }: Decision): string[] => events.map(({ type }) => type);

function only<T extends CaseEvent['type']>(decision: Decision, type: T): CaseEvent & { type: T } {
  const found = decision.events.filter((event) => event.type === type);
  const [event] = found;
  if (event === undefined || found.length > 1) {
    throw new Error(`${found.length} of ${type} in ${typesOf(decision).join(', ')}`);
  }
  return event as CaseEvent & { type: T };
}

const CALLED = stateAfter({ outcome: CALL });
const LIQUIDATING = stateAfter({ outcome: LIQUIDATION });

describe('a healthy account without a case', () => {
  it('is left alone', () => {
    const decision = settle({ outcome: HEALTHY });
    expect(decision).toEqual({ next: NO_CASE, events: [] });
    expect(isOpen(decision.next)).toBe(false);
  });
});

describe('a call', () => {
  const decision = settle({ outcome: CALL });

  it('is issued once when it opens, with what restores the account and a deadline', () => {
    expect(typesOf(decision)).toEqual(['margin-call.issued']);
    const { amountDue, deadline, caseId } = only(decision, 'margin-call.issued');
    expect(textOf(amountDue)).toBe('100');
    expect(deadline).toBe(NOW + GRACE * SECOND);
    expect(caseId).toBe('acc@check0');
  });

  it('is remembered as sent', () => {
    expect(decision.next).toEqual({
      isIndeterminate: false,
      open: {
        caseId: 'acc@check0',
        level: 'call',
        openedAt: NOW,
        isWithheld: false,
        call: {
          amountDue: amount('100'),
          sentAt: NOW,
          deadline: NOW + GRACE * SECOND,
          isExpired: false,
        },
      },
    });
    expect(isOpen(decision.next)).toBe(true);
  });

  it('is not issued again while nothing changes', () => {
    const again = settle({ outcome: CALL, state: CALLED, at: 60 });
    expect(again).toEqual({ next: CALLED, events: [] });
  });

  it('that a dead run never wrote down is issued again by the next one', () => {
    const again = settle({ outcome: CALL, state: NO_CASE, at: 60 });
    expect(only(again, 'margin-call.issued').caseId).toBe('acc@check60');
  });

  it('has the deadline of the account, not of the policy', () => {
    const { next } = settle({ outcome: CALL, policy: { callGraceSeconds: '60' } });
    expect(next.open?.call?.deadline).toBe(NOW + GRACE * SECOND);
  });

  it.each([
    ['the restore line', { restore: ['-300', '-100.001', '-5'] }, '100.01'],
    [
      'the liquidation line at the low end, where that is more',
      { liquidation: ['-150.5', '1', '2'] },
      '150.5',
    ],
    ['the restore line, where that is more', { liquidation: ['-99', '1', '2'] }, '100'],
  ] as [string, Partial<Standing>, string][])(
    'is for what is missing to %s, rounded up',
    (_, given, due) => {
      const standing: Standing = {
        level: 'call',
        liquidation: same('1'),
        call: same('-50'),
        restore: same('-100'),
        ...given,
      };
      const { amountDue } = only(settle({ outcome: assessment(standing) }), 'margin-call.issued');
      expect(textOf(amountDue)).toBe(due);
    },
  );

  /** 50 to the call line, and 2 % of 1,000 beyond: paid to the cent, the call is over. */
  it('is enough to cure it, where the restore line alone is not', () => {
    const standing: Standing = {
      level: 'call',
      liquidation: same('100'),
      call: ['-90', '-50', '-10'],
    };
    const { amountDue } = only(settle({ outcome: assessment(standing) }), 'margin-call.issued');
    expect(textOf(amountDue)).toBe('70');
  });

  it('is rounded up to the places of the policy', () => {
    const policy = { amountPlaces: '0' };
    const { amountDue } = only(
      settle({ outcome: callOf('100.0000000001'), policy }),
      'margin-call.issued',
    );
    expect(textOf(amountDue)).toBe('101');
  });
});

describe('an update of a call', () => {
  const updated = (missing: string, policy: RawRow = {}) =>
    settle({ outcome: callOf(missing), state: CALLED, at: 60, policy });

  it('is not sent just below the growth that is worth it', () => {
    const decision = updated('109.99');
    expect(decision).toEqual({ next: CALLED, events: [] });
  });

  it.each(['110', '109.991', '500'])('is sent at that growth or above: %s', (missing) => {
    const decision = updated(missing);
    expect(typesOf(decision)).toEqual(['margin-call.updated']);
    const { amountDue, deadline, caseId } = only(decision, 'margin-call.updated');
    expect(textOf(amountDue)).toBe(missing === '109.991' ? '110' : missing);
    expect(deadline).toBe(NOW + GRACE * SECOND);
    expect(caseId).toBe('acc@check0');
    expect(decision.next.open?.call).toEqual({
      amountDue,
      sentAt: NOW + 60 * SECOND,
      deadline,
      isExpired: false,
    });
  });

  it('compares with what was last sent, not with what was last seen', () => {
    const crept = stateAfter({ outcome: CALL }, { outcome: callOf('109'), at: 60 });
    expect(typesOf(settle({ outcome: callOf('110'), state: crept, at: 120 }))).toEqual([
      'margin-call.updated',
    ]);
    const sent = stateAfter({ outcome: CALL }, { outcome: callOf('110'), at: 60 });
    expect(settle({ outcome: callOf('120.99'), state: sent, at: 120 }).events).toEqual([]);
    expect(typesOf(settle({ outcome: callOf('121'), state: sent, at: 120 }))).toEqual([
      'margin-call.updated',
    ]);
  });

  it('is not sent when the amount falls', () => {
    expect(updated('1').events).toEqual([]);
  });

  it('at any growth at all is not sent where there is none', () => {
    const policy = { callUpdateFraction: '0' };
    expect(typesOf(updated('100.01', policy))).toEqual(['margin-call.updated']);
    expect(typesOf(updated('100', policy))).toEqual([]);
  });
});

describe('a cure', () => {
  const at = (point: string, level: Level = 'healthy') =>
    settle({
      outcome: assessment({ level, liquidation: same('400'), call: same(point) }),
      state: CALLED,
      at: 60,
    });

  it.each(['20', '20.000000000001', '500'])(
    'comes at the cure margin above the call line: 2 %% of 1,000, with %s',
    (point) => {
      const decision = at(point);
      expect(typesOf(decision)).toEqual(['margin-call.cured']);
      expect(only(decision, 'margin-call.cured').caseId).toBe('acc@check0');
      expect(decision.next).toEqual(NO_CASE);
    },
  );

  it('is judged at the quoted prices, not at the best that they may be', () => {
    const hopeful = assessment({
      level: 'healthy',
      liquidation: same('400'),
      call: ['1', '19.99', '30'],
    });
    expect(settle({ outcome: hopeful, state: CALLED, at: 60 }).events).toEqual([]);
  });

  it.each(['19.999999999999', '0'])('does not come just below it, with %s', (point) => {
    const decision = at(point);
    expect(decision).toEqual({ next: CALLED, events: [] });
  });

  it('needs a healthy account: not one that its uncertainty holds at the call', () => {
    expect(at('500', 'call').events).toEqual([]);
  });

  it('that has not come yet does not expire the call', () => {
    const decision = settle({ outcome: ALMOST, state: CALLED, at: GRACE + 60 });
    expect(decision).toEqual({ next: CALLED, events: [] });
  });

  it('is not flapped around: called again only by a case of its own', () => {
    const cured = settle({ outcome: HEALTHY, state: CALLED, at: 60 }).next;
    const again = settle({ outcome: CALL, state: cured, at: 120 });
    expect(only(again, 'margin-call.issued').caseId).toBe('acc@check120');
  });
});

describe('the deadline of a call', () => {
  const at = (seconds: number, outcome: Outcome, policy: RawRow = {}) =>
    settle({ outcome, state: CALLED, at: seconds, policy });

  it('has not come 1 ms before it', () => {
    expect(at(GRACE - 0.001, CALL).events).toEqual([]);
  });

  it('expires the call exactly then, and liquidates by policy', () => {
    const decision = at(GRACE, callOf('90'));
    expect(typesOf(decision)).toEqual(['margin-call.expired', 'liquidation.ordered']);
    expect(only(decision, 'margin-call.expired')).toEqual({
      type: 'margin-call.expired',
      caseId: 'acc@check0',
      amountDue: amount('90'),
      deadline: NOW + GRACE * SECOND,
      consequence: 'liquidate',
    });
    expect(decision.next.open).toMatchObject({
      level: 'liquidation',
      call: { isExpired: true, sentAt: NOW + GRACE * SECOND },
      plan: { planId: 'acc@check0#1', generation: 1 },
    });
  });

  it('reminds by policy, and begins anew from then', () => {
    const late = GRACE + 30;
    const decision = at(late, callOf('90'), { onCallExpiry: 'remind' });
    expect(decision.events).toEqual([
      {
        type: 'margin-call.expired',
        caseId: 'acc@check0',
        amountDue: amount('90'),
        deadline: NOW + GRACE * SECOND,
        nextDeadline: NOW + (late + GRACE) * SECOND,
        consequence: 'remind',
      },
    ]);
    expect(decision.next.open).toMatchObject({
      level: 'call',
      call: {
        amountDue: amount('90'),
        sentAt: NOW + late * SECOND,
        deadline: NOW + (late + GRACE) * SECOND,
        isExpired: false,
      },
    });
    const again = settle({
      outcome: callOf('90'),
      state: decision.next,
      at: late + GRACE,
      policy: { onCallExpiry: 'remind' },
    });
    expect(typesOf(again)).toEqual(['margin-call.expired']);
  });

  it('is passed over by a cure at the very same check', () => {
    expect(typesOf(at(GRACE, HEALTHY))).toEqual(['margin-call.cured']);
  });

  it('is passed over by a liquidation at the very same check', () => {
    expect(typesOf(at(GRACE, LIQUIDATION))).toEqual(['liquidation.ordered']);
  });

  describe('on prices that may not be acted on', () => {
    const old = { ...CALL, reasons: [OLD] };
    const decision = at(GRACE, old);

    it('expires the call and withholds the liquidation, with the reason', () => {
      expect(typesOf(decision)).toEqual(['margin-call.expired', 'liquidation.withheld']);
      expect(only(decision, 'liquidation.withheld').reasons).toEqual([OLD]);
      expect(decision.next.open).toMatchObject({
        level: 'call',
        isWithheld: true,
        call: { isExpired: true },
      });
      expect(decision.next.open?.plan).toBeUndefined();
    });

    it('says both once', () => {
      const again = settle({ outcome: old, state: decision.next, at: GRACE + 60 });
      expect(again.events).toEqual([]);
      expect(again.next).toEqual(decision.next);
    });

    it('is executed when they are fresh', () => {
      const later = settle({ outcome: CALL, state: decision.next, at: GRACE + 120 });
      expect(typesOf(later)).toEqual(['liquidation.ordered']);
      expect(later.next.open).toMatchObject({ level: 'liquidation', isWithheld: false });
    });

    it('is cured all the same when the account is', () => {
      const later = settle({ outcome: HEALTHY, state: decision.next, at: GRACE + 120 });
      expect(typesOf(later)).toEqual(['margin-call.cured']);
    });
  });

  it.each([
    ['0', 'liquidation.withheld'],
    ['-0.000000000001', 'liquidation.ordered'],
  ])('liquidates only below the call line for certain: high end %s', (high, then) => {
    const unsure = assessment({
      level: 'call',
      liquidation: same('100'),
      call: ['-100', '-50', high],
    });
    const decision = at(GRACE, unsure);
    expect(typesOf(decision)).toEqual(['margin-call.expired', then]);
    if (then === 'liquidation.ordered') return;
    const [reason] = only(decision, 'liquidation.withheld').reasons;
    expect(reason).toMatchObject({ code: 'price-uncertain', subject: 'acc' });
  });

  it('does not count while the account is indeterminate', () => {
    const blind = at(GRACE, UNKNOWN);
    expect(typesOf(blind)).toEqual(['account.indeterminate']);
    const seeing = settle({ outcome: CALL, state: blind.next, at: GRACE + 60 });
    expect(typesOf(seeing)).toEqual([
      'account.determinate',
      'margin-call.expired',
      'liquidation.ordered',
    ]);
  });
});

describe('a liquidation', () => {
  const decision = settle({ outcome: LIQUIDATION });

  it('orders a plan of generation 1, which expires', () => {
    expect(decision.events).toEqual([
      {
        type: 'liquidation.ordered',
        caseId: 'acc@check0',
        planId: 'acc@check0#1',
        generation: 1,
        expiresAt: NOW + EXPIRY * SECOND,
        isObserved: false,
        plan: PLAN,
      },
    ]);
    expect(decision.next).toEqual({
      isIndeterminate: false,
      open: {
        caseId: 'acc@check0',
        level: 'liquidation',
        openedAt: NOW,
        isWithheld: false,
        plan: {
          planId: 'acc@check0#1',
          generation: 1,
          sentAt: NOW,
          expiresAt: NOW + EXPIRY * SECOND,
        },
      },
    });
  });

  it('escalates a call: the same case, the call remembered', () => {
    const escalated = settle({ outcome: LIQUIDATION, state: CALLED, at: 60 });
    expect(typesOf(escalated)).toEqual(['liquidation.ordered']);
    expect(only(escalated, 'liquidation.ordered').planId).toBe('acc@check0#1');
    expect(escalated.next.open).toMatchObject({
      caseId: 'acc@check0',
      level: 'liquidation',
      openedAt: NOW,
      call: { amountDue: amount('100') },
    });
  });

  it('is ordered by a plan that only cancels, too', () => {
    const cancel: Plan = { ...NOTHING, cancelOpenOrders: ['BTC-PERP'], scope: 'cancel' };
    const ordered = settle({ outcome: LIQUIDATION, plan: cancel });
    expect(only(ordered, 'liquidation.ordered').plan).toBe(cancel);
  });

  it('needs a plan only when one is due', () => {
    const { policy, ...rest } = { policy: policyOf(POLICY), subject: 'acc', checkId: 'check' };
    const withoutPlan = (asOf: number, state: CaseState, outcome: Outcome) =>
      decide({ ...rest, policy, outcome, state, asOf, callGraceSeconds: GRACE });
    expect(() => withoutPlan(NOW + 60 * SECOND, LIQUIDATING, LIQUIDATION)).not.toThrow();
    expect(() => withoutPlan(NOW, NO_CASE, CALL)).not.toThrow();
    expect(() => withoutPlan(NOW, NO_CASE, LIQUIDATION)).toThrow(
      'acc: a liquidation is due without a plan',
    );
  });
});

describe('the next generation of a plan', () => {
  const at = (seconds: number, policy: RawRow = {}) =>
    settle({ outcome: LIQUIDATION, state: LIQUIDATING, at: seconds, policy });

  it('is not due 1 ms before the cooldown has passed', () => {
    expect(at(COOLDOWN - 0.001)).toEqual({ next: LIQUIDATING, events: [] });
  });

  it('is due exactly then, and supersedes the one before', () => {
    const decision = at(COOLDOWN);
    expect(only(decision, 'liquidation.ordered')).toMatchObject({
      planId: 'acc@check0#2',
      generation: 2,
      supersedes: 'acc@check0#1',
      expiresAt: NOW + (COOLDOWN + EXPIRY) * SECOND,
    });
    expect(decision.next.open?.plan).toEqual({
      planId: 'acc@check0#2',
      generation: 2,
      sentAt: NOW + COOLDOWN * SECOND,
      expiresAt: NOW + (COOLDOWN + EXPIRY) * SECOND,
    });
  });

  it('cools down from the one before, not from the first', () => {
    const second = at(COOLDOWN).next;
    const early = { outcome: LIQUIDATION, state: second, at: 2 * COOLDOWN - 1 };
    expect(settle(early).events).toEqual([]);
    const third = settle({ outcome: LIQUIDATION, state: second, at: 2 * COOLDOWN });
    expect(only(third, 'liquidation.ordered')).toMatchObject({
      generation: 3,
      supersedes: 'acc@check0#2',
    });
  });

  it.each([
    [EXPIRY - 0.001, []],
    [EXPIRY, ['liquidation.ordered']],
  ])('is due when the plan has expired, however long the cooldown: at %f s', (seconds, types) => {
    const policy = { liquidationCooldownSeconds: '9999' };
    expect(typesOf(at(seconds, policy))).toEqual(types);
  });

  it('has ids that differ for every generation and every case', () => {
    const first = only(settle({ outcome: LIQUIDATION }), 'liquidation.ordered').planId;
    const second = only(at(COOLDOWN), 'liquidation.ordered').planId;
    const other = only(settle({ outcome: LIQUIDATION, at: 60 }), 'liquidation.ordered').planId;
    expect(new Set([first, second, other]).size).toBe(3);
  });
});

describe('the mode', () => {
  it.each([
    ['observe', true],
    ['enforce', false],
  ])('%s: an order is observed %s', (mode, isObserved) => {
    const decision = settle({ outcome: LIQUIDATION, policy: { mode } });
    expect(only(decision, 'liquidation.ordered').isObserved).toBe(isObserved);
  });
});

describe('a halt', () => {
  const policy = { halt: true };
  const decision = settle({ outcome: LIQUIDATION, policy });

  it('stops the plan and says so', () => {
    expect(typesOf(decision)).toEqual(['liquidation.withheld']);
    const [reason] = only(decision, 'liquidation.withheld').reasons;
    expect(reason).toMatchObject({ code: 'halted', subject: 'acc' });
    expect(decision.next.open).toMatchObject({ level: 'liquidation', isWithheld: true });
    expect(decision.next.open?.plan).toBeUndefined();
  });

  it('is said once', () => {
    const again = settle({ outcome: LIQUIDATION, state: decision.next, at: 60, policy });
    expect(again).toEqual({ next: decision.next, events: [] });
  });

  it('that is lifted lets the plan go at once', () => {
    const lifted = settle({ outcome: LIQUIDATION, state: decision.next, at: 60 });
    expect(only(lifted, 'liquidation.ordered')).toMatchObject({ generation: 1 });
    expect(lifted.next.open?.isWithheld).toBe(false);
  });

  it('before any plan ends with the danger: nothing is left to run', () => {
    const safe = settle({ outcome: ALMOST, state: decision.next, at: 60, policy });
    expect(typesOf(safe)).toEqual(['liquidation.completed']);
    expect(safe.next).toEqual(NO_CASE);
  });

  it('stops the next generation, too', () => {
    const next = settle({ outcome: LIQUIDATION, state: LIQUIDATING, at: COOLDOWN, policy });
    expect(typesOf(next)).toEqual(['liquidation.withheld']);
  });

  it('is said when a call escalates into it, whatever was withheld before', () => {
    const waiting = stateAfter({ outcome: withheld([OLD]) });
    for (const state of [CALLED, waiting]) {
      const escalated = settle({ outcome: LIQUIDATION, state, at: 60, policy });
      expect(typesOf(escalated)).toEqual(['liquidation.withheld']);
      expect(escalated.next.open?.level).toBe('liquidation');
    }
  });

  it('does not stop a call, nor the report of a deficit', () => {
    expect(typesOf(settle({ outcome: CALL, policy }))).toEqual(['margin-call.issued']);
    expect(typesOf(settle({ outcome: deficitOf('5'), policy }))).toEqual([
      'deficit.detected',
      'liquidation.withheld',
    ]);
  });
});

describe('a liquidation that is withheld', () => {
  it('is a call that says so, with the reason', () => {
    const decision = settle({ outcome: withheld([OLD]) });
    expect(typesOf(decision)).toEqual(['margin-call.issued', 'liquidation.withheld']);
    expect(only(decision, 'liquidation.withheld').reasons).toEqual([OLD]);
    expect(decision.next.open).toMatchObject({ level: 'call', isWithheld: true });
  });

  it('for no other reason is withheld for the uncertainty of the prices', () => {
    const [reason] = only(settle({ outcome: withheld([]) }), 'liquidation.withheld').reasons;
    expect(reason).toMatchObject({ code: 'price-uncertain', subject: 'acc' });
  });

  it('says so once while it lasts, and again when it comes back', () => {
    const first = stateAfter({ outcome: withheld([OLD]) });
    expect(settle({ outcome: withheld([OLD]), state: first, at: 60 }).events).toEqual([]);
    const ended = stateAfter({ outcome: withheld([OLD]) }, { outcome: CALL, at: 60 });
    expect(ended.open?.isWithheld).toBe(false);
    const back = settle({ outcome: withheld([OLD]), state: ended, at: 120 });
    expect(typesOf(back)).toEqual(['liquidation.withheld']);
  });

  it('says so in a call that was open already', () => {
    const decision = settle({ outcome: withheld([OLD]), state: CALLED, at: 60 });
    // What is missing to the liquidation line at the low end is more than 110.
    expect(typesOf(decision)).toEqual(['margin-call.updated', 'liquidation.withheld']);
  });

  it('is forgotten when the account is out of danger, though not yet cured', () => {
    const first = stateAfter({ outcome: withheld([OLD]) });
    const decision = settle({ outcome: ALMOST, state: first, at: 60 });
    expect(decision.events).toEqual([]);
    expect(decision.next.open).toMatchObject({ level: 'call', isWithheld: false });
  });

  it('is ordered once the prices may be acted on', () => {
    const first = stateAfter({ outcome: withheld([OLD]) });
    const decision = settle({ outcome: LIQUIDATION, state: first, at: 60 });
    expect(typesOf(decision)).toEqual(['liquidation.ordered']);
    expect(decision.next.open).toMatchObject({ level: 'liquidation', isWithheld: false });
  });

  it('says so at a reminder, too', () => {
    const policy = { onCallExpiry: 'remind' };
    const decision = settle({ outcome: withheld([OLD]), state: CALLED, at: GRACE, policy });
    expect(typesOf(decision)).toEqual(['margin-call.expired', 'liquidation.withheld']);
  });

  it('is not said again at the deadline, and the deadline only once', () => {
    const waiting = stateAfter({ outcome: withheld([OLD]) });
    const expired = settle({ outcome: withheld([OLD]), state: waiting, at: GRACE });
    expect(typesOf(expired)).toEqual(['margin-call.expired']);
    expect(expired.next.open?.call?.isExpired).toBe(true);
    const later = settle({ outcome: withheld([OLD]), state: expired.next, at: GRACE + 60 });
    expect(later).toEqual({ next: expired.next, events: [] });
  });

  it('in an open liquidation says so again when it comes back while the plan is running', () => {
    const due = stateAfter(
      { outcome: LIQUIDATION },
      { outcome: withheld([OLD]), at: COOLDOWN },
      { outcome: ALMOST, at: COOLDOWN + 60 },
    );
    expect(due.open).toMatchObject({ level: 'liquidation', isWithheld: false });
    const back = settle({ outcome: withheld([OLD]), state: due, at: COOLDOWN + 120 });
    expect(typesOf(back)).toEqual(['liquidation.withheld']);
  });

  it('waits in an open liquidation for the plan that is running, then says so once', () => {
    const running = settle({ outcome: withheld([OLD]), state: LIQUIDATING, at: COOLDOWN - 1 });
    expect(running.events).toEqual([]);
    const due = settle({ outcome: withheld([OLD]), state: running.next, at: COOLDOWN });
    expect(typesOf(due)).toEqual(['liquidation.withheld']);
    expect(due.next.open).toMatchObject({ level: 'liquidation', isWithheld: true });
    const later = settle({ outcome: withheld([OLD]), state: due.next, at: EXPIRY + 600 });
    expect(later.events).toEqual([]);
    expect(later.next.open?.level).toBe('liquidation');
  });
});

describe('a plan that would close nothing', () => {
  const decision = settle({ outcome: LIQUIDATION, plan: NOTHING });

  it('is not sent: it is said that nothing is left to close', () => {
    expect(typesOf(decision)).toEqual(['liquidation.withheld']);
    const [reason] = only(decision, 'liquidation.withheld').reasons;
    expect(reason).toMatchObject({ code: 'nothing-to-close', subject: 'acc' });
  });

  it('is asked for again at the next check, and said once', () => {
    const again = settle({ outcome: LIQUIDATION, state: decision.next, at: 60, plan: NOTHING });
    expect(again.events).toEqual([]);
    const found = settle({ outcome: LIQUIDATION, state: decision.next, at: 60 });
    expect(typesOf(found)).toEqual(['liquidation.ordered']);
  });
});

describe('a deficit', () => {
  const decision = settle({ outcome: deficitOf('100.001') });
  const next = (shortfall: string, policy: RawRow = {}) =>
    settle({ outcome: deficitOf(shortfall), state: decision.next, at: 60, policy });

  it('is a liquidation whose shortfall is reported, rounded up', () => {
    expect(typesOf(decision)).toEqual(['deficit.detected', 'liquidation.ordered']);
    const { shortfall, caseId } = only(decision, 'deficit.detected');
    expect(textOf(shortfall)).toBe('100.01');
    expect(caseId).toBe('acc@check0');
    expect(decision.next.open).toMatchObject({ level: 'liquidation', deficit: shortfall });
  });

  it('is reported once', () => {
    expect(next('100').events).toEqual([]);
    expect(next('50').events).toEqual([]);
  });

  // 100.01 · 1.1 = 110.011
  it.each([
    ['110.01', []],
    ['110.011', ['deficit.detected']],
    ['500', ['deficit.detected']],
  ])('is reported again when it has grown as a call would have to: %s', (shortfall, types) => {
    expect(typesOf(next(shortfall))).toEqual(types);
  });

  it('is not reported again without any growth', () => {
    expect(typesOf(next('100.01', { callUpdateFraction: '0' }))).toEqual([]);
    expect(typesOf(next('100.02', { callUpdateFraction: '0' }))).toEqual(['deficit.detected']);
  });

  it('compares with the shortfall that was last sent', () => {
    const grown = next('120').next;
    const later = (shortfall: string) =>
      typesOf(settle({ outcome: deficitOf(shortfall), state: grown, at: 61 }));
    expect(later('131.99')).toEqual([]);
    expect(later('132')).toEqual(['deficit.detected']);
  });

  it('is reported when a liquidation falls into it, between two plans', () => {
    const fell = settle({ outcome: deficitOf('5'), state: LIQUIDATING, at: 60 });
    expect(typesOf(fell)).toEqual(['deficit.detected']);
    expect(fell.next.open?.plan?.generation).toBe(1);
  });

  it('that a call falls into is a liquidation of the same case', () => {
    const fell = settle({ outcome: deficitOf('5'), state: CALLED, at: 60 });
    expect(typesOf(fell)).toEqual(['deficit.detected', 'liquidation.ordered']);
    expect(fell.events.map(({ caseId }) => caseId)).toEqual(['acc@check0', 'acc@check0']);
  });
});

describe('an account that has become indeterminate', () => {
  it.each([
    ['without a case', NO_CASE, undefined],
    ['with a call', CALLED, 'acc@check0'],
    ['in liquidation', LIQUIDATING, 'acc@check0'],
  ])('%s says so once, and keeps its level', (_, state, caseId) => {
    const decision = settle({ outcome: UNKNOWN, state, at: 60 });
    expect(decision.events).toEqual([{ type: 'account.indeterminate', reasons: [GONE], caseId }]);
    expect(decision.next).toEqual({ ...state, isIndeterminate: true });
    expect(isOpen(decision.next)).toBe(true);
    const again = settle({ outcome: UNKNOWN, state: decision.next, at: 99_999 });
    expect(again).toEqual({ next: decision.next, events: [] });
  });

  it.each([
    ['healthy and without a case', NO_CASE, HEALTHY, []],
    ['called', NO_CASE, CALL, ['margin-call.issued']],
    ['still called', CALLED, CALL, []],
    ['cured', CALLED, HEALTHY, ['margin-call.cured']],
    ['liquidated', CALLED, LIQUIDATION, ['liquidation.ordered']],
  ] as [string, CaseState, Assessment, string[]][])(
    'says once when that has ended, and goes on: %s',
    (_, state, outcome, types) => {
      const blind = settle({ outcome: UNKNOWN, state, at: 60 }).next;
      const seeing = settle({ outcome, state: blind, at: 120 });
      expect(typesOf(seeing)).toEqual(['account.determinate', ...types]);
      expect(seeing.events[0]?.caseId).toBe(state.open?.caseId);
      expect(seeing.next.isIndeterminate).toBe(false);
      const later = settle({ outcome, state: seeing.next, at: 180 });
      expect(typesOf(later)).not.toContain('account.determinate');
    },
  );
});

describe('a liquidation that has restored the account', () => {
  it('is completed when the account is cured, at once', () => {
    const decision = settle({ outcome: HEALTHY, state: LIQUIDATING, at: 60 });
    expect(typesOf(decision)).toEqual(['liquidation.completed']);
    expect(only(decision, 'liquidation.completed').caseId).toBe('acc@check0');
    expect(decision.next).toEqual(NO_CASE);
  });

  it.each([
    ['healthy, not yet cured', ALMOST, []],
    ['at the call level', CALL, ['margin-call.issued']],
  ] as [string, Assessment, string[]][])(
    'is kept open while its plan is still running, %s',
    (_, outcome, then) => {
      const running = settle({ outcome, state: LIQUIDATING, at: EXPIRY - 0.001 });
      expect(running).toEqual({ next: LIQUIDATING, events: [] });
      const ended = settle({ outcome, state: LIQUIDATING, at: EXPIRY });
      expect(typesOf(ended)).toEqual(['liquidation.completed', ...then]);
    },
  );

  it('and then is called is called in a case of its own, with a grace of its own', () => {
    const ended = settle({ outcome: CALL, state: LIQUIDATING, at: EXPIRY });
    expect(ended.events.map(({ caseId }) => caseId)).toEqual(['acc@check0', 'acc@check300']);
    expect(ended.next.open).toEqual({
      caseId: 'acc@check300',
      level: 'call',
      openedAt: NOW + EXPIRY * SECOND,
      isWithheld: false,
      call: {
        amountDue: amount('100'),
        sentAt: NOW + EXPIRY * SECOND,
        deadline: NOW + (EXPIRY + GRACE) * SECOND,
        isExpired: false,
      },
    });
  });

  it('falls back into liquidation with the next generation of the same case', () => {
    const running = settle({ outcome: ALMOST, state: LIQUIDATING, at: 60 }).next;
    const fallen = settle({ outcome: LIQUIDATION, state: running, at: COOLDOWN });
    expect(only(fallen, 'liquidation.ordered')).toMatchObject({
      caseId: 'acc@check0',
      generation: 2,
    });
  });
});

describe('a liquidation of a call that expired', () => {
  const expired = stateAfter({ outcome: CALL }, { outcome: CALL, at: GRACE });
  const at = (seconds: number, outcome: Outcome) =>
    settle({ outcome, state: expired, at: GRACE + seconds });

  it('goes on below the call line, generation by generation', () => {
    expect(at(COOLDOWN - 1, CALL).events).toEqual([]);
    expect(only(at(COOLDOWN, CALL), 'liquidation.ordered')).toMatchObject({
      generation: 2,
      supersedes: 'acc@check0#1',
    });
  });

  it('does not say a second time that the call expired', () => {
    expect(typesOf(at(COOLDOWN, CALL))).toEqual(['liquidation.ordered']);
  });

  it('is withheld, not completed, while the call line is breached only perhaps', () => {
    expect(at(COOLDOWN - 1, UNSURE).events).toEqual([]);
    const due = at(COOLDOWN, UNSURE);
    expect(typesOf(due)).toEqual(['liquidation.withheld']);
    expect(due.next.open?.level).toBe('liquidation');
    expect(settle({ outcome: UNSURE, state: due.next, at: GRACE + EXPIRY + 60 }).events).toEqual(
      [],
    );
  });

  it('is withheld while the prices may not be acted on', () => {
    const due = at(COOLDOWN, { ...CALL, reasons: [OLD] });
    expect(only(due, 'liquidation.withheld').reasons).toEqual([OLD]);
  });

  it('is completed when the account is cured', () => {
    expect(typesOf(at(60, HEALTHY))).toEqual(['liquidation.completed']);
  });

  it('is completed when the plan has ended and the account is healthy', () => {
    expect(at(EXPIRY - 0.001, ALMOST).events).toEqual([]);
    const ended = at(EXPIRY, ALMOST);
    expect(typesOf(ended)).toEqual(['liquidation.completed']);
    expect(ended.next).toEqual(NO_CASE);
  });
});

describe('deciding', () => {
  it('is a function of its input: twice the same, and nothing in it is changed', () => {
    const input = { outcome: LIQUIDATION, state: CALLED, at: 60 };
    const before = JSON.stringify(CALLED);
    expect(settle(input)).toEqual(settle(input));
    expect(JSON.stringify(CALLED)).toBe(before);
  });

  it('says at most one event of a type', () => {
    const states = [NO_CASE, CALLED, LIQUIDATING, stateAfter({ outcome: withheld([OLD]) })];
    const outcomes = [HEALTHY, ALMOST, CALL, UNSURE, LIQUIDATION, deficitOf('5'), withheld([OLD])];
    for (const state of states) {
      for (const outcome of outcomes) {
        for (const at of [60, COOLDOWN, EXPIRY, GRACE]) {
          const types = typesOf(settle({ outcome, state, at }));
          expect(new Set(types).size).toBe(types.length);
        }
      }
    }
  });
});

describe('an account whose collateral is used up', () => {
  const DEBT = deficitOf('99.991');
  const broke = (step: Partial<Step> = {}) => settle({ outcome: DEBT, plan: NOTHING, ...step });
  const coverOf = ({ next }: Decision) => {
    const fundClaims = next.open?.fundClaims;
    return (
      fundClaims && {
        claims: fundClaims.claims,
        covered: textOf(fundClaims.covered),
        unpaid: fundClaims.unpaid.map((claim) => textOf(claim.amount)),
      }
    );
  };
  const first = { claims: 1, covered: '100', unpaid: ['100'] };

  it('claims its shortfall of the insurance fund, and is not withheld', () => {
    const decision = broke();
    expect(typesOf(decision)).toEqual(['deficit.detected']);
    expect(coverOf(decision)).toEqual(first);
    expect(decision.next.open).toMatchObject({ level: 'liquidation', isWithheld: false });
    const [claim] = decision.next.open?.fundClaims?.unpaid ?? [];
    expect(claim).toMatchObject({ claimId: 'acc@check0/claim#1', claimedAt: NOW });
  });

  it('claims nothing twice, and only what exceeds it when the shortfall grows', () => {
    const { next: state } = broke();
    expect(broke({ state, at: 60 }).next).toEqual(state);
    const grown = broke({ state, at: 60, outcome: deficitOf('105') });
    expect(coverOf(grown)).toEqual({ claims: 2, covered: '105', unpaid: ['100', '5'] });
  });

  it.each<[string, Partial<Step>]>([
    ['in mode observe', { policy: { mode: 'observe' } }],
    ['under halt', { policy: { halt: true } }],
    ['while something is left to close', { plan: PLAN }],
    ['while open orders are to be cancelled', { plan: { ...NOTHING, cancelOpenOrders: ['X'] } }],
    ['while something is carried over', { plan: carrying }],
    ['at level liquidation', { outcome: LIQUIDATION }],
  ])('claims nothing %s', (_, step) => {
    expect(coverOf(broke(step))).toBeUndefined();
  });

  it('claims nothing before its plan has had its time', () => {
    const state = stateAfter({ outcome: DEBT });
    expect(coverOf(broke({ state, at: COOLDOWN - 1 }))).toBeUndefined();
    expect(coverOf(broke({ state, at: COOLDOWN }))).toEqual(first);
  });

  it('is covered no further than its shortfall, whatever its level', () => {
    const { next: state } = broke();
    const less = broke({ state, at: 60, outcome: deficitOf('40') });
    expect(coverOf(less)).toEqual({ claims: 1, covered: '40', unpaid: ['40'] });
    const none = broke({ state, at: 60, outcome: ALMOST });
    expect(coverOf(none)).toBeUndefined();
    const again = broke({ state: less.next, at: 120, outcome: deficitOf('70') });
    expect(coverOf(again)).toEqual({ claims: 2, covered: '70', unpaid: ['40', '30'] });
  });

  it('stays covered while its margin is not certain, or not known', () => {
    const { next: state } = broke();
    const uncertain = { ...withheld([OLD]), certainty: 'uncertain' } as const;
    expect(coverOf(broke({ state, at: 60, outcome: uncertain }))).toEqual(first);
    expect(coverOf(broke({ state, at: 60, outcome: UNKNOWN }))).toEqual(first);
  });
});

describe('a plan that the markets do not wholly bear', () => {
  const LEFT_OUT = { market: 'BTC-PERP', side: 'sell', notional: amount('1234.567') } as const;
  const PART: Plan = { ...PLAN, carriedOver: [LEFT_OUT] };
  const NO_CAPACITY: Plan = { ...NOTHING, carriedOver: [LEFT_OUT] };
  const waitOf = ({ next }: Decision) => next.open?.waitingSince;
  const first = (plan: Plan) => settle({ outcome: LIQUIDATION, plan });
  const then = (before: Decision, at: number, plan: Plan) =>
    settle({ outcome: LIQUIDATION, state: before.next, at, plan });

  it('goes out as it is, and its account begins to wait', () => {
    const decision = first(PART);
    expect(decision.events).toMatchObject([{ type: 'liquidation.ordered', plan: PART }]);
    expect(waitOf(decision)).toBe(NOW);
  });

  it('begins to wait anew with each part that it gets', () => {
    expect(waitOf(then(first(PART), COOLDOWN, PART))).toBe(NOW + COOLDOWN * SECOND);
  });

  it('waits since it first got nothing', () => {
    expect(waitOf(then(first(NO_CAPACITY), 60, NO_CAPACITY))).toBe(NOW);
    expect(waitOf(then(first(PART), COOLDOWN, NO_CAPACITY))).toBe(NOW);
  });

  it('waits no more when a plan fits whole', () => {
    const decision = then(first(NO_CAPACITY), 60, PLAN);
    expect(waitOf(decision)).toBeUndefined();
    expect(decision.next.open?.isWithheld).toBe(false);
  });

  it('waits no more when its case has ended', () => {
    expect(settle({ outcome: HEALTHY, state: first(NO_CAPACITY).next, at: 60 }).next).toEqual(
      NO_CASE,
    );
  });

  it('without any room says which market is full, how much is needed, and that it follows', () => {
    const [event] = first(NO_CAPACITY).events;
    expect(event).toMatchObject({
      type: 'liquidation.withheld',
      reasons: [{ code: 'market-full', subject: 'BTC-PERP' }],
    });
    const detail = event?.type === 'liquidation.withheld' ? event.reasons[0]?.detail : '';
    expect(detail).toMatch(/^BTC-PERP: needs to sell 1234\.57 USD, .* carried over/);
  });

  it('without any room says so once, and is tried again at every check', () => {
    const decision = then(first(NO_CAPACITY), 1, NO_CAPACITY);
    expect(decision.events).toEqual([]);
    expect(then(decision, 2, PART).events).toMatchObject([
      { type: 'liquidation.ordered', generation: 1 },
    ]);
  });

  it('goes out for the open orders that it cancels, though nothing else has room', () => {
    const decision = first({ ...NO_CAPACITY, cancelOpenOrders: ['BTC-PERP'] });
    expect(decision.events).toMatchObject([{ type: 'liquidation.ordered' }]);
    expect(waitOf(decision)).toBe(NOW);
  });

  it('is a new generation after the cooldown, and supersedes the part before', () => {
    expect(then(first(PART), COOLDOWN - 1, PART).events).toEqual([]);
    expect(then(first(PART), COOLDOWN, PART).events).toMatchObject([
      { generation: 2, supersedes: 'acc@check0#1' },
    ]);
  });
});

describe('liquidationDue', () => {
  const OUTCOMES = {
    HEALTHY,
    ALMOST,
    CALL,
    UNSURE,
    LIQUIDATION,
    deficit: deficitOf('10'),
    withheld: withheld([OLD]),
    UNKNOWN,
  };
  const TIMES = [0, 1, COOLDOWN, EXPIRY, GRACE - 1, GRACE, GRACE + COOLDOWN];
  const POLICIES: RawRow[] = [{}, { onCallExpiry: 'remind' }, { halt: true }];

  function needsPlan(outcome: Outcome, state: CaseState, at: number, policy: RawRow): boolean {
    try {
      decide({
        ...{ subject: 'acc', outcome, state, asOf: NOW + at * SECOND, checkId: `check${at}` },
        ...{ policy: policyOf({ ...POLICY, ...policy }), callGraceSeconds: GRACE },
      });
      return false;
    } catch (error) {
      expect(String(error)).toContain('a liquidation is due without a plan');
      return true;
    }
  }

  const STATES = [
    NO_CASE,
    ...Object.values(OUTCOMES).map((outcome) => settle({ outcome }).next),
    settle({ outcome: CALL, state: settle({ outcome: CALL }).next, at: GRACE }).next,
    settle({ outcome: withheld([OLD]), state: settle({ outcome: CALL }).next, at: GRACE }).next,
    settle({ outcome: LIQUIDATION, state: settle({ outcome: CALL }).next, at: 60 }).next,
  ];

  it.each(Object.entries(OUTCOMES))(
    'is true exactly when the decision needs a plan: %s',
    (_, outcome) => {
      for (const state of STATES) {
        for (const at of TIMES) {
          for (const policy of POLICIES) {
            const asOf = NOW + at * SECOND;
            const isDue = liquidationDue(outcome, state, {
              asOf,
              policy: policyOf({ ...POLICY, ...policy }),
            });
            expect(isDue).toBe(needsPlan(outcome, state, at, policy));
          }
        }
      }
    },
  );

  it.each<[string, Outcome, CaseState, boolean]>([
    ['a breach', LIQUIDATION, NO_CASE, true],
    ['a deficit', deficitOf('10'), NO_CASE, true],
    ['a call', CALL, NO_CASE, false],
    ['what is not known', UNKNOWN, NO_CASE, false],
    [
      'a breach whose plan is being worked',
      LIQUIDATION,
      settle({ outcome: LIQUIDATION }).next,
      false,
    ],
  ])('with %s', (_, outcome, state, expected) => {
    expect(liquidationDue(outcome, state, { asOf: NOW, policy: policyOf(POLICY) })).toBe(expected);
  });
});
