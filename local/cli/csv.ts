/** Lines of files that others have exported. */

const SEPARATORS = [
  [';', 'a semicolon'],
  ['\t', 'a tab'],
  ['|', 'a vertical bar'],
] as const;

/** Undefined if no cell holds another separator. */
export function separatorFault(cells: readonly string[]): string | undefined {
  const found = SEPARATORS.find(([separator]) => cells.some((cell) => cell.includes(separator)));
  if (found === undefined) return undefined;
  return `the separator is ${found[1]}; separate the cells by commas, and write decimals with a point`;
}

/** Files that were joined repeat the line of names. */
export const isRepeated = (cells: readonly string[], names: readonly string[]): boolean =>
  cells.length === names.length && cells.every((cell, index) => cell === names[index]);
