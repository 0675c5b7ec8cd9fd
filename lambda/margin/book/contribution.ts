/** The addition of one balance or position to a book. Contributions add up; see factor-curve.ts. */
import type { Line, MarginedNotional } from '../curve/curve.ts';
import type { SizedInverse } from '../curve/inverse-part.ts';
import type { MovingPrice, RiskFactor } from '../curve/risk-factor.ts';
import type { Requirement } from '../market/schedule.ts';
import type { Amount, Ratio } from '../number/decimal.ts';
import type { StandardOption } from '../option/option-book.ts';
import type { ClassTerms } from '../portfolio/class-terms.ts';
import type { HeldLinear, HeldOption } from '../portfolio/holdings.ts';
import type { AssetTerms, AssetWeights, Weighing } from '../snapshot/asset-terms.ts';
import type { Constant, CrossExposure } from './book.ts';

/** Of a value. Amounts are in the numeraire, slopes per unit of the price's multiple x. */
export interface ValueContribution {
  /** Every price that the value rests on. */
  readonly prices?: readonly MovingPrice[];
  /** A value that no price moves. */
  readonly constant?: Constant;
  readonly factors?: readonly FactorValue[];
  readonly crosses?: readonly CrossExposure[];
}

export interface FactorValue {
  readonly factor: RiskFactor;
  /** Of the price that the value rests on, as a fraction. */
  readonly uncertainty?: Ratio;
  /** A value that counts in full in the margin balance. */
  readonly line?: Line;
  /** |slope| of a position's value: at most what it gains per unit of x. */
  readonly exposed?: Amount;
  /** A position's profit in a coin, added to the balance of the coin before that is weighed. */
  readonly settled?: SettledLine;
  readonly balance?: BalanceValue;
  /** Charges on collateral. */
  readonly margined?: readonly MarginedNotional[] | undefined;
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
  /** Whether it lies at no location of its own. */
  readonly isHere: boolean;
}

/** Of a requirement: due on a net position, in its own factor. */
export interface RequirementContribution {
  readonly factor: RiskFactor;
  readonly margined: readonly MarginedNotional[];
  /** Due whatever the price is. */
  readonly fixed: readonly Requirement[];
  /** At most one of these: a requirement that is not linear in the price. */
  readonly option?: StandardOption | undefined;
  readonly inverse?: SizedInverse | undefined;
  readonly scanned?: ScannedPosition | undefined;
}

/** A position on portfolio margin. */
export interface ScannedPosition {
  readonly ofClass: ClassTerms;
  readonly linear?: HeldLinear | undefined;
  readonly option?: HeldOption | undefined;
}
