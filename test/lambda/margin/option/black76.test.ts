import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type OptionState,
  type OptionTerms,
  type OptionType,
  optionGreeks,
  optionValue,
  optionValueAndDelta,
} from '../../../../lambda/margin/option/black76.ts';
import { ArgumentRangeError } from '../../../../lambda/margin/statistics/argument-range.ts';

/**
 * Reference values computed with 60 digits and more from the formulas, for these float64 inputs.
 * Columns: type K τ F σ e^{−rτ} r, then value, delta, gamma, vega and theta.
 */
const REFERENCE = `
call 100 1 100 0.2 1 0
  7.965567455405797 0.539827837277029 0.019847627373850586
  39.69525474770118 -3.969525474770118

put 100 1 100 0.2 0.95 0.05
  7.567289082635506 -0.43716355458682243 0.018855246005158057
  37.710492010316116 -3.3926847468998362

call 100 0.25 100 0.0002 1 0
  0.003989422802352068 0.5000199471140118 39.89422799027548
  19.94711399513774 -0.007978845598055097

put 100 0.25 99.99 0.0002 1 0
  0.01083303372051911 -0.8413447468752964 24.199492320471045
  12.097326332000936 -0.004838930532800375

call 100.3 0.25 100 0.0002 1 0
  6.300074300819465e-201 1.891388455941245e-197 5.671961742379659e-194
  2.835980871189829e-194 -1.1343923484759319e-197

put 60000 1.902587519025875e-6 60000 0.8 1 0
  26.413357097715316 -0.4997798886908524 0.006025546476496028
  33.016693021896046 -6941429.540923425

call 60500 1.902587519025875e-6 60000 0.8 1 0
  2.331344907193247e-13 2.737566852031601e-14 3.162561560218613e-15
  1.7329104439554045e-11 -3.6432709173718426e-6

put 58500 1.902587519025875e-6 60000 0.8 0.999999 0.5
  2.416298164727991e-116 -8.404811777066482e-117 2.9181643908498178e-117
  1.5989941867670234e-113 -3.3617253661775e-108

call 59900 1.902587519025875e-6 60000 0.8 1 0
  101.88787062635876 0.9347575552061653 0.0019206145208308437
  10.52391518263476 -2212547.9279971323

put 61000 1.902587519025875e-6 60000 0.8 1 0
  1000 -1 1.1483070466963886e-51
  6.292093406555554e-48 -1.3228497177942397e-42

call 65000 0.019178082191780823 60000 0.65 0.999 0.05
  574.8853627009483 0.19907803060130586 5.167152158832221e-5
  2318.848009908816 -39267.44789978399

put 50000 0.019178082191780823 60000 0.65 0.999 0.05
  39.021603893274545 -0.0191854313916894 8.65247614864343e-6
  388.2946830541901 -6578.257030848665

call 150000 0.0821917808219178 60000 0.7 1 0
  0.009511939578107635 3.994061120220457e-6 1.5494473093156312e-9
  0.3209266207787992 -1.3666125268163865

put 20000 0.0821917808219178 60000 0.7 1 0
  2.614881548075726e-5 -1.2398725634657042e-8 5.914677566027918e-12
  0.0012250674629909878 -0.005216745613236623

call 1000 0.5 100 1 0.98 0.04
  0.03113248201014833 0.001812266032782443 8.183190119592951e-5
  0.40915950597964756 -0.4079142066992416

put 10 0.5 100 0.75 0.98 0.04
  2.368304509461176e-5 -2.002122062026829e-6 1.8148348100573072e-7
  0.0006805630537714902 -0.0005094749685248331

call 1000 1 100 3 0.97 0.03
  63.173169096286365 0.7450178367031316 0.0009864108921246886
  29.592326763740655 -42.4932950727224

put 10 1 100 3 0.97 0.03
  6.317316909628637 -0.011328614574026792 9.864108921246885e-5
  2.9592326763740657 -4.24932950727224

call 10 1 100 3 0.97 0.03
  93.61731690962864 0.9586713854259732 9.864108921246885e-5
  2.9592326763740657 -1.6303295072722395

put 1000 1 100 3 0.97 0.03
  936.1731690962863 -0.22498216329686838 0.0009864108921246886
  29.592326763740655 -16.303295072722396

call 1000 0.04 100 0.5 1 0
  1.754857377802509e-117 4.064640163502076e-117 9.356481172364843e-117
  1.8712962344729688e-114 -1.1695601465456054e-113

put 10 0.04 100 0.4 1 0
  1.564499821621603e-183 -5.634458373561254e-183 2.032414352193972e-182
  3.2518629635103558e-180 -1.625931481755178e-179

call 271.8 1 100 0.79 1 0
  6.044351272546966 0.191961299797487 0.0034567091209584816
  27.308002055572008 -10.786660811950943

call 271.9 1 100 0.81 1 0
  6.595286864763668 0.20329934980844033 0.003490362291246507
  28.271934559096707 -11.450133496434166

put 37 1 100 0.1 1 0
  8.145590514693757e-24 -8.217249362430641e-24 8.29176883835317e-24
  8.29176883835317e-21 -4.145884419176585e-22

put 36 1 100 0.1 1 0
  4.815368541557411e-25 -4.987275729704851e-25 5.167890073795875e-25
  5.167890073795875e-22 -2.583945036897938e-23

call 99 4 100 0.399 0.8 -0.02
  25.086356910843012 0.5277453069598143 0.0036746015776829392
  58.64664117981972 -3.4267283670603685

call 99 4 100 0.401 0.8 -0.02
  25.203603373852314 0.5283131271736026 0.003653353420978075
  58.59978887248833 -3.441386484710524

call 100.01 2 100 1.5 1.02 -0.01
  72.53640158103659 0.8726784436083524 0.0010930374641922092
  32.79112392576628 -13.02203548797272

put 100.000001 0.01 100 0.001 1 0
  0.003989922842245033 -0.5000199471137116 39.89422799027548
  3.9894227990275484 -0.1994711399513774

call 3.5 0.02 2.75 1.1 1 0
  0.012573130708607255 0.07044745054349949 0.31539887576286646
  0.05247448795504691 -1.4430484187637902

put 1800 2.5 3100 0.55 0.9 0.04
  284.3465284692223 -0.1301300170614453 7.59460440387601e-5
  1003.5320394171664 -99.01466319711942

call 1.5 0.1 0.001 8 1 0
  2.7665835257654688e-5 0.05198619723078505 42.05185651127236
  3.3641485209017894e-5 -0.0013456594083607156

call 200 1 100 0.0235 1 0
  1.841282966459198e-192 2.3172702386674686e-191 2.9106604288157563e-190
  6.840052007717028e-188 -8.037061109067508e-190

put 90 0.0625 100 0.014 1 0
  2.435553997762331e-201 -2.0992718213289783e-199 1.8076469127995316e-197
  1.5816910486995902e-196 -1.771493974543541e-197
`;

const CASES = REFERENCE.trim()
  .split('\n\n')
  .map((lines) => {
    const [type, ...numbers] = lines.split(/\s+/);
    const [strike, yearsToExpiry, forward, volatility, discount, rate, ...expected] = numbers.map(
      Number,
    ) as [number, number, number, number, number, number, ...number[]];
    const terms: OptionTerms = { type: type as OptionType, strike, yearsToExpiry };
    return {
      name: lines.split('\n')[0],
      terms,
      state: { forward, volatility, discount },
      rate,
      expected,
    };
  });

it.each(CASES)(
  '$name agrees with the reference to twelve digits',
  ({ terms, state, rate, expected }) => {
    const { value, delta, gamma, vega, theta } = optionGreeks(terms, state, rate);
    const errors = [value, delta, gamma, vega, theta].map((found, i) =>
      Math.abs(found / (expected[i] ?? Number.NaN) - 1),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-12);
    expect(optionValue(terms, state)).toBe(value);
    expect(optionValueAndDelta(terms, state)).toEqual({ value, delta });
  },
);

/** An option on a spot price whose forward grows at `carry`, as the textbooks have it. */
function onSpot(
  terms: OptionTerms,
  { spot, rate, carry, volatility }: Record<'spot' | 'rate' | 'carry' | 'volatility', number>,
) {
  const growth = Math.exp(carry * terms.yearsToExpiry);
  const discount = Math.exp(-rate * terms.yearsToExpiry);
  const greeks = optionGreeks(terms, { forward: spot * growth, volatility, discount }, rate);
  const { value, delta, gamma, theta } = greeks;
  return {
    value,
    delta: delta * growth,
    gamma: gamma * growth ** 2,
    theta: theta - carry * spot * growth * delta,
  };
}

describe('published values', () => {
  it('Hull, Options, Futures, and Other Derivatives: a put on futures is worth 1.12', () => {
    const terms: OptionTerms = { type: 'put', strike: 20, yearsToExpiry: 4 / 12 };
    const { value } = onSpot(terms, { spot: 20, rate: 0.09, carry: 0, volatility: 0.25 });
    expect(value).toBeCloseTo(1.12, 2);
    expect(value).toBeCloseTo(1.1166, 4);
  });

  it.each([
    ['call', 4.76],
    ['put', 0.81],
  ] as const)('Hull: a half-year %s on a stock at 42 is worth %d', (type, expected) => {
    const terms: OptionTerms = { type, strike: 40, yearsToExpiry: 0.5 };
    const { value } = onSpot(terms, { spot: 42, rate: 0.1, carry: 0.1, volatility: 0.2 });
    expect(value).toBeCloseTo(expected, 2);
  });

  /** Haug, The Complete Guide to Option Pricing Formulas, chapters 1 and 2. */
  it.each(['call', 'put'] as const)(
    'Haug: a %s on futures at the money is worth 1.7011',
    (type) => {
      const terms: OptionTerms = { type, strike: 19, yearsToExpiry: 0.75 };
      const { value } = onSpot(terms, { spot: 19, rate: 0.1, carry: 0, volatility: 0.28 });
      expect(value).toBeCloseTo(1.7011, 4);
    },
  );

  it('Haug: a call on a stock is worth 2.1334, a put on an index with a yield 2.4648', () => {
    const call: OptionTerms = { type: 'call', strike: 65, yearsToExpiry: 0.25 };
    const stock = { spot: 60, rate: 0.08, carry: 0.08, volatility: 0.3 };
    expect(onSpot(call, stock).value).toBeCloseTo(2.1334, 4);
    const put: OptionTerms = { type: 'put', strike: 95, yearsToExpiry: 0.5 };
    const index = { spot: 100, rate: 0.1, carry: 0.05, volatility: 0.2 };
    expect(onSpot(put, index).value).toBeCloseTo(2.4648, 4);
  });

  it.each([
    ['call', 0.5946],
    ['put', -0.3566],
  ] as const)('Haug: the delta of a %s on futures is %d', (type, expected) => {
    const terms: OptionTerms = { type, strike: 100, yearsToExpiry: 0.5 };
    const futures = { spot: 105, rate: 0.1, carry: 0, volatility: 0.36 };
    expect(onSpot(terms, futures).delta).toBeCloseTo(expected, 4);
  });

  it('Haug: the gamma of a call on a stock is .0278, the theta of a put on an index −31.1924', () => {
    const call: OptionTerms = { type: 'call', strike: 60, yearsToExpiry: 0.75 };
    const stock = { spot: 55, rate: 0.1, carry: 0.1, volatility: 0.3 };
    expect(onSpot(call, stock).gamma).toBeCloseTo(0.0278, 4);
    const put: OptionTerms = { type: 'put', strike: 405, yearsToExpiry: 1 / 12 };
    const index = { spot: 430, rate: 0.07, carry: 0.02, volatility: 0.2 };
    expect(onSpot(put, index).theta).toBeCloseTo(-31.1924, 4);
  });
});

describe('an option in any market', () => {
  const between = (min: number, max: number) =>
    fc.double({ min: Math.log(min), max: Math.log(max), noNaN: true }).map(Math.exp);
  const market = fc.record({
    strike: between(10, 1000),
    yearsToExpiry: between(1 / 525_600, 3),
    forward: fc.constant(100),
    volatility: between(0.01, 5),
    discount: between(0.5, 1.1),
  });
  /** More than the rounding. */
  const SLACK = 1e-13;

  const priced = (type: OptionType, at: OptionState & Omit<OptionTerms, 'type'>) =>
    optionValueAndDelta({ type, strike: at.strike, yearsToExpiry: at.yearsToExpiry }, at);

  it('satisfies put-call parity: the values differ by the discounted forward less strike', () => {
    fc.assert(
      fc.property(market, (at) => {
        const [call, put] = [priced('call', at), priced('put', at)];
        const parity = at.discount * (at.forward - at.strike);
        const size = at.discount * Math.max(at.forward, at.strike);
        expect(Math.abs(call.value - put.value - parity)).toBeLessThan(1e-15 * size);
        expect(Math.abs(call.delta - put.delta - at.discount)).toBeLessThan(1e-15);
      }),
    );
  });

  it('has a value between its payoff and its bound, to the last digit', () => {
    fc.assert(
      fc.property(market, fc.constantFrom(1, 1e3, 1e6), (at, wild) => {
        const { forward, strike, discount } = at;
        const violent = { ...at, volatility: at.volatility * wild };
        const [call, put] = [priced('call', violent), priced('put', violent)];
        expect(call.value).toBeGreaterThanOrEqual(discount * Math.max(forward - strike, 0));
        expect(call.value).toBeLessThanOrEqual(discount * forward);
        expect(put.value).toBeGreaterThanOrEqual(discount * Math.max(strike - forward, 0));
        expect(put.value).toBeLessThanOrEqual(discount * strike);
        expect(Math.min(call.delta, -put.delta)).toBeGreaterThanOrEqual(0);
        expect(Math.max(call.delta, -put.delta)).toBeLessThanOrEqual(discount);
      }),
    );
  });

  it('is worth more at a higher volatility', () => {
    fc.assert(
      fc.property(market, between(1.0001, 3), (at, factor) => {
        const more = { ...at, volatility: at.volatility * factor };
        for (const type of ['call', 'put'] as const) {
          const less = priced(type, at).value;
          expect(priced(type, more).value).toBeGreaterThanOrEqual(less * (1 - SLACK));
        }
      }),
    );
  });

  it('follows the forward: the call rises, the put falls, both deltas rise, by no more than the move', () => {
    fc.assert(
      fc.property(market, between(1.0001, 3), (at, factor) => {
        const risen = { ...at, forward: at.forward * factor };
        const move = (risen.forward - at.forward) * at.discount * (1 + SLACK) + 1e-12;
        for (const [type, sign] of [['call', 1] as const, ['put', -1] as const]) {
          const [before, after] = [priced(type, at), priced(type, risen)];
          const gain = sign * (after.value - before.value);
          expect(gain).toBeGreaterThanOrEqual(-1e-12);
          expect(gain).toBeLessThanOrEqual(move);
          expect(after.delta).toBeGreaterThanOrEqual(before.delta - SLACK);
        }
      }),
    );
  });

  it('has no jump where the series replaces the difference', () => {
    const call: OptionTerms = { type: 'call', strike: 100, yearsToExpiry: 1 };
    const at = (forward: number, volatility: number) => ({ forward, volatility, discount: 1 });
    const ways = [
      [at(101, 0.8 - 1e-15), at(101, 0.8)],
      [at(100 / Math.E + 1e-13, 0.1), at(100 / Math.E - 1e-13, 0.1)],
    ] as const;
    for (const [left, right] of ways) {
      const [one, other] = [optionGreeks(call, left, 0), optionGreeks(call, right, 0)];
      for (const name of ['value', 'delta', 'vega'] as const) {
        expect(Math.abs(one[name] / other[name] - 1)).toBeLessThan(1e-12);
      }
    }
  });
});

describe('an option without time or volatility', () => {
  const call: OptionTerms = { type: 'call', strike: 100, yearsToExpiry: 0.5 };
  const put: OptionTerms = { ...call, type: 'put' };
  const still: OptionState = { forward: 110, volatility: 0, discount: 0.95 };

  it.each([
    [call, 110, 9.5, 0.95],
    [call, 90, 0, 0],
    [call, 100, 0, 0.475],
    [put, 110, 0, 0],
    [put, 90, 9.5, -0.95],
    [put, 100, 0, -0.475],
  ])(
    'is worth its discounted payoff: $type at $1 is worth $2 and has delta $3',
    (terms, forward, value, delta) => {
      const expected = { value, delta };
      const expired = { ...terms, yearsToExpiry: 0 };
      expect(optionValueAndDelta(terms, { ...still, forward })).toEqual(expected);
      expect(optionValueAndDelta(expired, { ...still, forward, volatility: 0.8 })).toEqual(
        expected,
      );
      const greeks = optionGreeks(terms, { ...still, forward }, 0.1);
      expect(greeks).toEqual({ ...expected, gamma: 0, vega: 0, theta: 0.1 * value });
    },
  );

  it('is the limit as the volatility goes to 0', () => {
    for (const volatility of [1e-3, 1e-6, 1e-12, 1e-100, 5e-324]) {
      const state = { ...still, volatility };
      expect(optionValueAndDelta(call, state)).toEqual({ value: 9.5, delta: 0.95 });
      expect(optionValue(put, state)).toBe(0);
      expect(optionGreeks(put, state, 0.1).vega).toBe(0);
    }
  });

  it('at an infinite volatility is worth the forward as a call and the strike as a put', () => {
    const wild = { ...still, volatility: Number.MAX_VALUE };
    expect(optionValueAndDelta(call, wild)).toEqual({ value: 104.5, delta: 0.95 });
    expect(optionValue(put, wild)).toBe(95);
  });

  it.each([
    [{ strike: 0 }, {}, 'strike must be finite and above zero, not 0'],
    [{}, { forward: -1 }, 'forward must be finite and above zero, not -1'],
    [
      {},
      { forward: Number.POSITIVE_INFINITY },
      'forward must be finite and above zero, not Infinity',
    ],
    [{}, { volatility: -0.1 }, 'volatility must be finite and not below zero, not -0.1'],
    [{ yearsToExpiry: -1 }, {}, 'yearsToExpiry must be finite and not below zero, not -1'],
    [{ yearsToExpiry: Number.NaN }, {}, 'yearsToExpiry must be finite and not below zero, not NaN'],
    [{}, { discount: 0 }, 'discount must be finite and above zero, not 0'],
    [
      { strike: 1e300 },
      { forward: 1e-300 },
      'ln(forward/strike) must be a finite number, not -Infinity',
    ],
  ])('invalid arguments are refused: %j %j', (terms, state, told) => {
    const run = () => optionValue({ ...call, ...terms }, { ...still, ...state });
    expect(run).toThrow(new ArgumentRangeError(told));
  });

  it('refuses a rate that is not a number', () => {
    expect(() => optionGreeks(call, still, Number.NaN)).toThrow(
      'rate must be a finite number, not NaN',
    );
  });
});
