import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Assessment, assess } from '../../../../lambda/margin/assess/assess.ts';
import {
  type Amount,
  addUp,
  larger,
  NO_AMOUNT,
  negate,
  textOf,
  timesUp,
} from '../../../../lambda/margin/number/decimal.ts';
import type { RequirementParts } from '../../../../lambda/margin/portfolio/breakdown.ts';
import { type Document, documentUnder, marketAndBook } from '../../../docs/documents.ts';

const DOCUMENT = documentUnder('Portfolio model');

const STRICT = { deltaFloor: { net: '0.02', hedged: '0.01' } };
const LEAST = {
  minimum: {
    tiers: [{ floor: '0', initial: '0.01', maintenance: '0.008' }],
    perContract: { initial: '40', maintenance: '30' },
  },
};
const AS_LOSS = {
  expiryCharges: [
    { scenarios: [{ priceMultiplier: '0.8' }, { priceMultiplier: '1.2' }], base: '2', as: 'loss' },
    { scenarios: [{ priceMultiplier: '0.9' }], base: '5', in: 'initial', as: 'loss' },
  ],
};

interface Variation {
  readonly put: number;
  readonly perpetual: number;
  readonly openBuy?: number;
  readonly openSell?: number;
  readonly rules?: object;
}

function assessedWith({ put, perpetual, openBuy = 0, openSell = 0, rules }: Variation): Assessment {
  const document: Document = structuredClone(DOCUMENT);
  const [option, future] = document.accounts[0]?.positions ?? [];
  Object.assign(option ?? {}, { quantity: put / 100, openSellQuantity: openSell / 100 });
  Object.assign(future ?? {}, { quantity: perpetual / 100, openBuyQuantity: openBuy / 100 });
  Object.assign(document.risk.BTC?.portfolio ?? {}, rules);
  const { snapshot, cross } = marketAndBook(document);
  const outcome = assess(cross, snapshot);
  if (outcome.certainty === 'indeterminate') throw new Error('everything is known');
  return outcome;
}

function byHand(parts: RequirementParts): Amount {
  const { factor, worstLoss, expiryLoss, deltaFloor, charges, minimum } = parts;
  const due = charges.map(({ of, rate }) => timesUp(of, rate)).reduce(addUp, NO_AMOUNT);
  const worst = larger(worstLoss, larger(expiryLoss, deltaFloor));
  return larger(addUp(timesUp(worst, factor), due), minimum);
}

const anyVariation = fc.record({
  put: fc.integer({ min: -300, max: 300 }),
  perpetual: fc.integer({ min: -300, max: 300 }),
  openBuy: fc.constantFrom(0, 0, 50, 400),
  openSell: fc.constantFrom(0, 0, 70, 300),
  rules: fc.constantFrom({}, STRICT, LEAST, AS_LOSS, { collateral: 'all' }, { collateral: 'none' }),
});

describe('the parts of a requirement', () => {
  it('add up exactly to the requirement of the risk factor and of the account', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyVariation, (variation) => {
        const { factors, initialRequirement, maintenanceRequirement } = assessedWith(variation);
        const scans = factors.flatMap((factor) => factor.scans);
        fc.pre(scans.length === 1);
        for (const scan of scans) {
          const [initial, maintenance] = [scan.breakdown('initial'), scan.breakdown('maintenance')];
          seen.add(initial.filling);
          expect(textOf(byHand(maintenance))).toBe(textOf(maintenance.requirement));
          expect(textOf(larger(byHand(initial), maintenance.requirement))).toBe(
            textOf(initial.requirement),
          );
          expect(textOf(initialRequirement)).toBe(textOf(initial.requirement));
          expect(textOf(maintenanceRequirement)).toBe(textOf(maintenance.requirement));
        }
      }),
      { numRuns: 60 },
    );
    expect([...seen].sort()).toEqual(['buys', 'none', 'sells']);
  });

  it('include the loss of the worst scenario, with the same open orders filled', () => {
    const { factors } = assessedWith({ put: -100, perpetual: -40, openSell: 100, openBuy: 40 });
    const [scan] = factors.flatMap((factor) => factor.scans);
    const parts = scan?.breakdown('maintenance');
    const profits = scan?.scenarios(parts?.filling).map(({ profit }) => negate(profit)) ?? [];
    expect(parts?.filling).toBe('sells');
    expect(textOf(parts?.worstLoss ?? NO_AMOUNT)).toBe(textOf(profits.reduce(larger)));
    expect(scan?.worst().filling).toBe('sells');
    expect(textOf(negate(scan?.worst().profit ?? NO_AMOUNT))).toBe(textOf(profits.reduce(larger)));
  });

  it('name an expiry charge with its expiry, and only where it applies', () => {
    const [scan] = assessedWith({ put: -100, perpetual: -40 }).factors.flatMap(
      ({ scans }) => scans,
    );
    const named = (kind: 'initial' | 'maintenance') =>
      scan?.breakdown(kind).charges.map(({ name, expiresAt }) => [name, expiresAt]);
    expect(named('maintenance')).toEqual([
      ['perpetuals', undefined],
      ['nakedShorts', undefined],
    ]);
    expect(named('initial')?.at(-1)).toEqual(['expiry', 1_769_760_000_000]);
  });
});
