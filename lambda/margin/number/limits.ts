/** Every bound of the core, each with its reason. */

/** Working precision of all arithmetic: a quad's 34 digits, 14 more than decimal.js keeps itself. */
export const PRECISION_DIGITS = 34;

/** An input longer than the working precision could not take part in a sum exactly. */
export const INPUT_DIGITS_MAX = PRECISION_DIGITS;

/** No price, quantity or amount of a real book is above 10^24 or finer than 10^-24. */
export const INPUT_EXPONENT_MAX = 24;

/** Shocks are rounded up to this many places, so that amounts scale exactly with the book. */
export const SHOCK_PLACES = 12;

/**
 * A measured volatility is rounded up to this many places: a millionth of a percent a year moves no
 * buffer, and hides how floating point rounds on one machine and another.
 */
export const VOLATILITY_PLACES = 8;

/** A tracked quantile likewise: a millionth of a deviation moves no buffer. */
export const QUANTILE_PLACES = 6;

/** A remembered quantile above this was not written by this program. */
export const QUANTILE_MAX = 1e12;

/** A remembered variance above that of 10^12 a year was not written by this program. */
export const VARIANCE_MAX = 1e24;

/** Quantities in an order plan are rounded to this many places; one satoshi is 10^-8. */
export const ORDER_QUANTITY_PLACES = 8;

/** The room in a market is rounded down to this many places: what a record says is what was used. */
export const CAPACITY_PLACES = 8;

/** Orders in one plan: a message of SNS holds 256 KiB. */
export const PLAN_ORDERS_MAX = 200;

/** Holdings that a plan weighs one by one; the smaller ones are closed with the others of their factor. */
export const LEGS_MAX = 16;

/**
 * Times that a plan measures the account's book anew, besides one for each holding: a few tiers,
 * scenarios and hedges.
 */
export const SEARCH_STEPS_MAX = 24;

/** Significant digits of the prices in an order. */
export const ORDER_PRICE_DIGITS = 8;

/** Reasons named in one message; the rest are counted. */
export const REASONS_MAX = 20;

/** A check's record is one item: it names the first of many, and counts them all. */
export const NAMED_MAX = 50;

/** A clock may run this far behind the one that stamped a row or an event before that is a fault. */
export const CLOCK_SKEW_MS_MAX = 5_000;

/** A common move of 1,000 %: a book that survives it is reported as having this safe radius. */
export const SAFE_RADIUS_MAX = 10;

/** The safe radius is found to this many places, and rounded down. */
export const SAFE_RADIUS_PLACES = 12;

/** Where something bends, a liquidation price is found to this share of the current one. */
export const LIQUIDATION_PRICE_PLACES = 8;

/**
 * The buffer counts at most this many intervals: two checks of a schedule with a precision of one
 * interval lie less than two apart. A longer gap was an outage, which says nothing of the next gap.
 */
export const GAP_INTERVALS_MAX = 2;

/** Claims of one case that wait to be settled: more would mean that no check settles any. */
export const UNPAID_CLAIMS_MAX = 20;

/** Meters and claims that one write of the insurance fund books: an item holds 400 KB. */
export const FUND_LOT_MAX = 100;

/** Messages that wait in the fund's item while SNS takes none; further claims wait in their cases. */
export const FUND_PENDING_MAX = 300;

/** Shares named in a message; the complete list is in the margin table. */
export const SHARES_MAX = 200;

/** Shares in one of its rows. */
export const SHARES_PAGE = 1000;

/** The fraction of a haircut is said to this many places, rounded up. */
export const FRACTION_PLACES = 12;

/** Significant digits of the price of a hand-over: it is booked, not quoted in a market. */
export const DELEVERAGING_PRICE_DIGITS = 12;

/** Who takes of one position that is handed over: a message of SNS holds 256 KiB. */
export const COUNTERPARTIES_MAX = 200;

/** Positions of one account that are handed over at a check, the largest: a case holds 400 KB. */
export const DELEVERAGED_MAX = 20;

/** Counterparties that are gathered before those that are not needed are let go of. */
export const COUNTERPARTIES_GATHERED = 1000;
