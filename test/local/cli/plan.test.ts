import { expect, it } from 'vitest';
import { runMargin } from './margin.ts';

const plan = (...words: readonly string[]) =>
  runMargin(undefined, 'plan', 'docs/examples/book.json', ...words);

it('prints the orders of an account, why, and what is left', async () => {
  const { code, out } = await plan('--account', 'liquidated-long');
  expect(code).toBe(0);
  expect(out).toContain('liquidated-long: liquidation; close a part: the cheapest orders');
  expect(out).toMatch(/│ sell BTC-PERP │ 5\.06763848 │ +6092\.17 │ 6080\.9683 │ +5960\.5 │/);
  expect(out).toContain('What is left: 4.93236152 BTC-PERP, ');
  expect(out).toMatch(/It aims at a margin balance of .* more than there is once open orders/);
  expect(out).not.toContain('bankrupt-long');
});

it('prints JSON, and says why another account has no plan', async () => {
  const { out } = await plan('--account', 'called-long', '--account', 'bankrupt-long', '--json');
  const { plans, others } = JSON.parse(out);
  expect(plans).toMatchObject([{ accountId: 'bankrupt-long', plan: { scope: 'whole' } }]);
  expect(others).toMatchObject([{ accountId: 'called-long', level: 'call' }]);
});

it('refuses an account that is not there, in one line with exit code 2', async () => {
  const { code, out, err } = await plan('--account', 'nobody');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(
    /^margin: .*book\.json: there is no account nobody; it has bankrupt-long, .*\n$/,
  );
});
