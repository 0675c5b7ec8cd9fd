/** An assessment as JSON: every amount a decimal text, requirements rounded up, values down. */
import type { FactorDetail, Lines, Outcome } from '../margin/assess.ts';
import { type Amount, type Ratio, roundDown, roundUp, textOf } from '../margin/decimal.ts';
import type { Range } from '../margin/market.ts';
import type { MovingPrice } from '../margin/terms.ts';

/** Far finer than any money, so that figures can be laid beside a venue's own. */
const PLACES = 18;

const up = (amount: Amount): string => textOf(roundUp(amount, PLACES));
const down = (amount: Amount): string => textOf(roundDown(amount, PLACES));
const range = ({ low, point, high }: Range) => ({
  low: down(low),
  point: down(point),
  high: down(high),
});

export interface RenderInput {
  readonly accountId: string;
  readonly position?: string | undefined;
  readonly outcome: Outcome;
  readonly safeRadius?: Pick<Lines<Ratio>, 'liquidation' | 'call'> | undefined;
}

export function renderOutcome({ accountId, position, outcome, safeRadius }: RenderInput) {
  const subject = { accountId, ...(position === undefined ? {} : { position }) };
  if (outcome.certainty === 'indeterminate') {
    return { ...subject, level: null, certainty: outcome.certainty, reasons: outcome.reasons };
  }
  const { surplus, lines } = outcome;
  return {
    ...subject,
    level: outcome.level,
    certainty: outcome.certainty,
    isLiquidationWithheld: outcome.isLiquidationWithheld,
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
    factors: outcome.factors.map(renderFactor),
    prices: outcome.prices.map(renderPrice),
    reasons: outcome.reasons,
  };
}

/** In full: prices and shocks are not money, and are not rounded for anybody. */
export const renderPrice = (price: MovingPrice) => ({
  feed: price.feed,
  price: textOf(price.price),
  ageSeconds: price.ageSeconds,
  uncertainty: textOf(price.uncertainty),
  sources: price.sources,
  volatility: textOf(price.volatility),
  shock: textOf(price.shock),
  shockDown: textOf(price.shockDown),
  shockUp: textOf(price.shockUp),
});

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
});
