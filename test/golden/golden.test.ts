import { expect, test } from 'vitest';
import { differencesOf, golden, readGolden } from './golden.ts';

test('every message, record and item of the fixed runs is what golden.json says', async () => {
  const found = await golden({ wholeDay: false });
  expect(Object.keys(found).length).toBeGreaterThan(12);
  expect(differencesOf(readGolden(), found)).toEqual([]);
}, 300_000);
