/** Greeks compared with the equity, revalued at prices slightly higher and lower. */
import { describe, expect, it } from 'vitest';
import { assess } from '../../../../lambda/margin/assess/assess.ts';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import { type Document, documentUnder, marketAndBook } from '../../../docs/documents.ts';

/** Options quoted by volatility only, in coin and in dollars, with a perpetual and coin. */
function documentOf(title: string): Document {
  const document = documentUnder(title);
  for (const quote of document.quotes) {
    if (quote.impliedVolatility !== undefined) delete quote.price;
  }
  return document;
}

function assessed(document: Document) {
  const { snapshot, cross } = marketAndBook(document);
  const outcome = assess(cross, snapshot);
  if (outcome.certainty === 'indeterminate') throw new Error('everything is known');
  return outcome;
}

const equityOf = (document: Document): number => approximately(assessed(document).equity.point);

const greeksOf = (document: Document) => {
  const found = assessed(document).factors.flatMap(({ greeks = [] }) => greeks);
  const [greeks] = found;
  if (greeks === undefined) throw new Error('there are options');
  return greeks;
};

function changed(document: Document, change: (quote: Document['quotes'][number]) => void) {
  const copy = structuredClone(document);
  copy.quotes.forEach(change);
  return copy;
}

const atPrice = (document: Document, multiple: number) =>
  changed(document, (quote) => {
    if (quote.price !== undefined) quote.price = Number(quote.price) * multiple;
  });

const atVolatility = (document: Document, more: number) =>
  changed(document, (quote) => {
    const { impliedVolatility: before } = quote;
    if (before !== undefined) quote.impliedVolatility = Number(before) + more;
  });

function later(document: Document, ms: number) {
  const moved = changed(document, (quote) => {
    quote.publishedAt = Number(quote.publishedAt) + ms;
  });
  return { ...moved, asOf: 1_768_478_400_000 + ms };
}

const PRICE = 60_000;
const YEAR_MS = 31_536_000_000;

describe.each(['Portfolio model', 'Netting by expiry', 'Settled and quoted in coin'])(
  'the Greeks of the document “%s”',
  (title) => {
    const document = documentOf(title);
    const greeks = greeksOf(document);

    it('include the delta and gamma of its equity, per unit of price', () => {
      const step = 1e-4;
      const [down, up] = [1 - step, 1 + step].map((each) => atPrice(document, each)) as [
        Document,
        Document,
      ];
      const width = 2 * step * PRICE;
      expect((equityOf(up) - equityOf(down)) / width).toBeCloseTo(greeks.delta, 6);
      expect((greeksOf(up).delta - greeksOf(down).delta) / width).toBeCloseTo(greeks.gamma, 8);
    });

    it('include the vega per 1.00 of volatility, and the theta per year', () => {
      const rise = equityOf(atVolatility(document, 1e-4)) - equityOf(atVolatility(document, -1e-4));
      expect(rise / 2e-4 / greeks.vega).toBeCloseTo(1, 5);
      const lost = equityOf(later(document, 60_000)) - equityOf(later(document, -60_000));
      expect(((lost / 120_000) * YEAR_MS) / greeks.theta).toBeCloseTo(1, 3);
    });
  },
);
