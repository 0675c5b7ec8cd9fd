import { describe, expect, it } from 'vitest';
import { assess, type Outcome } from '../../../lambda/margin/assess/assess.ts';
import type { CaseEvent } from '../../../lambda/margin/case/case.ts';
import { amount, price, quantity } from '../../../lambda/margin/number/decimal.ts';
import type { Reason } from '../../../lambda/margin/number/reason.ts';
import { composeMessage, subAccountName } from '../../../lambda/messages/compose.ts';
import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';
import { type AccountMessage, SEVERITIES } from '../../../lambda/messages/messages.ts';
import { documentUnder, marketAndBook } from '../../docs/documents.ts';
import { assessed, NOW, policyOf, snapshotOf } from '../margin/build.ts';

const policy = policyOf({ amountPlaces: '2' });
const snapshot = snapshotOf({
  assets: { ETH: { feed: 'ETH-USD' } },
  quotes: { 'ETH-USD#a': { price: '3000.123456', publishedAt: String(NOW - 1_500) } },
});
/** 0.003333333333 · 3000.123456 − 10.005 = −0.004588…, just below 0. */
const outcome = assessed(
  {
    balances: [
      { asset: 'ETH', amount: '0.003333333333' },
      { asset: 'USD', amount: '-10.005' },
    ],
  },
  snapshot,
);

const REASON: Reason = { code: 'price-stale', subject: 'ETH-USD', detail: 'too old' };
const EVENTS: readonly CaseEvent[] = [
  { type: 'margin-call.issued', amountDue: amount('1234.5'), deadline: NOW, caseId: 'c' },
  { type: 'margin-call.updated', amountDue: amount('1234'), deadline: NOW, caseId: 'c' },
  {
    type: 'margin-call.expired',
    amountDue: amount('1'),
    deadline: NOW,
    nextDeadline: NOW + 1,
    consequence: 'remind',
    caseId: 'c',
  },
  {
    type: 'margin-call.expired',
    amountDue: amount('1'),
    deadline: NOW,
    consequence: 'liquidate',
    caseId: 'c',
  },
  { type: 'margin-call.cured', caseId: 'c' },
  {
    type: 'liquidation.ordered',
    planId: 'c#2',
    generation: 2,
    supersedes: 'c#1',
    expiresAt: NOW + 300_000,
    isObserved: true,
    caseId: 'c',
    plan: {
      scope: 'partial',
      why: 'because',
      carriedOver: [],
      cancelOpenOrders: ['BTC-PERP'],
      orders: [
        {
          kind: 'position',
          market: 'BTC-PERP',
          side: 'sell',
          quantity: quantity('1e-8'),
          referencePrice: price('60000.123456789'),
          notional: amount('0.00060000123456789'),
        },
      ],
    },
  },
  { type: 'liquidation.completed', caseId: 'c' },
  { type: 'liquidation.withheld', reasons: [REASON], caseId: 'c' },
  { type: 'deficit.detected', shortfall: amount('0.1'), caseId: 'c' },
  { type: 'account.indeterminate', reasons: [REASON] },
  { type: 'account.determinate' },
  {
    type: 'margin-call.updated',
    amountDue: amount('1234'),
    deadline: NOW,
    previousDeadline: NOW - 1,
    caseId: 'c',
  },
];

const UNKNOWN: Outcome = { certainty: 'indeterminate', reasons: [REASON] };

const composed = (event: CaseEvent, of: Outcome = outcome, position?: string) =>
  composeMessage({
    event,
    outcome: event.type === 'account.indeterminate' ? UNKNOWN : of,
    accountId: 'acc',
    position,
    checkId: '2023-11-14T22:13:00Z',
    asOf: NOW,
    policy,
  });

describe('the message of an event', () => {
  it.each(EVENTS.map((event) => [event.type, event] as const))(
    'has exactly the fields of its schema: %s',
    (type, event) => {
      const message = composed(event);
      expect(messageSchemas[type].parse(message)).toEqual(message);
      expect(message).toMatchObject({
        id: `acc/2023-11-14T22:13:00Z/${type}`,
        version: 1,
        type,
        severity: SEVERITIES[type],
        accountId: 'acc',
        checkId: '2023-11-14T22:13:00Z',
        asOf: '2023-11-14T22:13:20.000Z',
      });
      expect('caseId' in message).toBe(event.caseId !== undefined);
      expect('position' in message).toBe(false);
    },
  );

  it('has a reproducible id, which differs for an isolated position', () => {
    const [event] = EVENTS;
    if (event === undefined) throw new Error('there are events');
    expect(composed(event).id).toBe(composed(event).id);
    const isolated = composed(event, outcome, 'BTC-PERP#grid');
    expect(isolated.id).toBe('acc#BTC-PERP#grid/2023-11-14T22:13:00Z/margin-call.issued');
    expect(isolated.position).toBe('BTC-PERP#grid');
  });

  it('is critical for an indeterminate account with an open case, and a warning without one', () => {
    const event = { type: 'account.indeterminate', reasons: [REASON] } as const;
    expect(composed(event).severity).toBe('warning');
    expect(composed({ ...event, caseId: 'c' }).severity).toBe('critical');
  });

  it('is critical for a withheld liquidation, unless the breach is uncertain or the rows change', () => {
    const perhaps: Reason = { code: 'price-uncertain', subject: 'acc', detail: 'perhaps' };
    const severityWith = (...reasons: Reason[]) =>
      composed({ type: 'liquidation.withheld', reasons, caseId: 'c' }).severity;
    expect(severityWith(REASON)).toBe('critical');
    expect(severityWith(perhaps)).toBe('warning');
    expect(severityWith(perhaps, REASON)).toBe('critical');
    const changing: Reason = { code: 'rows-changing', subject: 'acc', detail: 'half' };
    expect(severityWith(changing)).toBe('warning');
  });

  it.each([
    [20, 20, undefined],
    [21, 20, { reasons: 1 }],
    [500, 20, { reasons: 480 }],
  ])('with %i reasons names %i, and omits %j', (count, named, omitted) => {
    const reasons = Array.from({ length: count }, () => REASON);
    for (const type of ['account.indeterminate', 'liquidation.withheld'] as const) {
      const message = composed({ type, reasons, caseId: 'c' });
      expect('reasons' in message && message.reasons).toHaveLength(named);
      expect(message.omitted).toEqual(omitted);
    }
  });

  it('has no figures for an indeterminate account', () => {
    expect(composed({ type: 'account.indeterminate', reasons: [REASON] })).not.toHaveProperty(
      'figures',
    );
    expect(() => composed({ type: 'margin-call.cured' }, UNKNOWN)).toThrow(
      'an indeterminate account has no figures to send',
    );
  });
});

describe('an order plan', () => {
  const ordered = EVENTS.find((event) => event.type === 'liquidation.ordered');
  if (ordered?.type !== 'liquidation.ordered') throw new Error('there is one');

  it('names its id, its generation and the plan that it supersedes', () => {
    expect(composed(ordered)).toMatchObject({
      planId: 'c#2',
      generation: 2,
      supersedes: 'c#1',
      expiresAt: '2023-11-14T22:18:20.000Z',
      isObserved: true,
      plan: { scope: 'partial', cancelOpenOrders: ['BTC-PERP'] },
    });
  });

  it('supersedes no plan if it is the first', () => {
    const first = composed({ ...ordered, generation: 1, supersedes: undefined });
    expect(first).not.toHaveProperty('supersedes');
  });
});

describe('the name of a sub-account', () => {
  it('is the account, or the account with its isolated position', () => {
    expect(subAccountName('acc', undefined)).toBe('acc');
    expect(subAccountName('acc', 'BTC-PERP')).toBe('acc#BTC-PERP');
  });
});

describe('the figures of a message', () => {
  const message = composed({ type: 'margin-call.cured', caseId: 'c' });
  if (!('figures' in message)) throw new Error('there are figures');
  const { figures } = message;

  /** −0.004588…: rounding down is away from zero. */
  it('are rounded down if they are values', () => {
    expect(figures.equity).toEqual({ low: '-0.01', point: '-0.01', high: '-0.01' });
    expect(figures.liquidationSurplus.point).toBe('-0.01');
    expect(figures.marginBalance.point).toBe('-0.01');
  });

  it('are rounded up if they are requirements', () => {
    const needy = {
      ...outcome,
      maintenanceRequirement: amount('0.0000001'),
      latencyBuffer: amount('1.001'),
      lines: { liquidation: amount('2.001'), call: amount('3.001'), restore: amount('4.001') },
    };
    const { figures: rounded } = composed({ type: 'margin-call.cured' }, needy) as typeof message;
    expect(rounded).toMatchObject({
      initialRequirement: '0.00',
      maintenanceRequirement: '0.01',
      latencyBuffer: '1.01',
      liquidationLine: '2.01',
      callLine: '3.01',
      restoreLine: '4.01',
    });
  });

  it('include unrounded prices, with their age', () => {
    const eth = { feed: 'ETH-USD', price: '3000.123456', ageSeconds: 1.5, sources: 1 };
    const still = { uncertainty: '0', volatility: '0', shock: '0', shockDown: '0', shockUp: '0' };
    expect(figures.prices).toEqual([{ ...eth, ...still }]);
  });

  /** The mark of a future has its own feed, but moves with its underlying. */
  it('state for each price the volatility and shock of its underlying', () => {
    const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
    const future = { type: 'future', underlying: 'BTC-USD', settlementAsset: 'USD' };
    const moving = snapshotOf({
      policy: { latencyBuffer: 'standard', executionSeconds: '0' },
      instruments: {
        FUT: { ...future, markFeed: 'FUT', expiresAt: `${NOW + 1}`, riskClass: 'CALM' },
        PERP: { ...future, type: 'perpetual', riskClass: 'WILD' },
      },
      risk: {
        CALM: { margin, volatility: '0.5' },
        WILD: { margin, volatility: '0.9', jumpFloor: '0.01' },
      },
      quotes: { 'BTC-USD#a': { price: '60000' }, 'FUT#a': { price: '60100' } },
      gapSeconds: 0,
    });
    const positions = [{ instrument: 'FUT', quantity: '1', entryPrice: '60000' }];
    const sent = composed({ type: 'margin-call.cured' }, assessed({ positions }, moving));
    if (!('figures' in sent)) throw new Error('there are figures');
    expect(sent.figures.prices).toMatchObject([
      {
        feed: 'FUT',
        price: '60100',
        volatility: '0.9',
        shock: '0.01',
        shockDown: '0.01',
        shockUp: '0.01',
      },
    ]);
  });
});

describe('the figures of options and of collateral at a location', () => {
  const { snapshot: market, cross } = marketAndBook(documentUnder('Portfolio model'));
  const { figures } = composed(
    { type: 'margin-call.cured', caseId: 'c' },
    assess(cross, market),
  ) as Extract<AccountMessage, { figures: unknown }>;

  it('include the Greeks and the worst scenario of each risk factor', () => {
    expect(figures.greeks).toMatchObject([
      { factor: 'BTC-USD', delta: expect.stringMatching(/^0\.2688/) },
    ]);
    expect(figures.worstScenarios).toEqual([
      {
        ...{ factor: 'BTC-USD', riskClass: 'BTC' },
        ...{ scenario: 'price -18 %, vol up', profit: '-4492.57' },
      },
    ]);
    const message = composed({ type: 'margin-call.cured', caseId: 'c' }, assess(cross, market));
    expect(messageSchemas['margin-call.cured'].parse(message)).toEqual(message);
  });

  it('include notes if a balance lies at a location', () => {
    const bridging = marketAndBook(documentUnder('Collateral somewhere else'));
    const message = composed(
      { type: 'margin-call.cured', caseId: 'c' },
      assess(bridging.cross, bridging.snapshot),
    );
    expect(message).toMatchObject({ figures: { notes: [{ code: 'collateral-pending' }] } });
    expect(messageSchemas['margin-call.cured'].parse(message)).toEqual(message);
  });

  it('include none of these if there is nothing to report', () => {
    const message = composed({ type: 'margin-call.cured', caseId: 'c' });
    for (const name of ['greeks', 'worstScenarios', 'notes']) {
      expect(message).not.toHaveProperty(`figures.${name}`);
    }
  });
});

describe('amounts and quantities in a message', () => {
  it('have no exponent, and amounts have the policy’s decimal places', () => {
    expect(composed(EVENTS[0] as CaseEvent)).toMatchObject({ amountDue: '1234.50' });
    expect(composed(EVENTS[8] as CaseEvent)).toMatchObject({ shortfall: '0.10' });
    expect(composed(EVENTS[5] as CaseEvent)).toMatchObject({
      plan: {
        orders: [{ quantity: '0.00000001', referencePrice: '60000.123456789', notional: '0.00' }],
      },
    });
  });
});
