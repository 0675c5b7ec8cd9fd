import { type Amount, amount, type Ratio } from '../number/decimal.ts';
import type { Backstop } from './backstop.ts';
import type { LoanSwap } from './loan-swap.ts';
import type { OpeningShare } from './opening.ts';

export interface OracleRules {
  /** Older quotes are not used. */
  readonly staleAfterSeconds: number;
  /** A liquidation needs a price younger than this. */
  readonly maxAgeSeconds: number;
  readonly minSources: number;
  /** Largest (highest − lowest) ÷ median. */
  readonly maxSourceSpread: Ratio;
  /** A larger relative move between checks needs a second source. */
  readonly maxJump: Ratio;
  /** Fraction that the feed may be off while silent (its update threshold). */
  readonly deviation: Ratio;
  /** k: an old price p may be anywhere from p/k to k·p; wider when it is older than an hour. */
  readonly staleRange: Ratio;
  /** A feed that repeats its price for longer is reported. */
  readonly frozenAfterSeconds: number;
  /** How far one source may move the price within a time, in however many steps. */
  readonly maxMoveWindows: readonly MoveWindow[];
}

export interface MoveWindow {
  readonly seconds: number;
  /** Largest relative move from the price at the start of the window. */
  readonly maxMove: Ratio;
}

/** The row policy/default with its defaults: docs/schemas/rows/market-policy.json. */
export interface Policy {
  readonly numeraire: string;
  readonly mode: 'observe' | 'enforce';
  readonly halt: boolean;
  /** Who changed `mode` or `halt` last, when and why: notes for people, in any form. */
  readonly changedBy?: string | undefined;
  readonly changedAt?: string | undefined;
  readonly changeReason?: string | undefined;
  /** ℓ: the liquidation line is ℓ·MM + LB. */
  readonly liquidationMultiplier: Ratio;
  /** c: the call line is c·MM + LB. */
  readonly callMultiplier: Ratio;
  /** initial: the call line is max(IM, c·MM) + LB. */
  readonly callAt: 'maintenance' | 'initial';
  /** κ: a liquidation restores the account to κ·MM + LB. */
  readonly liquidationTargetMultiplier: Ratio;
  /** β: what a liquidation leaves beyond that, of all that is owed. Absent: nothing. */
  readonly liquidationExitBuffer?: Ratio | undefined;
  /** A liquidation ends at most at (κ + this)·MM + LB. */
  readonly liquidationTargetBand: Ratio;
  readonly closeWholeBelow: Amount;
  /** Above this notional the first plan closes only firstShare. Absent: all. */
  readonly firstShareAbove?: Amount | undefined;
  readonly firstShare: Ratio;
  /** A plan closes at most this, by the time since the first. Absent: all that is needed. */
  readonly liquidationShare?: OpeningShare | undefined;
  /** Absent: loans are bought back in the market. */
  readonly loanSwap?: LoanSwap | undefined;
  /** Absent: all orders go to the market. */
  readonly backstop?: Backstop | undefined;
  readonly liquidationThrottle: 'standard' | 'none';
  /**
   * A check liquidates at most the smaller of these shares of the depth and of the volume between
   * two checks, per market and side.
   */
  readonly liquidationDepthShare: Ratio;
  readonly liquidationVolumeShare: Ratio;
  /** An account goes first after waiting this long for capacity. */
  readonly liquidationWaitSeconds: number;
  /** Liquidatable notional ÷ depth. */
  readonly cascadeAlertRatio: Ratio;
  /** `spread` in ../liquidation/order-price.ts. */
  readonly limitSpread: Ratio;
  /** `A` there. */
  readonly bankruptcyAdjustment: Ratio;
  /** Who bears losses that the insurance fund cannot pay. */
  readonly lossSharing: 'none' | 'haircut' | 'adl';
  readonly latencyBuffer: 'standard' | 'none';
  readonly uncertainty: 'standard' | 'none';
  /** 1 − p: the latency shock is to be enough so often. */
  readonly shockConfidence: Ratio;
  /** z at unit variance by that confidence: for the uncertainty, and where nothing is measured. */
  readonly shockQuantile: Ratio;
  /** κ: half-widths in the price uncertainty. */
  readonly confidenceMultiplier: Ratio;
  /** φ: 0 adds the losses of the factors, 1 takes the worse of all up and all down. */
  readonly jointShockWeight: Ratio;
  /** L: seconds from an order to its fill. */
  readonly executionSeconds: number;
  readonly oracle: OracleRules;
  readonly callGraceSeconds: number;
  /** Whether an outage moves the deadline of a call. */
  readonly outageGrace: 'none' | 'moved';
  readonly callUpdateFraction: Ratio;
  /** Surplus ÷ call line that cures a call. */
  readonly cureMargin: Ratio;
  readonly onCallExpiry: 'liquidate' | 'remind';
  /** How long rows in the middle of a change hold back a plan. */
  readonly changingTimeoutSeconds: number;
  readonly liquidationCooldownSeconds: number;
  readonly planExpirySeconds: number;
  /** For published amounts. */
  readonly amountPlaces: number;
  readonly historyDays: number;
}

/** One place of the published amounts: what is smaller is nothing to claim, to page or to close. */
export const leastClaim = ({ amountPlaces }: Pick<Policy, 'amountPlaces'>): Amount =>
  amount(`1e-${amountPlaces}`);
