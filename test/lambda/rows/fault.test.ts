import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { faultText, readStored, rowFaultText } from '../../../lambda/rows/fault.ts';
import { ratioField } from '../../../lambda/rows/fields.ts';
import { Numeral } from '../../../lambda/rows/numeral.ts';

const inner = z.strictObject({ at: z.number() });
const schema = z.strictObject({
  text: z.string().optional(),
  isOn: z.boolean().optional(),
  list: z.array(z.string()).optional(),
  map: inner.optional(),
  byName: z.record(z.string(), z.string()).optional(),
  word: z.enum(['a', 'b']).optional(),
  only: z.literal('c').optional(),
  shape: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('flat') }),
      z.object({ type: z.literal('tiered') }),
    ])
    .optional(),
  either: z.union([z.null(), ratioField('σ.'), inner]).optional(),
});

const errorOf = (value: unknown): z.ZodError => {
  const { error } = schema.safeParse(value);
  if (error === undefined) throw new Error('the value has no fault');
  return error;
};

describe('the fault of a value', () => {
  it.each([
    ['x', 'must be a map, not a text'],
    [{ text: 5 }, 'text must be a text, not a number'],
    [{ text: new Numeral('5') }, 'text must be a text, not a number'],
    [{ isOn: 'true' }, 'isOn must be true or false, not a text'],
    [{ list: {} }, 'list must be a list, not a map'],
    [{ list: ['x', true] }, 'list.1 must be a text, not true or false'],
    [{ map: [] }, 'map must be a map, not a list'],
    [{ map: {} }, 'map.at is missing'],
    [{ map: { at: new Numeral('5') } }, 'map.at must be a number'],
    [{ byName: 'x' }, 'byName must be a map, not a text'],
    [{ word: 'c' }, 'word must be one of a, b'],
    [{ only: 'd' }, 'only must be c'],
    [{ shape: { type: 'round' } }, 'shape.type must be one of flat, tiered'],
    [{ either: 'x' }, 'either must be a decimal number, not "x"'],
    [{ either: { at: 'x' } }, 'either.at must be a number, not a text'],
    [{ map: { at: 1, by: 2 } }, 'unknown attribute map.by'],
  ])('is told in plain words: %j', (value, text) => {
    expect(faultText(errorOf(value))).toBe(text);
  });
});

describe('an unknown attribute', () => {
  it('of a row comes with the way to name attributes of your own', () => {
    const hint = 'begin the names of your own with _';
    expect(rowFaultText(errorOf({ colour: 1 }))).toBe(`unknown attribute colour (${hint})`);
  });

  it('comes without it where such names are refused too', () => {
    expect(rowFaultText(errorOf({ map: { at: 1, _by: 2 } }))).toBe('unknown attribute map._by');
    expect(faultText(errorOf({ _colour: 1 }))).toBe('unknown attribute _colour');
  });
});

describe('a stored value', () => {
  it('is read, or refused in one line that says what cannot be read, and where', () => {
    expect(readStored(inner, { at: 1 }, 'the case')).toEqual({ at: 1 });
    expect(() => readStored(inner, { at: 'x' }, 'the case')).toThrow(
      /^the case cannot be read: at must be a number, not a text$/,
    );
  });
});
