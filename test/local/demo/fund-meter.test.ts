import { afterAll, beforeAll, expect, it } from 'vitest';
import { amount } from '../../../lambda/margin/decimal.ts';
import { fundSetup } from '../../../local/demo/fund-meter.ts';
import { readMarketRow } from '../../../local/rows.ts';
import { type Services, startServices } from '../../../local/services.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());

const place = () => ({ dynamo: services.dynamo, marketTable: services.config.marketTable });
const meter = () => {
  const { dynamo, config } = services;
  return readMarketRow(dynamo, { table: config.marketTable, kind: 'fund', id: 'liquidation-fees' });
};

it('without a fund nothing is metered, and the venue bears isolated losses', () => {
  expect(fundSetup(place())).toEqual({});
});

it('with one its row has what was paid in all, and a deficit stays with its account', async () => {
  const { onFundPaid, isolatedLoss } = fundSetup(place(), true);
  expect(isolatedLoss).toBe('account');
  await onFundPaid?.(amount('12.5'));
  await onFundPaid?.(amount('20.25'));
  expect(await meter()).toEqual({ kind: 'fund', id: 'liquidation-fees', total: '20.25' });
});
