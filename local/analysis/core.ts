/**
 * The core as a library, `margin-checker/core`; docs/package.md lists these names. Pure: no AWS, no
 * clock, no environment.
 */

export { assess, assessBook, type Outcome } from '../../lambda/margin/assess/assess.ts';
export { type Account, type SubAccount, subAccounts } from '../../lambda/margin/book/account.ts';
export type { Book } from '../../lambda/margin/book/book.ts';
export { type BookResult, buildBook } from '../../lambda/margin/book/build-book.ts';
export { type Trade, type TradeOrder, traded } from '../../lambda/margin/book/trade.ts';
export { type CaseEvent, type CaseState, NO_CASE } from '../../lambda/margin/case/case.ts';
export {
  type DecideInput,
  type Decision,
  decide,
} from '../../lambda/margin/case/decide.ts';
export { liquidationDue, nextGeneration } from '../../lambda/margin/case/liquidation-due.ts';
export type { Order, Plan } from '../../lambda/margin/liquidation/order-plan.ts';
export {
  FIRST_PLAN,
  type PlanLimits,
  planLiquidation,
} from '../../lambda/margin/liquidation/plan.ts';
export type { Market } from '../../lambda/margin/market/market.ts';
export type { Policy } from '../../lambda/margin/market/policy.ts';
export {
  flatSchedule,
  type MarginRule,
  type Requirement,
  requirementOf,
  type Schedule,
  ScheduleError,
  scheduleFor,
  tieredSchedule,
} from '../../lambda/margin/market/schedule.ts';
export {
  type Amount,
  add,
  amount,
  compare,
  DecimalError,
  type Price,
  price,
  type Quantity,
  quantity,
  type Ratio,
  ratio,
  roundDown,
  roundUp,
  subtract,
  textOf,
  times,
} from '../../lambda/margin/number/decimal.ts';
export type { Reason, Result } from '../../lambda/margin/number/reason.ts';
export {
  type Greeks,
  type OptionState,
  type OptionTerms,
  optionGreeks,
  optionValue,
} from '../../lambda/margin/option/black76.ts';
export {
  impliedVolatility,
  type QuotedOption,
} from '../../lambda/margin/option/implied-volatility.ts';
export {
  type Snapshot,
  type SnapshotInput,
  takeSnapshot,
} from '../../lambda/margin/snapshot/snapshot.ts';
export type { Evidence } from '../../lambda/record/evidence.ts';
export { parseExactJson } from '../../lambda/rows/numeral.ts';
export type { RawRow } from '../../lambda/rows/raw-row.ts';
export { type AccountReading, readAccount } from '../../lambda/rows/read-account.ts';
export { type MarketReading, PolicyError, readMarket } from '../../lambda/rows/read-market.ts';
export { DocumentError, readDocument, snapshotOf } from './document.ts';
