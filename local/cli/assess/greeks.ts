import { type DeskGreeks, deskGreeks } from '../../../lambda/messages/desk-greeks.ts';
import { type Assessed, type Factor, figure, money } from './format.ts';

export function greeksOf({ greeks, factor }: Factor, { prices }: Assessed): DeskGreeks | undefined {
  if (greeks === undefined) return undefined;
  return deskGreeks(greeks, prices.find(({ feed }) => feed === factor)?.price);
}

export const GREEK_NAMES: readonly (readonly [keyof DeskGreeks, string])[] = [
  ['delta', 'delta'],
  ['gamma', 'gamma per 1 %'],
  ['vega', 'vega per point'],
  ['theta', 'theta a day'],
];

export const greekText = (name: keyof DeskGreeks, value: number): string =>
  name === 'delta' || name === 'gamma' ? figure(value) : money(value);
