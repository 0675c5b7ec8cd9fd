import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import { levelWord, toned } from '../../../local/cli/colour.ts';
import { COLUMNS, tableOf, wrapped } from '../../../local/cli/table.ts';

const widthOf = (table: string): number =>
  Math.max(...table.split('\n').map(({ length }) => length));

describe('a table for a terminal', () => {
  it('keeps its head on one line if it fits', () => {
    expect(tableOf(['account', 'margin balance'], [['alice', '1']]).split('\n')).toEqual([
      '┌─────────┬────────────────┐',
      '│ account │ margin balance │',
      '├─────────┼────────────────┤',
      '│ alice   │              1 │',
      '└─────────┴────────────────┘',
    ]);
  });

  it('stacks the words of its head if it would be wider than a terminal', () => {
    const head = ['account', ...Array<string>(8).fill('amounts below their line')];
    const table = tableOf(head, [['alice', ...Array<string>(8).fill('1')]]);
    expect(widthOf(table)).toBeLessThanOrEqual(COLUMNS);
    expect(table.split('\n')[1]).toContain('│ amounts │');
  });

  it('drops its padding if that is not enough', () => {
    const head = Array.from({ length: 12 }, () => 'amounts');
    const table = tableOf(head, [head]);
    expect(widthOf(table)).toBe(12 * 'amounts'.length + 13);
  });

  it('does not count colour as width', () => {
    const red = styleText('red', 'deficit', { validateStream: false });
    expect(tableOf(['level'], [[red]])).toContain('┌─────────┐');
  });
});

it('a paragraph is wrapped between words', () => {
  expect(wrapped('one two three', 7)).toBe('one two\nthree');
  expect(wrapped('unbreakable', 3)).toBe('unbreakable');
});

describe('colour', () => {
  const stream = (isTTY: boolean, has: boolean) => ({ isTTY, hasColors: () => has });

  it('is for a terminal that takes it', () => {
    expect(toned('bad', 'No', stream(true, true))).toBe('\u001b[31mNo\u001b[39m');
    expect(toned('bad', 'No', stream(true, false))).toBe('No');
    expect(toned('bad', 'No', stream(false, true))).toBe('No');
  });

  it('is for levels, and for no other word', () => {
    expect(levelWord('deficit', stream(true, true))).toBe('\u001b[31mdeficit\u001b[39m');
    expect(levelWord('certain', stream(true, true))).toBe('certain');
  });
});
