import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Venue } from '../../../local/demo/venue.ts';
import { type AccountRow, put, readAccountRows, writeRows } from '../../../local/rows.ts';
import { type Services, startServices } from '../../../local/services.ts';
import { type PlanOptions, planMessage } from './plan-message.ts';

const accountId = 'long-001';
const rows: AccountRow[] = [
  { accountId, item: 'balance#USD', asset: 'USD', amount: '10000' },
  {
    accountId,
    item: 'position#BTC-PERP',
    instrument: 'BTC-PERP',
    quantity: '4',
    entryPrice: '5000',
  },
];
const prices = {
  'BTC-USD': '5000.00',
  'ETH-USD': '100.00',
  'LINK-USD': '2.0000',
  'USDC-USD': '1.0000',
  'BTC-27MAR20': '5000.00',
};
const NOW = Date.parse('2020-03-12T10:40:02Z');

let services: Services;
let venue: Venue;
beforeAll(async () => {
  services = await startServices();
});
beforeEach(async () => {
  const { dynamo, config } = services;
  await writeRows(dynamo, { table: config.accountsTable, requests: rows.map(put) });
  venue = new Venue(dynamo, config.accountsTable);
});
afterAll(() => services.close());

const work = (options: PlanOptions, now = NOW) =>
  venue.work(JSON.stringify(planMessage({ orders: [{}], ...options })), { now, prices });

async function quantityHeld() {
  const { dynamo, config } = services;
  const held = await readAccountRows(dynamo, { table: config.accountsTable, accountId });
  return held.find(({ item }) => item === 'position#BTC-PERP')?.quantity;
}

describe('the venue', () => {
  it('fills a plan in the rows of its account', async () => {
    expect(await work({})).toBe('filled');
    expect(await quantityHeld()).toBe('3');
  });

  it('does not fill a plan twice', async () => {
    await work({});
    expect(await work({})).toBe('repeated');
    expect(await quantityHeld()).toBe('3');
  });

  it('fills the next generation of a case', async () => {
    await work({ generation: 1 });
    expect(await work({ generation: 2 })).toBe('filled');
    expect(await quantityHeld()).toBe('2');
  });

  it('does not fill a generation when a later one has been seen', async () => {
    await work({ generation: 2 });
    expect(await work({ generation: 1 })).toBe('superseded');
    expect(await quantityHeld()).toBe('3');
  });

  it('knows a later generation even if that came too late to be filled', async () => {
    await work({ generation: 2, expiresAt: '2020-03-12T10:40:00.000Z' });
    expect(await work({ generation: 1 })).toBe('superseded');
    expect(await quantityHeld()).toBe('4');
  });

  it.each([
    ['before', -1, 'filled', '3'],
    ['at', 0, 'expired', '4'],
    ['after', 1, 'expired', '4'],
  ])('%s the expiry of a plan', async (_, offsetMs, verdict, held) => {
    const expiresAt = '2020-03-12T10:45:01.000Z';
    expect(await work({ expiresAt }, Date.parse(expiresAt) + offsetMs)).toBe(verdict);
    expect(await quantityHeld()).toBe(held);
  });

  it('stops when it is told that the case is over', async () => {
    const { plan, planId, generation, expiresAt, isObserved, ...alert } = planMessage({});
    const over = { ...alert, type: 'liquidation.completed', severity: 'info' };
    expect(await venue.work(JSON.stringify(over), { now: NOW, prices })).toBeUndefined();
    expect(await work({})).toBe('over');
    expect(await quantityHeld()).toBe('4');
  });

  it('does not take for an order what is only observed', async () => {
    expect(await work({ isObserved: true })).toBe('observed');
    expect(await quantityHeld()).toBe('4');
  });

  it('refuses what is not for it', async () => {
    const { plan, planId, generation, expiresAt, isObserved, ...alert } = planMessage({});
    const cured = JSON.stringify({ ...alert, type: 'margin-call.cured' });
    await expect(venue.work(cured, { now: NOW, prices })).rejects.toThrow('margin-call.cured');
    await expect(
      venue.work('{"type":"margin-call.cured"}', { now: NOW, prices }),
    ).rejects.toThrow();
  });

  it('remembers every verdict', async () => {
    await work({});
    await work({});
    expect(venue.verdicts).toEqual(['filled', 'repeated']);
  });
});
