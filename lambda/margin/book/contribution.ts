/** The additions of one balance or position to a book (summed in factor-curve.ts). */
import type { Line, MarginedNotional } from '../curve/curve.ts';
import type { Point } from '../curve/figure.ts';
import type { Hinge } from '../curve/hinge-part.ts';
import type { MovingPrice, ResolvedPrice, RiskFactor } from '../curve/risk-factor.ts';
import type { SizedPosition } from '../curve/sized-part.ts';
import type { Requirement } from '../market/schedule.ts';
import type { Amount, Ratio } from '../number/decimal.ts';
import type { StandardOption } from '../option/option-book.ts';
import type { ClassTerms } from '../portfolio/class-terms.ts';
import type { HedgingCoin } from '../portfolio/hedging-coin.ts';
import type { HeldLinear, HeldOption } from '../portfolio/holdings.ts';
import type { AssetTerms, AssetWeights, Weighing } from '../snapshot/asset-terms.ts';
import type { CrossExposure } from './book.ts';

/** Amounts are in the numeraire, slopes per unit of the price's multiple x. */
export interface ValueContribution {
  readonly prices?: readonly MovingPrice[];
  readonly constant?: Point;
  readonly factors?: readonly FactorValue[];
  readonly crosses?: readonly CrossExposure[];
}

export interface FactorValue {
  readonly factor: RiskFactor;
  /** That move it; none if nothing does. */
  readonly moved: readonly MovingPrice[];
  /** As a fraction. */
  readonly uncertainty?: Ratio;
  /** Counts in full in the margin balance. */
  readonly line?: Line;
  /** |slope| of a position's value. */
  readonly exposed?: Amount;
  /** A profit in a coin, added to the coin's balance before that is weighed. */
  readonly settled?: SettledLine;
  readonly balance?: BalanceValue;
  /** Charges on collateral. */
  readonly margined?: readonly MarginedNotional[] | undefined;
  /** In the factor of the underlying whose book it is revalued with. */
  readonly hedging?: HedgingCoin | undefined;
  /** The same coin in the factor of its own price. */
  readonly hedgesElsewhere?: HedgingCoin | undefined;
}

export interface SettledLine {
  readonly asset: string;
  readonly line: Line;
  readonly weights: AssetWeights;
}

export interface BalanceValue {
  readonly terms: AssetTerms;
  readonly value: Amount;
  readonly weighing: Weighing;
  /** At no location of its own. */
  readonly isHere: boolean;
  /** Absent if it has no open orders. */
  readonly ordered?: OrderedBalance | undefined;
}

/** A balance counts this in place of its weighed value. */
export interface OrderedBalance {
  readonly maintenance: Amount;
  readonly initial: Amount;
  /** Taken off instead, where profits settle in the asset. */
  readonly taken: { readonly maintenance: Amount; readonly initial: Amount };
}

/** In the position's own factor. */
export interface RequirementContribution {
  readonly factor: RiskFactor;
  /** That move it. */
  readonly moved: readonly MovingPrice[];
  /** Further prices that a charge depends on, such as a stablecoin's. */
  readonly chargedBy?: readonly ResolvedPrice[] | undefined;
  readonly margined: readonly MarginedNotional[];
  /** Due at any price. */
  readonly fixed: readonly Requirement[];
  /** At most one of these; it is not linear in the price. */
  readonly option?: StandardOption | undefined;
  readonly sized?: SizedPosition | undefined;
  readonly scanned?: ScannedPosition | undefined;
  /** Not linear in the price, either. */
  readonly hinges?: readonly Hinge[] | undefined;
}

export interface ScannedPosition {
  readonly ofClass: ClassTerms;
  readonly linear?: HeldLinear | undefined;
  readonly option?: HeldOption | undefined;
}
