/** The limits of the core, each with its reason. */

/**
 * Working precision of all arithmetic: the 34 digits of a quad, 14 more than decimal.js defaults
 * to.
 */
export const PRECISION_DIGITS = 34;

/** A longer input could not take part in a sum exactly. */
export const INPUT_DIGITS_MAX = PRECISION_DIGITS;

/** No price, quantity or amount of a real book exceeds 10^24 or is finer than 10^-24. */
export const INPUT_EXPONENT_MAX = 24;

/** Shocks are rounded up to this many places, so that amounts scale exactly with the book. */
export const SHOCK_PLACES = 12;

/**
 * Measured volatilities are rounded up to this many places: a millionth of a percent a year changes
 * no buffer, and it hides rounding differences between machines.
 */
export const VOLATILITY_PLACES = 8;

/** Tracked quantiles are rounded up to this: a millionth of a deviation changes no buffer. */
export const QUANTILE_PLACES = 6;

/** No quantile that this program writes exceeds this. */
export const QUANTILE_MAX = 1e12;

/** No variance that this program writes exceeds this: a volatility of 10^12 a year. */
export const VARIANCE_MAX = 1e24;

/** Order quantities are rounded to this many places; one satoshi is 10^-8. */
export const ORDER_QUANTITY_PLACES = 8;

/** Capacities are rounded down to this many places, so that a record shows what was used. */
export const CAPACITY_PLACES = 8;

/** Orders in one plan: an SNS message holds 256 KiB. */
export const PLAN_ORDERS_MAX = 200;

/** Holdings that a plan weighs one by one, largest first; the rest close with their factor. */
export const LEGS_MAX = 16;

/** Steps of a plan's search, plus one per holding: enough for a few tiers, scenarios and hedges. */
export const SEARCH_STEPS_MAX = 24;

/** Significant digits of an order's price. */
export const ORDER_PRICE_DIGITS = 8;

/** Reasons named in one message; the rest are only counted. */
export const REASONS_MAX = 20;

/** Entries named in a check's record, which is one item; all are counted. */
export const NAMED_MAX = 50;

/** A row or event stamped further ahead of the clock than this is a fault. */
export const CLOCK_SKEW_MS_MAX = 5_000;

/** A common move of 1,000 %: the safe radius reported for any book that survives it. */
export const SAFE_RADIUS_MAX = 10;

/** The safe radius is rounded down to this many places. */
export const SAFE_RADIUS_PLACES = 12;

/** Decimal places of a non-linear book's liquidation price, as a multiple of the current price. */
export const LIQUIDATION_PRICE_PLACES = 8;

/**
 * Intervals that the buffer counts at most. With a schedule precise to one interval, two checks lie
 * less than two apart. A longer gap was an outage and does not predict the next one.
 */
export const GAP_INTERVALS_MAX = 2;

/** Unpaid claims per case. More would mean that no check pays any. */
export const UNPAID_CLAIMS_MAX = 20;

/** Meters and claims per write of the insurance fund: an item holds 400 KB. */
export const FUND_LOT_MAX = 100;

/** Messages waiting in the fund's item while SNS is down; further claims wait in their cases. */
export const FUND_PENDING_MAX = 300;

/** Shares named in a message; the margin table lists all. */
export const SHARES_MAX = 200;

/** Shares per row of that list. */
export const SHARES_PAGE = 1000;

/** A haircut's fraction is rounded up to this many places. */
export const FRACTION_PLACES = 12;

/** Significant digits of a deleveraging price: it is booked, not quoted in a market. */
export const DELEVERAGING_PRICE_DIGITS = 12;

/** Counterparties per deleveraged position: an SNS message holds 256 KiB. */
export const COUNTERPARTIES_MAX = 200;

/** Positions deleveraged per account and check, largest first: a case holds 400 KB. */
export const DELEVERAGED_MAX = 20;

/** Counterparties collected before those not needed are dropped. */
export const COUNTERPARTIES_GATHERED = 1000;
