/**
 * A scan revalues all its options together, so the doubt of one quote cannot be taken apart. The
 * scan is taken anew instead, with every option whose quote is in doubt at another volatility.
 */
import type { Width } from '../curve/risk-factor.ts';
import { isNegative } from '../number/decimal.ts';
import type { HeldOption, ScannedOption } from '../portfolio/holdings.ts';
import type { RequirementContribution } from './contribution.ts';
import type { FactorContributions } from './factor-curve.ts';

export interface OtherVolatilities {
  readonly contributions: FactorContributions;
  readonly width: Width;
}

type Setting = (option: HeldOption) => 'low' | 'high';

/** All fall, all rise, each moves against its holder, each moves in its holder's favour. */
const SETTINGS: readonly Setting[] = [
  () => 'low',
  () => 'high',
  ({ quantity }) => (isNegative(quantity) ? 'high' : 'low'),
  ({ quantity }) => (isNegative(quantity) ? 'low' : 'high'),
];

/** None if every scanned option has a quote that may be relied on. */
export function otherVolatilities(of: FactorContributions): OtherVolatilities[] {
  const options = of.requirements.flatMap(({ scanned }) => scanned?.option?.terms ?? []);
  const widths: Width[] = [
    ...(options.some(({ quoteDoubt }) => quoteDoubt?.ends) ? ['doubt' as const] : []),
    ...(options.some(({ quoteAged }) => quoteAged?.ends) ? ['aged' as const] : []),
  ];
  return widths.flatMap((width) =>
    SETTINGS.map((setting) => {
      const requirements = of.requirements.map((each) => movedTo(setting, each, width));
      return { contributions: { ...of, requirements }, width };
    }),
  );
}

function movedTo(
  setting: Setting,
  requirement: RequirementContribution,
  width: Width,
): RequirementContribution {
  const { scanned } = requirement;
  if (scanned?.option === undefined) return requirement;
  const held = scanned.option;
  const ends = rangeOf(held.terms, width)?.ends;
  if (ends === undefined) return requirement;
  const option = { ...held, terms: { ...held.terms, ...ends[setting(held)] } };
  return { ...requirement, scanned: { ...scanned, option } };
}

const rangeOf = ({ quoteDoubt, quoteAged }: ScannedOption, width: Width) =>
  quoteDoubt ?? (width === 'aged' ? quoteAged : undefined);
