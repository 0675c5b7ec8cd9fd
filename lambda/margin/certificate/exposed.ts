/** How much of a row's value its price moves: what a less certain price of its own is charged on. */
import type { Position } from '../book/account.ts';
import { absolute, approximately, times, UNIT_PRICE, unitsOf, worth } from '../number/decimal.ts';
import { unitsIn } from '../portfolio/holdings.ts';
import type { LinearTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Held, ON_ACCRUED } from './accruals.ts';
import type { Envelope } from './envelope.ts';

interface Exposed {
  readonly feed: string;
  /** Numeraire per multiple of the reference, at most, within the envelope. */
  readonly amount: number;
}

/** @param held the row's own funding */
export function exposedOf(
  row: Position,
  held: readonly Held[],
  { snapshot, envelope }: { readonly snapshot: Snapshot; readonly envelope: Envelope },
): Exposed | undefined {
  const found = snapshot.instruments.get(row.instrument);
  if (!found?.ok || found.value.kind === 'settled') return undefined;
  const terms = found.value;
  const { feed } = terms.quoted.factor;
  const wider = (1 + envelope.basis) * ON_ACCRUED;
  if (terms.kind === 'option') {
    const moved = times(terms.forward, absolute(unitsIn(terms, row.quantity)));
    return { feed, amount: approximately(moved) * wider };
  }
  const accrued = held.reduce((sum, { notional, rate, hours }) => {
    const most = (rate + envelope.fundingRate) * (hours + envelope.hours);
    return sum + notional * (terms.isInverse ? most : 1 + most);
  }, 0);
  return { feed, amount: (accrued + (terms.isInverse ? inverseOf(row, terms) : 0)) * wider };
}

/** q·c coins at the entry price, at the price of now. */
function inverseOf({ quantity, entryPrice }: Position, terms: LinearTerms): number {
  const held = approximately(absolute(worth(unitsOf(quantity, terms.contractSize), UNIT_PRICE)));
  return held === 0
    ? 0
    : (held * approximately(terms.quoted.price.price)) / approximately(entryPrice);
}
