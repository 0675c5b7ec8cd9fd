import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { MOVES_DEFAULT, movesOf, moveText } from '../../../local/stress/moves.ts';

const read = (text: string, before: string[] = []): string[] =>
  movesOf(
    text,
    before.flatMap((each) => movesOf(each)),
  ).map(textOf);

describe('moves on a command line', () => {
  it.each([
    ['-30%', '-0.3'],
    ['−30 %', '-0.3'],
    ['-0.3', '-0.3'],
    ['+20%', '0.2'],
    ['0', '0'],
    [' 12.5% ', '0.125'],
    ['-99.999999%', '-0.99999999'],
    ['1000%', '10'],
  ])('are read exactly: %s is %s', (text, move) => {
    expect(read(text)).toEqual([move]);
  });

  it('are sorted upwards without repeats, however they were written', () => {
    expect(read('+20%,-30%,0.2', ['-0.3', '5%'])).toEqual(['-0.3', '0.05', '0.2']);
  });

  it.each([
    ['-100%', 'a price can only fall by less than 100 %'],
    ['-1', 'a price can only fall by less than 100 %'],
    ['-30', 'a price can only fall by less than 100 %'],
    ['20', 'a price may rise by at most 1000 %'],
    ['1000.1%', 'a price may rise by at most 1000 %'],
    ['', 'is not a move'],
    ['-30%,', 'is not a move'],
    ['fall', 'is not a move'],
    ['--30%', 'is not a move'],
    ['NaN', 'is not a move'],
    ['30%%', 'is not a move'],
  ])('are refused if invalid: %s', (text, why) => {
    expect(() => movesOf(text)).toThrow(InvalidArgumentError);
    expect(() => movesOf(text)).toThrow(why);
  });

  it('are by default a ladder that includes 0, and are shown in percent', () => {
    const texts = MOVES_DEFAULT.map(moveText);
    expect(texts.slice(0, 2)).toEqual(['−50 %', '−40 %']);
    expect(texts).toContain('0 %');
    expect([texts.at(-1), moveText('-0.12345')]).toEqual(['+50 %', '−12.35 %']);
  });
});
