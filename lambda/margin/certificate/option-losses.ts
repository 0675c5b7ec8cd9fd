/** What a change of an option's own figures takes from a surplus. */
import type { SurplusFormula } from '../curve/figure.ts';
import { approximately } from '../number/decimal.ts';
import { countsInBalance, OptionBook, type StandardOption } from '../option/option-book.ts';
import { FLAT, SLOPES, type SlopeRange, straight } from './slope-range.ts';

/** At most, per unit of the change. */
export interface OptionLosses {
  /** Its mark falls or rises, in numeraire per unit of underlying. */
  readonly fall: number;
  readonly rise: number;
  /** Its quote is uncertain, in numeraire per unit of underlying. */
  readonly unsure: number;
  /** Its forward moves apart from the underlying, as a share. */
  readonly apart: number;
}

/** The largest of several surpluses. */
export function optionLosses(
  option: StandardOption,
  formulas: readonly SurplusFormula[],
  callMultiplier: number,
): OptionLosses {
  const alone = new OptionBook([option]);
  const required = (mark: SlopeRange, share: number) =>
    alone.required<SlopeRange>({
      arithmetic: SLOPES,
      mark: () => mark,
      moving: (amount) => straight(approximately(amount) * share),
      fixed: () => FLAT,
    });
  const [byMark, byForward] = [required(straight(1), 0), required(FLAT, 1)];
  let [fall, rise, apart] = [0, 0, 0];
  for (const { of, less } of formulas) {
    const counted = of === 'equity' || countsInBalance(option) ? option.units.near : 0;
    fall = Math.max(fall, counted);
    rise = Math.max(rise, -counted);
    if (less === undefined) continue;
    const multiple = approximately(less.multiple);
    // Netting may require nothing for it, so a requirement adds a loss and never saves one.
    rise = Math.max(rise, multiple * Math.max(0, byMark[less.requirement].high) - counted);
    const { low, high } = byForward[less.requirement];
    apart = Math.max(apart, multiple * Math.max(-low, high));
  }
  const widest = Math.max(Math.abs(option.units.near), Math.abs(approximately(option.worst)));
  const isShort = option.short.near !== 0;
  return { fall, rise, unsure: widest * (isShort ? 1 + callMultiplier : 1), apart };
}
