/** Greeks as a desk says them: gamma for a move of 1 %, vega for a volatility point, theta for a day. */
import { type Assessed, type Factor, figure, money } from './format.ts';

export interface DeskGreeks {
  /** Units of the underlying. */
  readonly delta: number;
  /** Change of delta when the price moves by 1 %; not known without a price. */
  readonly gamma: number | undefined;
  /** Per percentage point of volatility, in the numeraire. */
  readonly vega: number;
  /** A day, in the numeraire. */
  readonly theta: number;
}

const PER_CENT = 0.01;
const YEAR_DAYS = 365;

export function deskGreeks(
  { greeks, factor }: Factor,
  { prices }: Assessed,
): DeskGreeks | undefined {
  if (greeks === undefined) return undefined;
  const price = prices.find(({ feed }) => feed === factor)?.price;
  return {
    delta: Number(greeks.delta),
    gamma: price === undefined ? undefined : Number(greeks.gamma) * Number(price) * PER_CENT,
    vega: Number(greeks.vega) * PER_CENT,
    theta: Number(greeks.theta) / YEAR_DAYS,
  };
}

export const GREEK_NAMES: readonly (readonly [keyof DeskGreeks, string])[] = [
  ['delta', 'delta'],
  ['gamma', 'gamma per 1 %'],
  ['vega', 'vega per point'],
  ['theta', 'theta a day'],
];

export const greekText = (name: keyof DeskGreeks, value: number): string =>
  name === 'delta' || name === 'gamma' ? figure(value) : money(value);
