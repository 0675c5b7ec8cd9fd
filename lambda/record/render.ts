/** Amounts are decimal text: requirements round up, values down. */

import type { BookFigures, FactorDetail, Lines, Outcome } from '../margin/assess/assess.ts';
import {
  ONE,
  type Price,
  type Ratio,
  roundDown,
  roundUp,
  subtract,
  textOf,
  times,
} from '../margin/number/decimal.ts';
import { down, range, renderGreeks, renderPrice, up } from '../messages/render-figures.ts';
import { renderExpiry, renderOption } from './render-options.ts';
import { renderPortfolio } from './render-portfolio.ts';

export interface RenderInput {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly outcome: Outcome;
  readonly safeRadius?: Pick<Lines<Ratio>, 'liquidation' | 'call'> | undefined;
  readonly liquidationMultiples?: readonly LiquidationMultiples[] | undefined;
}

export function renderOutcome(input: RenderInput) {
  const { accountId, position, outcome } = input;
  const subject = { accountId, ...(position === undefined ? {} : { position }) };
  if (outcome.certainty === 'indeterminate') {
    const { certainty, reasons, figures } = outcome;
    const unknown = { ...subject, level: null, certainty, reasons };
    return figures === undefined ? unknown : { ...unknown, ...renderFigures(figures, input) };
  }
  return {
    ...subject,
    level: outcome.level,
    certainty: outcome.certainty,
    isLiquidationWithheld: outcome.isLiquidationWithheld,
    reasons: outcome.reasons,
    ...renderFigures(outcome, input),
  };
}

function renderFigures(outcome: BookFigures, { safeRadius, liquidationMultiples }: RenderInput) {
  const { surplus, lines } = outcome;
  return {
    equity: down(outcome.equity.point),
    marginBalance: down(outcome.marginBalance.point),
    initialRequirement: up(outcome.initialRequirement),
    maintenanceRequirement: up(outcome.maintenanceRequirement),
    latencyBuffer: up(outcome.latencyBuffer),
    liquidationLine: up(lines.liquidation),
    callLine: up(lines.call),
    restoreLine: up(lines.restore),
    surplus: {
      liquidation: range(surplus.liquidation),
      call: range(surplus.call),
      restore: range(surplus.restore),
    },
    equityRange: range(outcome.equity),
    marginBalanceRange: range(outcome.marginBalance),
    ...(safeRadius === undefined ? {} : { safeRadius: renderRadius(safeRadius) }),
    factors: outcome.factors.map((factor) => ({
      ...renderFactor(factor),
      ...liquidationPriceOf(factor, liquidationMultiples),
    })),
    ...(outcome.options.length === 0 ? {} : { positions: outcome.options.map(renderOption) }),
    prices: outcome.prices.map(renderPrice),
    notes: outcome.notes,
  };
}

const renderRadius = (radius: Pick<Lines<Ratio>, 'liquidation' | 'call'>) => ({
  liquidation: textOf(radius.liquidation),
  call: textOf(radius.call),
});

const renderFactor = (factor: FactorDetail) => ({
  factor: factor.factor,
  equity: down(factor.equity),
  marginBalance: down(factor.balance),
  initialRequirement: up(factor.initial),
  maintenanceRequirement: up(factor.maintenance),
  latencyLoss: up(factor.loss.worst),
  uncertainty: textOf(factor.uncertainty),
  latencyShock: textOf(factor.shock),
  latencyShockDown: textOf(factor.shockDown),
  latencyShockUp: textOf(factor.shockUp),
  forecastShockDown: textOf(factor.forecastDown),
  forecastShockUp: textOf(factor.forecastUp),
  ...(factor.greeks === undefined ? {} : { greeks: renderGreeks(factor.greeks) }),
  ...(factor.optionBooks.length === 0
    ? {}
    : { shortOptions: factor.optionBooks.flatMap((book) => book.breakdown()).map(renderExpiry) }),
  ...(factor.scans.length === 0 ? {} : { portfolio: factor.scans.map(renderPortfolio) }),
});

/** The move may be known when the price itself is not. */
interface LiquidationPrice {
  readonly price?: string;
  /** −0.1 is 10 % below the current price. */
  readonly move: string;
}

interface LiquidationPrices {
  readonly liquidationPrice?: {
    readonly below?: LiquidationPrice;
    readonly above?: LiquidationPrice;
  };
}

function liquidationPriceOf(
  { factor }: FactorDetail,
  multiples: readonly LiquidationMultiples[] = [],
): LiquidationPrices {
  const found = multiples.find((each) => each.factor === factor);
  if (found?.below === undefined && found?.above === undefined) return {};
  const { below, above, price: at } = found;
  return {
    liquidationPrice: {
      ...(below === undefined ? {} : { below: priceAt(below, at, roundUp) }),
      ...(above === undefined ? {} : { above: priceAt(above, at, roundDown) }),
    },
  };
}

/** Rounds toward the current price, so that the distance is never overstated. */
function priceAt(multiple: Ratio, at: Price | undefined, round: typeof roundUp): LiquidationPrice {
  const move = textOf(round(subtract(multiple, ONE), PRICE_PLACES));
  return at === undefined
    ? { move }
    : { price: textOf(round(times(at, multiple), PRICE_PLACES)), move };
}

const PRICE_PLACES = 18;

/** As multiples of the current price. */
export interface LiquidationMultiples {
  readonly factor: string;
  /** Absent if the book does not depend on the factor. */
  readonly price?: Price | undefined;
  readonly below?: Ratio | undefined;
  readonly above?: Ratio | undefined;
}
