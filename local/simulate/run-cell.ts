/**
 * One cell along one path. Every check liquidates the accounts below their line, each whole, at the
 * path's price when the order is filled.
 */
import { Calls, type Seen } from './calls.ts';
import { type CompiledBook, heightAt } from './compiled-book.ts';
import type { Ladder, Ladders } from './ladder.ts';
import type { Looks } from './looks.ts';

/** Kept per cell and path; all but the drawdown add up. */
export const FIGURES = [
  'liquidations',
  'shortfalls',
  'badDebt',
  'drawdown',
  'calls',
  'falseCalls',
  /** USD, mean over the checks. */
  'buffer',
  /** Sum of log returns from a line to the price found beyond it. */
  'overshoot',
  /** Liquidations that left less than ℓ·MM: the buffer was too small. */
  'exceedances',
  'liquidatedNotional',
] as const;

export type Figure = (typeof FIGURES)[number];
export type Figures = Record<Figure, number>;

export interface CellTerms {
  /** Λ = shockFloor + shockPerVolatility·σ */
  readonly shockFloor: number;
  readonly shockPerVolatility: number;
  readonly executionSteps: number;
  /** Share of the liquidated notional that goes to the fund, as far as the account has it. */
  readonly fundFee: number;
}

export interface CellInput {
  readonly book: CompiledBook;
  readonly ladders: Ladders;
  readonly exposures: Float64Array;
  readonly path: Float64Array;
  readonly looks: Looks;
  readonly terms: CellTerms;
}

export const runCell = (input: CellInput): Figures => new CellRun(input).run();

class CellRun {
  private readonly input: CellInput;
  private readonly figures = Object.fromEntries(FIGURES.map((name) => [name, 0])) as Figures;
  private readonly isClosed: Uint8Array;
  private readonly seen: Seen = { x: 1, shock: 0, low: 1, high: 1 };
  private nextFall = 0;
  private nextRise = 0;
  /** Σ |dH/dx| of the remaining accounts. */
  private exposure: number;
  private fund = 0;
  private fundHighest = 0;

  constructor(input: CellInput) {
    this.input = input;
    this.isClosed = new Uint8Array(input.book.size);
    this.exposure = input.exposures.reduce((sum, slope) => sum + slope, 0);
  }

  run(): Figures {
    const { book, ladders, looks, terms } = this.input;
    const { seen, isClosed, figures } = this;
    const calls = new Calls({ book, ladders, isClosed });
    let bufferSum = 0;
    for (let look = 0; look < looks.count; look++) {
      const x = looks.prices[look] as number;
      const shock =
        terms.shockFloor + terms.shockPerVolatility * (looks.volatilities[look] as number);
      seen.x = x;
      seen.shock = shock;
      seen.low = Math.max(0, x * (1 - shock));
      seen.high = x * (1 + shock);
      this.liquidate((look + 1) * looks.every + terms.executionSteps);
      calls.look(seen);
      bufferSum += this.exposure * x * shock;
    }
    figures.calls = calls.opened;
    figures.falseCalls = calls.cured;
    figures.buffer = looks.count === 0 ? 0 : bufferSum / looks.count;
    return figures;
  }

  /** @param fillStep path step at which the orders are filled */
  private liquidate(fillStep: number): void {
    const { fallLiquidates, riseLiquidates } = this.input.ladders;
    const { low, high } = this.seen;
    while (this.nextFall < fallLiquidates.prices.length) {
      const line = fallLiquidates.prices[this.nextFall] as number;
      if (!(low < line)) break;
      this.close(accountAt(fallLiquidates, this.nextFall++), { fillStep, beyond: line / low });
    }
    while (this.nextRise < riseLiquidates.prices.length) {
      const line = riseLiquidates.prices[this.nextRise] as number;
      if (!(high > line)) break;
      this.close(accountAt(riseLiquidates, this.nextRise++), { fillStep, beyond: high / line });
    }
  }

  private close(account: number, at: { fillStep: number; beyond: number }): void {
    if (this.isClosed[account]) return;
    this.isClosed[account] = 1;
    const { book, ladders, exposures, path } = this.input;
    const { figures } = this;
    const x = path[at.fillStep] as number;
    const notional = Math.abs(book.notional[account] as number) * x;
    const left = heightAt(book.equity, account, x) - (book.closingCost[account] as number) * x;
    figures.liquidations++;
    figures.liquidatedNotional += notional;
    figures.overshoot += Math.log(at.beyond);
    if (x < (ladders.lowest[account] as number) || x > (ladders.highest[account] as number)) {
      figures.exceedances++;
    }
    this.exposure -= exposures[account] as number;
    this.closeOut(left, notional);
  }

  private closeOut(left: number, notional: number): void {
    const { figures } = this;
    if (left < 0) {
      figures.shortfalls++;
      figures.badDebt -= left;
      this.fund += left;
    } else this.fund += Math.min(left, this.input.terms.fundFee * notional);
    this.fundHighest = Math.max(this.fundHighest, this.fund);
    figures.drawdown = Math.max(figures.drawdown, this.fundHighest - this.fund);
  }
}

const accountAt = (ladder: Ladder, rung: number): number => ladder.accounts[rung] as number;
