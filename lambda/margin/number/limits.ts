/** The 34 digits of a quad, 14 more than the default of decimal.js. */
export const PRECISION_DIGITS = 34;

/** A longer input could not take part in a sum exactly. */
export const INPUT_DIGITS_MAX = PRECISION_DIGITS;

/** No price, quantity or amount of a real book exceeds 10^24 or is finer than 10^-24. */
export const INPUT_EXPONENT_MAX = 24;

/** Rounded up, so that amounts scale exactly with the book. */
export const SHOCK_PLACES = 12;

/**
 * Rounded up: a millionth of a percent a year changes no buffer, and hides differences between
 * machines.
 */
export const VOLATILITY_PLACES = 8;

/** Rounded up: four thousandths of a microsecond in an hour. */
export const PHASE_PLACES = 12;

/** Rounded up: a millionth of a deviation changes no buffer. */
export const QUANTILE_PLACES = 6;

/** No written quantile exceeds this. */
export const QUANTILE_MAX = 1e12;

/** No written variance exceeds this: a volatility of 10^12 a year. */
export const VARIANCE_MAX = 1e24;

/** No written log move, volatility or time of an open horizon exceeds this. */
export const MOVE_MAX = 1e12;

/** One satoshi is 10^-8. */
export const ORDER_QUANTITY_PLACES = 8;

/** Rounded down, so that a record shows what was used. */
export const CAPACITY_PLACES = 8;

/** Orders in one plan: an SNS message holds 256 KiB. */
export const PLAN_ORDERS_MAX = 200;

/** In a plan that has swaps, or fees that open with time, which are named by each order. */
export const OPENED_ORDERS_MAX = 180;

/** Holdings weighed one by one, largest first; the rest close with their factor. */
export const LEGS_MAX = 16;

/** Plus one per holding: enough for a few tiers, scenarios and hedges. */
export const SEARCH_STEPS_MAX = 24;

/** Significant digits, at least; and the decimal places of the reference price. */
export const ORDER_PRICE_DIGITS = 8;

/** Reasons and notes in one message; the rest are only counted. */
export const REASONS_MAX = 20;

/** Entries of any other list in one message; the rest are only counted. */
export const LISTED_MAX = 200;

/** SNS takes 262,144 bytes; a subject and attributes come on top. */
export const MESSAGE_BYTES_MAX = 250_000;

/** Characters of one sentence in a message. It may quote what somebody wrote into a row. */
export const PROSE_LENGTH_MAX = 1000;

/** Lines of one list in an e-mail, and sizes above which a list begins with what matters most. */
export const EMAIL_LINES_MAX = 20;

/** Entries named in a check's record, one item; all are counted. */
export const NAMED_MAX = 50;

/** Characters of each of them: a fault may quote a row, and keys have up to 3,000 bytes. */
export const LINE_LENGTH_MAX = 500;

/** A row or event further ahead of the clock is a fault. */
export const CLOCK_SKEW_MS_MAX = 5_000;

/** A move of 1,000 %, reported for any book that survives it. */
export const SAFE_RADIUS_MAX = 10;

/** Rounded down. */
export const SAFE_RADIUS_PLACES = 12;

/** For non-linear books, as a multiple of the current price. */
export const LIQUIDATION_PRICE_PLACES = 8;

/**
 * Intervals in the buffer. With a schedule precise to one interval, two checks lie less than two
 * apart. A longer gap was an outage and does not predict the next one.
 */
export const GAP_INTERVALS_MAX = 2;

/** Per case. More would mean that no check pays any. */
export const UNPAID_CLAIMS_MAX = 20;

/** Meters and claims per write of the insurance fund: an item holds 400 KB. */
export const FUND_LOT_MAX = 100;

/** Messages in the fund's item while SNS is down; further claims wait in their cases. */
export const FUND_PENDING_MAX = 300;

/** Named in a message; the margin table lists all. */
export const SHARES_MAX = 200;

/** Per row of that list: an item holds 400 KB, and a name has up to 512 bytes. */
export const SHARES_PAGE = 500;

/** A haircut's fraction is rounded up. */
export const FRACTION_PLACES = 12;

/** Significant digits: the price is booked, not quoted in a market. */
export const DELEVERAGING_PRICE_DIGITS = 12;

/** Per deleveraged position, in one message. */
export const COUNTERPARTIES_MAX = 200;

/** Characters of all their names: a message names every counterparty, or its trade would be wrong. */
export const COUNTERPARTY_NAMES_MAX = 40_000;

/** Positions per account and check, largest first: a case holds 400 KB. */
export const DELEVERAGED_MAX = 20;

/** Collected before those not needed are dropped. */
export const COUNTERPARTIES_GATHERED = 1000;

/** Accounts named by a feed's message. */
export const LARGEST_MAX = 10;

/** Swaps of collateral for a loan in one plan; the next generation goes on. */
export const SWAPS_MAX = 4;

/** Chords until a swap is within one place of what is needed. */
export const SWAP_TRIALS_MAX = 30;
