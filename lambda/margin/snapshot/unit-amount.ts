import {
  type Amount,
  countOf,
  type Price,
  type Quantity,
  quantity,
  times,
  worth,
} from '../number/decimal.ts';

const ONE_UNIT = quantity('1');

/** The value of one unit at a price. */
export const unitAmount = (at: Price): Amount => worth(ONE_UNIT, at);

export const worthPer = (size: Quantity, each: Amount): Amount => times(each, countOf(size));
