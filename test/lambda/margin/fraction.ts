/** Exact fractions of whole numbers, independent of the decimals under test. */
export interface Fraction {
  readonly of: bigint;
  readonly over: bigint;
}

export function fraction(text: string): Fraction {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', decimals = ''] = digits.split('.');
  const places = decimals.length - Number(exponent);
  const of = BigInt(whole + decimals);
  if (places <= 0) return { of: of * 10n ** BigInt(-places), over: 1n };
  return { of, over: 10n ** BigInt(places) };
}

export const plus = (left: Fraction, right: Fraction): Fraction => ({
  of: left.of * right.over + right.of * left.over,
  over: left.over * right.over,
});

export const minus = (left: Fraction, right: Fraction): Fraction =>
  plus(left, { of: -right.of, over: right.over });

export const product = (left: Fraction, right: Fraction): Fraction => ({
  of: left.of * right.of,
  over: left.over * right.over,
});

export const quotient = (left: Fraction, right: Fraction): Fraction =>
  product(
    left,
    right.of < 0n ? { of: -right.over, over: -right.of } : { of: right.over, over: right.of },
  );

/** Below 0, 0 or above 0, as `left` is below, equal to or above `right`. */
export function compared(left: Fraction, right: Fraction): number {
  const { of } = minus(left, right);
  return of < 0n ? -1 : Number(of > 0n);
}

export const largest = (fractions: readonly Fraction[]): Fraction =>
  fractions.reduce((most, each) => (compared(each, most) > 0 ? each : most));
