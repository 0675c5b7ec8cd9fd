import { describe, expect, it } from 'vitest';
import { Numeral, parseExactJson } from '../../../lambda/rows/numeral.ts';

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
    expect(JSON.stringify(read)).toBe(`{"price":${text}}`);
  });

  it('is read at any depth, and other values are unchanged', () => {
    const text = '{"a":[1,"1",true,null,{"b":2.50}],"c":"NaN"}';
    expect(parseExactJson(text)).toEqual({
      a: [new Numeral('1'), '1', true, null, { b: new Numeral('2.50') }],
      c: 'NaN',
    });
    expect(JSON.stringify(parseExactJson(text))).toBe(text);
  });

  it.each(['{"a":NaN}', '{"a":0x10}', '{"a":+1}', '{"a":.5}', '{', ''])(
    'is refused if it is no valid JSON: %s',
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );
});
