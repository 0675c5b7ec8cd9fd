/** Decimals as whole numbers and a power of ten, apart from the arithmetic that is under test. */

/** digits·10^exponent; no digit is lost. */
export interface Exact {
  readonly digits: bigint;
  readonly exponent: number;
}

const FORM = /^(-?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]{1,3}))?$/;

/** Undefined if the text is no decimal number. */
export function exactOf(text: string): Exact | undefined {
  const [, sign, whole = '', fraction = '', power = '0'] = FORM.exec(text) ?? [];
  if (sign === undefined || `${whole}${fraction}` === '') return undefined;
  const written = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = written.replace(/0+$/, '');
  if (significant === '') return { digits: 0n, exponent: 0 };
  const exponent = Number(power) - fraction.length + (written.length - significant.length);
  return { digits: BigInt(`${sign}${significant}`), exponent };
}

export const digitCount = ({ digits }: Exact): number => String(digits).replace('-', '').length;

/** Of the first digit: 3 for 1234. */
export const magnitude = (exact: Exact): number => digitCount(exact) - 1 + exact.exponent;

export const isSame = (left: Exact, right: Exact): boolean =>
  left.digits === right.digits && left.exponent === right.exponent;

/** Below zero if left is less than right. */
export function compared(left: Exact, right: Exact): number {
  const exponent = Math.min(left.exponent, right.exponent);
  const raised = ({ digits, exponent: own }: Exact) => digits * 10n ** BigInt(own - exponent);
  const [one, other] = [raised(left), raised(right)];
  return one < other ? -1 : Number(one > other);
}
