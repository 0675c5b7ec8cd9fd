/** Places an instrument's published losses in the cells of its class's table. */

import type { Instrument } from '../market/market.ts';
import { type Amount, isZero, NO_AMOUNT } from '../number/decimal.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import type { CompiledPortfolio } from '../portfolio/cells.ts';

/** By cell, per contract. Undefined if it has none. */
export function lossesByCell(
  { instrument: name, lossArray }: Instrument,
  portfolio: CompiledPortfolio | undefined,
): Result<readonly Amount[] | undefined> {
  if (lossArray === undefined) return known(undefined);
  if (portfolio === undefined) {
    const detail = `instrument ${name} has a lossArray, but its class has no portfolio`;
    return unknown('row-malformed', name, detail);
  }
  const fault = faultOf(lossArray, portfolio);
  if (fault !== undefined) return unknown('row-malformed', name, `instrument ${name} ${fault}`);
  const losses = Array<Amount>(portfolio.cells.length).fill(NO_AMOUNT);
  for (const [index, { cell }] of portfolio.rows.entries()) {
    losses[cell] = lossArray[index] as Amount;
  }
  return known(losses);
}

function faultOf(
  lossArray: readonly Amount[],
  { rows, rules, isByExpiry }: CompiledPortfolio,
): string | undefined {
  if (lossArray.length !== rows.length) {
    return `has a lossArray of ${lossArray.length}, but its class has ${rows.length} scenarios`;
  }
  if (isByExpiry || rules.lossesIn === 'coin') {
    return 'has a lossArray, but its class has rules by expiry or losses in coin';
  }
  if (new Set(rows.map(({ cell }) => cell)).size < rows.length) {
    return 'has a lossArray, but two scenarios of its class differ in their weight alone';
  }
  const still = rows.findIndex(({ cell }) => cell === 0);
  if (still !== -1 && !isZero(lossArray[still] as Amount)) {
    return `has a loss in lossArray.${still}, where its class has no move`;
  }
  return undefined;
}
