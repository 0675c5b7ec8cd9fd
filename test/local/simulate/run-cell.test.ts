import { expect, it } from 'vitest';
import {
  bufferAt,
  bufferedSurplusAt,
  callSurplusAt,
  heightAt,
  maintenanceAt,
  NO_SHOCK,
  surplusAt,
  withCash,
} from '../../../local/simulate/compiled-book.ts';
import { heldOf } from '../../../local/simulate/forecasts.ts';
import { generatedDocument } from '../../../local/simulate/generated-book.ts';
import { BITCOIN } from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';
import type { Figures } from '../../../local/simulate/run-cell.ts';
import { cellsAlong, runCellAlong, type SeenCell } from '../../../local/simulate/run-path.ts';
import { type Setup, setUp } from '../../../local/simulate/setup.ts';
import { compiled, SMALL } from './documents.ts';

type Counted = Pick<
  Figures,
  'liquidations' | 'shortfalls' | 'badDebt' | 'calls' | 'falseCalls' | 'byBuffer'
>;

function plainly(setup: Setup, { each, looks, forecasts, prices }: SeenCell): Counted {
  const { terms } = each;
  const shockAt = (look: number) =>
    forecasts === undefined ? NO_SHOCK : heldOf(forecasts, look, terms.holding);
  const funds = setup.collateral === 'funded' ? shockAt(0) : NO_SHOCK;
  const cash = Float64Array.from({ length: setup.book.size }, (_, account) =>
    bufferAt(setup.book, account, { x: 1, shock: funds }),
  );
  const book = withCash(setup.book, cash);
  const states = Array.from({ length: book.size }, () => 'open' as 'open' | 'called' | 'closed');
  const seen = {
    ...{ liquidations: 0, shortfalls: 0, badDebt: 0 },
    ...{ calls: 0, falseCalls: 0, byBuffer: 0 },
  };
  const close = (account: number, look: number) => {
    const x = looks.prices[look] ?? 0;
    const fill = prices[(look + 1) * looks.every + terms.executionSteps] ?? 0;
    const left = heightAt(book.equity, account, fill) - (book.closingCost[account] ?? 0) * fill;
    states[account] = 'closed';
    seen.liquidations++;
    seen.shortfalls += left < 0 ? 1 : 0;
    seen.badDebt += Math.max(0, -left);
    if (bufferedSurplusAt(book, account, { x, shock: shockAt(look) }) >= 0) seen.byBuffer++;
  };
  const visit = (account: number, look: number) => {
    const x = looks.prices[look] ?? 0;
    const shock = shockAt(look + 1);
    if (bufferedSurplusAt(book, account, { x, shock }) < 0) return close(account, look);
    const surplus = callSurplusAt(book, account, { x, shock });
    const line =
      book.call * maintenanceAt(book, account, x) + bufferAt(book, account, { x, shock });
    if (states[account] === 'called' && surplus >= 0 && surplus >= book.cureMargin * line) {
      states[account] = 'open';
      seen.falseCalls++;
    } else if (states[account] === 'open' && surplus < 0) {
      states[account] = 'called';
      seen.calls++;
    }
  };
  for (let look = 0; look < looks.count; look++) {
    for (let account = 0; account < book.size; account++) {
      if (states[account] !== 'closed') visit(account, look);
    }
  }
  return seen;
}

const WILD = { ...BITCOIN, volatility: 2, jumpsPerYear: 600, jumpDeviation: 0.03 };

it.each(['funded', 'given'] as const)(
  'the ladders give the same counts as every account at every check: %s',
  (collateral) => {
    const document = compiled(generatedDocument({ seed: 3, accounts: 80, leverage: 20 }));
    const source = { kind: 'model', model: WILD } as const;
    const input = { ...SMALL, document, source, shockMax: 0.05, hours: 12, collateral };
    const setup = setUp(input);
    const sums = { liquidations: 0, shortfalls: 0, calls: 0, falseCalls: 0, byBuffer: 0 };
    for (let path = 0; path < 3; path++) {
      for (const seen of cellsAlong(setup, pricePath(WILD, { ...setup, path }))) {
        const found = runCellAlong(setup, seen);
        const { badDebt, ...counts } = plainly(setup, seen);
        expect(found).toMatchObject(counts);
        expect(found.badDebt).toBeCloseTo(badDebt, 4);
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counts[name];
      }
    }
    for (const sum of Object.values(sums)) expect(sum).toBeGreaterThan(20);
  },
);

it('a funded account begins as far above its line as it was without a buffer', () => {
  const { book } = setUp(SMALL);
  const shock = { down: 0.02, up: 0.005 };
  for (let account = 0; account < book.size; account++) {
    const more = bufferAt(book, account, { x: 1, shock });
    const cash = new Float64Array(book.size).fill(more);
    const funded = bufferedSurplusAt(withCash(book, cash), account, { x: 1, shock });
    expect(more).toBeGreaterThan(0);
    expect(funded).toBeCloseTo(surplusAt(book, account, 1), 6);
  }
});
