/**
 * One cell along one path. Every check liquidates the accounts below their line, each whole, at the
 * path's price when the order is filled.
 */
import { Calls, type Seen } from './calls.ts';
import { type CompiledBook, exposuresOf, heightAt, NO_SHOCK, type Shock } from './compiled-book.ts';
import { nextEvent } from './events.ts';
import { type Forecasts, type Holding, heldOf } from './forecasts.ts';
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
  /** Liquidations of accounts above their line, had the buffer stayed that of the check before. */
  'byBuffer',
  'liquidatedNotional',
  /** Λ* and Λ, mean over the checks and both sides; share of checks at which Λ is at its bound. */
  'forecast',
  'held',
  'bounded',
  /** Checks that a move of the price has started. */
  'eventChecks',
] as const;

const MEANS = ['buffer', 'forecast', 'held', 'bounded'] as const;

export type Figure = (typeof FIGURES)[number];
export type Figures = Record<Figure, number>;

export interface CellTerms {
  readonly executionSteps: number;
  /** Share of the liquidated notional that goes to the fund, as far as the account has it. */
  readonly fundFee: number;
  readonly holding: Holding;
  /** A move of the price starts a check, too (events.ts). */
  readonly isEventDriven?: boolean;
}

export interface CellInput {
  readonly book: CompiledBook;
  readonly ladders: Ladders;
  /** dH/dx by account. */
  readonly slopes: Float64Array;
  /** Multiples of the price at the start, by step. */
  readonly prices: Float64Array;
  readonly looks: Looks;
  /** Absent: no buffer. */
  readonly forecasts?: Forecasts | undefined;
  /** Where moves start checks: what a move is held against. */
  readonly eventForecasts?: Forecasts | undefined;
  readonly terms: CellTerms;
}

interface Closing {
  /** Path step at which the order is filled. */
  readonly fillStep: number;
  readonly beyond: number;
  readonly isByBuffer: boolean;
}

export const runCell = (input: CellInput): Figures => new CellRun(input).run();

class CellRun {
  private readonly input: CellInput;
  private readonly figures = Object.fromEntries(FIGURES.map((name) => [name, 0])) as Figures;
  private readonly isClosed: Uint8Array;
  private readonly seen: Seen = { x: 1, shock: NO_SHOCK, low: 1, high: 1 };
  /** As `low` and `high`, with Λ of the check before. */
  private lowBefore = 1;
  private highBefore = 1;
  private nextFall = 0;
  private nextRise = 0;
  /** Σ |dH/dx| of the remaining accounts, by side. */
  private down: number;
  private up: number;
  private fund = 0;
  private fundHighest = 0;

  constructor(input: CellInput) {
    this.input = input;
    this.isClosed = new Uint8Array(input.book.size);
    ({ down: this.down, up: this.up } = exposuresOf(input.slopes));
  }

  run(): Figures {
    const { book, ladders, looks, terms } = this.input;
    const { isClosed, figures } = this;
    const calls = new Calls({ book, ladders, isClosed });
    let before = this.heldAt(0);
    for (let look = 0; look < looks.count; look++) {
      this.runEvents(look, before, calls);
      const shock = this.heldAt(look + 1);
      this.see(looks.prices[look] as number, { shock, before });
      this.liquidate((look + 1) * looks.every + terms.executionSteps);
      calls.look(this.seen);
      this.addHeld(look + 1);
      before = shock;
    }
    figures.calls = calls.opened;
    figures.falseCalls = calls.cured;
    for (const name of MEANS) figures[name] /= Math.max(1, looks.count);
    return figures;
  }

  /** Those before a scheduled check, with the shock of the one before it. */
  private runEvents(look: number, shock: Shock, calls: Calls): void {
    const { looks, prices, terms, eventForecasts } = this.input;
    if (!terms.isEventDriven || eventForecasts === undefined) return;
    const limit = heldOf(eventForecasts, look, terms.holding);
    const before = (look + 1) * looks.every;
    let after = look * looks.every;
    for (;;) {
      const step = nextEvent({ prices, after, before, seen: this.seen.x, shock: limit });
      if (step === undefined) return;
      this.figures.eventChecks++;
      this.see(prices[step] as number, { shock, before: shock });
      this.liquidate(step + terms.executionSteps);
      calls.look(this.seen);
      after = step;
    }
  }

  private heldAt(look: number): Shock {
    const { forecasts, terms } = this.input;
    return forecasts === undefined ? NO_SHOCK : heldOf(forecasts, look, terms.holding);
  }

  private see(x: number, { shock, before }: { readonly shock: Shock; readonly before: Shock }) {
    const { seen } = this;
    seen.x = x;
    seen.shock = shock;
    seen.low = Math.max(0, x * (1 - shock.down));
    seen.high = x * (1 + shock.up);
    this.lowBefore = Math.max(0, x * (1 - before.down));
    this.highBefore = x * (1 + before.up);
  }

  private addHeld(look: number): void {
    const { figures, seen } = this;
    const { forecasts, terms } = this.input;
    figures.buffer += (this.down * seen.shock.down + this.up * seen.shock.up) * seen.x;
    if (forecasts === undefined) return;
    const [down, up] = [forecasts.down[look] as number, forecasts.up[look] as number];
    const { scale, shockMax } = terms.holding;
    figures.forecast += (down + up) / 2;
    figures.held += (seen.shock.down + seen.shock.up) / 2;
    if (scale * Math.max(down, up) > shockMax) figures.bounded++;
  }

  /** @param fillStep path step at which the orders are filled */
  private liquidate(fillStep: number): void {
    const { fallLiquidates, riseLiquidates } = this.input.ladders;
    const { low, high } = this.seen;
    while (this.nextFall < fallLiquidates.prices.length) {
      const line = fallLiquidates.prices[this.nextFall] as number;
      if (!(low < line)) break;
      const isByBuffer = this.lowBefore >= line;
      const account = accountAt(fallLiquidates, this.nextFall++);
      this.close(account, { fillStep, beyond: line / low, isByBuffer });
    }
    while (this.nextRise < riseLiquidates.prices.length) {
      const line = riseLiquidates.prices[this.nextRise] as number;
      if (!(high > line)) break;
      const isByBuffer = this.highBefore <= line;
      const account = accountAt(riseLiquidates, this.nextRise++);
      this.close(account, { fillStep, beyond: high / line, isByBuffer });
    }
  }

  private close(account: number, at: Closing): void {
    if (this.isClosed[account]) return;
    this.isClosed[account] = 1;
    const { book, ladders, slopes, prices } = this.input;
    const { figures } = this;
    const x = prices[at.fillStep] as number;
    const notional = Math.abs(book.notional[account] as number) * x;
    const left = heightAt(book.equity, account, x) - (book.closingCost[account] as number) * x;
    figures.liquidations++;
    figures.liquidatedNotional += notional;
    figures.overshoot += Math.log(at.beyond);
    if (at.isByBuffer) figures.byBuffer++;
    if (x < (ladders.lowest[account] as number) || x > (ladders.highest[account] as number)) {
      figures.exceedances++;
    }
    const slope = slopes[account] as number;
    this.down -= Math.max(0, slope);
    this.up -= Math.max(0, -slope);
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
