/** Each standing of a price × four accounts × whether the doubt matters; the table of docs/doubt.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assess, type Outcome } from '../../../../lambda/margin/assess/assess.ts';
import { crossOf, type MarketRows, NOW, snapshotOf as takeOf } from '../build.ts';

const STANDINGS = ['fresh', 'aged', 'stale', 'suspect', 'first-print', 'missing'] as const;
type Standing = (typeof STANDINGS)[number];

const KINDS = ['healthy', 'call', 'liquidation', 'deficit'] as const;
type Kind = (typeof KINDS)[number];

/** Cash beside one A at 100 with MM 5 and a call line of 6.25. */
const CASH: Readonly<Record<Kind, string>> = {
  healthy: '-92',
  call: '-94.5',
  liquidation: '-96',
  deficit: '-101',
};

/** Of B at 1, bought at 1; weights the side that can lift or sink each account. */
const SMALL = '0.000001';
const LARGE = '8';

const SECONDS = 1000;

function marketWith(standing: Standing): MarketRows {
  const ageSeconds = { aged: 200, stale: 2000 }[standing as 'aged' | 'stale'] ?? 0;
  const b = {
    price: standing === 'suspect' ? '10' : '1',
    publishedAt: String(NOW - ageSeconds * SECONDS),
  };
  const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
  const terms = { type: 'perpetual', settlementAsset: 'USD', riskClass: 'C' };
  return {
    risk: { C: { margin, volatility: '0.5' } },
    instruments: {
      A: { ...terms, underlying: 'A-USD' },
      B: { ...terms, underlying: 'B-USD' },
    },
    quotes: { 'A-USD#s': { price: '100' }, ...(standing === 'missing' ? {} : { 'B-USD#s': b }) },
    previousPrices: { 'A-USD': '100', 'B-USD': standing === 'first-print' ? null : '1' },
  };
}

function outcomeOf(standing: Standing, kind: Kind, quantity: string): Outcome {
  const market = marketWith(standing);
  const previousPrices = {
    'A-USD': '100',
    ...(standing === 'missing' ? {} : market.previousPrices),
  };
  return assess(
    crossOf({
      balances: [{ asset: 'USD', amount: CASH[kind] }],
      positions: [
        // Bought at 0 in effect: 100 of profit back the cash debt.
        { instrument: 'A', quantity: '1', entryPrice: '0.000001' },
        { instrument: 'B', quantity, entryPrice: '1' },
      ],
    }),
    takeOf({ ...market, previousPrices }),
  );
}

const worded = (outcome: Outcome): string => {
  if (outcome.certainty === 'indeterminate') return 'undecided';
  return outcome.isLiquidationWithheld ? `${outcome.level}, withheld` : outcome.level;
};

const rows = STANDINGS.flatMap((standing) =>
  (
    [
      ['small', SMALL],
      ['large', LARGE],
    ] as const
  ).map(([size, quantity]) => ({
    standing,
    size,
    outcomes: KINDS.map((kind) => outcomeOf(standing, kind, quantity)),
  })),
);

describe('A position on a price in doubt', () => {
  it.each(rows.filter(({ size, standing }) => size === 'small' && standing !== 'missing'))(
    'changes nothing while it is small: $standing',
    ({ outcomes }) => {
      expect(outcomes.map(worded)).toEqual(KINDS);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ certainty: 'certain', reasons: [] });
      }
    },
  );

  it.each([
    ['fresh', ['healthy', 'call', 'liquidation', 'deficit']],
    ['aged', ['healthy', 'call', 'call, withheld', 'call, withheld']],
    ['stale', ['undecided', 'undecided', 'undecided', 'call, withheld']],
    ['suspect', ['healthy', 'undecided', 'undecided', 'undecided']],
    ['first-print', ['undecided', 'undecided', 'undecided', 'call, withheld']],
    ['missing', ['undecided', 'undecided', 'undecided', 'undecided']],
  ] as const)('decides where it is large: %s', (standing, expected) => {
    const found = rows.find((row) => row.standing === standing && row.size === 'large');
    expect(found?.outcomes.map(worded)).toEqual(expected);
  });

  it('may be worth anything if its feed never had a price, however small it is', () => {
    const found = rows.find(({ standing, size }) => standing === 'missing' && size === 'small');
    expect(found?.outcomes.map(worded)).toEqual(['healthy', 'undecided', 'undecided', 'undecided']);
  });

  it.each(KINDS)('backs nothing and hides nothing as a balance without a price: %s', (kind) => {
    const market = { ...marketWith('fresh'), assets: { DUST: { feed: 'DUST-USD' } } };
    const outcome = assess(
      crossOf({
        balances: [
          { asset: 'USD', amount: CASH[kind] },
          { asset: 'DUST', amount: '1000000' },
        ],
        positions: [{ instrument: 'A', quantity: '1', entryPrice: '0.000001' }],
      }),
      takeOf(market),
    );
    // What it owns may be worth anything, so that no debt is certain.
    expect(worded(outcome)).toBe(kind === 'deficit' ? 'liquidation' : kind);
  });

  it('gives its reason where the doubt decides, and its figures', () => {
    const outcome = outcomeOf('stale', 'call', LARGE);
    expect(outcome).toMatchObject({
      certainty: 'indeterminate',
      reasons: [{ code: 'price-stale', subject: 'B-USD' }],
    });
    expect(outcome.certainty === 'indeterminate' && outcome.figures?.equity).toBeTruthy();
  });
});

describe('docs/doubt.md', () => {
  it('shows what these accounts get', () => {
    const cells = rows.map(({ standing, size, outcomes }) =>
      ['', standing, size, ...outcomes.map(worded), ''].join(' | ').trim(),
    );
    const page = readFileSync(new URL('../../../../docs/doubt.md', import.meta.url), 'utf8');
    const table = /<!-- outcomes:[^>]*-->\n([\s\S]*?)<!-- end of outcomes -->/.exec(page)?.[1];
    expect(table?.trim().split('\n').slice(2)).toEqual(cells);
  });
});
