import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Numeral, parseExactJson, writeExactJson } from '../../../lambda/rows/numeral.ts';

const digits = (max: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: 1, maxLength: max });

const numbers = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits(40).map((all) => all.join('').replace(/^0+(?=.)/, '')),
    fc.oneof(
      fc.constant(''),
      digits(40).map((all) => `.${all.join('')}`),
    ),
    fc.oneof(
      fc.constant(''),
      fc
        .tuple(fc.constantFrom('e', 'E', 'e+', 'E-', 'e-'), digits(4))
        .map(([sign, all]) => `${sign}${all.join('')}`),
    ),
  )
  .map((parts) => parts.join(''));

describe('a number in JSON', () => {
  it.each([
    '0.1',
    '-0',
    '1e5',
    '12345678901234567890123456789.0123456789',
    '1E-400',
    '0.30000000000000000000000001',
  ])('is read and written digit by digit as its own text: %s', (text) => {
    const read = parseExactJson(`{"price":${text}}`);
    expect(read).toEqual({ price: new Numeral(text) });
    expect(writeExactJson(read)).toBe(`{"price":${text}}`);
  });

  it('loses no digit, wherever it stands', () => {
    fc.assert(
      fc.property(numbers, fc.string(), (number, text) => {
        const document = `[${number},{${JSON.stringify(text)}:${number}},${JSON.stringify(number)}]`;
        const numeral = new Numeral(number);
        const object = Object.fromEntries([[text, numeral]]);
        expect(parseExactJson(document)).toEqual([numeral, object, number]);
        expect(writeExactJson(parseExactJson(document))).toBe(document);
      }),
      { numRuns: 2000 },
    );
  });

  it('is read at any depth, and other values are unchanged', () => {
    const text = '{"a":[1,"1",true,null,{"b":2.50}],"c":"NaN"}';
    expect(parseExactJson(text)).toEqual({
      a: [new Numeral('1'), '1', true, null, { b: new Numeral('2.50') }],
      c: 'NaN',
    });
    expect(writeExactJson(parseExactJson(text))).toBe(text);
  });

  it('keeps its digits as a text where JSON.stringify writes it', () => {
    expect(JSON.stringify(parseExactJson('[0.10,1e400]'))).toBe('["0.10","1e400"]');
  });

  it.each(['{"a":NaN}', '{"a":0x10}', '{"a":+1}', '{"a":.5}', '{', ''])(
    'is refused if it is no valid JSON: %s',
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );
});

describe('a value', () => {
  it('is written as JSON.stringify writes it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(writeExactJson(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [{ a: undefined, b: [undefined, () => 1, Number.NaN], c: Number.POSITIVE_INFINITY }],
    [
      {
        at: new Date(0),
        nested: { toJSON: () => ({ a: [1] }) },
        left: { toJSON: () => undefined },
      },
    ],
    [['"', '\\', '\u0000\u001f\u007f', '\u2028', '\ud800', 'é', ' ~']],
    [Object.assign(Object.create(null), { '"': 1, __proto__: 2, '': 3 })],
  ])('may hold what is rare: %#', (value) => {
    expect(writeExactJson(value)).toBe(JSON.stringify(value));
  });

  it('needs a text', () => {
    expect(() => writeExactJson(undefined)).toThrow('JSON has no text for undefined');
    expect(() => writeExactJson({ a: 1n })).toThrow(TypeError);
  });

  it.each(['', 'NaN', '.5', '1.', '01', '1,2', '1}', ' 1', '1\n'])(
    'never holds a numeral that is no number in JSON: %j',
    (text) => {
      expect(() => writeExactJson([new Numeral(text)])).toThrow(SyntaxError);
    },
  );
});
