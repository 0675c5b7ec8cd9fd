import { describe, expect, it } from 'vitest';
import { type VerdictInput, verdictOf } from '../../../../lambda/margin/assess/verdict.ts';
import { amount } from '../../../../lambda/margin/number/decimal.ts';
import { rangeOf } from '../build.ts';

const BELOW = '-0.000000000001';
const ABOVE = '0.000000000001';

type Three = readonly [low: string, point: string, high: string];

interface Given {
  readonly liquidation: Three;
  /** By default the liquidation surplus, as if c = ℓ. */
  readonly call?: Three;
  readonly equity?: Three;
  /** The liquidation surplus at the high end, with the ranges of aged prices. */
  readonly agedHigh?: string;
}

function verdict({ liquidation, call, equity = ['1', '1', '1'], agedHigh }: Given) {
  const over = rangeOf(...liquidation);
  const input: VerdictInput = {
    surplus: {
      liquidation: agedHigh === undefined ? over : { ...over, agedHigh: amount(agedHigh) },
      call: rangeOf(...(call ?? liquidation)),
    },
    equity: rangeOf(...equity),
    isDust: false,
  };
  return verdictOf(input);
}

const SAFE: Three = ['5', '5', '5'];

describe('the level liquidation', () => {
  it.each([
    ['just below 0 at the high end', [BELOW, BELOW, BELOW], 'liquidation', 'certain', false],
    ['0 at the high end', [BELOW, BELOW, '0'], 'call', 'uncertain', true],
    ['just above 0 at the high end', [BELOW, BELOW, ABOVE], 'call', 'uncertain', true],
    ['far below everywhere', ['-9', '-5', '-1'], 'liquidation', 'certain', false],
  ] as const)(
    'requires a surplus below 0 over all the uncertainty: %s',
    (_, liquidation, level, certainty, isLiquidationWithheld) => {
      expect(verdict({ liquidation })).toEqual({ level, certainty, isLiquidationWithheld });
    },
  );

  it.each([
    ['reaches 0', '0', 'call', 'uncertain', true],
    ['stays just below 0', BELOW, 'liquidation', 'certain', false],
  ] as const)(
    'is a withheld call if the range of an aged price %s',
    (_, agedHigh, level, certainty, isLiquidationWithheld) => {
      const given: Given = { liquidation: ['-9', '-5', '-1'], call: ['-9', '-5', '0'], agedHigh };
      expect(verdict(given)).toEqual({ level, certainty, isLiquidationWithheld });
    },
  );

  it.each([
    ['just below 0', BELOW, true],
    ['0', '0', false],
    ['just above 0', ABOVE, false],
  ])('is withheld only if the point is below 0: %s', (_, point, isLiquidationWithheld) => {
    const call: Three = ['-5', '-4', '-3'];
    expect(verdict({ liquidation: ['-1', point, '1'], call })).toEqual({
      level: 'call',
      certainty: 'uncertain',
      isLiquidationWithheld,
    });
  });
});

describe('the level deficit', () => {
  it.each([
    ['just below 0', BELOW, 'deficit'],
    ['0', '0', 'liquidation'],
    ['just above 0', ABOVE, 'liquidation'],
  ])(
    'requires a certain liquidation and equity below 0 at the high end: equity %s',
    (_, high, level) => {
      expect(verdict({ liquidation: ['-9', '-5', '-1'], equity: ['-3', '-2', high] })).toEqual({
        level,
        certainty: 'certain',
        isLiquidationWithheld: false,
      });
    },
  );

  it.each([
    ['with the range of an aged price the liquidation surplus reaches 0', '0', '-1'],
    ['the liquidation surplus reaches 0', '0', '0'],
  ])('is not reported while %s', (_, agedHigh, high) => {
    const given: Given = { liquidation: ['-9', '-5', high], equity: ['-3', '-2', '-1'], agedHigh };
    expect(verdict(given)).toMatchObject({ level: 'call', isLiquidationWithheld: true });
  });
});

describe('the level call', () => {
  it.each([
    ['just below 0 everywhere', [BELOW, BELOW, BELOW], 'call', 'certain'],
    ['just below 0 at the point, 0 at the high end', [BELOW, BELOW, '0'], 'call', 'uncertain'],
    ['just below 0 at the point, above at the high end', ['-1', BELOW, '1'], 'call', 'uncertain'],
    ['0 at the point, just below at the low end', [BELOW, '0', '0'], 'healthy', 'uncertain'],
    ['just above 0 at the point', [BELOW, ABOVE, ABOVE], 'healthy', 'uncertain'],
    ['0 everywhere', ['0', '0', '0'], 'healthy', 'certain'],
    ['just above 0 everywhere', [ABOVE, ABOVE, ABOVE], 'healthy', 'certain'],
  ] as const)(
    'depends on the call surplus at the quoted prices: %s',
    (_, call, level, certainty) => {
      expect(verdict({ liquidation: SAFE, call })).toEqual({
        level,
        certainty,
        isLiquidationWithheld: false,
      });
    },
  );

  it.each([
    ['just below 0', BELOW, 'call', 'uncertain'],
    ['0', '0', 'healthy', 'uncertain'],
    ['just above 0', ABOVE, 'healthy', 'uncertain'],
  ])(
    'follows if the liquidation surplus is below 0 at the low end: %s',
    (_, low, level, certainty) => {
      expect(verdict({ liquidation: [low, '3', '5'], call: ['-1', '2', '3'] })).toEqual({
        level,
        certainty,
        isLiquidationWithheld: false,
      });
    },
  );

  it('is not certain while the low end would be liquidated', () => {
    expect(verdict({ liquidation: [BELOW, '1', '2'], call: ['-3', '-2', '-1'] })).toEqual({
      level: 'call',
      certainty: 'uncertain',
      isLiquidationWithheld: false,
    });
    expect(verdict({ liquidation: ['0', '1', '2'], call: ['-3', '-2', '-1'] })).toMatchObject({
      certainty: 'certain',
    });
  });

  it('is reported even on aged prices', () => {
    const given: Given = { liquidation: SAFE, call: ['-3', '-2', '-1'], agedHigh: '9' };
    expect(verdict(given)).toMatchObject({ level: 'call', isLiquidationWithheld: false });
  });
});

describe('the level healthy', () => {
  it('is certain even on aged prices', () => {
    expect(verdict({ liquidation: SAFE, agedHigh: '9' })).toEqual({
      level: 'healthy',
      certainty: 'certain',
      isLiquidationWithheld: false,
    });
  });
});
