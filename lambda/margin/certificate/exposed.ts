/** How much of its positions' values a factor moves: a less certain mark or forward widens all of it. */
import type { Position, SubAccount } from '../book/account.ts';
import { absolute, approximately, times, UNIT_PRICE, unitsOf, worth } from '../number/decimal.ts';
import { unitsIn } from '../portfolio/holdings.ts';
import type { LinearTerms, OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { heldBy, ON_ACCRUED } from './accruals.ts';
import type { Envelope } from './envelope.ts';

interface Within {
  readonly snapshot: Snapshot;
  readonly envelope: Envelope;
}

/** Numeraire per multiple of the reference, at most, within the envelope. */
export function exposedIn({ positions }: SubAccount, factor: string, within: Within): number {
  const { instruments } = within.snapshot;
  const wider = (1 + within.envelope.basis) * ON_ACCRUED;
  return positions.reduce((sum, row) => {
    const found = instruments.get(row.instrument);
    if (!found?.ok || found.value.quoted.factor.feed !== factor) return sum;
    const terms = found.value;
    if (terms.kind === 'settled') return sum;
    return (
      sum + wider * (terms.kind === 'option' ? ofOption(row, terms) : ofLine(row, terms, within))
    );
  }, 0);
}

/** It moves by no more than its forward. */
const ofOption = ({ quantity }: Position, terms: OptionTerms): number =>
  approximately(times(terms.forward, absolute(unitsIn(terms, quantity))));

/** With funding, until the certificate expires. */
function ofLine(row: Position, terms: LinearTerms, { snapshot, envelope }: Within): number {
  const [held] = heldBy(row, snapshot);
  if (held === undefined) return 0;
  const { notional, rate, hours, isFunded } = held;
  const most = isFunded ? (rate + envelope.fundingRate) * (hours + envelope.hours) : 0;
  return notional * most + (terms.isInverse ? ofInverse(row, terms) : notional);
}

/** q·c coins at the entry price, at the price of now. */
function ofInverse({ quantity, entryPrice }: Position, terms: LinearTerms): number {
  const held = approximately(absolute(worth(unitsOf(quantity, terms.contractSize), UNIT_PRICE)));
  const price = approximately(terms.quoted.price.price);
  return held === 0 ? 0 : (held * price) / approximately(entryPrice);
}
