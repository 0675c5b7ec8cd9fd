import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Curve,
  downBy,
  kinksBetween,
  pointAt,
  upBy,
} from '../../../../lambda/margin/curve/curve.ts';
import {
  curveAtMark,
  latencyLoss,
  uncertaintyRange,
} from '../../../../lambda/margin/curve/curve-at-mark.ts';
import { type SurplusFormula, surplusAt } from '../../../../lambda/margin/curve/figure.ts';
import { shocksOf } from '../../../../lambda/margin/market/shock.ts';
import {
  type Amount,
  add,
  amount,
  isBelow,
  larger,
  NO_AMOUNT,
  type Ratio,
  ratio,
  smaller,
  subtract,
  textOf,
  times,
  ZERO,
} from '../../../../lambda/margin/number/decimal.ts';
import { plain, scheduleOf, textsOf } from '../build.ts';

const line = (constant: string, slope: string) => ({
  constant: amount(constant),
  slope: amount(slope),
});

interface Given {
  readonly equity?: readonly [constant: string, slope: string];
  readonly balance?: readonly [constant: string, slope: string];
  readonly notional?: string;
  readonly tiers?: readonly (readonly [string, string, string])[];
  readonly uncertainty?: string;
  readonly shock?: string;
  /** The shock of a rising price, if it differs. */
  readonly shockUp?: string;
}

/** One margined notional: maintenance 5 % up to 120,000 and 10 % above. Initial is twice that. */
function curveOf(given: Given): Curve {
  const tiers = given.tiers ?? [
    ['0', '0.1', '0.05'],
    ['120000', '0.2', '0.1'],
  ];
  return {
    factor: 'BTC-USD',
    equity: line(...(given.equity ?? ['0', '0'])),
    balance: line(...(given.balance ?? given.equity ?? ['0', '0'])),
    margined: [{ notional: amount(given.notional ?? '100000'), schedule: scheduleOf(...tiers) }],
    fixed: { initial: NO_AMOUNT, maintenance: NO_AMOUNT },
    weighed: [],
    uncertainty: given.uncertainty === undefined ? ZERO : ratio(given.uncertainty),
    ...shocksOf({
      down: ratio(given.shock ?? '0'),
      up: ratio(given.shockUp ?? given.shock ?? '0'),
    }),
    radiusScale: ratio('1'),
  };
}

const surplus: SurplusFormula = {
  of: 'balance',
  less: { requirement: 'maintenance', multiple: ratio('1') },
};

const surplusOf = (curve: Curve, at: Ratio) => surplusAt(pointAt(curve, at), surplus);

function rangeIn(curve: Curve, formula: SurplusFormula) {
  const atMark = curveAtMark(curve);
  const { below, above } = uncertaintyRange(atMark, formula);
  const point = surplusAt(atMark.now, formula);
  const [low, high] = [subtract(point, below), add(point, above)];
  return { low, least: point, point, most: point, high };
}

describe('a point of a curve', () => {
  const curve = curveOf({ equity: ['-58000', '60000'], balance: ['-58000', '59000'] });

  it('at the current price has its equity, balance and requirements', () => {
    expect(plain({ ...pointAt(curve, ratio('1')) })).toEqual({
      equity: '2000',
      balance: '1000',
      initial: '10000',
      maintenance: '5000',
    });
  });

  /** Notional 150,000: 120,000 at 5 % and 30,000 at 10 %. */
  it('at one and a half times the price is charged at the next tier', () => {
    expect(plain({ ...pointAt(curve, ratio('1.5')) })).toEqual({
      equity: '32000',
      balance: '30500',
      initial: '18000',
      maintenance: '9000',
    });
  });

  it('at a price of 0 keeps the constants and requires nothing', () => {
    expect(plain({ ...pointAt(curve, ZERO) })).toEqual({
      equity: '-58000',
      balance: '-58000',
      initial: '0',
      maintenance: '0',
    });
  });

  it('adds the requirements of all margined notionals', () => {
    const [margined] = curve.margined;
    if (margined === undefined) throw new Error('nothing is margined');
    const twice = { ...curve, margined: [margined, margined] };
    expect(plain({ ...pointAt(twice, ratio('1')) })).toMatchObject({
      initial: '20000',
      maintenance: '10000',
    });
    expect(plain({ ...curveAtMark(twice).now })).toEqual(plain({ ...pointAt(twice, ratio('1')) }));
    expect(plain({ ...curveAtMark(twice).slope })).toMatchObject({
      initial: '20000',
      maintenance: '10000',
    });
    expect(textOf(pointAt({ ...curve, margined: [] }, ratio('1')).maintenance)).toBe('0');
  });
});

describe('a move of the price', () => {
  it.each([
    ['0', '1', '1'],
    ['0.05', '0.95', '1.05'],
    ['1', '0', '2'],
    ['1.5', '0', '2.5'],
  ])(
    'by %s reaches the multiple %s at the low end, never below 0, and %s at the high end',
    (move, low, high) => {
      expect(textOf(downBy(ratio(move)))).toBe(low);
      expect(textOf(upBy(ratio(move)))).toBe(high);
    },
  );
});

describe('kinks', () => {
  const curve = curveOf({
    tiers: [
      ['0', '0.1', '0.05'],
      ['80000', '0.2', '0.1'],
      ['120000', '0.3', '0.2'],
    ],
  });
  const between = (low: string, high: string) =>
    kinksBetween(curve, ratio(low), ratio(high)).map(textOf);

  it('are where the notional crosses a floor, strictly between the two prices', () => {
    expect(between('0.5', '1.5')).toEqual(['0.8', '1.2']);
    expect(between('0.8', '1.2')).toEqual([]);
    expect(between('0.79999', '1.2')).toEqual(['0.8']);
    expect(between('0.8', '1.20001')).toEqual(['1.2']);
  });

  it('do not exist for a flat schedule', () => {
    expect(kinksBetween(curveOf({ tiers: [['0', '0.1', '0.05']] }), ZERO, ratio('9'))).toEqual([]);
  });

  it('do not exist for a notional of 0, as with labels that cancel out', () => {
    const nothing = curveOf({ notional: '0' });
    expect(kinksBetween(nothing, ZERO, ratio('9'))).toEqual([]);
  });
});

describe('the curve at its mark', () => {
  const isStraight = (notional: string, uncertainty: string, shock: string) =>
    curveAtMark(curveOf({ notional, uncertainty, shock })).isStraight;

  it.each([
    ['to the floor above, by the uncertainty', '100000', '0.2', '0', true],
    ['just beyond the floor above, by the uncertainty', '100000', '0.2000000001', '0', false],
    ['to the floor above, by the shock', '100000', '0', '0.2', true],
    ['just beyond the floor above, by the shock', '100000', '0', '0.2000000001', false],
    ['to the floor below', '150000', '0.2', '0.1', true],
    ['just beyond the floor below', '150000', '0.1', '0.2000000001', false],
    ['away from a floor, however small', '120000', '0.000000000001', '0', false],
    ['of zero at a floor', '120000', '0', '0', true],
    ['to a price of 0', '30000', '1', '0', true],
    ['below a price of 0', '30000', '1.0000000001', '0', false],
    ['of the whole price on a notional of 0', '0', '1', '1', true],
  ])('is straight over a move $0: $4', (_, notional, uncertainty, shock, straight) => {
    expect(isStraight(notional, uncertainty, shock)).toBe(straight);
  });

  it('is straight only as far as every margined notional is', () => {
    const near = curveOf({ notional: '110000' });
    const far = curveOf({ notional: '100000', uncertainty: '0.1' });
    const curve = { ...far, margined: [...far.margined, ...near.margined, ...far.margined] };
    expect(curveAtMark(far).isStraight).toBe(true);
    expect(curveAtMark(curve).isStraight).toBe(false);
  });

  it('has the current point, and the slope of each figure in its tier', () => {
    const curve = curveOf({
      equity: ['-58000', '60000'],
      balance: ['-58000', '59000'],
      notional: '150000',
    });
    const { now, slope } = curveAtMark(curve);
    expect(plain({ ...now })).toEqual(plain({ ...pointAt(curve, ratio('1')) }));
    expect(plain({ ...slope })).toEqual({
      equity: '60000',
      balance: '59000',
      initial: '30000',
      maintenance: '15000',
    });
  });
});

describe('the range of a surplus formula', () => {
  const over = (given: Given, uncertainty: string, formula = surplus) =>
    textsOf(rangeIn(curveOf({ ...given, uncertainty }), formula));

  it('is a single value without uncertainty', () => {
    expect(over({ equity: ['0', '8000'] }, '0')).toEqual(['3000', '3000', '3000']);
  });

  it('rises with the price for a long', () => {
    const long = { equity: ['0', '100000'], tiers: [['0', '0.1', '0.05']] } as const;
    expect(over(long, '0.01')).toEqual(['94050', '95000', '95950']);
  });

  it('falls with the price for a short', () => {
    const short = { equity: ['0', '-100000'], tiers: [['0', '0.1', '0.05']] } as const;
    expect(over(short, '0.01')).toEqual(['-106050', '-105000', '-103950']);
  });

  /**
   * A hedged book of 8,000 net on 100,000 of margined notional gains 3,000 per unit of x below the
   * floor and loses 2,000 above it. Its surplus is 1,500 at 0.5, 3,000 at 1, 3,600 at 1.2 and 3,000
   * at 1.5.
   */
  it('has its highest value at a kink', () => {
    const hedged = { equity: ['0', '8000'] } as const;
    expect(over(hedged, '0.5')).toEqual(['1500', '3000', '3600']);
    expect(over(hedged, '0.2')).toEqual(['2400', '3000', '3600']);
    expect(over(hedged, '0.1')).toEqual(['2700', '3000', '3300']);
  });

  it('reaches down to a price of 0 and no further', () => {
    expect(over({ equity: ['0', '8000'] }, '1.5')).toEqual(['0', '3000', '3600']);
    const long = { equity: ['0', '100000'], tiers: [['0', '0.1', '0.05']] } as const;
    expect(over(long, '2')).toEqual(['0', '95000', '285000']);
  });

  it('ignores the requirement if the formula is equity', () => {
    const curve = { equity: ['-58000', '60000'] } as const;
    expect(over(curve, '0.1', { of: 'equity' })).toEqual(['-4000', '2000', '8000']);
  });
});

describe('the loss over the latency shock', () => {
  const lossOf = (curve: Curve) => plain({ ...latencyLoss(curveAtMark(curve), surplus) });
  const flat = [['0', '0.1', '0.05']] as const;

  it('is downward for a long: 95,000 · 2 %', () => {
    const long = curveOf({ equity: ['0', '100000'], tiers: flat, shock: '0.02' });
    expect(lossOf(long)).toEqual({ down: '1900', up: '-1900', worst: '1900' });
  });

  it('is upward for a short: 105,000 · 2 %', () => {
    const short = curveOf({ equity: ['0', '-100000'], tiers: flat, shock: '0.02' });
    expect(lossOf(short)).toEqual({ down: '-2100', up: '2100', worst: '2100' });
  });

  it.each([
    ['a long loses over the fall', '100000', ['1900', '-2850', '1900']],
    ['a short loses over the rise', '-100000', ['-2100', '3150', '3150']],
  ])('uses a separate shock for falls and rises: %s', (_, slope, [down, up, worst]) => {
    const wide = { equity: ['0', slope], tiers: flat, shock: '0.02', shockUp: '0.03' } as const;
    expect(lossOf(curveOf(wide))).toEqual({ down, up, worst });
  });

  it('takes each end of a tiered book at its own shock', () => {
    const hedged = curveOf({ equity: ['0', '8000'], shock: '0.5', shockUp: '0.1' });
    expect(lossOf(hedged)).toEqual({ down: '1500', up: '-300', worst: '1500' });
  });

  it('is zero for a book that no price moves', () => {
    const still = curveOf({ equity: ['0', '5000'], tiers: flat, shock: '0.02' });
    expect(lossOf(still)).toEqual({ down: '0', up: '0', worst: '0' });
  });

  it('is zero without a shock', () => {
    const long = curveOf({ equity: ['0', '100000'], tiers: flat });
    expect(lossOf(long)).toEqual({ down: '0', up: '0', worst: '0' });
  });

  /** 3,000 now, 1,500 at 0.5, 3,000 at 1.5. The gain at the kink in between does not count. */
  it('is measured from the current point to each end of a tiered book', () => {
    const hedged = curveOf({ equity: ['0', '8000'], shock: '0.5' });
    expect(lossOf(hedged)).toEqual({ down: '1500', up: '0', worst: '1500' });
  });

  it('cannot take a price below 0', () => {
    const long = curveOf({ equity: ['0', '100000'], tiers: flat, shock: '1.5' });
    expect(lossOf(long)).toEqual({ down: '95000', up: '-142500', worst: '95000' });
  });
});

const whole = (min: number, max: number) => fc.integer({ min, max });

/** Two margined notionals of three tiers each, around a hedged or unhedged line. */
const anyCurve = fc
  .record({
    slope: whole(-200, 200),
    floors: fc.tuple(whole(1, 150), whole(1, 150)),
    rates: fc.tuple(whole(0, 20), whole(0, 20), whole(0, 20)),
    notionals: fc.tuple(whole(0, 300), whole(1, 300)),
    shock: whole(0, 130),
  })
  .map(({ slope, floors: [first, second], rates: [a, b, c], notionals, shock }) => {
    const rate = (percent: number) => `${percent}e-2`;
    const schedule = scheduleOf(
      ['0', rate(a), rate(a)],
      [`${first}e3`, rate(a + b), rate(a + b)],
      [`${first + second}e3`, rate(a + b + c), rate(a + b + c)],
    );
    const margined = notionals.map((notional) => ({ notional: amount(`${notional}e3`), schedule }));
    return { ...curveOf({ equity: ['0', `${slope}e3`], shock: `${shock}e-2` }), margined };
  });

/** The surplus at −move, at +move, and at every thousandth in between. */
function sampled(curve: Curve, move: Ratio): Amount[] {
  const [low, high] = [downBy(move), upBy(move)];
  const step = times(subtract(high, low), ratio('0.001'));
  return Array.from({ length: 1001 }, (_, index) =>
    surplusOf(curve, add(low, times(step, ratio(`${index}`)))),
  );
}

describe('any curve', () => {
  it('has its lowest value at an end, and no sample above its highest', () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        const { low, point, high } = rangeIn({ ...curve, uncertainty: curve.shock }, surplus);
        const samples = sampled(curve, curve.shock);
        expect(textOf(point)).toBe(textOf(surplusOf(curve, ratio('1'))));
        expect(textOf(low)).toBe(textOf(samples.reduce(smaller)));
        const highest = samples.reduce(larger);
        expect(isBelow(high, highest)).toBe(false);
        // A kink lies within a thousandth of the interval of some sample; the slope is at most
        // 400,000.
        const gap = times(amount('800'), curve.shock);
        expect(isBelow(add(highest, gap), high)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('has the same latency loss from the straight line as from its points', () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        const at = (move: Ratio) => surplusOf(curve, move);
        const down = subtract(at(ratio('1')), at(downBy(curve.shock)));
        const up = subtract(at(ratio('1')), at(upBy(curve.shock)));
        const worst = larger(NO_AMOUNT, larger(down, up));
        expect(plain({ ...latencyLoss(curveAtMark(curve), surplus) })).toEqual(
          plain({ down, up, worst }),
        );
      }),
    );
  });
});
