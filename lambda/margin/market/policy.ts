import type { Amount, Ratio } from '../number/decimal.ts';

/** How prices of a risk factor are combined, and how old they may be. */
export interface OracleRules {
  /** A quote older than this is not used. */
  readonly staleAfterSeconds: number;
  /** A liquidation needs a price younger than this. */
  readonly maxAgeSeconds: number;
  readonly minSources: number;
  /** Sources contradict each other if (highest − lowest) ÷ median exceeds this. */
  readonly maxSourceSpread: Ratio;
  /** One source alone is not believed on a larger relative move since the last check. */
  readonly maxJump: Ratio;
  /** The feed's own update threshold: it may be off by this fraction while silent. */
  readonly deviation: Ratio;
}

/** The row policy/default with its defaults: docs/schemas/rows/market-policy.json. */
export interface Policy {
  readonly numeraire: string;
  readonly mode: 'observe' | 'enforce';
  readonly halt: boolean;
  /** ℓ: the liquidation line is ℓ·MM + LB. */
  readonly liquidationMultiplier: Ratio;
  /** c: the call line is c·MM + LB. */
  readonly callMultiplier: Ratio;
  /** initial: the call line is max(IM, c·MM) + LB. */
  readonly callAt: 'maintenance' | 'initial';
  /** κ: a liquidation restores the account to κ·MM + LB. */
  readonly liquidationTargetMultiplier: Ratio;
  /** A liquidation leaves the account at most at (κ + this)·MM + LB. */
  readonly liquidationTargetBand: Ratio;
  /** A position of at most this notional is closed whole. */
  readonly closeWholeBelow: Amount;
  /** Above this notional the first plan closes only firstShare. Absent: as much as needed. */
  readonly firstShareAbove?: Amount | undefined;
  readonly firstShare: Ratio;
  /** none: a check orders what its plans need, whatever the capacity of the markets. */
  readonly liquidationThrottle: 'standard' | 'none';
  /**
   * Per market and side, a check liquidates at most the smaller of these shares of the depth and of
   * the volume between two checks.
   */
  readonly liquidationDepthShare: Ratio;
  readonly liquidationVolumeShare: Ratio;
  /** An account whose orders have not fitted for this long goes first. */
  readonly liquidationWaitSeconds: number;
  /** Warn of a cascade at this ratio of liquidatable notional to depth. */
  readonly cascadeAlertRatio: Ratio;
  /** Limit price = P·(1 ∓ (cost + spread·mm·clamp(A·(1 − B/MM), 0, 1))). */
  readonly limitSpread: Ratio;
  /** A in the limit price. */
  readonly bankruptcyAdjustment: Ratio;
  /** Who bears the losses that the insurance fund cannot. */
  readonly lossSharing: 'none' | 'haircut' | 'adl';
  readonly latencyBuffer: 'standard' | 'none';
  readonly uncertainty: 'standard' | 'none';
  /** z: quantile at unit variance, for the uncertainty and as the buffer's minimum. */
  readonly shockQuantile: Ratio;
  /** κ: half-widths of confidence that count in the price uncertainty. */
  readonly confidenceMultiplier: Ratio;
  /** φ: 0 adds the losses of the factors, 1 takes the worse of all up and all down. */
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
  /** Decimal places of published amounts. */
  readonly amountPlaces: number;
  readonly historyDays: number;
}
