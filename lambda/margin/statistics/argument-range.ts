/** A function has no value at this argument. */
export class ArgumentRangeError extends RangeError {}

function must(holds: boolean, told: { name: string; value: number; be: string }): number {
  if (!holds) throw new ArgumentRangeError(`${told.name} must be ${told.be}, not ${told.value}`);
  return told.value;
}

/** @throws ArgumentRangeError unless finite. */
export const finite = (name: string, value: number): number =>
  must(Number.isFinite(value), { name, value, be: 'a finite number' });

/** @throws ArgumentRangeError unless finite and above zero. */
export const positive = (name: string, value: number): number =>
  must(Number.isFinite(value) && value > 0, { name, value, be: 'finite and above zero' });

/** @throws ArgumentRangeError unless finite and zero or above. */
export const notNegative = (name: string, value: number): number =>
  must(Number.isFinite(value) && value >= 0, { name, value, be: 'finite and not below zero' });

/** @throws ArgumentRangeError unless strictly between 0 and 1. */
export const share = (name: string, value: number): number =>
  must(value > 0 && value < 1, { name, value, be: 'strictly between 0 and 1' });

/** @throws ArgumentRangeError unless a whole number, zero or above, that a float64 holds exactly. */
export const count = (name: string, value: number): number =>
  must(Number.isSafeInteger(value) && value >= 0, { name, value, be: 'a whole number, 0 or more' });
