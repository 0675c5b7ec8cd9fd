import { expect, it } from 'vitest';
import {
  bufferAt,
  bufferedSurplusAt,
  callSurplusAt,
  heightAt,
  maintenanceAt,
} from '../../../local/simulate/compiled-book.ts';
import { generatedDocument } from '../../../local/simulate/generated-book.ts';
import { looksAt } from '../../../local/simulate/looks.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';
import { type Figures, runCell } from '../../../local/simulate/run-cell.ts';
import { type CellSetup, type Setup, setUp } from '../../../local/simulate/setup.ts';
import { compiled, SMALL } from './documents.ts';

type Counted = Pick<Figures, 'liquidations' | 'shortfalls' | 'badDebt' | 'calls' | 'falseCalls'>;

function plainly(setup: Setup, { cell, terms, book }: CellSetup, path: Float64Array): Counted {
  const looks = looksAt(path, { ...setup, intervalSeconds: cell.intervalSeconds });
  const states = Array.from({ length: book.size }, () => 'open' as 'open' | 'called' | 'closed');
  const seen = { liquidations: 0, shortfalls: 0, badDebt: 0, calls: 0, falseCalls: 0 };
  const visit = (account: number, look: number) => {
    const x = looks.prices[look] ?? 0;
    const shock = terms.shockFloor + terms.shockPerVolatility * (looks.volatilities[look] ?? 0);
    if (bufferedSurplusAt(book, account, { x, shock }) < 0) {
      states[account] = 'closed';
      const fill = path[(look + 1) * looks.every + terms.executionSteps] ?? 0;
      const left = heightAt(book.equity, account, fill) - (book.closingCost[account] ?? 0) * fill;
      seen.liquidations++;
      seen.shortfalls += left < 0 ? 1 : 0;
      seen.badDebt += Math.max(0, -left);
      return;
    }
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

it.each(['funded', 'given'] as const)(
  'the ladders give the same counts as every account at every check: %s',
  (collateral) => {
    const document = compiled(generatedDocument({ seed: 3, accounts: 80, leverage: 20 }));
    const setup = setUp({ ...SMALL, document, hours: 24, collateral });
    const sums = { liquidations: 0, shortfalls: 0, calls: 0, falseCalls: 0 };
    for (let path = 0; path < 5; path++) {
      const prices = pricePath({ ...setup.model, jumpsPerYear: 600 }, { ...setup, path });
      for (const each of setup.cells) {
        const looks = looksAt(prices, { ...setup, intervalSeconds: each.cell.intervalSeconds });
        const found = runCell({ ...each, exposures: setup.exposures, path: prices, looks });
        const { badDebt, ...counts } = plainly(setup, each, prices);
        expect(found).toMatchObject(counts);
        expect(found.badDebt).toBeCloseTo(badDebt, 4);
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counts[name];
      }
    }
    for (const sum of Object.values(sums)) expect(sum).toBeGreaterThan(20);
  },
);

it('funding by a cell leaves every account as far from its line as without a buffer', () => {
  const { book, cells } = setUp(SMALL);
  const bare = cells.find(({ cell }) => cell.confidence === null);
  const buffered = cells.find(({ cell }) => cell.confidence !== null);
  expect(bare?.book.balance).toEqual(book.balance);
  for (let account = 0; account < book.size; account++) {
    const more = (buffered?.book.balance[2 * account] ?? 0) - (book.balance[2 * account] ?? 0);
    expect(more).toBeGreaterThan(0);
  }
});
