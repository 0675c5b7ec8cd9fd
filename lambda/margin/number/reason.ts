/** Why something is unknown or was not done. */
export type ReasonCode =
  | 'row-malformed'
  | 'asset-unknown'
  | 'instrument-unknown'
  | 'instrument-expired'
  | 'risk-class-unknown'
  | 'volatility-unknown'
  | 'location-unknown'
  | 'settlement-unsuited'
  | 'open-interest-unknown'
  | 'option-price-impossible'
  | 'not-computable'
  | 'collateral-pending'
  | 'location-unobserved'
  | 'price-missing'
  | 'price-stale'
  | 'price-future'
  | 'sources-too-few'
  | 'sources-disagree'
  | 'price-too-old-to-act'
  | 'price-suspect'
  | 'price-unconfirmed'
  | 'price-uncertain'
  | 'rate-missing'
  | 'time-in-future'
  | 'halted'
  | 'nothing-to-close'
  | 'fund-overdrawn'
  | 'market-full'
  | 'rows-changing';

/** The doubt of a feed's price: its own message tells the desk. */
const IN_DOUBT: readonly ReasonCode[] = [
  'price-missing',
  'price-stale',
  'price-suspect',
  'price-unconfirmed',
];

export const isPriceInDoubt = ({ code }: Reason): boolean => IN_DOUBT.includes(code);

/** One fault or doubt. */
export interface Reason {
  readonly code: ReasonCode;
  /** Feed, row, asset, instrument or class. */
  readonly subject: string;
  /** One sentence: what is wrong, where, and what to do. */
  readonly detail: string;
}

/** A value, or why it is unknown. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: Reason };

/** By id. A row that could not be read is its reason. */
export type Lookup<T> = ReadonlyMap<string, Result<T>>;

export const known = <T>(value: T): Result<T> => ({ ok: true, value });

export const unknown = (code: ReasonCode, subject: string, detail: string): Result<never> => ({
  ok: false,
  reason: { code, subject, detail },
});

export const find = <T>(rows: Lookup<T>, id: string, code: ReasonCode, detail: string): Result<T> =>
  rows.get(id) ?? unknown(code, id, detail);
