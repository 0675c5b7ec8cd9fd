/** Funding and interest that accrue between a certificate's reference and the check that asks it. */
import type { Position, SubAccount } from '../book/account.ts';
import {
  absolute,
  approximately,
  isNegative,
  larger,
  ONE,
  times,
  UNIT_PRICE,
  unitsOf,
  worth,
} from '../number/decimal.ts';
import { weighing } from '../snapshot/asset-terms.ts';
import type { LinearTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Envelope } from './envelope.ts';

export const HOUR_MS = 3_600_000;

/**
 * Funding and interest change what they are due on, and a settlement asset's price moves it as well:
 * no less than 1 + the envelope's `settlement`.
 */
export const ON_ACCRUED = 1.05;

interface Accrual {
  /** Numeraire per hour from the reference on. */
  readonly decay: number;
  /** For changes of the funding rate, on what has accrued. */
  readonly owed: number;
}

export function accrualOf(
  held: readonly Held[],
  { balances }: SubAccount,
  { snapshot, envelope }: { readonly snapshot: Snapshot; readonly envelope: Envelope },
): Accrual {
  const { fundingRate } = envelope;
  let [decay, owed] = [0, 0];
  for (const { notional, rate, hours, isInverse, isFunded } of held) {
    if (!isFunded) continue;
    decay += notional * (rate + fundingRate) * ON_ACCRUED;
    // An inverse contract's funding is fixed in the numeraire, and its line moves all of it.
    const changed = isInverse ? rate + fundingRate : fundingRate;
    owed += notional * changed * hours * ON_ACCRUED;
  }
  for (const { asset, amount, interestSettledAt } of balances) {
    const found = snapshot.assets.get(asset);
    if (!isNegative(amount) || interestSettledAt === undefined || !found?.ok) continue;
    const { weights, price, borrowRatePerHour, compounding } = found.value;
    if (borrowRatePerHour === undefined) continue;
    const { maintenance, initial } = weighing(weights, amount);
    const rate = approximately(borrowRatePerHour);
    const hours = Math.max(0, snapshot.asOf - interestSettledAt) / HOUR_MS + envelope.hours;
    // No compounding is faster than a continuous one.
    const grown =
      compounding === undefined || compounding === 'simple' ? 1 : Math.exp(rate * hours);
    const debt = approximately(absolute(worth(amount, price))) * grown;
    const weight = approximately(larger(maintenance, initial));
    decay += debt * weight * rate * ON_ACCRUED;
  }
  return { decay, owed };
}

/** A debt in coin may weigh more than one. */
function weightOf({ settlement }: LinearTerms): number {
  if (settlement.by !== 'coin') return 1;
  const { liability, initialLiability } = settlement.asset.weights;
  return approximately(larger(ONE, larger(liability, initialLiability)));
}

/** One row: labels of one instrument do not net in what accrues. */
export interface Held {
  readonly instrument: string;
  readonly notional: number;
  readonly rate: number;
  readonly hours: number;
  readonly isInverse: boolean;
  readonly isFunded: boolean;
}

export function heldBy(row: Position, { asOf, instruments }: Snapshot): Held[] {
  const { instrument, fundingSettledAt } = row;
  const found = instruments.get(instrument);
  if (!found?.ok || found.value.kind !== 'linear') return [];
  const { fundingRatePerHour, isInverse } = found.value;
  const isFunded = fundingSettledAt !== undefined;
  return [
    {
      instrument,
      notional: notionalOf(row, found.value) * weightOf(found.value),
      rate: isFunded ? Math.abs(approximately(fundingRatePerHour ?? ONE)) : 0,
      hours: isFunded ? Math.max(0, asOf - fundingSettledAt) / HOUR_MS : 0,
      isInverse,
      isFunded,
    },
  ];
}

/** In the numeraire, in which an inverse contract's size is fixed. */
const notionalOf = (
  { quantity }: Pick<Position, 'quantity'>,
  { contractSize, quoted, settlement, isInverse }: LinearTerms,
): number => {
  const value = worth(unitsOf(quantity, contractSize), isInverse ? UNIT_PRICE : quoted.price.price);
  return approximately(absolute(times(value, settlement.rate)));
};

/**
 * Rows that were settled after the reference, as if at the reference: nothing has accrued there yet,
 * and a certificate counts from then on.
 */
export function settledBy(subAccount: SubAccount, reference: number): SubAccount {
  const by = (settledAt: number | undefined) => settledAt && Math.min(settledAt, reference);
  return {
    ...subAccount,
    balances: subAccount.balances.map((balance) => ({
      ...balance,
      interestSettledAt: by(balance.interestSettledAt),
    })),
    positions: subAccount.positions.map((position) => ({
      ...position,
      fundingSettledAt: by(position.fundingSettledAt),
    })),
  };
}
