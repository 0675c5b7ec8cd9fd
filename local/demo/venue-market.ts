import type { Message } from '../../lambda/messages/messages.ts';

export type PlanMessage = Extract<Message, { type: 'liquidation.ordered' }>;
export type Order = PlanMessage['plan']['orders'][number];

export interface Traded {
  readonly feed: string;
  readonly pool: string;
  readonly contractSize: string;
  readonly lotSize: string;
}

export interface VenueMarket {
  traded(order: Pick<Order, 'kind' | 'market'>): Traded;
  /** Exogenous price, USD per unit. */
  priceAt(feed: string, timeMs: number): number;
  /** USD within 1 % of the mid, on each side. */
  depthAt(pool: string, timeMs: number): number;
}
