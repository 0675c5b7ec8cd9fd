/** "price +9 %, vol up, weight 0.2772" */
import type { Scenario, Skew } from '../margin/market/portfolio-rules.ts';
import {
  isZero,
  ONE,
  type Ratio,
  ratio,
  subtract,
  textOf,
  times,
} from '../margin/number/decimal.ts';
import type { Filling } from '../margin/portfolio/holdings.ts';

const HUNDRED = ratio('100');

/** "+13.5 %" for 1.135. */
export function moveLabel(multiplier: Ratio): string {
  const percent = textOf(times(subtract(multiplier, ONE), HUNDRED));
  return percent.startsWith('-') ? `${percent} %` : `+${percent} %`;
}

export function scenarioLabel({
  priceMultiplier,
  vol,
  daysForward,
  skew,
  weight,
}: Scenario): string {
  const isStill = isZero(subtract(priceMultiplier, ONE));
  return [
    isStill ? 'price unchanged' : `price ${moveLabel(priceMultiplier)}`,
    ...(vol === 'none' ? [] : [`vol ${vol}`]),
    ...(isZero(daysForward) ? [] : [`days forward ${textOf(daysForward)}`]),
    ...(skew === undefined ? [] : [skewLabel(skew)]),
    ...(weight === ONE ? [] : [`weight ${textOf(weight)}`]),
  ].join(', ');
}

const skewLabel = ({ of, slope, cap, flatAt }: Skew): string =>
  flatAt === undefined ? `${of} skew ${textOf(slope)}` : `${of} skew of at most ${textOf(cap)}`;

export const FILLING_LABELS: Readonly<Record<Filling, string>> = {
  none: 'no open order filled',
  buys: 'all open buys filled',
  sells: 'all open sells filled',
};
