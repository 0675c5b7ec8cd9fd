/** The column of an option: what its own quote, volatility and time make of its value and forward. */
import { approximately } from '../number/decimal.ts';
import type { OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Envelope } from './envelope.ts';
import { upOf } from './references.ts';

interface Markets {
  readonly opened: Snapshot;
  readonly now: Snapshot;
  readonly envelope: Envelope;
}

/** Per unit of underlying. */
interface OptionNow {
  /** In the numeraire, beside its value at the price of now and the reference's volatility and time. */
  readonly gained: number;
  readonly uncertainty: number;
  /** What its forward has moved more or less than the underlying, in multiples of the reference. */
  readonly apart: number;
}

/**
 * The value and the uncertainty are exact, whatever has changed them. Undefined if the quote may not
 * be relied on, the rate has changed, or σ√τ or the forward has left the envelope, within which the slopes are known.
 *
 * @param multiple of the underlying's price to its reference
 */
export function optionNow(
  instrument: string,
  multiple: number,
  { opened, now, envelope }: Markets,
): OptionNow | undefined {
  const [before, after] = [opened, now].map((snapshot) => optionIn(snapshot, instrument));
  if (before === undefined || after === undefined || !isReliable(after)) return undefined;
  const { basis, nonLinear } = envelope;
  const [was, is] = [before, after].map(deviationOf) as [number, number];
  const { forward, volatility, years, rate } = before.option.input;
  const apart = after.option.input.forward / forward - multiple;
  if (after.option.input.rate !== rate) return undefined;
  // NaN is not within.
  if (!(Math.abs(is - was) <= nonLinear.deviation * was)) return undefined;
  if (!(Math.abs(apart) <= basis * multiple)) return undefined;
  const { value } = before.option.at(multiple, { multiple: 1, volatility, years });
  return {
    gained: approximately(after.option.mark) - value,
    uncertainty: upOf(after.quoteUncertainty),
    apart: Math.abs(apart),
  };
}

function optionIn({ instruments }: Snapshot, instrument: string): OptionTerms | undefined {
  const found = instruments.get(instrument);
  return found?.ok && found.value.kind === 'option' ? found.value : undefined;
}

/** Age alone speaks against a liquidation, and against no certificate. */
const isReliable = ({ quoteDoubt, quoted: { price } }: OptionTerms): boolean =>
  quoteDoubt === undefined && (price.standing === 'fresh' || price.standing === 'aged');

/** σ√τ */
const deviationOf = ({ option: { input } }: OptionTerms): number =>
  input.volatility * Math.sqrt(input.years);
