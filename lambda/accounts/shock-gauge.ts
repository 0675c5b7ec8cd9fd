/**
 * The part of the latency shock that the policy does not charge for: by feed, how much, and for all
 * accounts, the bad debt if every price made its forecast move. And the accounts that went below
 * their liquidation line only because the buffer grew.
 */
import { marginFiguresOf } from '../margin/assess/assess.ts';
import type { SubAccount } from '../margin/book/account.ts';
import { buildBook } from '../margin/book/build-book.ts';
import type { RiskFactor } from '../margin/curve/risk-factor.ts';
import {
  addShockDebts,
  NO_SHOCK_DEBT,
  type ShockDebt,
  shockDebtOf,
  worseOf,
} from '../margin/liquidation/shock-debt.ts';
import {
  type Amount,
  add,
  compare,
  isAbove,
  isNegative,
  isPositive,
  larger,
  NO_AMOUNT,
  type Ratio,
  roundUp,
  subtract,
  textOf,
  textOfPlaces,
  times,
} from '../margin/number/decimal.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { AssessedSubAccount } from './assess-account.ts';

export interface ShockSummary {
  /** Bad debt if every price made its forecast move; the worse of all down and all up. */
  readonly badDebtAtShock: string;
  readonly badDebtAtFall: string;
  readonly badDebtAtRise: string;
  /** The insurance fund could not pay this part of it. */
  readonly beyondFund: string;
  /** Sub-accounts above the line at these prices with the shocks of the check before. */
  readonly liquidatedByBuffer: number;
  /** By feed, the largest NAMED_MAX: Λ* − Λ on its worse side, as a fraction of the price. */
  readonly uncovered: Readonly<Record<string, string>>;
}

export const NO_SHOCK_SUMMARY: ShockSummary = {
  badDebtAtShock: '0',
  badDebtAtFall: '0',
  badDebtAtRise: '0',
  beyondFund: '0',
  liquidatedByBuffer: 0,
  uncovered: {},
};

export class ShockGauge {
  private readonly snapshot: Snapshot;
  private readonly snapshotBefore: () => Snapshot;
  private known: Snapshot | undefined;
  private debt = NO_SHOCK_DEBT;
  private byBuffer = 0;

  /** @param snapshotBefore of these prices with the shocks of the check before; taken if needed */
  constructor(snapshot: Snapshot, snapshotBefore: () => Snapshot) {
    this.snapshot = snapshot;
    this.snapshotBefore = snapshotBefore;
  }

  add(debt: ShockDebt): void {
    this.debt = addShockDebts(this.debt, debt);
  }

  note({ book, outcome, subAccount }: AssessedSubAccount): void {
    if (book === undefined) return;
    this.add(shockDebtOf(book));
    if (outcome.certainty === 'indeterminate' || subAccount === undefined) return;
    const { latencyBuffer, surplus } = outcome;
    const { point } = surplus.liquidation;
    // Only a buffer that is all that is missing can be the cause.
    if (!isNegative(point) || isNegative(add(point, latencyBuffer))) return;
    if (this.wasAboveLine(subAccount)) this.byBuffer += 1;
  }

  private wasAboveLine(subAccount: SubAccount): boolean {
    this.known ??= this.snapshotBefore();
    const { policy } = this.known;
    const built = buildBook(subAccount, this.known);
    if (!built.ok) return false;
    const figures = marginFiguresOf(built.book, policy);
    const line = add(
      times(figures.maintenanceRequirement, policy.liquidationMultiplier),
      figures.latencyBuffer,
    );
    return !isAbove(line, figures.marginBalance);
  }

  /** @param fund its balance */
  summary(fund: Amount): ShockSummary {
    const { amountPlaces } = this.snapshot.policy;
    const most = worseOf(this.debt);
    const text = (amount: Amount) => textOfPlaces(roundUp(amount, amountPlaces), amountPlaces);
    return {
      badDebtAtShock: text(most),
      badDebtAtFall: text(this.debt.fall),
      badDebtAtRise: text(this.debt.rise),
      beyondFund: text(larger(NO_AMOUNT, subtract(most, fund))),
      liquidatedByBuffer: this.byBuffer,
      uncovered: uncoveredShocks(this.snapshot),
    };
  }
}

/** Λ* − Λ on the worse side. */
const uncoveredShock = (factor: RiskFactor): Ratio =>
  larger(
    subtract(factor.forecastDown, factor.shockDown),
    subtract(factor.forecastUp, factor.shockUp),
  );

function uncoveredShocks({ feeds }: Snapshot): Record<string, string> {
  const found = [...feeds.values()].flatMap(({ feed, factor }) => {
    const uncovered = factor.ok ? uncoveredShock(factor.value) : undefined;
    return uncovered && isPositive(uncovered) ? [{ feed, uncovered }] : [];
  });
  const largest = found
    .sort((left, right) => compare(right.uncovered, left.uncovered))
    .slice(0, NAMED_MAX);
  return Object.fromEntries(largest.map(({ feed, uncovered }) => [feed, textOf(uncovered)]));
}
