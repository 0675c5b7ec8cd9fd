/** How much one check may still order in each market, on each side. */
import type { Amount } from './decimal.ts';

export type Side = 'buy' | 'sell';

/** Notional by market and side, as `roomKey` names them; what has no entry is not limited. */
export type Room = ReadonlyMap<string, Amount>;

export const UNLIMITED: Room = new Map();

/** `BTC-PERP/sell`: selling and buying meet different orders. */
export const roomKey = (market: string, side: Side): string => `${market}/${side}`;
