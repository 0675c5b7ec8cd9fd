import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';

import type { PlanMessage } from '../../../local/demo/venue-market.ts';

type Order = PlanMessage['plan']['orders'][number];

export interface PlanOptions {
  readonly accountId?: string;
  readonly position?: string;
  readonly generation?: number;
  readonly expiresAt?: string;
  readonly isObserved?: boolean;
  readonly orders?: readonly Partial<Order>[];
  readonly cancelOpenOrders?: readonly string[];
}

const AT = '2020-03-12T10:40:01.000Z';
const NONE = { low: '0', point: '0', high: '0' };

const orderOf = (order: Partial<Order>): Order => ({
  kind: 'position',
  market: 'BTC-PERP',
  side: 'sell',
  quantity: '1',
  referencePrice: '5000',
  notional: '5000',
  ...order,
});

export function planMessage(options: PlanOptions): PlanMessage {
  const { accountId = 'long-001', position, generation = 1, isObserved = false } = options;
  const { expiresAt = '2020-03-12T10:45:01.000Z', orders = [], cancelOpenOrders = [] } = options;
  const caseId = `${accountId}@2020-03-12T10:39:00.000Z`;
  return messageSchemas['liquidation.ordered'].parse({
    type: 'liquidation.ordered',
    id: `${accountId}/${AT}/liquidation.ordered`,
    version: 1,
    severity: 'critical',
    checkId: AT,
    asOf: AT,
    accountId,
    ...(position === undefined ? {} : { position }),
    caseId,
    certainty: 'certain',
    figures: FIGURES,
    planId: `${caseId}#${generation}`,
    generation,
    expiresAt,
    isObserved,
    plan: {
      scope: 'partial',
      why: 'a test',
      cancelOpenOrders: [...cancelOpenOrders],
      orders: orders.map(orderOf),
    },
  });
}

const FIGURES = {
  numeraire: 'USD',
  level: 'liquidation',
  equity: NONE,
  marginBalance: NONE,
  initialRequirement: '0',
  maintenanceRequirement: '0',
  latencyBuffer: '0',
  liquidationLine: '0',
  callLine: '0',
  restoreLine: '0',
  liquidationSurplus: NONE,
  callSurplus: NONE,
  prices: [],
};
