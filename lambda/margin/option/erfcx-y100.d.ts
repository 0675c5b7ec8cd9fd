/** The polynomials of stdlib's erfcx: the package has no types for the file by itself. */
declare module '@stdlib/math-base-special-erfcx/lib/erfcx_y100.js' {
  /** @param y 400/(4 + x), where x is from 0 to 50. @returns e^{x²}·erfc(x) */
  const erfcxY100: (y: number) => number;
  export default erfcxY100;
}
