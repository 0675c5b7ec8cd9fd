/** What a venue knows of its markets, and the orders that it takes for them. */
import type { Message } from '../../lambda/messages/messages.ts';

export type PlanMessage = Extract<Message, { type: 'liquidation.ordered' }>;
export type Order = PlanMessage['plan']['orders'][number];

/** What something trades as. */
export interface Traded {
  readonly feed: string;
  /** Whose book it trades on. */
  readonly pool: string;
  readonly contractSize: string;
  readonly lotSize: string;
}

export interface VenueMarket {
  traded(order: Pick<Order, 'kind' | 'market'>): Traded;
  /** Exogenous, USD a unit. */
  priceAt(feed: string, timeMs: number): number;
  /** USD on each side within 1 %. */
  depthAt(pool: string, timeMs: number): number;
}
