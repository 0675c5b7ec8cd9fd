/**
 * A sub-account's rows in parts that add up. A part has the rows of one risk factor. Closing some
 * of them changes no other part except the common one: the numeraire, in which trades are paid, and
 * assets with a price of their own in which other factors' positions settle, with all rows on the
 * factors of these assets.
 */
import type { Balance, Position, SubAccount } from '../book/account.ts';
import { groupBy } from '../number/group-by.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

export interface Parts {
  readonly common: SubAccount;
  readonly byFactor: ReadonlyMap<string, SubAccount>;
}

export function partsOf(subAccount: SubAccount, snapshot: Snapshot): Parts {
  const shared = new Set([
    ...settlementFactors(subAccount, snapshot),
    ...hedgingFactors(subAccount, snapshot),
  ]);
  /** Undefined: the common part. */
  const partOf = (factor: string | undefined): string | undefined =>
    factor === undefined || shared.has(factor) ? undefined : factor;
  const balances = groupBy(subAccount.balances, (balance) =>
    partOf(factorOfBalance(balance, snapshot)),
  );
  const positions = groupBy(subAccount.positions, (position) =>
    partOf(factorOfPosition(position, snapshot)),
  );
  const rowsOf = (factor: string | undefined): SubAccount => ({
    ...subAccount,
    balances: balances.get(factor) ?? [],
    positions: positions.get(factor) ?? [],
  });
  const factors = [...new Set([...balances.keys(), ...positions.keys()])];
  const own = factors.filter((factor) => factor !== undefined);
  return {
    common: rowsOf(undefined),
    byFactor: new Map(own.map((factor) => [factor, rowsOf(factor)])),
  };
}

function settlementFactors({ positions }: SubAccount, { instruments }: Snapshot): Set<string> {
  const factors = new Set<string>();
  for (const { instrument } of positions) {
    const terms = instruments.get(instrument);
    if (!terms?.ok || terms.value.settlement.by !== 'other') continue;
    const factor = terms.value.settlement.asset.quoted?.factor.feed;
    if (factor !== undefined) factors.add(factor);
  }
  return factors;
}

/** A coin with a price of its own takes part in the scan of another factor. */
function hedgingFactors({ balances }: SubAccount, { assets }: Snapshot): string[] {
  return balances.flatMap(({ asset }) => {
    const terms = assets.get(asset);
    if (!terms?.ok || terms.value.hedging === undefined) return [];
    const own = terms.value.quoted?.factor.feed;
    return [terms.value.hedging.factor.feed, ...(own === undefined ? [] : [own])];
  });
}

function factorOfPosition({ instrument }: Position, { instruments }: Snapshot) {
  const terms = instruments.get(instrument);
  return terms?.ok ? terms.value.quoted.factor.feed : undefined;
}

function factorOfBalance({ asset }: Balance, { assets }: Snapshot) {
  const terms = assets.get(asset);
  return terms?.ok ? terms.value.quoted?.factor.feed : undefined;
}
