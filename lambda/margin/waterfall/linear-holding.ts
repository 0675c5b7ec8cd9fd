/** A book's linear positions for auto-deleveraging, netted by instrument. */
import type { Position } from '../book/account.ts';
import type { Book, LinearPosition } from '../book/book.ts';
import { markOf, realised } from '../book/fill-effect.ts';
import { linearMaintenance } from '../liquidation/order-price.ts';
import { lotOf } from '../market/trading.ts';
import {
  type Amount,
  absolute,
  compare,
  isPositive,
  isZero,
  negate,
  type Quantity,
  ratioBetween,
  sumOf,
  times,
  unitsOf,
  worth,
  worthOf,
} from '../number/decimal.ts';
import type { LinearTerms } from '../snapshot/instrument-terms.ts';
import type { DeleveragedPosition } from './deleverage.ts';
import type { Counterposition } from './ranking.ts';

export interface LinearHolding extends Omit<DeleveragedPosition, 'counterpositions' | 'lotSize'> {
  /** The last place if the market has none. */
  readonly lotSize: Quantity;
}

export const linearPositions = ({ positions }: Book): LinearPosition[] =>
  positions.flatMap(({ terms, ...position }) =>
    terms.kind === 'linear' && !isZero(position.quantity) ? [{ ...position, terms }] : [],
  );

/**
 * Largest first. A deficit is split by maintenance requirement; by notional if one has none of its
 * own, as on portfolio margin.
 */
export function linearHoldings(book: Book, isPortfolio: boolean): LinearHolding[] {
  const held = linearPositions(book);
  const own = held.map((position) => (isPortfolio ? undefined : linearMaintenance(position)));
  const known = own.filter((each) => each !== undefined);
  const isKnown = known.length === own.length && isPositive(sumOf(known));
  const holdings = held.map((position, index) => {
    const maintenance = (isKnown ? own[index] : undefined) ?? notionalOf(position);
    return holdingOf(position, maintenance);
  });
  return holdings.sort((left, right) => compare(right.maintenance, left.maintenance));
}

function holdingOf(position: LinearPosition, maintenance: Amount): LinearHolding {
  const { terms, quantity: held } = position;
  return {
    market: terms.instrument,
    quantity: held,
    units: unitsHeld(position),
    isInverse: terms.isInverse,
    mark: markOf(terms),
    maintenance,
    lotSize: lotOf(terms.trading),
  };
}

/** Such that units·(price − mark), or inverse units·(1 − mark ÷ price), is in the numeraire. */
function unitsHeld({ terms, quantity: held }: LinearPosition): Quantity {
  const { asset, rate } = terms.settlement;
  const units = unitsOf(held, terms.contractSize);
  return times(units, terms.isInverse ? ratioBetween(asset.price, markOf(terms)) : rate);
}

const notionalOf = ({ terms, quantity: held }: LinearPosition): Amount =>
  worthOf(absolute(held), terms.contractValue);

export interface CounterpositionInput
  extends Pick<Counterposition, 'key' | 'accountId' | 'position' | 'equity'> {
  readonly rows: readonly Position[];
}

export function counterpositionOf(
  position: LinearPosition,
  { rows, ...of }: CounterpositionInput,
): Counterposition {
  const { terms, quantity: held } = position;
  const own = rows.filter(({ instrument }) => instrument === terms.instrument);
  return {
    ...of,
    quantity: absolute(held),
    entryNotional: sumOf(own.map((row) => entryNotionalOf(row, terms))),
    notional: notionalOf(position),
    profit: sumOf(own.map((row) => profitOf(row, terms))),
  };
}

/** An inverse contract's notional does not depend on the price. */
function entryNotionalOf({ quantity: held, entryPrice }: Position, terms: LinearTerms): Amount {
  const notional = worthOf(absolute(held), terms.contractValue);
  return terms.isInverse ? notional : times(notional, ratioBetween(entryPrice, markOf(terms)));
}

/** If closed at the mark. */
const profitOf = (row: Position, terms: LinearTerms): Amount =>
  worth(
    realised(terms, row, { bought: negate(row.quantity), price: markOf(terms) }),
    terms.settlement.asset.price,
  );
