import { expect, test } from 'vitest';
import { startProgress } from '../../../local/cli/progress.ts';

function said(total: number, steps: readonly number[]): string[] {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const stream = { isTTY: false, write } as unknown as typeof process.stderr;
  const progress = startProgress({ total, unit: 'rows' }, stream);
  for (const done of steps) progress.advance(done, 'quotes');
  progress.stop();
  return lines;
}

test('progress without a terminal prints a line now and then, whatever the steps', () => {
  expect(said(1200, [25, 50, 75, 99])).toEqual([]);
  expect(said(1200, [75, 125, 150, 175, 225])).toEqual([
    'quotes  125 of 1200 rows\n',
    'quotes  225 of 1200 rows\n',
  ]);
});

test('progress always prints the end', () => {
  expect(said(7, [7])).toEqual(['quotes  7 of 7 rows\n']);
});
