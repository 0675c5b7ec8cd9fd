import { describe, expect, it } from 'vitest';
import {
  add,
  amount,
  larger,
  NO_AMOUNT,
  ratio,
  subtract,
  textOf,
  times,
} from '../../../lambda/margin/number/decimal.ts';
import { assessEvidence } from '../../../local/analysis/assess-document.ts';
import { type Document, documentUnder, evidenceOf } from '../../docs/documents.ts';

function rendered(document: Document) {
  const [assessment] = assessEvidence(evidenceOf(document)).assessments;
  if (assessment === undefined || assessment.level === null) throw new Error('it is assessed');
  return assessment;
}

const close = (left: string, right: string) =>
  expect(Math.abs(Number(left) - Number(right))).toBeLessThan(1e-12);

describe('a rendered portfolio', () => {
  const document = documentUnder('Portfolio model');
  const assessment = rendered(document);
  const [portfolio] = assessment.factors[0]?.portfolio ?? [];
  if (portfolio === undefined) throw new Error('there is a portfolio');

  it.each(['initial', 'maintenance'] as const)('states the parts of its %s requirement', (kind) => {
    const { factor, worstLoss, charges, requirement } = portfolio[kind];
    const due = charges
      .map(({ of, rate }) => times(amount(of), ratio(rate)))
      .reduce(add, NO_AMOUNT);
    const byHand = add(times(amount(worstLoss), ratio(factor)), due);
    close(textOf(byHand), requirement);
    close(requirement, assessment[`${kind}Requirement`]);
  });

  it('has every scenario in the order of the table, and names the worst of them', () => {
    const losses = portfolio.scenarios.map(({ profit }) => subtract(NO_AMOUNT, amount(profit)));
    expect(portfolio.scenarios).toHaveLength(18);
    expect(textOf(losses.reduce(larger))).toBe(portfolio.maintenance.worstLoss);
    expect(portfolio.worst).toEqual({
      label: 'price -18 %, vol up',
      ...portfolio.scenarios[10],
    });
    expect(portfolio.scenarios[11]).toMatchObject({ priceMultiplier: '0.34', weight: '0.21' });
    expect(portfolio.scenarios[15]).toMatchObject({ daysForward: '1' });
    expect(portfolio.scenarios[17]).toMatchObject({ skew: { slope: '0.1', of: 'absolute' } });
  });

  it('states the profit with open orders filled, and which filling is worst', () => {
    const open = structuredClone(document);
    Object.assign(open.accounts[0]?.positions[0] ?? {}, { openSellQuantity: '1' });
    const [with_] = rendered(open).factors[0]?.portfolio ?? [];
    expect(with_?.worst).toMatchObject({ filling: 'sells', priceMultiplier: '0.82' });
    expect(with_?.maintenance.filling).toBe('sells');
    expect(with_?.scenarios[10]?.profit).toBe(portfolio.scenarios[10]?.profit);
    expect(with_?.scenarios[10]).toMatchObject({ profitSellsFilled: with_?.worst.profit });
  });
});

describe('rendered options', () => {
  it('have their value, forward and volatility, and the Greeks of their risk factor', () => {
    const { positions, factors } = rendered(documentUnder('Settled and quoted in coin'));
    expect(positions).toEqual([
      {
        ...{ instrument: 'BTC-30JAN26-70000-C', quantity: '-1', value: '-3000', mark: '3000' },
        ...{ forward: '60200', impliedVolatility: '0.7' },
      },
    ]);
    expect(Number(factors[0]?.greeks?.delta)).toBeLessThan(1);
    expect(Number(factors[0]?.greeks?.vega)).toBeLessThan(0);
    expect(Number(factors[0]?.greeks?.theta)).toBeGreaterThan(0);
  });

  it('have the charge of each short option on the standard model', () => {
    const [factor] = rendered(documentUnder('Netting by expiry')).factors;
    const due = (each: string) => ({ initialRequirement: each, maintenanceRequirement: each });
    expect(factor?.shortOptions).toMatchObject([
      {
        expiresAt: '2026-01-30T08:00:00.000Z',
        shorts: [{ initialRequirement: '12000', maintenanceRequirement: '8400' }],
        netted: due('5000'),
        ...due('5000'),
      },
    ]);
  });

  it('are left out if the account has none', () => {
    const { factors, ...assessment } = rendered(documentUnder('By open interest'));
    expect(assessment).not.toHaveProperty('positions');
    for (const name of ['greeks', 'portfolio', 'shortOptions']) {
      expect(factors[0]).not.toHaveProperty(name);
    }
  });
});

describe('a rendered liquidation price', () => {
  /** 15,000 + x − 60,000 = 0.012·x */
  it('is rounded towards the current price', () => {
    const [factor] = rendered(documentUnder('By open interest')).factors;
    const [price, move] = ['45546.558704453441295547', '-0.240890688259109311'];
    expect(factor?.liquidationPrice).toEqual({ below: { price, move } });
    expect(Number(price)).toBeCloseTo(45_000 / 0.988, 9);
  });
});

describe('rendered notes', () => {
  it('name collateral that counts for less', () => {
    expect(rendered(documentUnder('Collateral somewhere else')).notes).toMatchObject([
      { code: 'collateral-pending' },
    ]);
  });
});
