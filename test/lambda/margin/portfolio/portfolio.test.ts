import { describe, expect, it } from 'vitest';
import { overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import { isPositive, ONE, textOf } from '../../../../lambda/margin/number/decimal.ts';
import { safeRadius } from '../../../../local/analysis/safe-radius.ts';
import { type AccountRows, assessed, bookOf, type MarketRows, NOW, snapshotOf } from '../build.ts';

const IN_A_MONTH = String(NOW + 30 * 86_400_000);
const IN_A_QUARTER_HOUR = String(NOW + 900_000);

const option = (optionType: 'call' | 'put', expiresAt: string) => ({
  ...{ type: 'option', optionType, strike: '60000', expiresAt, underlying: 'BTC-USD' },
  ...{ markFeed: 'BTC-OPTION', forwardFeed: 'BTC-F', settlementAsset: 'USD', riskClass: 'BTC' },
});

const market = (portfolio: object): MarketRows => ({
  instruments: {
    CALL: option('call', IN_A_MONTH),
    'SOON-CALL': option('call', IN_A_QUARTER_HOUR),
    'SOON-PUT': option('put', IN_A_QUARTER_HOUR),
    'SOON-F': {
      ...{ type: 'future', underlying: 'BTC-USD', markFeed: 'BTC-F', riskClass: 'BTC' },
      ...{ settlementAsset: 'USD', expiresAt: IN_A_QUARTER_HOUR },
    },
  },
  risk: {
    BTC: {
      volatility: '0.8',
      portfolio: {
        scenarios: [
          { priceMultiplier: '1' },
          { priceMultiplier: '1.1' },
          { priceMultiplier: '0.9' },
        ],
        ...portfolio,
      },
    },
  },
  quotes: {
    'BTC-USD#a': { price: '60000' },
    'BTC-F#a': { price: '60000' },
    'BTC-OPTION#a': { impliedVolatility: '0.7' },
  },
});

const onPortfolio = (rows: AccountRows) => ({ ...rows, profile: { marginModel: 'portfolio' } });
const held = (instrument: string, quantity: string) => ({ instrument, quantity, entryPrice: '1' });

const maintenanceOf = (positions: AccountRows['positions'], portfolio: object) => {
  const rows = onPortfolio({ ...(positions && { positions }) });
  return assessed(rows, snapshotOf(market(portfolio))).maintenanceRequirement;
};

describe('the minimum for each contract', () => {
  const portfolio = { minimum: { perContract: { initial: '50', maintenance: '10' } } };

  it('applies to short positions, but not to long options', () => {
    const scenarios = [{ priceMultiplier: '1' }];
    const minimum = { scenarios, ...portfolio };
    expect(textOf(maintenanceOf([held('CALL', '-3')], minimum))).toBe('30');
    expect(textOf(maintenanceOf([held('CALL', '3')], minimum))).toBe('0');
  });
});

describe('a settlement price that is being averaged', () => {
  const portfolio = { settlementWindowSeconds: '1800' };

  it('moves a future as little as the forward of its expiry', () => {
    const whole = maintenanceOf([held('SOON-F', '1')], {});
    const half = maintenanceOf([held('SOON-F', '1')], portfolio);
    expect([whole, half].map(textOf)).toEqual(['6000', '3000']);
  });

  it('still lets a future hedge the options of its expiry', () => {
    const positions = [held('SOON-CALL', '1'), held('SOON-PUT', '-1'), held('SOON-F', '-1')];
    expect(Number(textOf(maintenanceOf(positions, portfolio)))).toBeLessThan(1e-9);
  });
});

describe('a long option', () => {
  it('has a safe radius, even though its price may fall to 0', () => {
    const balances = [{ asset: 'USD', amount: '1000' }];
    const rows = onPortfolio({ balances, positions: [held('CALL', '1')] });
    for (const portfolio of [{}, { scenarios: [{ priceMultiplier: '1' }] }]) {
      const book = bookOf(rows, snapshotOf(market(portfolio)));
      expect(isPositive(safeRadius(book, overMaintenance(ONE)))).toBe(true);
    }
  });
});
