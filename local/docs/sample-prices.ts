/** `npm run prices`: docs/examples/prices.csv, two weeks of minutes of a made-up market. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { samplePath } from './sample-market.ts';

export const SAMPLE_PRICES = join(
  import.meta.dirname,
  '..',
  '..',
  'docs',
  'examples',
  'prices.csv',
);

const SEED = 1;
const DAYS = 14;
const STEP_SECONDS = 60;
const STEPS = (DAYS * 86_400) / STEP_SECONDS;
const START_SECONDS = Date.UTC(2026, 0, 1) / 1000;
const FIRST_PRICE_USD = 60_000;

/** Readers of price files skip a title above the names. */
const TITLE = 'Synthetic prices of a simulated market (made by npm run prices)';

export function samplePrices(): string {
  const path = samplePath({ seed: SEED, stepSeconds: STEP_SECONDS, steps: STEPS });
  const rows = Array.from(path, (multiple, step) => {
    const time = START_SECONDS + step * STEP_SECONDS;
    return `${time},${(multiple * FIRST_PRICE_USD).toFixed(1)}`;
  });
  return `${[TITLE, 'time,price', ...rows].join('\n')}\n`;
}

if (import.meta.main) await writeFile(SAMPLE_PRICES, samplePrices());
