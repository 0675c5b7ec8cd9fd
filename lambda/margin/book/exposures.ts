/** A book's holdings in each market, and the move of the price that hurts them. */
import {
  type Amount,
  absolute,
  isNegative,
  isZero,
  type Quantity,
  worth,
  worthOf,
} from '../number/decimal.ts';
import { groupBy } from '../number/group-by.ts';
import type { Book, Holding, NetPosition } from './book.ts';

export const MOVES = ['fall', 'rise'] as const;

export type Move = (typeof MOVES)[number];

export interface Exposure {
  /** An instrument, or the asset of collateral or of a loan. */
  readonly market: string;
  /** The move of the factor's price that hurts. */
  readonly move: Move;
  readonly notional: Amount;
  /** Only an option has this: its notional is its value, which changes with the price. */
  readonly contracts?: Quantity | undefined;
}

/** By the feed of the factor; undefined if no price moves it. Positions first. */
export function exposuresByFactor({
  positions,
  holdings,
}: Book): Map<string | undefined, Exposure[]> {
  const all = [
    ...positions.map((position) => ({ of: position.terms, exposures: ofPosition(position) })),
    ...holdings.map((holding) => ({ of: holding.terms, exposures: ofHolding(holding) })),
  ];
  const byFactor = groupBy(all, ({ of }) => of.quoted?.factor.feed);
  return new Map(
    [...byFactor].map(([factor, each]) => [factor, each.flatMap(({ exposures }) => exposures)]),
  );
}

function ofPosition({ terms, quantity }: NetPosition): Exposure[] {
  if (terms.kind === 'settled' || isZero(quantity)) return [];
  const isPut = terms.kind === 'option' && terms.type === 'put';
  const move = isNegative(quantity) === isPut ? 'fall' : 'rise';
  const contracts = absolute(quantity);
  const exposure = {
    market: terms.instrument,
    move,
    notional: worthOf(contracts, terms.contractValue),
  } as const;
  return [terms.kind === 'option' ? { ...exposure, contracts } : exposure];
}

function ofHolding({ terms, amount, lies }: Holding): Exposure[] {
  if (lies !== undefined || isZero(amount)) return [];
  const move = isNegative(amount) ? 'rise' : 'fall';
  return [{ market: terms.asset, move, notional: worth(absolute(amount), terms.price) }];
}
