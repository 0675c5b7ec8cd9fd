import { expect, it } from 'vitest';
import { YEAR_SECONDS } from '../../../lambda/margin/statistics/scale.ts';
import { OVERSHOOT_MEAN } from '../../../local/analysis/overshoot/stationary.ts';
import {
  exponentialDraws,
  normalDraws,
  uniformStream,
} from '../../../local/simulate/path-random.ts';
import { gaussianModel } from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';

const VOLATILITY = 0.8;
const STEP_SECONDS = 60;
const STEP_DEVIATION = VOLATILITY * Math.sqrt(STEP_SECONDS / YEAR_SECONDS);
/** In standard deviations of a step: far enough for the stationary law of the overshoot. */
const LINE = 5;

class Overshoots {
  count = 0;
  aboveOne = 0;
  private sum = 0;
  private from = 0;

  startAt(place: number): void {
    this.from = place;
  }

  /** Puts a line on each side of where the walk was last found beyond one. */
  see(place: number): void {
    const beyond = Math.abs(place - this.from) - LINE;
    if (beyond <= 0) return;
    this.from = place;
    this.count++;
    this.sum += beyond;
    if (beyond > 1) this.aboveOne++;
  }

  get mean(): number {
    return this.sum / this.count;
  }
}

it('a Gaussian walk overshoots a line by β·s_Δ on average, and by more than s_Δ in 18.183449 %', () => {
  const seen = new Overshoots();
  const request = {
    ...{ seed: 1, factor: 'BTC-USD', stepSeconds: STEP_SECONDS },
    ...{ runIn: 0, steps: 300_000 },
  };
  for (let path = 0; path < 90; path++) {
    const { prices } = pricePath(gaussianModel(VOLATILITY), { ...request, path });
    seen.startAt(0);
    for (const price of prices) seen.see(Math.log(price) / STEP_DEVIATION);
  }
  expect(seen.count).toBeGreaterThan(700_000);
  expect(Math.abs(seen.mean / OVERSHOOT_MEAN - 1)).toBeLessThan(0.01);
  expect(Math.abs(seen.aboveOne / seen.count / 0.18183449 - 1)).toBeLessThan(0.01);
});

it('a walk checked at random times of the same mean rate overshoots 21 % further', () => {
  const seen = new Overshoots();
  const stream = { seed: 1, factor: 'BTC-USD', path: 0 };
  const wait = exponentialDraws(uniformStream({ ...stream, of: 'times' }));
  const normal = normalDraws(uniformStream({ ...stream, of: 'shocks' }));
  let place = 0;
  while (seen.count < 400_000) {
    place += Math.sqrt(wait()) * normal();
    seen.see(place);
  }
  // The excess of a Laplace walk is exponential with mean 1/√2: 1.2137 times β.
  expect(Math.abs(seen.mean / OVERSHOOT_MEAN / 1.2137 - 1)).toBeLessThan(0.01);
});
