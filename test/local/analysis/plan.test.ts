import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { planLiquidation } from '../../../lambda/margin/liquidation/plan.ts';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { parseExactJson } from '../../../lambda/rows/numeral.ts';
import { readDocument, snapshotOf } from '../../../local/analysis/document.ts';
import { plansOf } from '../../../local/analysis/plan.ts';

const BOOK = JSON.parse(readFileSync('docs/examples/book.json', 'utf8'));

const evidenceOf = (change: (book: typeof BOOK) => void = () => {}) => {
  const book = structuredClone(BOOK);
  change(book);
  return readDocument(parseExactJson(JSON.stringify(book)));
};

const names = (plans: readonly { accountId: string }[]) => plans.map(({ accountId }) => accountId);

describe('the plans for a document', () => {
  it('are those of the planner of a check, the worst account first', () => {
    const evidence = evidenceOf();
    const { plans, others } = plansOf(evidence);
    expect(names(plans)).toEqual(['bankrupt-long', 'isolated-short', 'liquidated-long']);
    expect(others).toHaveLength(6);
    const { snapshot } = snapshotOf(evidence);
    const all = evidence.accounts.flatMap((account) => assessAccount(account, snapshot));
    const found = all.find(({ accountId }) => accountId === 'liquidated-long');
    if (found?.subAccount === undefined) throw new Error('the account was not found');
    const { orders, why } = planLiquidation(found.subAccount, snapshot);
    expect(plans[2]?.plan).toMatchObject({
      why,
      orders: orders.map(({ quantity, market }) => ({ market, quantity: textOf(quantity) })),
    });
  });

  it('say what is left after them', () => {
    const { plans } = plansOf(evidenceOf());
    expect(plans[0]).toMatchObject({
      after: { level: 'deficit', equity: '-583.3' },
      left: { positions: [], balances: [{ asset: 'USD', amount: '-583.3' }] },
    });
    expect(plans[2]?.after).toMatchObject({ level: 'healthy' });
    const [held] = plans[2]?.left?.positions ?? [];
    // k = 1.3·0.025 + 0.975·Λ, Λ = 0.006 + 2.649492·0.9·√(90 s/year) = 0.010028311751:
    // 1,316.7 − 0.0015·x·p = k·(10 − x)·p at p = 6,092.17.
    expect(Number(held?.quantity)).toBeCloseTo(10 - 5.06763848, 8);
  });

  it('share the capacity of a market: the worst account takes it first', () => {
    const { plans } = plansOf(
      evidenceOf((book) => {
        book.instruments['BTC-PERP'].depth = '70000';
        book.policy.liquidationDepthShare = '1';
      }),
    );
    const sold = plans.map(({ plan }) => plan?.orders[0]?.quantity);
    expect(sold[0]).toBe('10');
    expect(Number(sold[2])).toBeLessThan(2);
    expect(plans[2]?.plan?.carriedOver).toHaveLength(1);
  });

  it('are withheld by a halt, which is said', () => {
    const { plans } = plansOf(
      evidenceOf((book) => {
        book.policy.halt = true;
      }),
    );
    expect(names(plans)).toHaveLength(3);
    for (const { plan, withheld } of plans) {
      expect(plan).toBeUndefined();
      expect(withheld.join()).toMatch(/halt/);
    }
  });

  it('are marked in mode observe', () => {
    const { plans } = plansOf(
      evidenceOf((book) => {
        book.policy.mode = 'observe';
      }),
    );
    expect(plans.map(({ isObserved }) => isObserved)).toEqual([true, true, true]);
  });
});
