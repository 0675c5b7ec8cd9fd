/** The page that explains a result names every field of it, and its formulas give what is printed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../lambda/margin/market/policy.ts';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import { type Assessment, assess } from '../../local/analysis/assess-document.ts';
import { readDocument, snapshotOf } from '../../local/analysis/document.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/assessing.md'), 'utf8');
const [, READING = ''] = PAGE.split('## Reading the result\n');
const [SECTION = ''] = READING.split('\n## ');
/** In code, or in the formula of a portfolio, which is indented. */
const NAMED = new Set(
  [...SECTION.matchAll(/`([^`\n]+)`|^ {4}(requirement = .*)$/gm)].flatMap(
    ([, code, formula]) => (code ?? formula ?? '').match(/\w+/g) ?? [],
  ),
);

const DOCUMENTS = [...PAGE.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = '']) => text);

/** Open orders, prices in doubt and buffers, which the documents of the page do not have. */
const changed = (text: string): string => {
  const document = JSON.parse(text);
  document.policy = { shockQuantile: '2' };
  for (const quote of document.quotes) quote.publishedAt -= 400_000;
  for (const { positions = [] } of document.accounts) {
    for (const position of positions) Object.assign(position, { openBuyQuantity: '1' });
  }
  return JSON.stringify(document);
};

/** The attributes of a skew are those of the row, and explained there. */
const OF_ROWS = new Set(['slope', 'of', 'cap']);

function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}

/** Amounts are rounded to 18 places. */
const same = (printed: unknown, computed: number) =>
  expect(Number(printed)).toBeCloseTo(computed, Math.abs(computed) > 1e6 ? 4 : 7);

type Assessed = Extract<Assessment, { readonly liquidationLine: string }>;

const isAssessed = (each: Assessment): each is Assessed => 'liquidationLine' in each;

const NAME_OF = {
  liquidation: 'liquidationLine',
  call: 'callLine',
  restore: 'restoreLine',
} as const;

function linesFollow(each: Assessed, policy: Policy): void {
  const buffer = Number(each.latencyBuffer);
  const maintenance = Number(each.maintenanceRequirement);
  const called = Number(policy.callMultiplier) * maintenance;
  same(each.liquidationLine, Number(policy.liquidationMultiplier) * maintenance + buffer);
  same(each.callLine, called + buffer);
  same(each.restoreLine, Math.max(Number(each.initialRequirement), called) + buffer);
  for (const line of ['liquidation', 'call', 'restore'] as const) {
    same(each.surplus[line].point, Number(each.marginBalance) - Number(each[NAME_OF[line]]));
  }
  const isSummed = each.prices.every(({ standing }) => standing === undefined);
  const losses = each.factors.map(({ latencyLoss }) => Number(latencyLoss));
  if (isSummed) same(buffer, sumOf(losses));
}

type Portfolio = NonNullable<Assessed['factors'][number]['portfolio']>[number];

function requirementFollows({ worst, initial, maintenance }: Portfolio): void {
  same(initial.worstLoss, Math.max(0, -Number(worst.profit)));
  for (const { charges, ...parts } of [initial, maintenance]) {
    for (const { of, rate, due } of charges) same(due, Number(of) * Number(rate));
    const [worstLoss, expiryLoss, deltaFloor] = [
      ...[parts.worstLoss, parts.expiryLoss, parts.deltaFloor].map(Number),
    ] as [number, number, number];
    const loss = Number(parts.factor) * Math.max(worstLoss, expiryLoss, deltaFloor);
    const due = loss + sumOf(charges.map((charge) => Number(charge.due)));
    same(parts.requirement, Math.max(due, Number(parts.minimum)));
  }
}

const sumOf = (some: readonly number[]): number => some.reduce((sum, each) => sum + each, 0);

describe('the section on reading a result', () => {
  it('names every printed field', () => {
    const all = [...DOCUMENTS, ...DOCUMENTS.map(changed)];
    const printed = new Set(all.flatMap((text) => namesIn(assess(text).assessments)));
    expect(printed.size).toBeGreaterThan(70);
    expect([...printed].filter((name) => !(NAMED.has(name) || OF_ROWS.has(name)))).toEqual([]);
  });

  it.each([...DOCUMENTS, ...DOCUMENTS.map(changed)])('has the formulas of document %#', (text) => {
    const { policy } = snapshotOf(readDocument(parseExactJson(text))).snapshot;
    const assessed = assess(text).assessments.filter(isAssessed);
    for (const each of assessed) {
      linesFollow(each, policy);
      for (const { portfolio = [] } of each.factors) portfolio.forEach(requirementFollows);
    }
  });
});
