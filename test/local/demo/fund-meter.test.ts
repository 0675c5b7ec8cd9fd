import { afterAll, beforeAll, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { amount } from '../../../lambda/margin/number/decimal.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { fundRows, sharesOf } from '../../../local/demo/fund-meter.ts';
import type { Haircut } from '../../../local/demo/venue.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());

it('the meters show the running total that each source has paid in', () => {
  expect(fundRows(500, amount('20.25'))).toEqual([
    { kind: 'fund', id: 'seed', total: '40000' },
    { kind: 'fund', id: 'liquidation-fees', total: '20.25' },
  ]);
});

it('the shares of a loss are read from all its pages, in order', async () => {
  const margin = new MarginTable({ dynamo: services.dynamo, table: services.config.marginTable });
  const pages = [[{ accountId: 'a', amount: '1.00' }], [{ accountId: 'b', amount: '2.00' }]];
  for (const [index, shares] of pages.entries()) {
    const key = { pk: 'loss#x', sk: `shares#00000${index + 1}` };
    await margin.putHistory(key, { lossId: 'x', shares }, 2_000_000_000);
  }
  const loss = { sharesAt: { pk: 'loss#x', pages: 2 } } as Haircut;
  expect(await sharesOf(margin, loss)).toEqual(pages.flat());
});
