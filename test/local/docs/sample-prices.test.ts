import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SAMPLE_PRICES, samplePrices } from '../../../local/docs/sample-prices.ts';
import { readHistory } from '../../../local/history/read-history.ts';

test('docs/examples/prices.csv is what npm run prices writes', () => {
  expect(readFileSync(SAMPLE_PRICES, 'utf8')).toBe(samplePrices());
});

test('the sample says that it is synthetic, is small, and has no gap', async () => {
  const text = samplePrices();
  expect(text.split('\n')[0]).toMatch(/^Synthetic prices/);
  expect(text.length).toBeLessThan(400_000);
  const { gaps, samplingSeconds } = await readHistory(SAMPLE_PRICES);
  expect([gaps.length, samplingSeconds]).toEqual([0, 60]);
});
