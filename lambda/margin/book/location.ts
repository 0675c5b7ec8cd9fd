import type { Location } from '../market/market.ts';
import type { Ratio } from '../number/decimal.ts';
import { textOf } from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import type { Balance } from './account.ts';

export interface Located {
  /** Multiplies the collateral weight. */
  readonly weight: Ratio;
  /** Set if the weight is the pending one. */
  readonly note?: Reason | undefined;
}

/** Pending if the balance is not final, or the location was not observed lately. */
export function locationWeight(balance: Balance, location: Location, asOf: number): Located {
  const subject = `balance#${balance.asset}@${location.location}`;
  const less =
    `the balance counts with weight ${textOf(location.pendingWeight)} ` +
    `instead of ${textOf(location.weight)}`;
  const { observedAt, staleAfterSeconds, finalitySeconds } = location;
  if (observedAt !== undefined && staleAfterSeconds !== undefined) {
    const age = (asOf - observedAt) / 1000;
    if (age > staleAfterSeconds) {
      const detail =
        `${subject}: location ${location.location} was last observed ${age} s ago, ` +
        `limit ${staleAfterSeconds} s; ${less}`;
      const note = { code: 'location-unobserved', subject, detail } as const;
      return { weight: location.pendingWeight, note };
    }
  }
  const held = (asOf - (balance.observedAt ?? asOf)) / 1000;
  if (held >= finalitySeconds) return { weight: location.weight };
  const detail =
    `${subject}: observed ${held} s ago, final after ${finalitySeconds} s; ` + `until then ${less}`;
  return {
    weight: location.pendingWeight,
    note: { code: 'collateral-pending', subject, detail },
  };
}
