import {
  type Amount,
  add,
  amount,
  contractsOf,
  divide,
  isZero,
  larger,
  multipleUp,
  type Quantity,
  quantity,
  type Ratio,
  ratio,
  ratioBetween,
  squareRoot,
  times,
  ZERO,
} from '../number/decimal.ts';
import { ORDER_QUANTITY_PLACES } from '../number/limits.ts';
import type { Tradable } from './market.ts';
import type { Opening } from './opening.ts';
import type { Liquidity } from './risk-class.ts';

export interface TradingTerms extends Tradable {
  /** c, of the notional: fee, slippage and liquidation fee. */
  readonly unitCost: Ratio;
  /** a = Y·σ_day/√V: trading a notional x costs c·x + a·x^{3/2}. */
  readonly impact: Ratio;
  /** Part of c. */
  readonly liquidationFee: Ratio;
  /** By the time since the first order plan, in place of `liquidationFee` and on top of c. */
  readonly opening?: FeeOpenings | undefined;
  /** Part of c. Absent: none. */
  readonly liquidatorFee?: Ratio | undefined;
  /** The fee shrinks to this share of what a position's margin leaves. Absent: it is flat. */
  readonly liquidationFeeShare?: Ratio | undefined;
}

export interface FeeOpenings {
  readonly liquidationFee?: Opening | undefined;
  readonly liquidatorFee?: Opening | undefined;
}

export const FREE_TRADING: TradingTerms = { unitCost: ZERO, impact: ZERO, liquidationFee: ZERO };

const YEAR_DAYS = ratio('365');
const ONE_OF_NUMERAIRE = amount('1');

/** @param volatility annual. */
export function tradingTerms(
  liquidity: Liquidity,
  { market, volatility }: { readonly market: Tradable; readonly volatility: Ratio },
): TradingTerms {
  const { lotSize, minNotional, dailyVolume, depth } = market;
  const { fee, slippage, impact, liquidationFee, liquidationFeeShare } = liquidity;
  const { liquidationFeeOpening, liquidatorFee } = liquidity;
  return {
    unitCost: add(add(fee, slippage), liquidationFee),
    impact: dailyVolume === undefined ? ZERO : impactOf({ impact, volatility }, dailyVolume),
    liquidationFee,
    ...(liquidationFeeOpening === undefined && liquidatorFee === undefined
      ? {}
      : { opening: { liquidationFee: liquidationFeeOpening, liquidatorFee } }),
    ...(liquidationFeeShare === undefined ? {} : { liquidationFeeShare }),
    ...{ lotSize, minNotional, dailyVolume, depth },
  };
}

/** Y·σ/√(365·V) */
function impactOf(
  { impact, volatility }: { readonly impact: Ratio; readonly volatility: Ratio },
  dailyVolume: Amount,
): Ratio {
  const yearlyVolume = times(ratioBetween(dailyVolume, ONE_OF_NUMERAIRE), YEAR_DAYS);
  return divide(times(impact, volatility), squareRoot(yearlyVolume));
}

/** Smallest step of an order's quantity. */
export const LAST_PLACE = quantity(`1e-${ORDER_QUANTITY_PLACES}`);

export const lotOf = ({ lotSize }: Tradable): Quantity => lotSize ?? LAST_PLACE;

/** Contracts or units of `unitValue` each: whole lots that reach minNotional. */
export function leastQuantity(market: Tradable, unitValue: Amount): Quantity {
  const lot = lotOf(market);
  const { minNotional } = market;
  if (minNotional === undefined || isZero(unitValue)) return lot;
  return larger(lot, multipleUp(contractsOf(minNotional, unitValue), lot));
}
