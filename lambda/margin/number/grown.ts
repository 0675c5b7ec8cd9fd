/** Typed arrays side by side, of which each holds one figure of every entry. */

type Numbers = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array;

/** Copies of twice the length. */
export function grown<T extends Record<string, Numbers>>(arrays: T): T {
  const larger = Object.entries(arrays).map(([name, array]) => {
    const twice = new (array.constructor as new (length: number) => Numbers)(2 * array.length);
    twice.set(array);
    return [name, twice];
  });
  return Object.fromEntries(larger) as T;
}
