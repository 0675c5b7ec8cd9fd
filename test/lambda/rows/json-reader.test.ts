import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEPTH_MAX, readJson } from '../../../lambda/rows/json-reader.ts';

const read = (text: string) => readJson(text, Number);

/** The value of a text, or the name of the error that refuses it. */
function parsed(text: string, parse: (text: string) => unknown): unknown {
  try {
    return { value: parse(text) };
  } catch (error) {
    return (error as Error).name;
  }
}

const json = fc.jsonValue({ stringUnit: 'binary' });
const spaces = fc.constantFrom(undefined, 1, '\t', '\r\n ', ' \n');
const texts = fc.tuple(json, spaces).map(([value, space]) => JSON.stringify(value, null, space));

/** One change at a random place: most results are no longer JSON. */
const damaged = fc
  .tuple(
    texts,
    fc.nat(),
    fc.constantFrom(0, 1),
    fc.constantFrom(...'[]{},:"\\/-+.0123456789eEtrufalsn \t\n\u000b\u00a0\ufeff\u0000', ''),
  )
  .map(([text, place, removed, added]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + added + text.slice(at + removed);
  });

describe('a JSON text', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused where JSON.parse refuses it, and nowhere else', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        expect(parsed(text, read)).toEqual(parsed(text, (each) => JSON.parse(each)));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\ud83d\\ude00\\uD800"',
    '"\u2028\u2029\u007f\ud800"',
    '{"a":1,"a":2}',
    '{"2":1,"1":2}',
    '{"__proto__":{"a":1},"constructor":null,"toString":"x"}',
    '[-0,0.0,1e400,-1E-400,1.5e+3]',
    ' \t\r\n[ ]\n',
  ])('may hold what is rare: %s', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
    expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('sets no prototype', () => {
    const value = read('{"__proto__":{"polluted":true}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
  });

  it.each([
    ['', 'expected a value at line 1, column 1, not the end'],
    ['{"a":NaN}', 'expected a value at line 1, column 6, not "N"'],
    ['{"a":.5}', 'expected a value at line 1, column 6, not "."'],
    ['{"a":01}', "expected ',' or '}' at line 1, column 7, not \"1\""],
    ['{"a":1.}', "expected ',' or '}' at line 1, column 7, not \".\""],
    ['{\n  "a": 1,\n}', 'expected a name in double quotes at line 3, column 1, not "}"'],
    ['{"a" 1}', 'expected \':\' at line 1, column 6, not "1"'],
    ["{'a': 1}", 'expected a name in double quotes at line 1, column 2, not "\'"'],
    ['[1 2]', "expected ',' or ']' at line 1, column 4, not \"2\""],
    ['[1,', 'expected a value at line 1, column 4, not the end'],
    ['["a', 'expected a closing double quote at line 1, column 4, not the end'],
    ['["a\n"]', 'expected a closing double quote at line 1, column 4, not "\\n"'],
    ['["a\\x"]', 'expected an escape such as \\n or \\u0041 at line 1, column 4, not "\\\\"'],
    ['truth', 'expected a value at line 1, column 1, not "t"'],
    ['1 1', 'expected the end at line 1, column 3, not "1"'],
    ['[😀]', 'expected a value at line 1, column 2, not "😀"'],
  ])('that is malformed is refused with the place: %s', (text, message) => {
    expect(() => read(text)).toThrow(new SyntaxError(message));
  });

  it('may be nested, but not without end', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(JSON.stringify(read(nested(DEPTH_MAX)))).toBe(nested(DEPTH_MAX));
    expect(() => read(nested(DEPTH_MAX + 1))).toThrow(/^expected at most 500 levels at line 1/);
    expect(() => read('{"a":'.repeat(1_000_000))).toThrow(SyntaxError);
  });
});
