import { describe, expect, it } from 'vitest';
import { nextEvent } from '../../../local/simulate/events.ts';
import { generatedDocument } from '../../../local/simulate/generated-book.ts';
import { BITCOIN } from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';
import { cellsAlong, runCellAlong } from '../../../local/simulate/run-path.ts';
import { setUp } from '../../../local/simulate/setup.ts';
import { compiled, SMALL } from './documents.ts';

describe('a price starts a check', () => {
  const shock = { down: 0.02, up: 0.04 };
  const next = (prices: number[], seen = 1) =>
    nextEvent({
      prices: Float64Array.from([seen, ...prices, seen]),
      after: 0,
      before: prices.length + 1,
      seen,
      shock,
    });

  it.each([
    ['at half of the shock of falls', [0.99], undefined],
    ['beyond it', [0.9899], 1],
    ['at half of the shock of rises', [1.02], undefined],
    ['beyond that', [1.0201], 1],
    ['at the first step that is beyond', [0.995, 0.98, 0.9], 2],
  ])('%s: step %s', (_, prices, step) => {
    expect(next(prices)).toBe(step);
  });

  it('by its move since the last check', () => {
    expect(next([0.98], 0.985)).toBeUndefined();
    expect(next([0.97], 0.985)).toBe(1);
  });

  it('not at the step of the scheduled check', () => {
    const prices = Float64Array.from([1, 1, 0.5]);
    expect(nextEvent({ prices, after: 0, before: 2, seen: 1, shock })).toBeUndefined();
  });
});

const WILD = { ...BITCOIN, volatility: 3 };

it('accounts are found nearer to their lines, by checks between the scheduled ones', () => {
  const document = compiled(generatedDocument({ seed: 3, accounts: 80, leverage: 20 }));
  const source = { kind: 'model', model: WILD } as const;
  const grid = { intervals: [300], confidences: [0.99], executions: [0] };
  const setup = setUp({ ...SMALL, document, source, grid, hours: 6, hasEvents: true });
  expect(setup.stepSeconds).toBe(1);
  const found = { scheduled: 0, driven: 0, events: 0 };
  for (let path = 0; path < 4; path++) {
    for (const seen of cellsAlong(setup, pricePath(WILD, { ...setup, path }))) {
      const { overshoot, liquidations, eventChecks } = runCellAlong(setup, seen);
      expect(liquidations).toBeGreaterThan(0);
      if (seen.each.basis === 'events') found.driven += overshoot / liquidations;
      else found.scheduled += overshoot / liquidations;
      if (seen.each.basis === 'events') found.events += eventChecks;
      else expect(eventChecks).toBe(0);
    }
  }
  expect(found.events).toBeGreaterThan(50);
  expect(found.driven).toBeLessThan(0.8 * found.scheduled);
});
