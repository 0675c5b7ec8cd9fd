import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../../../lambda/margin/assess/assess.ts';
import { type CaseState, isOpen, NO_CASE } from '../../../../lambda/margin/case/case.ts';
import { decide } from '../../../../lambda/margin/case/decide.ts';
import { isPlanWanted, liquidationDue } from '../../../../lambda/margin/case/liquidation-due.ts';
import type { RowsChanging } from '../../../../lambda/margin/case/rows-changing.ts';
import type { Plan } from '../../../../lambda/margin/liquidation/order-plan.ts';
import { amount, price, quantity } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { NOW, policyOf, rangeOf } from '../build.ts';

const same = (value: string) => rangeOf(value);

/** The parts of an assessment that decide reads. */
const assessed = (level: 'healthy' | 'call' | 'liquidation' | 'deficit', equity = '500') =>
  ({
    certainty: 'certain',
    level,
    isLiquidationWithheld: false,
    reasons: [],
    equity: same(equity),
    lines: { call: amount('1000') },
    surplus: {
      liquidation: same(level === 'healthy' || level === 'call' ? '100' : '-200'),
      call: same(level === 'healthy' ? '500' : '-300'),
      restore: same(level === 'healthy' ? '500' : '-300'),
    },
  }) as unknown as Assessment;

const PLAN: Plan = {
  scope: 'partial',
  why: '',
  carriedOver: [],
  cancelOpenOrders: [],
  orders: [
    {
      kind: 'position',
      market: 'BTC-PERP',
      side: 'sell',
      quantity: quantity('1'),
      referencePrice: price('6000'),
      notional: amount('6000'),
    },
  ],
};

interface Look {
  readonly seconds: number;
  readonly outcome?: Assessment;
  readonly rowsChanging?: RowsChanging | undefined;
}

function decided(
  state: CaseState,
  { seconds, outcome = BREACH, rowsChanging }: Look,
  row?: RawRow,
) {
  const at = { asOf: NOW + seconds * 1000, policy: policyOf({ mode: 'enforce', ...row }) };
  const due = { ...at, rowsChanging };
  return decide({
    subject: 'alice',
    outcome,
    state,
    ...due,
    checkId: `check-${seconds}`,
    callGraceSeconds: 3600,
    plan: liquidationDue(outcome, state, due) ? PLAN : undefined,
  });
}

/** The events of each look, one after the other, and the state that they leave. */
function followed(looks: readonly Look[], row?: RawRow) {
  let state: CaseState = NO_CASE;
  const said = looks.map((look) => {
    const { next, events } = decided(state, look, row);
    state = next;
    return events.map(({ type }) => type.replace('liquidation.', '')).join(' ');
  });
  return { said, state };
}

const BREACH = assessed('liquidation');
const HEALTHY = assessed('healthy');
const marked = (seconds: number, outcome = BREACH): Look => {
  return { seconds, outcome, rowsChanging: 'marked' };
};
const different = (seconds: number, outcome = BREACH): Look => {
  return { seconds, outcome, rowsChanging: 'different' };
};
const atRest = (seconds: number, outcome = BREACH): Look => ({ seconds, outcome });

describe('rows in the middle of a change', () => {
  it.each([
    ['marked', 'its profile says changing: true'],
    ['different', 'two reads of its rows, a second apart, differ'],
  ] as const)('that are %s withhold the plan, and open no case', (rowsChanging, saying) => {
    const { next, events } = decided(NO_CASE, { seconds: 0, rowsChanging });
    expect(events).toEqual([
      {
        type: 'liquidation.withheld',
        caseId: undefined,
        reasons: [
          {
            code: 'rows-changing',
            subject: 'alice',
            detail:
              `the account is in the middle of a change: ${saying}; its plan waits for the ` +
              'next check, at most 60 s',
          },
        ],
      },
    ]);
    expect(next).toEqual({ isIndeterminate: false, changingSince: NOW, open: undefined });
    expect(isOpen(next), 'so that the next check looks at it again').toBe(true);
  });

  it('leave an account that is found sound without a trace', () => {
    const { said, state } = followed([marked(0), atRest(60, HEALTHY)]);
    expect(said).toEqual(['withheld', '']);
    expect(state).toEqual(NO_CASE);
  });

  it('leave a call as it is, with its amount and its deadline', () => {
    const { state } = followed([atRest(0, assessed('call'))]);
    const { next } = decided(state, marked(60));
    expect(next.open).toEqual(state.open);
  });

  it('report no deficit, and touch no claim', () => {
    const claims = { claims: 1, covered: amount('900'), unpaid: [] };
    const open = { caseId: 'c', level: 'liquidation', openedAt: 0, isWithheld: false } as const;
    const state = { isIndeterminate: false, open: { ...open, fundClaims: claims } };
    const { next, events } = decided(state, marked(60, assessed('deficit', '-100')));
    expect(events.map(({ type }) => type)).toEqual(['liquidation.withheld']);
    expect(next.open?.fundClaims).toEqual(claims);
  });

  it('matter only where a plan is due', () => {
    expect(followed([marked(0, HEALTHY)])).toEqual({ said: [''], state: NO_CASE });
    expect(followed([marked(0, assessed('call'))]).said).toEqual(['margin-call.issued']);
    expect(followed([marked(0)], { halt: true }).said).toEqual(['withheld']);
  });

  it('are told when the account is determinate again', () => {
    const state = { isIndeterminate: true };
    const { next, events } = decided(state, marked(0));
    expect(events.map(({ type }) => type)).toEqual(['account.determinate', 'liquidation.withheld']);
    expect(next.isIndeterminate).toBe(false);
  });
});

describe('the time for which they hold a plan back', () => {
  it.each([
    [59, ['withheld', '']],
    [60, ['withheld', 'ordered']],
    [61, ['withheld', 'ordered']],
  ])('is changingTimeoutSeconds: after %d of 60 s, said once', (seconds, said) => {
    expect(followed([marked(0), marked(seconds)]).said).toEqual(said);
    expect(followed([different(0), different(seconds)]).said).toEqual(said);
    expect(followed([marked(0), different(seconds)]).said).toEqual(said);
  });

  it('is none at 0', () => {
    expect(followed([marked(0)], { changingTimeoutSeconds: '0' }).said).toEqual(['ordered']);
  });

  it('does not begin anew with each generation of a plan', () => {
    const row = { liquidationCooldownSeconds: '120' };
    const looks = [0, 60, 120, 180, 240, 300].map((seconds) => marked(seconds));
    expect(followed(looks, row).said).toEqual([
      'withheld',
      'ordered',
      '',
      'ordered',
      '',
      'ordered',
    ]);
  });

  it('does not begin anew with an account that is never at rest, and is known between two plans', () => {
    const row = { liquidationCooldownSeconds: '120' };
    const looks = [different(0), different(60), atRest(120), different(180)];
    expect(followed(looks, row).said).toEqual(['withheld', 'ordered', '', 'ordered']);
  });

  it('begins anew after a due plan has found the rows at rest', () => {
    const row = { liquidationCooldownSeconds: '60' };
    const looks = [marked(0), atRest(60), marked(120), marked(180)];
    expect(followed(looks, row).said).toEqual(['withheld', 'ordered', 'withheld', 'ordered']);
  });

  it('is over once no plan is needed', () => {
    const looks = [marked(0), atRest(30, assessed('call')), marked(600)];
    expect(followed(looks).said).toEqual(['withheld', 'margin-call.issued', 'withheld']);
  });

  it('gives a mark that flaps a check each time, and no more', () => {
    const row = { liquidationCooldownSeconds: '60' };
    const looks = [0, 60, 120, 180].map((seconds) => (seconds % 120 ? atRest : marked)(seconds));
    expect(followed(looks, row).said).toEqual(['withheld', 'ordered', 'withheld', 'ordered']);
  });
});

it('a plan is due when it is wanted and does not wait', () => {
  const policy = policyOf({});
  for (const outcome of [BREACH, HEALTHY]) {
    for (const rowsChanging of [undefined, 'marked', 'different'] as const) {
      for (const since of [undefined, NOW, NOW - 60_000]) {
        const state = { isIndeterminate: false, changingSince: since };
        const at = { asOf: NOW, policy, rowsChanging };
        const isWaiting = rowsChanging !== undefined && since !== NOW - 60_000;
        const isWanted = isPlanWanted(outcome, state, at);
        expect(isWanted).toBe(outcome === BREACH);
        expect(liquidationDue(outcome, state, at)).toBe(isWanted && !isWaiting);
      }
    }
  }
});
