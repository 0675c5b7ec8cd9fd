import { describe, expect, it } from 'vitest';
import { csvText } from '../../../local/cli/csv-text.ts';

describe('CSV that commands print', () => {
  it.each([
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['@SUM(1)', "'@SUM(1)"],
    ['+1+cmd', "'+1+cmd"],
    ['-12.50', '-12.50'],
    ['-1e-7', '-1e-7'],
    ['a,b', '"a,b"'],
    [undefined, ''],
  ])('writes %j as %j', (cell, text) => {
    expect(csvText([['x', cell]])).toBe(`x,${text}`);
  });
});
