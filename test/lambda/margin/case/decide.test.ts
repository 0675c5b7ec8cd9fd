import { describe, expect, it } from 'vitest';
import type { Assessment, Outcome } from '../../../../lambda/margin/assess/assess.ts';
import type { Level } from '../../../../lambda/margin/assess/verdict.ts';
import {
  type CaseEvent,
  type CaseState,
  isOpen,
  NO_CASE,
} from '../../../../lambda/margin/case/case.ts';
import { type Decision, decide } from '../../../../lambda/margin/case/decide.ts';
import { liquidationDue } from '../../../../lambda/margin/case/liquidation-due.ts';
import type { Bound, Range } from '../../../../lambda/margin/curve/figure.ts';
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

/** The parts of an assessment that decide reads. The rest is filled with defaults. */
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
/** Below the call line at the believed prices, but not over all of their uncertainty. */
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
    call: ['-400', '-300', '50'],
    isLiquidationWithheld: true,
    reasons,
  });
const deficitOf = (shortfall: string): Assessment =>
  assessment({
    level: 'deficit',
    liquidation: same('-700'),
    call: same('-800'),
    equity: same(`-${shortfall}`),
  });
/** Of a call at believed prices that are too old to liquidate on. */
const onAgedPrices = (of: Assessment): Assessment => {
  const call = { ...of.surplus.call, agedHigh: amount('5000') };
  return { ...of, reasons: [OLD], surplus: { ...of.surplus, call } };
};

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

function decideStep({
  outcome,
  state = NO_CASE,
  at = 0,
  policy = {},
  plan = PLAN,
}: Step): Decision {
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

/** The state of a case after one step, or several in a row. */
const stateAfter = (...steps: readonly Omit<Step, 'state'>[]): CaseState =>
  steps.reduce<CaseState>((state, step) => decideStep({ ...step, state }).next, NO_CASE);

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
  it('has no events and opens no case', () => {
    const decision = decideStep({ outcome: HEALTHY });
    expect(decision).toEqual({ next: NO_CASE, events: [] });
    expect(isOpen(decision.next)).toBe(false);
  });
});

describe('a margin call', () => {
  const decision = decideStep({ outcome: CALL });

  it('is issued once when it opens, with the amount that restores the account and a deadline', () => {
    expect(typesOf(decision)).toEqual(['margin-call.issued']);
    const { amountDue, deadline, caseId } = only(decision, 'margin-call.issued');
    expect(textOf(amountDue)).toBe('100');
    expect(deadline).toBe(NOW + GRACE * SECOND);
    expect(caseId).toBe('acc@check0');
  });

  it('is stored in the case as sent', () => {
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
    const again = decideStep({ outcome: CALL, state: CALLED, at: 60 });
    expect(again).toEqual({ next: CALLED, events: [] });
  });

  it('is issued again by the next run if a killed run never stored it', () => {
    const again = decideStep({ outcome: CALL, state: NO_CASE, at: 60 });
    expect(only(again, 'margin-call.issued').caseId).toBe('acc@check60');
  });

  it('has the grace period of the account, not of the policy', () => {
    const { next } = decideStep({ outcome: CALL, policy: { callGraceSeconds: '60' } });
    expect(next.open?.call?.deadline).toBe(NOW + GRACE * SECOND);
  });

  it.each([
    ['the restore line', { restore: ['-300', '-100.001', '-5'] }, '100.01'],
    [
      'the liquidation line at the low end, if that is more',
      { liquidation: ['-150.5', '1', '2'] },
      '150.5',
    ],
    ['the restore line, if that is more', { liquidation: ['-99', '1', '2'] }, '100'],
  ] as [string, Partial<Standing>, string][])(
    'asks for the amount missing to %s, rounded up',
    (_, given, due) => {
      const standing: Standing = {
        level: 'call',
        liquidation: same('1'),
        call: same('-50'),
        restore: same('-100'),
        ...given,
      };
      const { amountDue } = only(
        decideStep({ outcome: assessment(standing) }),
        'margin-call.issued',
      );
      expect(textOf(amountDue)).toBe(due);
    },
  );

  /** 50 to the call line and 2 % of 1,000 beyond: paid to the cent, the call is cured. */
  it('asks for enough to cure it, even if the restore line needs less', () => {
    const standing: Standing = {
      level: 'call',
      liquidation: same('100'),
      call: ['-90', '-50', '-10'],
    };
    const { amountDue } = only(decideStep({ outcome: assessment(standing) }), 'margin-call.issued');
    expect(textOf(amountDue)).toBe('70');
  });

  it('rounds its amount up to the decimal places of the policy', () => {
    const policy = { amountPlaces: '0' };
    const { amountDue } = only(
      decideStep({ outcome: callOf('100.0000000001'), policy }),
      'margin-call.issued',
    );
    expect(textOf(amountDue)).toBe('101');
  });
});

describe('an update of a margin call', () => {
  const updated = (missing: string, policy: RawRow = {}) =>
    decideStep({ outcome: callOf(missing), state: CALLED, at: 60, policy });

  it('is not sent just below the update fraction', () => {
    const decision = updated('109.99');
    expect(decision).toEqual({ next: CALLED, events: [] });
  });

  it.each(['110', '109.991', '500'])('is sent at or above the update fraction: %s', (missing) => {
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

  it('compares with the amount last sent, not with the amount last seen', () => {
    const crept = stateAfter({ outcome: CALL }, { outcome: callOf('109'), at: 60 });
    expect(typesOf(decideStep({ outcome: callOf('110'), state: crept, at: 120 }))).toEqual([
      'margin-call.updated',
    ]);
    const sent = stateAfter({ outcome: CALL }, { outcome: callOf('110'), at: 60 });
    expect(decideStep({ outcome: callOf('120.99'), state: sent, at: 120 }).events).toEqual([]);
    expect(typesOf(decideStep({ outcome: callOf('121'), state: sent, at: 120 }))).toEqual([
      'margin-call.updated',
    ]);
  });

  it('is not sent if the amount falls', () => {
    expect(updated('1').events).toEqual([]);
  });

  it('needs some growth even if the update fraction is 0', () => {
    const policy = { callUpdateFraction: '0' };
    expect(typesOf(updated('100.01', policy))).toEqual(['margin-call.updated']);
    expect(typesOf(updated('100', policy))).toEqual([]);
  });
});

describe('the cure of a margin call', () => {
  const at = (point: string, level: Level = 'healthy') =>
    decideStep({
      outcome: assessment({ level, liquidation: same('400'), call: same(point) }),
      state: CALLED,
      at: 60,
    });

  it.each(['20', '20.000000000001', '500'])(
    'comes at the cure margin above the call line, 2 % of 1,000, with a surplus of %s',
    (point) => {
      const decision = at(point);
      expect(typesOf(decision)).toEqual(['margin-call.cured']);
      expect(only(decision, 'margin-call.cured').caseId).toBe('acc@check0');
      expect(decision.next).toEqual(NO_CASE);
    },
  );

  it('is decided at the believed prices, not at the high end of their uncertainty', () => {
    const hopeful = assessment({
      level: 'healthy',
      liquidation: same('400'),
      call: ['1', '19.99', '30'],
    });
    expect(decideStep({ outcome: hopeful, state: CALLED, at: 60 }).events).toEqual([]);
  });

  it.each<[string, Bound, string[]]>([
    ['at the cure margin', amount('20'), ['margin-call.cured']],
    ['just below it', amount('19.999999999999'), []],
    ['anywhere', 'unbounded', []],
  ])('needs the margin at every price in doubt: at the worst it is %s', (_, least, types) => {
    const { surplus, ...rest } = HEALTHY;
    const outcome = { ...rest, surplus: { ...surplus, call: { ...surplus.call, least } } };
    expect(typesOf(decideStep({ outcome, state: CALLED, at: 60 }))).toEqual(types);
  });

  it.each(['19.999999999999', '0'])(
    'does not come just below the cure margin, with a surplus of %s',
    (point) => {
      const decision = at(point);
      expect(decision).toEqual({ next: CALLED, events: [] });
    },
  );

  it('needs a healthy level, which the uncertainty may prevent', () => {
    expect(at('500', 'call').events).toEqual([]);
  });

  it('may be pending at the deadline, which does not expire the call of a healthy account', () => {
    const decision = decideStep({ outcome: ALMOST, state: CALLED, at: GRACE + 60 });
    expect(decision).toEqual({ next: CALLED, events: [] });
  });

  it('ends the case, so that a later call opens a case of its own', () => {
    const cured = decideStep({ outcome: HEALTHY, state: CALLED, at: 60 }).next;
    const again = decideStep({ outcome: CALL, state: cured, at: 120 });
    expect(only(again, 'margin-call.issued').caseId).toBe('acc@check120');
  });
});

describe('the deadline of a margin call', () => {
  const at = (seconds: number, outcome: Outcome, policy: RawRow = {}) =>
    decideStep({ outcome, state: CALLED, at: seconds, policy });

  it('has no effect 1 ms before it', () => {
    expect(at(GRACE - 0.001, CALL).events).toEqual([]);
  });

  it('expires the call exactly on time, and liquidates by policy', () => {
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

  it('reminds by policy, and starts a new grace period', () => {
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
    const again = decideStep({
      outcome: callOf('90'),
      state: decision.next,
      at: late + GRACE,
      policy: { onCallExpiry: 'remind' },
    });
    expect(typesOf(again)).toEqual(['margin-call.expired']);
  });

  it('has no effect if the account is cured by the same check', () => {
    expect(typesOf(at(GRACE, HEALTHY))).toEqual(['margin-call.cured']);
  });

  it('has no effect if the account is liquidated by the same check', () => {
    expect(typesOf(at(GRACE, LIQUIDATION))).toEqual(['liquidation.ordered']);
  });

  describe('on prices that may not be acted on', () => {
    const old = onAgedPrices(CALL);
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

    it('reports the expiry and the withholding only once', () => {
      const again = decideStep({ outcome: old, state: decision.next, at: GRACE + 60 });
      expect(again.events).toEqual([]);
      expect(again.next).toEqual(decision.next);
    });

    it('leads to the liquidation once the prices are fresh', () => {
      const later = decideStep({ outcome: CALL, state: decision.next, at: GRACE + 120 });
      expect(typesOf(later)).toEqual(['liquidation.ordered']);
      expect(later.next.open).toMatchObject({ level: 'liquidation', isWithheld: false });
    });

    it('is followed by a cure if the account recovers', () => {
      const later = decideStep({ outcome: HEALTHY, state: decision.next, at: GRACE + 120 });
      expect(typesOf(later)).toEqual(['margin-call.cured']);
    });
  });

  it.each([
    ['0', 'liquidation.withheld'],
    ['-0.000000000001', 'liquidation.ordered'],
  ])('liquidates only if the high end of the call surplus is below 0: %s', (high, then) => {
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

  it('is not applied while the account is indeterminate', () => {
    const blind = at(GRACE, UNKNOWN);
    expect(typesOf(blind)).toEqual(['account.indeterminate']);
    const seeing = decideStep({ outcome: CALL, state: blind.next, at: GRACE + 60 });
    expect(typesOf(seeing)).toEqual([
      'account.determinate',
      'margin-call.expired',
      'liquidation.ordered',
    ]);
  });
});

describe('a liquidation', () => {
  const decision = decideStep({ outcome: LIQUIDATION });

  it('orders a plan of generation 1, with an expiry', () => {
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

  it('escalates a call within the same case, and keeps the call', () => {
    const escalated = decideStep({ outcome: LIQUIDATION, state: CALLED, at: 60 });
    expect(typesOf(escalated)).toEqual(['liquidation.ordered']);
    expect(only(escalated, 'liquidation.ordered').planId).toBe('acc@check0#1');
    expect(escalated.next.open).toMatchObject({
      caseId: 'acc@check0',
      level: 'liquidation',
      openedAt: NOW,
      call: { amountDue: amount('100') },
    });
  });

  it('is also ordered if the plan only cancels orders', () => {
    const cancel: Plan = { ...NOTHING, cancelOpenOrders: ['BTC-PERP'], scope: 'cancel' };
    const ordered = decideStep({ outcome: LIQUIDATION, plan: cancel });
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
    decideStep({ outcome: LIQUIDATION, state: LIQUIDATING, at: seconds, policy });

  it('is not due 1 ms before the cooldown has passed', () => {
    expect(at(COOLDOWN - 0.001)).toEqual({ next: LIQUIDATING, events: [] });
  });

  it('is due exactly at the cooldown, and supersedes the one before', () => {
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

  it('counts the cooldown from the plan before, not from the first', () => {
    const second = at(COOLDOWN).next;
    const early = { outcome: LIQUIDATION, state: second, at: 2 * COOLDOWN - 1 };
    expect(decideStep(early).events).toEqual([]);
    const third = decideStep({ outcome: LIQUIDATION, state: second, at: 2 * COOLDOWN });
    expect(only(third, 'liquidation.ordered')).toMatchObject({
      generation: 3,
      supersedes: 'acc@check0#2',
    });
  });

  it.each([
    [EXPIRY - 0.001, []],
    [EXPIRY, ['liquidation.ordered']],
  ])('is due once the plan has expired, however long the cooldown: at %f s', (seconds, types) => {
    const policy = { liquidationCooldownSeconds: '9999' };
    expect(typesOf(at(seconds, policy))).toEqual(types);
  });

  it('has an id that differs for every generation and every case', () => {
    const first = only(decideStep({ outcome: LIQUIDATION }), 'liquidation.ordered').planId;
    const second = only(at(COOLDOWN), 'liquidation.ordered').planId;
    const other = only(decideStep({ outcome: LIQUIDATION, at: 60 }), 'liquidation.ordered').planId;
    expect(new Set([first, second, other]).size).toBe(3);
  });
});

describe('the mode of the policy', () => {
  it.each([
    ['observe', true],
    ['enforce', false],
  ])('%s marks its orders as observed: %s', (mode, isObserved) => {
    const decision = decideStep({ outcome: LIQUIDATION, policy: { mode } });
    expect(only(decision, 'liquidation.ordered').isObserved).toBe(isObserved);
  });
});

describe('a halt', () => {
  const policy = { halt: true };
  const decision = decideStep({ outcome: LIQUIDATION, policy });

  it('withholds the plan, and says so', () => {
    expect(typesOf(decision)).toEqual(['liquidation.withheld']);
    const [reason] = only(decision, 'liquidation.withheld').reasons;
    expect(reason).toMatchObject({ code: 'halted', subject: 'acc' });
    expect(decision.next.open).toMatchObject({ level: 'liquidation', isWithheld: true });
    expect(decision.next.open?.plan).toBeUndefined();
  });

  it('is reported once while it lasts', () => {
    const again = decideStep({ outcome: LIQUIDATION, state: decision.next, at: 60, policy });
    expect(again).toEqual({ next: decision.next, events: [] });
  });

  it('releases the plan at once when it is lifted', () => {
    const lifted = decideStep({ outcome: LIQUIDATION, state: decision.next, at: 60 });
    expect(only(lifted, 'liquidation.ordered')).toMatchObject({ generation: 1 });
    expect(lifted.next.open?.isWithheld).toBe(false);
  });

  it('ends with a completion once the account recovers, as no plan is running', () => {
    const safe = decideStep({ outcome: ALMOST, state: decision.next, at: 60, policy });
    expect(typesOf(safe)).toEqual(['liquidation.completed']);
    expect(safe.next).toEqual(NO_CASE);
  });

  it('withholds the next generation, too', () => {
    const next = decideStep({ outcome: LIQUIDATION, state: LIQUIDATING, at: COOLDOWN, policy });
    expect(typesOf(next)).toEqual(['liquidation.withheld']);
  });

  it('is reported when a call escalates, whatever was withheld before', () => {
    const waiting = stateAfter({ outcome: withheld([OLD]) });
    for (const state of [CALLED, waiting]) {
      const escalated = decideStep({ outcome: LIQUIDATION, state, at: 60, policy });
      expect(typesOf(escalated)).toEqual(['liquidation.withheld']);
      expect(escalated.next.open?.level).toBe('liquidation');
    }
  });

  it('stops neither a call nor the report of a deficit', () => {
    expect(typesOf(decideStep({ outcome: CALL, policy }))).toEqual(['margin-call.issued']);
    expect(typesOf(decideStep({ outcome: deficitOf('5'), policy }))).toEqual([
      'deficit.detected',
      'liquidation.withheld',
    ]);
  });
});

describe('a withheld liquidation', () => {
  it('is reported together with a call, with its reason', () => {
    const decision = decideStep({ outcome: withheld([OLD]) });
    expect(typesOf(decision)).toEqual(['margin-call.issued', 'liquidation.withheld']);
    expect(only(decision, 'liquidation.withheld').reasons).toEqual([OLD]);
    expect(decision.next.open).toMatchObject({ level: 'call', isWithheld: true });
  });

  it('gives the uncertainty of the prices as its reason if there is no other', () => {
    const [reason] = only(decideStep({ outcome: withheld([]) }), 'liquidation.withheld').reasons;
    expect(reason).toMatchObject({ code: 'price-uncertain', subject: 'acc' });
  });

  it('is reported once while it lasts, and again if it returns', () => {
    const first = stateAfter({ outcome: withheld([OLD]) });
    expect(decideStep({ outcome: withheld([OLD]), state: first, at: 60 }).events).toEqual([]);
    const ended = stateAfter({ outcome: withheld([OLD]) }, { outcome: CALL, at: 60 });
    expect(ended.open?.isWithheld).toBe(false);
    const back = decideStep({ outcome: withheld([OLD]), state: ended, at: 120 });
    expect(typesOf(back)).toEqual(['liquidation.withheld']);
  });

  it('is reported in a call that is already open', () => {
    const decision = decideStep({ outcome: withheld([OLD]), state: CALLED, at: 60 });
    // The amount missing to the liquidation line at the low end is more than 110.
    expect(typesOf(decision)).toEqual(['margin-call.updated', 'liquidation.withheld']);
  });

  it('is cleared once the account is above the liquidation line, even if not yet cured', () => {
    const first = stateAfter({ outcome: withheld([OLD]) });
    const decision = decideStep({ outcome: ALMOST, state: first, at: 60 });
    expect(decision.events).toEqual([]);
    expect(decision.next.open).toMatchObject({ level: 'call', isWithheld: false });
  });

  it('is ordered once the prices may be acted on', () => {
    const first = stateAfter({ outcome: withheld([OLD]) });
    const decision = decideStep({ outcome: LIQUIDATION, state: first, at: 60 });
    expect(typesOf(decision)).toEqual(['liquidation.ordered']);
    expect(decision.next.open).toMatchObject({ level: 'liquidation', isWithheld: false });
  });

  it('is reported at a reminder, too', () => {
    const policy = { onCallExpiry: 'remind' };
    const decision = decideStep({ outcome: withheld([OLD]), state: CALLED, at: GRACE, policy });
    expect(typesOf(decision)).toEqual(['margin-call.expired', 'liquidation.withheld']);
  });

  it('is not reported again at the deadline, and the deadline only once', () => {
    const waiting = stateAfter({ outcome: withheld([OLD]) });
    const expired = decideStep({ outcome: withheld([OLD]), state: waiting, at: GRACE });
    expect(typesOf(expired)).toEqual(['margin-call.expired']);
    expect(expired.next.open?.call?.isExpired).toBe(true);
    const later = decideStep({ outcome: withheld([OLD]), state: expired.next, at: GRACE + 60 });
    expect(later).toEqual({ next: expired.next, events: [] });
  });

  it('is ordered at the deadline if the account is below the call line at every price', () => {
    const { surplus, ...rest } = withheld([OLD]);
    const outcome = { ...rest, surplus: { ...surplus, call: rangeOf('-400', '-300', '-50') } };
    const expired = decideStep({ outcome, state: stateAfter({ outcome }), at: GRACE });
    expect(typesOf(expired)).toEqual(['margin-call.expired', 'liquidation.ordered']);
  });

  it('is reported again if it returns in an open liquidation while the plan is running', () => {
    const due = stateAfter(
      { outcome: LIQUIDATION },
      { outcome: withheld([OLD]), at: COOLDOWN },
      { outcome: ALMOST, at: COOLDOWN + 60 },
    );
    expect(due.open).toMatchObject({ level: 'liquidation', isWithheld: false });
    const back = decideStep({ outcome: withheld([OLD]), state: due, at: COOLDOWN + 120 });
    expect(typesOf(back)).toEqual(['liquidation.withheld']);
  });

  it('is reported once in an open liquidation, after its running plan', () => {
    const running = decideStep({ outcome: withheld([OLD]), state: LIQUIDATING, at: COOLDOWN - 1 });
    expect(running.events).toEqual([]);
    const due = decideStep({ outcome: withheld([OLD]), state: running.next, at: COOLDOWN });
    expect(typesOf(due)).toEqual(['liquidation.withheld']);
    expect(due.next.open).toMatchObject({ level: 'liquidation', isWithheld: true });
    const later = decideStep({ outcome: withheld([OLD]), state: due.next, at: EXPIRY + 600 });
    expect(later.events).toEqual([]);
    expect(later.next.open?.level).toBe('liquidation');
  });
});

describe('a plan that would close nothing', () => {
  const decision = decideStep({ outcome: LIQUIDATION, plan: NOTHING });

  it('is not sent, and the reason is that nothing is left to close', () => {
    expect(typesOf(decision)).toEqual(['liquidation.withheld']);
    const [reason] = only(decision, 'liquidation.withheld').reasons;
    expect(reason).toMatchObject({ code: 'nothing-to-close', subject: 'acc' });
  });

  it('is tried again at the next check, and reported once', () => {
    const again = decideStep({ outcome: LIQUIDATION, state: decision.next, at: 60, plan: NOTHING });
    expect(again.events).toEqual([]);
    const found = decideStep({ outcome: LIQUIDATION, state: decision.next, at: 60 });
    expect(typesOf(found)).toEqual(['liquidation.ordered']);
  });
});

describe('a deficit', () => {
  const decision = decideStep({ outcome: deficitOf('100.009') });
  const next = (shortfall: string, policy: RawRow = {}) =>
    decideStep({ outcome: deficitOf(shortfall), state: decision.next, at: 60, policy });

  it('is a liquidation whose shortfall is reported in whole places, no more than is owed', () => {
    expect(typesOf(decision)).toEqual(['deficit.detected', 'liquidation.ordered']);
    const { shortfall, caseId } = only(decision, 'deficit.detected');
    expect(textOf(shortfall)).toBe('100');
    expect(caseId).toBe('acc@check0');
    expect(decision.next.open).toMatchObject({ level: 'liquidation', deficit: shortfall });
  });

  it('is reported once while the shortfall does not grow', () => {
    expect(next('100').events).toEqual([]);
    expect(next('50').events).toEqual([]);
  });

  it('of less than one place is not reported', () => {
    expect(typesOf(decideStep({ outcome: deficitOf('0.009') }))).toEqual(['liquidation.ordered']);
    const least = decideStep({ outcome: deficitOf('0.01') });
    expect(typesOf(least)).toEqual(['deficit.detected', 'liquidation.ordered']);
  });

  // 100 · 1.1 = 110
  it.each([
    ['109.999', []],
    ['110', ['deficit.detected']],
    ['500', ['deficit.detected']],
  ])('is reported again if it has grown by the update fraction: %s', (shortfall, types) => {
    expect(typesOf(next(shortfall))).toEqual(types);
  });

  it('is not reported again without any growth', () => {
    expect(typesOf(next('100.009', { callUpdateFraction: '0' }))).toEqual([]);
    expect(typesOf(next('100.01', { callUpdateFraction: '0' }))).toEqual(['deficit.detected']);
  });

  it('compares with the shortfall last sent', () => {
    const grown = next('120').next;
    const later = (shortfall: string) =>
      typesOf(decideStep({ outcome: deficitOf(shortfall), state: grown, at: 61 }));
    expect(later('131.99')).toEqual([]);
    expect(later('132')).toEqual(['deficit.detected']);
  });

  it('is reported if a liquidation falls into it between two plans', () => {
    const fell = decideStep({ outcome: deficitOf('5'), state: LIQUIDATING, at: 60 });
    expect(typesOf(fell)).toEqual(['deficit.detected']);
    expect(fell.next.open?.plan?.generation).toBe(1);
  });

  it('opens a liquidation in the same case if a call falls into it', () => {
    const fell = decideStep({ outcome: deficitOf('5'), state: CALLED, at: 60 });
    expect(typesOf(fell)).toEqual(['deficit.detected', 'liquidation.ordered']);
    expect(fell.events.map(({ caseId }) => caseId)).toEqual(['acc@check0', 'acc@check0']);
  });
});

describe('an account that becomes indeterminate', () => {
  it.each([
    ['without a case', NO_CASE, undefined],
    ['with a call', CALLED, 'acc@check0'],
    ['in liquidation', LIQUIDATING, 'acc@check0'],
  ])('%s is reported once and keeps its level', (_, state, caseId) => {
    const decision = decideStep({ outcome: UNKNOWN, state, at: 60 });
    expect(decision.events).toEqual([{ type: 'account.indeterminate', reasons: [GONE], caseId }]);
    expect(decision.next).toEqual({ ...state, isIndeterminate: true });
    expect(isOpen(decision.next)).toBe(true);
    const again = decideStep({ outcome: UNKNOWN, state: decision.next, at: 99_999 });
    expect(again).toEqual({ next: decision.next, events: [] });
  });

  it.each([
    ['healthy and without a case', NO_CASE, HEALTHY, []],
    ['called', NO_CASE, CALL, ['margin-call.issued']],
    ['still called', CALLED, CALL, []],
    ['cured', CALLED, HEALTHY, ['margin-call.cured']],
    ['liquidated', CALLED, LIQUIDATION, ['liquidation.ordered']],
  ] as [string, CaseState, Assessment, string[]][])(
    'is reported determinate once and continues: %s',
    (_, state, outcome, types) => {
      const blind = decideStep({ outcome: UNKNOWN, state, at: 60 }).next;
      const seeing = decideStep({ outcome, state: blind, at: 120 });
      expect(typesOf(seeing)).toEqual(['account.determinate', ...types]);
      expect(seeing.events[0]?.caseId).toBe(state.open?.caseId);
      expect(seeing.next.isIndeterminate).toBe(false);
      const later = decideStep({ outcome, state: seeing.next, at: 180 });
      expect(typesOf(later)).not.toContain('account.determinate');
    },
  );
});

describe('a liquidation that has restored the account', () => {
  it('is completed at once when the account is cured', () => {
    const decision = decideStep({ outcome: HEALTHY, state: LIQUIDATING, at: 60 });
    expect(typesOf(decision)).toEqual(['liquidation.completed']);
    expect(only(decision, 'liquidation.completed').caseId).toBe('acc@check0');
    expect(decision.next).toEqual(NO_CASE);
  });

  it.each([
    ['healthy but not yet cured', ALMOST, []],
    ['at the call level', CALL, ['margin-call.issued']],
  ] as [string, Assessment, string[]][])(
    'stays open while its plan is running if the account is %s',
    (_, outcome, then) => {
      const running = decideStep({ outcome, state: LIQUIDATING, at: EXPIRY - 0.001 });
      expect(running).toEqual({ next: LIQUIDATING, events: [] });
      const ended = decideStep({ outcome, state: LIQUIDATING, at: EXPIRY });
      expect(typesOf(ended)).toEqual(['liquidation.completed', ...then]);
    },
  );

  it('is followed by a call in a case of its own, with its own grace period', () => {
    const ended = decideStep({ outcome: CALL, state: LIQUIDATING, at: EXPIRY });
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

  it('returns to liquidation with the next generation of the same case', () => {
    const running = decideStep({ outcome: ALMOST, state: LIQUIDATING, at: 60 }).next;
    const fallen = decideStep({ outcome: LIQUIDATION, state: running, at: COOLDOWN });
    expect(only(fallen, 'liquidation.ordered')).toMatchObject({
      caseId: 'acc@check0',
      generation: 2,
    });
  });
});

describe('a liquidation after an expired margin call', () => {
  const expired = stateAfter({ outcome: CALL }, { outcome: CALL, at: GRACE });
  const at = (seconds: number, outcome: Outcome) =>
    decideStep({ outcome, state: expired, at: GRACE + seconds });

  it('continues while the account is below the call line, generation by generation', () => {
    expect(at(COOLDOWN - 1, CALL).events).toEqual([]);
    expect(only(at(COOLDOWN, CALL), 'liquidation.ordered')).toMatchObject({
      generation: 2,
      supersedes: 'acc@check0#1',
    });
  });

  it('does not report the expiry of the call again', () => {
    expect(typesOf(at(COOLDOWN, CALL))).toEqual(['liquidation.ordered']);
  });

  it('is withheld and not completed while the breach of the call line is uncertain', () => {
    expect(at(COOLDOWN - 1, UNSURE).events).toEqual([]);
    const due = at(COOLDOWN, UNSURE);
    expect(typesOf(due)).toEqual(['liquidation.withheld']);
    expect(due.next.open?.level).toBe('liquidation');
    expect(
      decideStep({ outcome: UNSURE, state: due.next, at: GRACE + EXPIRY + 60 }).events,
    ).toEqual([]);
  });

  it('is withheld while the prices may not be acted on', () => {
    const due = at(COOLDOWN, onAgedPrices(CALL));
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

describe('every decision', () => {
  it('depends only on its input, and changes nothing in it', () => {
    const input = { outcome: LIQUIDATION, state: CALLED, at: 60 };
    const before = JSON.stringify(CALLED);
    expect(decideStep(input)).toEqual(decideStep(input));
    expect(JSON.stringify(CALLED)).toBe(before);
  });

  it('has at most one event of each type', () => {
    const states = [NO_CASE, CALLED, LIQUIDATING, stateAfter({ outcome: withheld([OLD]) })];
    const outcomes = [HEALTHY, ALMOST, CALL, UNSURE, LIQUIDATION, deficitOf('5'), withheld([OLD])];
    for (const state of states) {
      for (const outcome of outcomes) {
        for (const at of [60, COOLDOWN, EXPIRY, GRACE]) {
          const types = typesOf(decideStep({ outcome, state, at }));
          expect(new Set(types).size).toBe(types.length);
        }
      }
    }
  });
});

describe('an account whose collateral is used up', () => {
  const DEBT = deficitOf('100.009');
  /** With another range of equity; −100.009 at the believed prices. */
  const owing = (equity: Partial<Range>): Assessment => ({
    ...DEBT,
    equity: { ...DEBT.equity, ...equity },
  });
  const broke = (step: Partial<Step> = {}) => decideStep({ outcome: DEBT, plan: NOTHING, ...step });
  const claimsOf = ({ next }: Decision) => {
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

  it('claims its shortfall from the insurance fund, and is not withheld', () => {
    const decision = broke();
    expect(typesOf(decision)).toEqual(['deficit.detected']);
    expect(claimsOf(decision)).toEqual(first);
    expect(decision.next.open).toMatchObject({ level: 'liquidation', isWithheld: false });
    const [claim] = decision.next.open?.fundClaims?.unpaid ?? [];
    expect(claim).toMatchObject({ claimId: 'acc@check0/claim#1', claimedAt: NOW });
  });

  it('claims what it lacks at the high end of the uncertainty', () => {
    const decision = broke({ outcome: owing({ low: amount('-110'), high: amount('-90.009') }) });
    expect(textOf(only(decision, 'deficit.detected').shortfall)).toBe('100');
    expect(claimsOf(decision)).toEqual({ claims: 1, covered: '90', unpaid: ['90'] });
  });

  it.each<[string, Partial<Range>]>([
    ['in doubt', { least: amount('-100'), most: amount('-99') }],
    ['without a bound', { least: 'unbounded', low: 'unbounded' }],
  ])('claims nothing while its own equity is %s, and keeps its claims', (_, equity) => {
    const outcome = owing(equity);
    expect(claimsOf(broke({ outcome }))).toBeUndefined();
    expect(claimsOf(broke({ state: broke().next, at: 60, outcome }))).toEqual(first);
  });

  it('claims nothing for a debt of less than one place', () => {
    expect(claimsOf(broke({ outcome: deficitOf('0.009') }))?.claims ?? 0).toBe(0);
    expect(claimsOf(broke({ outcome: deficitOf('0.01') }))?.unpaid).toEqual(['0.01']);
  });

  it('claims nothing twice, and only the growth if the shortfall grows', () => {
    const { next: state } = broke();
    expect(broke({ state, at: 60 }).next).toEqual(state);
    const grown = broke({ state, at: 60, outcome: deficitOf('105') });
    expect(claimsOf(grown)).toEqual({ claims: 2, covered: '105', unpaid: ['100', '5'] });
  });

  it.each<[string, Partial<Step>]>([
    ['in mode observe', { policy: { mode: 'observe' } }],
    ['under halt', { policy: { halt: true } }],
    ['while something is left to close', { plan: PLAN }],
    ['while open orders are to be cancelled', { plan: { ...NOTHING, cancelOpenOrders: ['X'] } }],
    ['while something is carried over', { plan: carrying }],
    ['at level liquidation', { outcome: LIQUIDATION }],
  ])('claims nothing from the fund %s', (_, step) => {
    expect(claimsOf(broke(step))).toBeUndefined();
  });

  it('claims nothing from the fund before its plan has had its time', () => {
    const state = stateAfter({ outcome: DEBT });
    expect(claimsOf(broke({ state, at: COOLDOWN - 1 }))).toBeUndefined();
    expect(claimsOf(broke({ state, at: COOLDOWN }))).toEqual(first);
  });

  it('has claimed no more than its current shortfall, whatever its level', () => {
    const { next: state } = broke();
    const less = broke({ state, at: 60, outcome: deficitOf('40') });
    expect(claimsOf(less)).toEqual({ claims: 1, covered: '40', unpaid: ['40'] });
    const none = broke({ state, at: 60, outcome: ALMOST });
    expect(claimsOf(none)).toBeUndefined();
    const again = broke({ state: less.next, at: 120, outcome: deficitOf('70') });
    expect(claimsOf(again)).toEqual({ claims: 2, covered: '70', unpaid: ['40', '30'] });
  });

  it('keeps its claims while its margin is uncertain or unknown', () => {
    const { next: state } = broke();
    const uncertain = { ...withheld([OLD]), certainty: 'uncertain' } as const;
    expect(claimsOf(broke({ state, at: 60, outcome: uncertain }))).toEqual(first);
    expect(claimsOf(broke({ state, at: 60, outcome: UNKNOWN }))).toEqual(first);
  });
});

describe('a plan that exceeds the capacity of the markets', () => {
  const LEFT_OUT = { market: 'BTC-PERP', side: 'sell', notional: amount('1234.567') } as const;
  const PART: Plan = { ...PLAN, carriedOver: [LEFT_OUT] };
  const NO_CAPACITY: Plan = { ...NOTHING, carriedOver: [LEFT_OUT] };
  const waitOf = ({ next }: Decision) => next.open?.waitingSince;
  const first = (plan: Plan) => decideStep({ outcome: LIQUIDATION, plan });
  const then = (before: Decision, at: number, plan: Plan) =>
    decideStep({ outcome: LIQUIDATION, state: before.next, at, plan });

  it('is sent in part, and its account starts to wait', () => {
    const decision = first(PART);
    expect(decision.events).toMatchObject([{ type: 'liquidation.ordered', plan: PART }]);
    expect(waitOf(decision)).toBe(NOW);
  });

  it('starts a new wait with each part that it gets', () => {
    expect(waitOf(then(first(PART), COOLDOWN, PART))).toBe(NOW + COOLDOWN * SECOND);
  });

  it('keeps the start of its wait while it gets nothing', () => {
    expect(waitOf(then(first(NO_CAPACITY), 60, NO_CAPACITY))).toBe(NOW);
    expect(waitOf(then(first(PART), COOLDOWN, NO_CAPACITY))).toBe(NOW);
  });

  it('ends its wait when a plan fits completely', () => {
    const decision = then(first(NO_CAPACITY), 60, PLAN);
    expect(waitOf(decision)).toBeUndefined();
    expect(decision.next.open?.isWithheld).toBe(false);
  });

  it('ends its wait when the case ends', () => {
    expect(decideStep({ outcome: HEALTHY, state: first(NO_CAPACITY).next, at: 60 }).next).toEqual(
      NO_CASE,
    );
  });

  it('names the full market, the amount needed, and that it is carried over, without any capacity', () => {
    const [event] = first(NO_CAPACITY).events;
    expect(event).toMatchObject({
      type: 'liquidation.withheld',
      reasons: [{ code: 'market-full', subject: 'BTC-PERP' }],
    });
    const detail = event?.type === 'liquidation.withheld' ? event.reasons[0]?.detail : '';
    expect(detail).toMatch(/^BTC-PERP: needs to sell 1234\.57 USD, .* carried over/);
  });

  it('is withheld once without any capacity, and tried again at every check', () => {
    const decision = then(first(NO_CAPACITY), 1, NO_CAPACITY);
    expect(decision.events).toEqual([]);
    expect(then(decision, 2, PART).events).toMatchObject([
      { type: 'liquidation.ordered', generation: 1 },
    ]);
  });

  it('is sent for the open orders that it cancels, even without any capacity', () => {
    const decision = first({ ...NO_CAPACITY, cancelOpenOrders: ['BTC-PERP'] });
    expect(decision.events).toMatchObject([{ type: 'liquidation.ordered' }]);
    expect(waitOf(decision)).toBe(NOW);
  });

  it('becomes a new generation after the cooldown, and supersedes the part before', () => {
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
    ...Object.values(OUTCOMES).map((outcome) => decideStep({ outcome }).next),
    decideStep({ outcome: CALL, state: decideStep({ outcome: CALL }).next, at: GRACE }).next,
    decideStep({ outcome: withheld([OLD]), state: decideStep({ outcome: CALL }).next, at: GRACE })
      .next,
    decideStep({ outcome: LIQUIDATION, state: decideStep({ outcome: CALL }).next, at: 60 }).next,
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
    ['true for a breach', LIQUIDATION, NO_CASE, true],
    ['true for a deficit', deficitOf('10'), NO_CASE, true],
    ['false for a call', CALL, NO_CASE, false],
    ['false for an indeterminate account', UNKNOWN, NO_CASE, false],
    [
      'false for a breach whose plan is being worked',
      LIQUIDATION,
      decideStep({ outcome: LIQUIDATION }).next,
      false,
    ],
  ])('with %s', (_, outcome, state, expected) => {
    expect(liquidationDue(outcome, state, { asOf: NOW, policy: policyOf(POLICY) })).toBe(expected);
  });
});
