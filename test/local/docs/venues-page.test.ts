import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VENUES } from '../../../lambda/rows/venues/venues.ts';
import { VENUES_PAGE, withPresets } from '../../../local/docs/venues-page.ts';

const PAGE = readFileSync(VENUES_PAGE, 'utf8');

test('the venues page is current; npm run schemas writes it', () => {
  expect(withPresets(PAGE)).toBe(PAGE);
});

test.each([...VENUES.values()])(
  '$name is on the venues page with its date and source',
  (preset) => {
    const { name, date, source, left, unsaid } = preset;
    const section = PAGE.split(`### ${name}\n`)[1]?.split('\n### ')[0] ?? '';
    for (const part of [date, source, ...left, ...unsaid]) expect(section).toContain(part);
  },
);

test('a venues page without a place for the table is refused', () => {
  expect(() => withPresets('# Venues\n')).toThrow('docs/venues.md needs');
});
