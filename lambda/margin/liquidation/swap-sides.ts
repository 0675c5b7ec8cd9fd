/** The two sides of a swap: what an account owns and owes, and the rows after it. */
import type { SubAccount } from '../book/account.ts';
import { buildBook } from '../book/build-book.ts';
import { credited } from '../book/trade.ts';
import { leastClaim } from '../market/policy.ts';
import { LAST_PLACE } from '../market/trading.ts';
import {
  type Amount,
  absolute,
  add,
  countAt,
  divide,
  isBelow,
  isNegative,
  isPositive,
  multipleDown,
  multipleUp,
  negate,
  ONE,
  type Price,
  type Quantity,
  quantity,
  type Ratio,
  ratioBetween,
  smaller,
  times,
  UNIT_PRICE,
  worth,
} from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Swap } from './order-plan.ts';

/** A balance within reach, the numeraire's too. */
export interface Lent {
  readonly asset: string;
  readonly isLoan: boolean;
  /** Units, above 0; a loan's with its interest. */
  readonly held: Quantity;
  readonly price: Price;
  readonly value: Amount;
  /** In the margin balance. */
  readonly weight: Ratio;
  readonly swapBonus?: Ratio | undefined;
}

/** Without what is worth less than one place of the published amounts. */
export function lentIn(subAccount: SubAccount, snapshot: Snapshot): Lent[] {
  const { policy } = snapshot;
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) throw new Error(`${subAccount.account.accountId}: its book cannot be built`);
  const holdings = built.book.holdings
    .filter(({ lies }) => lies === undefined)
    .map(({ terms, amount, weight }) => lentOf({ ...terms, amount, weight }));
  return [...holdings, ...numeraireIn(subAccount, snapshot)].filter(
    ({ value }) => !isBelow(value, leastClaim(policy)),
  );
}

/** No holding of the book. */
function numeraireIn({ balances }: SubAccount, { policy, assets }: Snapshot): Lent[] {
  const { numeraire: asset } = policy;
  const held = balances.find((each) => each.asset === asset && each.location === undefined);
  const terms = assets.get(asset);
  if (held === undefined || !terms?.ok) return [];
  const { weights, swapBonus } = terms.value;
  const weight = isNegative(held.amount) ? weights.liability : weights.collateral;
  return [lentOf({ asset, price: UNIT_PRICE, amount: held.amount, weight, swapBonus })];
}

function lentOf(of: {
  readonly asset: string;
  readonly price: Price;
  readonly amount: Quantity;
  readonly weight: Ratio;
  readonly swapBonus?: Ratio | undefined;
}): Lent {
  const { asset, price, amount, weight, swapBonus } = of;
  const held = absolute(amount);
  const value = worth(held, price);
  return { asset, isLoan: isNegative(amount), held, price, value, weight, swapBonus };
}

/** Rounded in favour of the account; undefined if that leaves nothing to swap. */
export function swapOf(
  pair: { readonly collateral: Lent; readonly loan: Lent; readonly bonus: Ratio },
  value: Amount,
): Swap | undefined {
  const { collateral, loan, bonus } = pair;
  const units = (worthless: Amount, { price }: Lent): Quantity =>
    divide(quantityOf(worthless), countAt(price));
  const repaid = smaller(multipleUp(units(value, loan), LAST_PLACE), loan.held);
  const paid = times(value, add(ONE, bonus));
  const isWhole = !isBelow(paid, collateral.value);
  const seized = isWhole
    ? collateral.held
    : smaller(multipleDown(units(paid, collateral), LAST_PLACE), collateral.held);
  if (!isPositive(repaid) || !isPositive(seized)) return undefined;
  return {
    collateral: collateral.asset,
    seized,
    collateralPrice: collateral.price,
    loan: loan.asset,
    repaid,
    loanPrice: loan.price,
    bonus,
    value: worth(repaid, loan.price),
  };
}

const ONE_UNIT = quantity('1');

/** At a price of 1. */
const quantityOf = (value: Amount): Quantity =>
  times(ONE_UNIT, ratioBetween(value, worth(ONE_UNIT, UNIT_PRICE)));

export function afterSwap(subAccount: SubAccount, swap: Swap, snapshot: Snapshot): SubAccount {
  const given = { asset: swap.collateral, amount: negate(swap.seized) };
  const repaid = { asset: swap.loan, amount: swap.repaid };
  return credited(credited(subAccount, given, snapshot), repaid, snapshot);
}
