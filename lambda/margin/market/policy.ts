/** The policy row: how every account is assessed, called and liquidated. */
import type { Amount, Ratio } from '../number/decimal.ts';

/** How prices of one risk factor are gathered, and when they are too old to use or to act on. */
export interface OracleRules {
  /** Older than this, a quote is not used at all. */
  readonly staleAfterSeconds: number;
  /** A price has to be younger than this for a liquidation to rest on it. */
  readonly maxAgeSeconds: number;
  readonly minSources: number;
  /** (highest − lowest) ÷ median above which the sources contradict each other. */
  readonly maxSourceSpread: Ratio;
  /** Relative move since the last check above which one source alone is not believed. */
  readonly maxJump: Ratio;
  /** The feed's own update threshold: it may be off by this and silent. */
  readonly deviation: Ratio;
}

export interface Policy {
  readonly numeraire: string;
  readonly mode: 'observe' | 'enforce';
  readonly halt: boolean;
  /** ℓ: the liquidation line is ℓ·MM + LB. */
  readonly liquidationMultiplier: Ratio;
  /** c: the call line is c·MM + LB. */
  readonly callMultiplier: Ratio;
  /** Where it lies: there, or at the initial requirement if that is more. */
  readonly callAt: 'maintenance' | 'initial';
  /** κ: a liquidation restores the account to κ·MM + LB. */
  readonly liquidationTargetMultiplier: Ratio;
  /** And leaves it at most at (κ + this)·MM + LB. */
  readonly liquidationTargetBand: Ratio;
  /** A position of no more than this is closed whole. */
  readonly closeWholeBelow: Amount;
  /** Of a larger position the first plan closes a share only. Absent: as much as is needed. */
  readonly firstShareAbove?: Amount | undefined;
  readonly firstShare: Ratio;
  /** none: a check orders whatever its plans need, however little the markets bear. */
  readonly liquidationThrottle: 'standard' | 'none';
  /** Of the depth, and of what trades between two checks: the most that one check liquidates. */
  readonly liquidationDepthShare: Ratio;
  readonly liquidationVolumeShare: Ratio;
  /** An account whose orders have not fitted for longer goes before all others. */
  readonly liquidationWaitSeconds: number;
  /** Liquidatable notional over depth from which a cascade is warned of. */
  readonly cascadeAlertRatio: Ratio;
  /** Of the limit price: P·(1 ∓ (cost + spread·mm·clamp(A·(1 − B/MM), 0, 1))). */
  readonly limitSpread: Ratio;
  /** A */
  readonly bankruptcyAdjustment: Ratio;
  /** Who bears what the insurance fund cannot. */
  readonly lossSharing: 'none' | 'haircut' | 'adl';
  readonly latencyBuffer: 'standard' | 'none';
  readonly uncertainty: 'standard' | 'none';
  /** z: the quantile, at unit variance, that the uncertainty is sized with, and the buffer at least. */
  readonly shockQuantile: Ratio;
  /** κ of the price's uncertainty: half-widths of confidence that count. */
  readonly confidenceMultiplier: Ratio;
  /** φ: 0 adds the factors' losses, 1 takes the worse of all up and all down. */
  readonly jointShockWeight: Ratio;
  /** L: seconds from an order to its fill. */
  readonly executionSeconds: number;
  readonly oracle: OracleRules;
  readonly callGraceSeconds: number;
  readonly callUpdateFraction: Ratio;
  /** A call is cured when its surplus is at least this share of the call line. */
  readonly cureMargin: Ratio;
  readonly onCallExpiry: 'liquidate' | 'remind';
  readonly liquidationCooldownSeconds: number;
  readonly planExpirySeconds: number;
  /** Decimal places of the amounts that are sent. */
  readonly amountPlaces: number;
  readonly historyDays: number;
}
