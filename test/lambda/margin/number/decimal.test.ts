import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absolute,
  add,
  amount,
  approximately,
  asShock,
  compare,
  contractsOf,
  DecimalError,
  divide,
  isAbove,
  isAtLeast,
  isBelow,
  isNegative,
  isPositive,
  isZero,
  larger,
  negate,
  price,
  quantity,
  ratio,
  ratioBetween,
  ratioOfCount,
  recordedAmount,
  roundDown,
  roundUp,
  smaller,
  squareRoot,
  subtract,
  textOf,
  times,
  unitsOf,
  worth,
  worthOf,
} from '../../../../lambda/margin/number/decimal.ts';

/** Any decimal that is accepted: up to 34 digits, from 1e-24 to 1e24. */
const anyDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 24 }))
  .map(([digits, places]) => shifted(digits, places));

/** digits ÷ 10^places, by text alone. */
function shifted(digits: bigint, places: number): string {
  const sign = digits < 0n ? '-' : '';
  const padded = (digits < 0n ? -digits : digits).toString().padStart(places + 1, '0');
  const whole = padded.slice(0, padded.length - places);
  const fraction = padded.slice(padded.length - places).replace(/0+$/, '');
  const plain = fraction === '' ? whole : `${whole}.${fraction}`;
  return plain === '0' ? '0' : `${sign}${plain}`;
}

describe('reading a decimal', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['0e999', '0'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['1e-8', '0.00000001'],
    ['1E+3', '1000'],
    ['-12.3400', '-12.34'],
    ['1e24', '1000000000000000000000000'],
    ['1e-24', '0.000000000000000000000001'],
    ['1234567890123456789012345678901234e-9', '1234567890123456789012345.678901234'],
    ['0.1234567890123456789012345678901234', '0.1234567890123456789012345678901234'],
    [`1.${'0'.repeat(98)}`, '1'],
  ])('a decimal %s is read as %s', (given, exact) => {
    expect(textOf(amount(given))).toBe(exact);
  });

  it.each([
    ['an empty text', ''],
    ['spaces', '  '],
    ['NaN', 'NaN'],
    ['infinity', 'Infinity'],
    ['minus infinity', '-Infinity'],
    ['a plus sign', '+1'],
    ['two signs', '--1'],
    ['only a sign', '-'],
    ['only a point', '.'],
    ['two points', '1.2.3'],
    ['hexadecimal', '0x10'],
    ['binary', '0b11'],
    ['octal', '0o17'],
    ['an underscore', '1_000'],
    ['a thousands comma', '1,000'],
    ['a decimal comma', '1,5'],
    ['a space before', ' 1'],
    ['a space after', '1 '],
    ['a line break after', '1\n'],
    ['a unit', '1BTC'],
    ['a percentage', '5%'],
    ['an exponent without digits', '1e'],
    ['only an exponent', 'e5'],
    ['a fractional exponent', '1e1.5'],
    ['an exponent of four digits', '1e1000'],
    ['an exponent beyond floating point', '1e999'],
    ['an exponent beyond the bound', '1e25'],
    ['a fraction beyond the bound', '9.99e-25'],
    ['a whole number beyond the bound', `1${'0'.repeat(25)}`],
    ['35 digits', '12345678901234567890123456789012345e-15'],
    ['60 digits', '1'.repeat(60)],
    ['60 digits after the point', `0.${'1'.repeat(60)}`],
    ['more than 100 characters', `1.${'0'.repeat(99)}`],
    ['full-width digits', '１２'],
    ['a word', 'null'],
  ])('%s is refused as a decimal', (_, given) => {
    for (const read of [amount, price, quantity, ratio]) {
      expect(() => read(given)).toThrow(DecimalError);
    }
  });

  it('says what is wrong, and how long a number may be', () => {
    expect(() => ratio('0x10')).toThrow('must be a decimal number, not "0x10"');
    expect(() => ratio('')).toThrow('must be a decimal number, not empty');
    expect(() => ratio('1'.repeat(60))).toThrow(
      'has 60 significant digits; at most 34 are allowed',
    );
    expect(() => ratio('1e25')).toThrow('must lie between 1e-24 and 1e24');
  });

  it('keeps every digit that it reads', () => {
    fc.assert(
      fc.property(anyDecimal, (text) => {
        expect(textOf(amount(text))).toBe(text);
      }),
    );
  });
});

describe('a recorded amount', () => {
  it.each(['0', '-12.5', `1${'0'.repeat(40)}`, `0.${'1'.repeat(60)}`])(
    'may be larger and longer than any input: %s',
    (text) => {
      expect(textOf(recordedAmount(text))).toBe(text);
    },
  );

  it.each(['', 'NaN', 'Infinity', '0x10', ' 1', '1_000'])(
    'must still be a decimal, so %o is refused',
    (text) => {
      expect(() => recordedAmount(text)).toThrow(DecimalError);
    },
  );
});

describe('a count', () => {
  it('becomes a ratio, whether whole or not', () => {
    expect(textOf(ratioOfCount(1_700_000_000_123))).toBe('1700000000123');
    expect(textOf(ratioOfCount(0.001))).toBe('0.001');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is refused if it is %s',
    (count) => {
      expect(() => ratioOfCount(count)).toThrow(DecimalError);
    },
  );
});

describe('a calculation that has no finite result', () => {
  it.each([
    ['1 ÷ 0 between amounts', () => ratioBetween(amount('1'), amount('0'))],
    ['0 ÷ 0 between amounts', () => ratioBetween(amount('0'), amount('0'))],
    ['0 ÷ −0 between amounts', () => ratioBetween(amount('0'), negate(amount('0')))],
    ['a measure ÷ 0', () => divide(amount('1'), ratio('0'))],
    ['a number of contracts that are worth 0', () => contractsOf(amount('1'), amount('0'))],
    ['the root of a negative number', () => squareRoot(ratio('-1e-24'))],
  ])('throws a DecimalError: %s', (_, calculate) => {
    expect(calculate).toThrow(DecimalError);
  });

  it('throws an error that says what the calculation gave', () => {
    expect(() => divide(amount('1'), ratio('0'))).toThrow('a calculation gave Infinity');
    expect(() => ratioBetween(amount('0'), amount('0'))).toThrow('a calculation gave NaN');
  });
});

describe('decimal arithmetic', () => {
  it('is exact where binary floating point is not', () => {
    expect(textOf(add(amount('0.1'), amount('0.2')))).toBe('0.3');
    expect(textOf(subtract(amount('1e24'), amount('1e-9')))).toBe(
      '999999999999999999999999.999999999',
    );
    expect(textOf(times(amount('1.15'), ratio('100')))).toBe('115');
  });

  it('carries 34 digits, not the 20 of decimal.js', () => {
    expect(textOf(ratioBetween(amount('1'), amount('3')))).toBe(`0.${'3'.repeat(34)}`);
    expect(textOf(ratioBetween(amount('2'), amount('3')))).toBe(`0.${'6'.repeat(33)}7`);
  });

  it('rounds a tie in the last digit to even', () => {
    const tie = times(amount('1.000000000000000000000000000000001'), ratio('1.5'));
    expect(textOf(tie)).toBe('1.500000000000000000000000000000002');
    const down = times(amount('1.000000000000000000000000000000003'), ratio('1.5'));
    expect(textOf(down)).toBe('1.500000000000000000000000000000004');
  });

  it('multiplies and divides values, prices and quantities', () => {
    expect(textOf(worth(quantity('-0.5'), price('60000')))).toBe('-30000');
    expect(textOf(worthOf(quantity('3'), amount('-2.5')))).toBe('-7.5');
    expect(textOf(unitsOf(quantity('-3'), quantity('0.001')))).toBe('-0.003');
    expect(textOf(contractsOf(amount('10'), amount('4')))).toBe('2.5');
    expect(textOf(divide(amount('10'), ratio('4')))).toBe('2.5');
    expect(textOf(squareRoot(ratio('2')))).toBe('1.414213562373095048801688724209698');
  });

  it('inverts an addition by a subtraction, and a negation by another', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 30n), 10n ** 30n),
        fc.bigInt(-(10n ** 30n), 10n ** 30n),
        (a, b) => {
          const [left, right] = [amount(shifted(a, 12)), amount(shifted(b, 12))];
          expect(textOf(add(left, right))).toBe(shifted(a + b, 12));
          expect(textOf(subtract(left, right))).toBe(shifted(a - b, 12));
          expect(textOf(negate(left))).toBe(shifted(-a, 12));
          expect(textOf(absolute(left))).toBe(shifted(a < 0n ? -a : a, 12));
          expect(compare(left, right)).toBe(a < b ? -1 : a > b ? 1 : 0);
        },
      ),
    );
  });
});

describe('comparing decimals', () => {
  const threshold = ratio('0.4');

  it('tells 0.4 − 1e-18 from 0.4, which floating point does not', () => {
    const under = subtract(threshold, ratio('1e-18'));
    expect(approximately(under)).toBe(approximately(threshold));
    expect(isBelow(under, threshold)).toBe(true);
    expect(isAtLeast(under, threshold)).toBe(false);
    expect(isAbove(threshold, under)).toBe(true);
    expect(compare(under, threshold)).toBe(-1);
    expect(smaller(threshold, under)).toBe(under);
    expect(larger(under, threshold)).toBe(threshold);
  });

  it('treats equal values as neither below nor above', () => {
    const same = ratio('0.40');
    expect(isBelow(same, threshold)).toBe(false);
    expect(isAbove(same, threshold)).toBe(false);
    expect(isAtLeast(same, threshold)).toBe(true);
    expect(compare(same, threshold)).toBe(0);
  });

  it.each(['0', '-0', '-0.0'])('treats %s as zero, without a sign', (text) => {
    expect(isZero(amount(text))).toBe(true);
    expect(isNegative(amount(text))).toBe(false);
    expect(isPositive(amount(text))).toBe(false);
  });

  it('treats a product with zero as zero, without a sign', () => {
    const nothing = times(amount('-5'), ratio('0'));
    expect(isNegative(nothing)).toBe(false);
    expect(isPositive(negate(nothing))).toBe(false);
    expect(textOf(nothing)).toBe('0');
  });

  it('sees a sign down to the last digit', () => {
    expect(isNegative(amount('-1e-24'))).toBe(true);
    expect(isPositive(amount('1e-24'))).toBe(true);
    expect(isZero(amount('1e-24'))).toBe(false);
  });
});

describe('rounding', () => {
  it.each([
    ['1.231', '1.24', '1.23'],
    ['1.23', '1.23', '1.23'],
    ['1.230000000000000000000001', '1.24', '1.23'],
    ['-1.239', '-1.23', '-1.24'],
    ['-1.23', '-1.23', '-1.23'],
    ['0.001', '0.01', '0'],
    ['-0.001', '0', '-0.01'],
    ['0', '0', '0'],
  ])('rounds %s up to %s and down to %s, whatever its sign', (given, up, down) => {
    expect(textOf(roundUp(amount(given), 2))).toBe(up);
    expect(textOf(roundDown(amount(given), 2))).toBe(down);
  });

  it('also works to whole numbers', () => {
    expect(textOf(roundUp(amount('12.0001'), 0))).toBe('13');
    expect(textOf(roundDown(amount('-12.0001'), 0))).toBe('-13');
  });

  it('rounds a shock up to 12 decimal places', () => {
    expect(textOf(asShock(ratio('0.0100000000000000001')))).toBe('0.010000000001');
    expect(textOf(asShock(ratio('0.010000000001')))).toBe('0.010000000001');
  });

  it('never rounds to the wrong side, nor by a whole step', () => {
    fc.assert(
      fc.property(anyDecimal, fc.integer({ min: 0, max: 18 }), (text, places) => {
        const given = amount(text);
        const step = amount(`1e-${places}`);
        const up = subtract(roundUp(given, places), given);
        const down = subtract(given, roundDown(given, places));
        for (const moved of [up, down]) {
          expect(isNegative(moved)).toBe(false);
          expect(isBelow(moved, step)).toBe(true);
        }
      }),
    );
  });
});

describe('the text of a decimal', () => {
  it.each(['1e24', '1e-24', '-1.5e-20', '123456789e15', '1e21', '1e-7'])(
    'has no exponent: %s',
    (text) => {
      expect(textOf(amount(text))).toMatch(/^-?\d+(\.\d*[1-9])?$/);
    },
  );

  it('has no exponent after any product or quotient', () => {
    fc.assert(
      fc.property(anyDecimal, anyDecimal, (left, right) => {
        const product = times(amount(left), ratio(right));
        expect(textOf(product)).toMatch(/^-?\d+(\.\d*[1-9])?$/);
        fc.pre(!isZero(ratio(right)));
        expect(textOf(divide(amount(left), ratio(right)))).toMatch(/^-?\d+(\.\d*[1-9])?$/);
      }),
    );
  });

  it('is close to the floating point value', () => {
    expect(approximately(amount('-1234.5'))).toBe(-1234.5);
  });
});
