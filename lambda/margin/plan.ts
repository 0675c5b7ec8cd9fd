/**
 * A liquidation plan: the least notional that brings the account back to κ·MM + LB, at a cost of c
 * a unit of notional closed. Closing x of a position with the maintenance rate m relieves κ·m·x of
 * requirement and costs c·x; selling x of collateral with weight w relieves its haircut (1 − w)·x;
 * buying back x of a debt with liability weight v relieves (v − 1)·x. With the shortfall
 * S = κ·MM + LB − B,
 *
 *     x = S ÷ (relief − c),   feasible only if relief > c,
 *
 * and over several markets the cheapest first, by c ÷ (relief − c). A tiered position is one market
 * a tier, its highest tier first.
 *
 * That holds the buffer as it was. Closing one leg of a hedge makes it larger, so every plan is
 * tried on the book before it is given out. One that does not restore the account is replaced by
 * the same share of everything, S ÷ (S + what is left over when all is closed), and that, when it
 * does not either, by all of it.
 */
import type { Book, Holding, NetPosition } from './book.ts';
import {
  type Amount,
  absolute,
  add,
  compare,
  contractsOf,
  divide,
  isAbove,
  isNegative,
  isPositive,
  isZero,
  NO_AMOUNT,
  ONE,
  type Price,
  type Quantity,
  quantity as quantityOf,
  type Ratio,
  ratioBetween,
  ratio as ratioOf,
  roundDown,
  roundUp,
  smaller,
  subtract,
  times,
  worth,
  worthOf,
  ZERO,
} from './decimal.ts';
import { ORDER_QUANTITY_PLACES, PLAN_ORDERS_MAX } from './limits.ts';
import type { Policy } from './market.ts';
import { type Room, type Side, UNLIMITED } from './room.ts';
import type { Schedule } from './schedule.ts';

const LAST_PLACE = ratioOf(`1e-${ORDER_QUANTITY_PLACES}`);

const ONE_UNIT = quantityOf('1');

/** What is left of a shortfall below this many places is the rounding of a division. */
const SETTLED_PLACES = 12;

/** One reduce-only order of a plan. */
export interface Order {
  readonly kind: 'position' | 'collateral' | 'loan';
  /** The instrument of a position; the asset of collateral sold or of a loan bought back. */
  readonly market: string;
  readonly side: Side;
  /** Contracts, or units of the asset; never more than is held. */
  readonly quantity: Quantity;
  /** The price that the plan was made at. */
  readonly referencePrice: Price;
  readonly notional: Amount;
  /** No worse than this; in the unit of the reference price. */
  readonly limitPrice?: Price | undefined;
  /** Where its share of the margin balance is used up; absent where none is above 0. */
  readonly bankruptcyPrice?: Price | undefined;
  /** Of what is filled, into the insurance fund; absent when there is none. */
  readonly liquidationFee?: Ratio | undefined;
}

/** What a plan needs in a market besides, and does not get at this check. */
export interface CarriedOver {
  readonly market: string;
  readonly side: Side;
  readonly notional: Amount;
}

/** What a plan has to keep within. */
export interface PlanLimits {
  /** 1 for the first plan of a case. */
  readonly generation: number;
  readonly room: Room;
}

export const FIRST_PLAN: PlanLimits = { generation: 1, room: UNLIMITED };

export interface Plan {
  /** Instruments whose open orders are to be cancelled before anything is closed. */
  readonly cancelOpenOrders: readonly string[];
  readonly orders: readonly Order[];
  readonly scope: 'cancel' | 'partial' | 'whole';
  readonly why: string;
  /** Empty when everything fits. */
  readonly carriedOver: readonly CarriedOver[];
}

export interface PlanInput {
  /** Without open orders: they are cancelled first. */
  readonly book: Book;
  readonly cancelOpenOrders: readonly string[];
  /** S once these orders are filled, at the reference prices and their cost. */
  readonly shortfallAfter: (orders: readonly Order[]) => Amount;
  readonly policy: Policy;
}

export function planLiquidation(input: PlanInput): Plan {
  const { book, policy, cancelOpenOrders, shortfallAfter } = input;
  const shortfall = shortfallAfter([]);
  if (isSettled(shortfall)) {
    const why = 'cancelling the open orders restores the account';
    return { cancelOpenOrders, orders: [], scope: 'cancel', why, carriedOver: [] };
  }
  const closable = closableOf(book).sort(largestFirst);
  // Each leg is rounded by itself: two that hedge each other may part by a last place.
  const slack = closable
    .map(({ unitValue }) => times(unitValue, LAST_PLACE))
    .reduce(add, NO_AMOUNT);
  const restores = (orders: readonly Order[]) => isSettled(subtract(shortfallAfter(orders), slack));

  const least = leastOrders(closable, { policy, shortfall });
  if (least.length <= PLAN_ORDERS_MAX && restores(least)) {
    const why = 'the least notional that restores the account to its target';
    return { cancelOpenOrders, orders: least, scope: 'partial', why, carriedOver: [] };
  }
  const all = closable.map((item) => orderFor(item, item.held));
  const share = ratioBetween(
    shortfall,
    subtract(shortfall, smaller(shortfallAfter(all), NO_AMOUNT)),
  );
  const even = closable.map((item) => orderFor(item, times(item.held, share)));
  if (even.length <= PLAN_ORDERS_MAX && restores(even)) {
    const why = 'the same share of everything: closing less of it would leave a hedge bare';
    return { cancelOpenOrders, orders: even, scope: 'partial', why, carriedOver: [] };
  }
  if (all.length <= PLAN_ORDERS_MAX) {
    const why = 'no partial close restores the account: everything is closed';
    return { cancelOpenOrders, orders: all, scope: 'whole', why, carriedOver: [] };
  }
  const why = `the largest ${PLAN_ORDERS_MAX} of ${all.length} holdings; the next generation goes on`;
  return {
    cancelOpenOrders,
    orders: all.slice(0, PLAN_ORDERS_MAX),
    scope: 'partial',
    why,
    carriedOver: [],
  };
}

function leastOrders(
  closable: readonly Closable[],
  { policy, shortfall }: { readonly policy: Policy; readonly shortfall: Amount },
): Order[] {
  const notionals = leastNotionals(layersOf(closable, policy), shortfall);
  return closable.flatMap((item) => {
    const notional = notionals.get(item);
    return notional === undefined ? [] : orderFor(item, contractsOf(notional, item.unitValue));
  });
}

const largestFirst = (left: Closable, right: Closable): number =>
  compare(worthOf(right.held, right.unitValue), worthOf(left.held, left.unitValue));

/** x = S ÷ (relief − c): the notional to close in one market. */
export const closingNotional = (shortfall: Amount, netRelief: Ratio): Amount =>
  divide(shortfall, netRelief);

/** One thing that can be traded out of: a position, collateral or a loan. */
interface Closable {
  readonly order: Pick<Order, 'kind' | 'market' | 'side' | 'referencePrice'>;
  readonly held: Quantity;
  /** Of one contract, or one unit of the asset. */
  readonly unitValue: Amount;
  readonly cost: Ratio;
  /** Collateral and loans: what a unit of notional relieves. A position's relief is its tier's. */
  readonly haircut?: Ratio | undefined;
  readonly schedule?: Schedule | undefined;
}

/** A part of a closable with one rate of relief. */
interface Layer {
  readonly closable: Closable;
  readonly size: Amount;
  readonly relief: Ratio;
}

function closableOf(book: Book): Closable[] {
  const positions = book.positions.filter(
    ({ quantity, terms }) => !isZero(quantity) && terms.kind !== 'settled',
  );
  const holdings = book.holdings.filter(({ lies }) => lies === undefined);
  return [...positions.map(closablePosition), ...holdings.map(closableHolding)];
}

const closablePosition = ({ terms, quantity }: NetPosition): Closable => ({
  order: {
    kind: 'position',
    market: terms.instrument,
    side: isNegative(quantity) ? 'buy' : 'sell',
    referencePrice: terms.quoted.price.price,
  },
  held: absolute(quantity),
  unitValue: terms.contractValue,
  cost: terms.trading.unitCost,
  schedule: scheduleOf(terms),
});

/** What closing a position relieves is known in closed form for a schedule by notional alone. */
const scheduleOf = (terms: NetPosition['terms']): Schedule | undefined =>
  terms.kind === 'linear' && !terms.isInverse ? terms.schedule : undefined;

function closableHolding({ terms, amount, weight }: Holding): Closable {
  const isLoan = isNegative(amount);
  return {
    order: {
      kind: isLoan ? 'loan' : 'collateral',
      market: terms.asset,
      side: isLoan ? 'buy' : 'sell',
      referencePrice: terms.price,
    },
    held: absolute(amount),
    unitValue: worth(ONE_UNIT, terms.price),
    cost: terms.trading.unitCost,
    haircut: isLoan ? subtract(weight, ONE) : subtract(ONE, weight),
  };
}

function layersOf(closable: readonly Closable[], policy: Policy): Layer[] {
  return closable.flatMap((item): Layer[] => {
    const size = worthOf(item.held, item.unitValue);
    if (item.schedule === undefined)
      return [{ closable: item, size, relief: item.haircut ?? ZERO }];
    return tierLayers(item.schedule, size).map((layer) => ({
      closable: item,
      size: layer.size,
      relief: times(layer.maintenance, policy.liquidationTargetMultiplier),
    }));
  });
}

/** How much of a notional lies in each tier that it reaches. */
function tierLayers(schedule: Schedule, notional: Amount) {
  return schedule.flatMap(({ floor, maintenance }, index) => {
    const top = schedule[index + 1]?.floor ?? notional;
    const size = subtract(smaller(top, notional), floor);
    return isPositive(size) ? [{ size, maintenance }] : [];
  });
}

/** Fills the shortfall, or as much of it as they can, from the cheapest layers. */
function leastNotionals(
  layers: readonly Layer[],
  shortfall: Amount,
): ReadonlyMap<Closable, Amount> {
  const feasible = layers
    .filter(({ relief, closable }) => isAbove(relief, closable.cost))
    .map((layer) => ({ ...layer, net: subtract(layer.relief, layer.closable.cost) }))
    .sort((left, right) => compare(costOf(left), costOf(right)) || compare(right.net, left.net));
  const notionals = new Map<Closable, Amount>();
  let left = shortfall;
  for (const { closable, size, net } of feasible) {
    if (isSettled(left)) break;
    const notional = smaller(size, closingNotional(left, net));
    notionals.set(closable, add(notionals.get(closable) ?? NO_AMOUNT, notional));
    left = subtract(left, times(notional, net));
  }
  return notionals;
}

const isSettled = (left: Amount): boolean => !isPositive(roundDown(left, SETTLED_PLACES));

/** c ÷ (relief − c) */
const costOf = ({ closable, net }: { readonly closable: Closable; readonly net: Ratio }): Ratio =>
  ratioBetween(closable.cost, net);

function orderFor({ order, held, unitValue }: Closable, wanted: Quantity): Order {
  const quantity = smaller(roundUp(wanted, ORDER_QUANTITY_PLACES), held);
  return { ...order, quantity, notional: worthOf(quantity, unitValue) };
}
