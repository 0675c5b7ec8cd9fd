/** Each attribute of the portfolio model outside of the class, out of its range or against another. */
import { describe, expect, it } from 'vitest';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';

const POLICY: RawRow = { kind: 'policy', id: 'default' };
const PORTFOLIO = { scenarios: [{ priceMultiplier: '1' }] };
const RISK: RawRow = { kind: 'risk', id: 'BTC', volatility: '0.8', portfolio: PORTFOLIO };
const COMMON = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };
const OPTION: RawRow = {
  ...{ kind: 'instrument', id: 'CALL', type: 'option', optionType: 'call', ...COMMON },
  ...{ strike: '60000', expiresAt: '1800000000000', markFeed: 'CALL' },
};
const PERPETUAL: RawRow = { kind: 'instrument', id: 'PERP', type: 'perpetual', ...COMMON };
const ASSET: RawRow = { kind: 'asset', id: 'LBTC', feed: 'LBTC-USD', riskClass: 'BTC' };
const QUOTE: RawRow = { kind: 'quote', id: 'F#a', price: '60000', publishedAt: '1700000000000' };

const faultsOf = (...rows: readonly RawRow[]): string[] =>
  readMarket([POLICY, RISK, ...rows]).faults.map(({ detail }) => detail);

describe('attributes of the portfolio model', () => {
  it('are read on instruments, assets, quotes and classes', () => {
    expect(
      faultsOf(
        { ...OPTION, rate: '-0.05', fixedForward: '100', lossArray: ['-1', '2.5'] },
        { ...OPTION, id: 'SHARE', fixedForwardShare: '1' },
        { ...PERPETUAL, lossArray: ['0'] },
        { ...ASSET, hedges: 'BTC-USD' },
        { ...ASSET, id: 'OUT', riskCancelling: false },
        { ...QUOTE, interestRate: '-0.01' },
        { kind: 'risk', id: 'SECOND', volatility: '0.8', portfolioOf: 'BTC' },
      ),
    ).toEqual([]);
  });

  it.each<[RawRow, RawRow, string]>([
    [OPTION, { rate: 'high' }, 'rate must be a decimal number'],
    [OPTION, { fixedForward: '0' }, 'fixedForward must be above 0, not 0'],
    [OPTION, { fixedForwardShare: '1.01' }, 'fixedForwardShare must lie between 0 and 1, not 1.01'],
    [
      OPTION,
      { fixedForward: '1', fixedForwardShare: '0.5' },
      'fixedForwardShare must not be there with fixedForward',
    ],
    [OPTION, { lossArray: '5' }, 'lossArray must be a list'],
    [OPTION, { lossArray: ['x'] }, 'lossArray.0 must be a decimal number'],
    [PERPETUAL, { rate: '0.05' }, 'rate is for an option only'],
    [PERPETUAL, { fixedForward: '5' }, 'fixedForward is for a future or an option only'],
    [PERPETUAL, { fixedForwardShare: '0' }, 'fixedForwardShare is for a future or an option only'],
    [ASSET, { hedges: 'BTC USD' }, 'hedges must be 1 to 128 letters'],
    [ASSET, { riskCancelling: 'no' }, 'riskCancelling must be'],
    [
      ASSET,
      { hedges: 'BTC-USD', riskCancelling: false },
      'hedges must not be there where riskCancelling is false',
    ],
    [QUOTE, { interestRate: '' }, 'interestRate must be a decimal number'],
    [
      QUOTE,
      { interestRate: '0.1', price: undefined, impliedVolatility: '0.5' },
      'interestRate needs a price',
    ],
    [
      RISK,
      { id: 'X', portfolioOf: 'BTC' },
      'portfolioOf must not be there with portfolio or dynamic',
    ],
    [
      RISK,
      { id: 'X', portfolio: undefined, portfolioOf: 'NONE' },
      'portfolioOf names risk class NONE, which has no portfolio of its own',
    ],
    [
      RISK,
      {
        id: 'X',
        confidenceCharges: [{ of: 'options', threshold: '0.5', factor: '1', scores: 'all' }],
      },
      'confidenceCharges.0.scores must be one of own, expiry, expiryAndPerpetuals',
    ],
    [
      RISK,
      { id: 'X', portfolio: { ...PORTFOLIO, lossesIn: 'usd' } },
      'portfolio.lossesIn must be one of numeraire, coin',
    ],
    [
      RISK,
      { id: 'X', portfolio: { ...PORTFOLIO, deltaFloor: { net: '0', hedged: '0', as: 'sum' } } },
      'portfolio.deltaFloor.as must be one of floor, charge',
    ],
    [
      RISK,
      { id: 'X', portfolio: { ...PORTFOLIO, minimum: { options: 'long' } } },
      'portfolio.minimum.options must be one of short, all',
    ],
    [RISK, { id: 'X', optionValue: 'none' }, 'optionValue must be one of discounted, undiscounted'],
    [RISK, { id: 'X', rateFloor: 'none' }, 'rateFloor must be a decimal number'],
    [RISK, { id: 'X', venue: 'derive-pmrm-v2', portfolios: {} }, 'unknown attribute portfolios'],
  ])('are refused in one line: %#', (row, change, fault) => {
    const merged = Object.entries({ ...row, ...change }).filter(([, value]) => value !== undefined);
    const faults = faultsOf(Object.fromEntries(merged));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});
