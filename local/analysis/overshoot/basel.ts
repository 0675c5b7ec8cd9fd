/** The traffic light of the Basel Committee [1996]: what a number of exceedances says of a model. */
import binomialBelow from '@stdlib/stats-base-dists-binomial-cdf';
import { count, share } from '../../../lambda/margin/statistics/argument-range.ts';
import type { Coverage } from './kupiec.ts';

export type Zone = 'green' | 'yellow' | 'red';

/** Yellow from where a right model would show as few in 95 % of all samples; red in 99.99 %. */
const YELLOW = 0.95;
const RED = 0.9999;

/**
 * The zone of so many exceedances, by the chance of that many or fewer if the model is right. Over
 * 250 days at 99 %: green to 4, yellow from 5, red from 10.
 * @throws RangeError unless x is a whole number between 0 and the cases.
 */
export function baselZone(exceedances: number, { cases, allowed }: Coverage): Zone {
  if (count('exceedances', exceedances) > count('cases', cases)) {
    throw new RangeError(`exceedances must be at most ${cases}, not ${exceedances}`);
  }
  const asFew = binomialBelow(exceedances, cases, share('allowed', allowed));
  if (exceedances === 0 || asFew < YELLOW) return 'green';
  return asFew < RED ? 'yellow' : 'red';
}
