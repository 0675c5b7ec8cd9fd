import { describe, expect, it } from 'vitest';
import { levelOf, type StandingInput } from '../../../../lambda/margin/assess/level.ts';
import { rangeOf } from '../build.ts';

const BELOW = '-0.000000000001';
const ABOVE = '0.000000000001';

type Three = readonly [low: string, point: string, high: string];

interface Given {
  readonly liquidation: Three;
  /** By default the liquidation surplus, as if c = ℓ. */
  readonly call?: Three;
  readonly equity?: Three;
  readonly mayAct?: boolean;
}

function standing({ liquidation, call, equity = ['1', '1', '1'], mayAct = true }: Given) {
  const input: StandingInput = {
    surplus: { liquidation: rangeOf(...liquidation), call: rangeOf(...(call ?? liquidation)) },
    equity: rangeOf(...equity),
    mayAct,
  };
  return levelOf(input);
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
      expect(standing({ liquidation })).toEqual({ level, certainty, isLiquidationWithheld });
    },
  );

  it('becomes a withheld call if the prices may not be acted on', () => {
    expect(standing({ liquidation: ['-9', '-5', '-1'], mayAct: false })).toEqual({
      level: 'call',
      certainty: 'uncertain',
      isLiquidationWithheld: true,
    });
  });

  it.each([
    ['just below 0', BELOW, true],
    ['0', '0', false],
    ['just above 0', ABOVE, false],
  ])('is withheld only if the point is below 0: %s', (_, point, isLiquidationWithheld) => {
    const call: Three = ['-5', '-4', '-3'];
    expect(standing({ liquidation: ['-1', point, '1'], call })).toEqual({
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
      expect(standing({ liquidation: ['-9', '-5', '-1'], equity: ['-3', '-2', high] })).toEqual({
        level,
        certainty: 'certain',
        isLiquidationWithheld: false,
      });
    },
  );

  it.each([
    ['the prices may not be acted on', false, '-1'],
    ['the liquidation surplus reaches 0', true, '0'],
  ])('is not reported while %s', (_, mayAct, high) => {
    const given: Given = { liquidation: ['-9', '-5', high], equity: ['-3', '-2', '-1'], mayAct };
    expect(standing(given)).toMatchObject({ level: 'call', isLiquidationWithheld: true });
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
      expect(standing({ liquidation: SAFE, call })).toEqual({
        level,
        certainty,
        isLiquidationWithheld: false,
      });
    },
  );

  it.each([
    ['just below 0', BELOW, 'call', 'uncertain'],
    ['0', '0', 'healthy', 'certain'],
    ['just above 0', ABOVE, 'healthy', 'certain'],
  ])(
    'follows if the liquidation surplus is %s at the low end, even if the call surplus is safe',
    (_, low, level, certainty) => {
      expect(standing({ liquidation: [low, '3', '5'], call: ['1', '2', '3'] })).toEqual({
        level,
        certainty,
        isLiquidationWithheld: false,
      });
    },
  );

  it('is not certain while the low end would be liquidated', () => {
    expect(standing({ liquidation: [BELOW, '1', '2'], call: ['-3', '-2', '-1'] })).toEqual({
      level: 'call',
      certainty: 'uncertain',
      isLiquidationWithheld: false,
    });
    expect(standing({ liquidation: ['0', '1', '2'], call: ['-3', '-2', '-1'] })).toMatchObject({
      certainty: 'certain',
    });
  });

  it('is reported even on prices that may not be acted on', () => {
    const given: Given = { liquidation: SAFE, call: ['-3', '-2', '-1'], mayAct: false };
    expect(standing(given)).toMatchObject({ level: 'call', isLiquidationWithheld: false });
  });
});

describe('the level healthy', () => {
  it('is certain even on prices that may not be acted on', () => {
    expect(standing({ liquidation: SAFE, mayAct: false })).toEqual({
      level: 'healthy',
      certainty: 'certain',
      isLiquidationWithheld: false,
    });
  });
});
