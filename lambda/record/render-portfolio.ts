/** A portfolio as JSON, complete enough to recompute by hand. */

import type { Scenario, Skew, SkewReach } from '../margin/market/portfolio-rules.ts';
import { isZero, NO_AMOUNT, textOf } from '../margin/number/decimal.ts';
import type { ChargeDue } from '../margin/portfolio/breakdown.ts';
import type { Filling } from '../margin/portfolio/holdings.ts';
import type { FilledParts, PortfolioPart } from '../margin/portfolio/portfolio-part.ts';
import { isoTime } from '../messages/header.ts';
import { down, up } from '../messages/render-figures.ts';
import { scenarioLabel } from '../messages/scenario-label.ts';

export function renderPortfolio(part: PortfolioPart) {
  return {
    riskClass: part.ofClass.portfolioName,
    worst: worstOf(part),
    scenarios: scenariosOf(part),
    initial: renderParts(part.breakdown('initial')),
    maintenance: renderParts(part.breakdown('maintenance')),
  };
}

function worstOf(part: PortfolioPart) {
  const { row, profit, filling } = part.worst();
  return {
    label: scenarioLabel(row.scenario),
    ...renderScenario(row.scenario),
    profit: down(profit),
    ...(part.fillings.length === 1 ? {} : { filling }),
  };
}

function scenariosOf(part: PortfolioPart) {
  const filled = part.fillings.map((filling) => [filling, part.scenarios(filling)] as const);
  const profitsOf = (index: number): Partial<Record<(typeof PROFITS)[Filling], string>> =>
    Object.fromEntries(
      filled.map(([filling, rows]) => [PROFITS[filling], down(rows[index]?.profit ?? NO_AMOUNT)]),
    );
  return part.scenarios().map(({ row, profit }, index) => ({
    ...renderScenario(row.scenario),
    ...profitsOf(index),
    profit: down(profit),
  }));
}

const PROFITS = { none: 'profit', buys: 'profitBuysFilled', sells: 'profitSellsFilled' } as const;

const renderScenario = ({ priceMultiplier, vol, weight, daysForward, skew }: Scenario) => ({
  priceMultiplier: textOf(priceMultiplier),
  vol,
  weight: textOf(weight),
  ...(isZero(daysForward) ? {} : { daysForward: textOf(daysForward) }),
  ...(skew === undefined ? {} : { skew: renderSkew(skew) }),
});

const renderSkew = ({ slope, of, cap, capPerRootYear, flatAt }: Skew) => ({
  ...(flatAt === undefined ? { slope: textOf(slope) } : { flatAt: renderReach(flatAt) }),
  of,
  cap: textOf(cap),
  ...(isZero(capPerRootYear) ? {} : { capPerRootYear: textOf(capPerRootYear) }),
});

const renderReach = (reach: SkewReach) => ({
  minimum: textOf(reach.minimum),
  width: textOf(reach.width),
  volatility: textOf(reach.volatility),
  volatilityPerRootYear: textOf(reach.volatilityPerRootYear),
});

const renderParts = (parts: FilledParts) => ({
  filling: parts.filling,
  factor: textOf(parts.factor),
  worstLoss: up(parts.worstLoss),
  expiryLoss: up(parts.expiryLoss),
  deltaFloor: up(parts.deltaFloor),
  charges: parts.charges.map(renderCharge),
  minimum: up(parts.minimum),
  collateral: down(parts.collateral),
  requirement: up(parts.requirement),
});

const renderCharge = ({ name, of, rate, due, index, expiresAt }: ChargeDue) => ({
  name,
  ...(index === undefined ? {} : { index }),
  ...(expiresAt === undefined ? {} : { expiresAt: isoTime(expiresAt) }),
  of: up(of),
  rate: textOf(rate),
  due: up(due),
});
