/** One risk factor of a book while it is put together, and the curve that comes of it. */
import type {
  Curve,
  Line,
  MarginedNotional,
  WeighedLine,
} from '../../../../../lambda/margin/curve/curve.ts';
import type { NonLinearPart } from '../../../../../lambda/margin/curve/non-linear-part.ts';
import type { RiskFactor } from '../../../../../lambda/margin/curve/risk-factor.ts';
import { flatSchedule, type Requirement } from '../../../../../lambda/margin/market/schedule.ts';
import {
  type Amount,
  absolute,
  add,
  isAbove,
  isNegative,
  isZero,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  ratio,
  subtract,
  sumOf,
  times,
  ZERO,
} from '../../../../../lambda/margin/number/decimal.ts';
import type { AssetWeights, Weighing } from '../../../../../lambda/margin/snapshot/asset-terms.ts';

const addLines = (left: Line, right: Line): Line => ({
  constant: add(left.constant, right.constant),
  slope: add(left.slope, right.slope),
});

const TWO = ratio('2');

const NOTHING_DUE: Requirement = { initial: NO_AMOUNT, maintenance: NO_AMOUNT };

/** What is settled in one coin, with the weights that it counts by. */
interface Pool {
  line: Line;
  weights: Omit<AssetWeights, 'scaling' | 'initialScaling'>;
}

export class FactorDraft {
  readonly factor: RiskFactor;
  private uncertainty: Ratio = ZERO;
  /** Of equity and balance alike: only balances count less, and they are all slope. */
  private constant = NO_AMOUNT;
  private equitySlope = NO_AMOUNT;
  private balanceSlope = NO_AMOUNT;
  private fixed = NOTHING_DUE;
  private readonly margined: MarginedNotional[] = [];
  private readonly pools = new Map<string, Pool>();
  private readonly parts: NonLinearPart[] = [];
  /** Whether any of it is on portfolio margin. */
  isScanned = false;
  /** Balances on the factor: what they gain per unit of the price's multiple. */
  coin = NO_AMOUNT;
  /** What prices of positions move, in the numeraire per unit of the price's multiple, all added up. */
  private exposed = NO_AMOUNT;

  constructor(factor: RiskFactor) {
    this.factor = factor;
  }

  /** The price may be off by as much as the least certain of those that are held. */
  restOn(uncertainty: Ratio): void {
    this.uncertainty = larger(this.uncertainty, uncertainty);
  }

  /** A value that counts in full. */
  addLine(line: Line): void {
    this.addUnweighed(line);
    this.expose(line.slope);
  }

  /** What a position gains at the most per unit of the price's multiple. */
  expose(slope: Amount): void {
    this.exposed = add(this.exposed, absolute(slope));
  }

  private addUnweighed({ constant, slope }: Line): void {
    this.constant = add(this.constant, constant);
    this.equitySlope = add(this.equitySlope, slope);
    this.balanceSlope = add(this.balanceSlope, slope);
  }

  /** A balance by itself: its sign, and so its weight, stays. */
  addBalance(value: Amount, { maintenance, initial }: Weighing): void {
    this.coin = add(this.coin, value);
    this.equitySlope = add(this.equitySlope, value);
    this.balanceSlope = add(this.balanceSlope, times(value, maintenance));
    if (maintenance === initial) return;
    const haircut = absolute(subtract(maintenance, initial));
    if (isZero(haircut)) return;
    this.margin({ notional: absolute(value), schedule: flatSchedule(haircut, ZERO) });
  }

  /** What is settled in a coin is added to the balance of it before that is weighed. */
  addSettled(asset: string, line: Line, weights: AssetWeights): void {
    this.expose(line.slope);
    const pool = this.pools.get(asset);
    const { scaling: _, initialScaling: __, ...plain } = weights;
    if (pool === undefined) this.pools.set(asset, { line, weights: plain });
    else pool.line = addLines(pool.line, line);
  }

  hasPool(asset: string): boolean {
    return this.pools.has(asset);
  }

  /** A balance of a coin that positions settle in. */
  addToPool(asset: string, value: Amount, weighing: Weighing): void {
    const pool = this.pools.get(asset);
    if (pool === undefined) throw new RangeError(`nothing is settled in ${asset}`);
    this.coin = add(this.coin, value);
    pool.line = addLines(pool.line, { constant: NO_AMOUNT, slope: value });
    const { maintenance, initial } = weighing;
    pool.weights = isNegative(value)
      ? { ...pool.weights, liability: maintenance, initialLiability: initial }
      : { ...pool.weights, collateral: maintenance, initialCollateral: initial };
  }

  margin(margined: MarginedNotional): void {
    this.margined.push(margined);
  }

  require({ initial, maintenance }: Requirement): void {
    this.fixed = {
      initial: add(this.fixed.initial, initial),
      maintenance: add(this.fixed.maintenance, maintenance),
    };
  }

  addNonLinear(part: NonLinearPart): void {
    this.parts.push(part);
  }

  /** A part on portfolio margin. */
  scan(part: NonLinearPart): void {
    this.isScanned = true;
    this.addNonLinear(part);
  }

  finish(): Curve {
    const { factor, uncertainty } = this;
    const weighed: WeighedLine[] = [];
    for (const { line, weights } of this.pools.values()) {
      if (isUnweighed(weights)) this.addUnweighed(line);
      else {
        weighed.push({
          line,
          collateralWeight: weights.collateral,
          liabilityWeight: weights.liability,
          initialCollateralWeight: weights.initialCollateral,
          initialLiabilityWeight: weights.initialLiability,
        });
      }
    }
    const { shockDown, shockUp, shock, radiusScale } = factor;
    return {
      factor: factor.feed,
      equity: { constant: this.constant, slope: this.equitySlope },
      balance: { constant: this.constant, slope: this.balanceSlope },
      margined: this.margined,
      fixed: this.fixed,
      weighed,
      nonLinear: this.nonLinear(),
      uncertainty,
      shockDown,
      shockUp,
      shock,
      radiusScale,
    };
  }

  /**
   * What bends is revalued at the nodes of its factor, whose uncertainty is that of the underlying's
   * own price. A mark or forward that is less certain than that widens everything by what it may be
   * off, once for the value and as much at most for the requirement.
   */
  private nonLinear(): Curve['nonLinear'] {
    const { grid } = this.factor;
    if (this.parts.length === 0) return undefined;
    if (grid === undefined) throw new RangeError(`${this.factor.feed}: no price, no nodes`);
    const beyond = subtract(this.uncertainty, grid.uncertainty);
    const quoteUncertainty = sumOf(this.parts.map((part) => part.quoteUncertainty));
    const unsure = isAbove(beyond, ZERO) ? times(this.exposed, times(beyond, TWO)) : NO_AMOUNT;
    return { parts: this.parts, grid, quoteUncertainty: add(quoteUncertainty, unsure) };
  }
}

const isUnweighed = (weights: Pool['weights']): boolean =>
  Object.values(weights).every((weight) => weight === ONE);
