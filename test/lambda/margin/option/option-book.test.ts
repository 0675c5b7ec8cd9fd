import { describe, expect, it } from 'vitest';
import { assess } from '../../../../lambda/margin/assess/assess.ts';
import { overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import { buildBook } from '../../../../lambda/margin/book/build-book.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import { safeRadius } from '../../../../local/analysis/safe-radius.ts';
import { type Document, documentUnder, marketAndBook } from '../../../docs/documents.ts';

function breakdownOf(document: Document) {
  const { snapshot, cross } = marketAndBook(document);
  const outcome = assess(cross, snapshot);
  if (outcome.certainty === 'indeterminate') throw new Error('everything is known');
  const [factor] = outcome.factors.filter(({ optionBooks }) => optionBooks.length > 0);
  const expiries = factor?.optionBooks.flatMap((book) => book.breakdown()) ?? [];
  return expiries.map(({ shorts, netted, initial, maintenance }) => ({
    shorts: shorts.map((short) => [
      short.instrument,
      ...[short.units, short.initial, short.maintenance].map(textOf),
    ]),
    netted: netted && [netted.initial, netted.maintenance].map(textOf),
    required: [initial, maintenance].map(textOf),
  }));
}

describe('the requirement of short options', () => {
  it('is the sum of their charges without netting', () => {
    expect(breakdownOf(documentUnder('Settled and quoted in coin'))).toEqual([
      {
        shorts: [['BTC-30JAN26-70000-C', '1', '9000', '7500']],
        netted: undefined,
        required: ['9000', '7500'],
      },
    ]);
  });

  it('is the netted requirement of the expiry if that is smaller', () => {
    expect(breakdownOf(documentUnder('Netting by expiry'))).toEqual([
      {
        shorts: [['BTC-30JAN26-60000-C', '1', '12000', '8400']],
        netted: ['5000', '5000'],
        required: ['5000', '5000'],
      },
    ]);
  });

  it('does not apply to long options', () => {
    const document = documentUnder('Settled and quoted in coin');
    Object.assign(document.accounts[0]?.positions[0] ?? {}, { quantity: '1' });
    expect(breakdownOf(document)).toEqual([]);
  });
});

describe('an account that no price can harm', () => {
  /** Down to a price of 0, where the logarithm is unbounded. */
  it('has the maximum safe radius', () => {
    const document = documentUnder('Netting by expiry');
    const [account] = document.accounts;
    account?.positions.splice(0, 1);
    account?.balances.splice(0, 1, { asset: 'USD', amount: '1' });
    const { snapshot, cross } = marketAndBook(document);
    const built = buildBook(cross, snapshot);
    if (!built.ok) throw new Error('everything is known');
    const { liquidationMultiplier } = snapshot.policy;
    expect(textOf(safeRadius(built.book, overMaintenance(liquidationMultiplier)))).toBe('10');
  });
});
