/** The traffic light of the Basel Committee [1996]. */
import binomialBelow from '@stdlib/stats-base-dists-binomial-cdf';
import { count, share } from '../../../lambda/margin/statistics/argument-range.ts';
import type { Coverage } from './kupiec.ts';

export type Zone = 'green' | 'yellow' | 'red';

/** Zones begin at these chances of as few or fewer exceedances in a correct model. */
const YELLOW = 0.95;
const RED = 0.9999;

/**
 * Over 250 days at 99 %: yellow from 5 exceedances, red from 10.
 * @throws RangeError unless exceedances are a whole number from 0 to the number of cases.
 */
export function baselZone(exceedances: number, { cases, allowed }: Coverage): Zone {
  if (count('exceedances', exceedances) > count('cases', cases)) {
    throw new RangeError(`exceedances must be at most ${cases}, not ${exceedances}`);
  }
  const asFew = binomialBelow(exceedances, cases, share('allowed', allowed));
  if (exceedances === 0 || asFew < YELLOW) return 'green';
  return asFew < RED ? 'yellow' : 'red';
}
