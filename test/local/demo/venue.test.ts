import { beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import type { AccountRow } from '../../../local/aws/rows.ts';
import { REFUSED_SHARE, RETRY_MS } from '../../../local/demo/book/figures.ts';
import { MemoryStore } from '../../../local/demo/store.ts';
import { Venue, type VenueInput } from '../../../local/demo/venue.ts';
import { flatMarket } from './flat-market.ts';
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
const NOW = Date.parse('2020-03-12T10:40:02Z');
const LATER = NOW + 100_000;

let store: MemoryStore;
let venue: Venue;
const open = (input: Partial<VenueInput> = {}) => {
  store = new MemoryStore(rows);
  venue = new Venue({ store, market: flatMarket(), seed: 1, ...input });
};
beforeEach(() => open());

const hear = (options: PlanOptions, now = NOW) =>
  venue.hear(JSON.stringify(planMessage({ orders: [{}], ...options })), now);

async function work(options: PlanOptions, now = NOW) {
  const taken = await hear(options, now);
  await venue.workUntil(now + (LATER - NOW));
  return taken === 'working' ? venue.verdicts.at(-1) : taken;
}

function held(item = 'position#BTC-PERP', attribute = 'quantity') {
  return store.rows.find((row) => row.item === item)?.[attribute];
}

const over = () => {
  const { plan, planId, generation, expiresAt, isObserved, ...alert } = planMessage({});
  return JSON.stringify({ ...alert, type: 'liquidation.completed', severity: 'info' });
};

describe('the venue of the demo', () => {
  it('fills a plan in the rows of its account, some seconds after it arrives', async () => {
    await hear({});
    await venue.workUntil(NOW + 1_999);
    expect([held(), venue.verdicts]).toEqual(['4', ['working']]);
    await venue.workUntil(LATER);
    expect([held(), venue.verdicts]).toEqual(['3', ['filled']]);
  });

  it.each([
    ['only where the plan says so', undefined, '0', '7'],
    ['everywhere, if the plan could not name all', { 'plan.cancelOpenOrders': 1 }, '0', '0'],
  ])('cancels open orders %s', async (_, omitted, named, other) => {
    const eth = { instrument: 'ETH-PERP', item: 'position#ETH-PERP' };
    store = new MemoryStore(
      [...rows, { ...(rows[1] as AccountRow), ...eth }].map((row) =>
        'instrument' in row ? { ...row, openBuyQuantity: '7', openSellQuantity: '0' } : row,
      ),
    );
    venue = new Venue({ store, market: flatMarket(), seed: 1 });
    const plan = planMessage({ cancelOpenOrders: ['BTC-PERP'] });
    await venue.hear(JSON.stringify({ ...plan, ...(omitted && { omitted }) }), NOW);
    await venue.workUntil(LATER);
    const left = [held('position#BTC-PERP', 'openBuyQuantity'), held(eth.item, 'openBuyQuantity')];
    expect(left).toEqual([named, other]);
  });

  it('does not fill a plan twice', async () => {
    await work({});
    expect(await work({})).toBe('repeated');
    expect(held()).toBe('3');
  });

  it('fills the next generation of a case', async () => {
    await work({ generation: 1 });
    expect(await work({ generation: 2 })).toBe('filled');
    expect(held()).toBe('2');
  });

  it('does not fill a generation after a later one has arrived', async () => {
    await work({ generation: 2 });
    expect(await work({ generation: 1 })).toBe('superseded');
    expect(held()).toBe('3');
  });

  it('stops an unfilled generation when a later one arrives', async () => {
    await hear({ generation: 1 });
    await hear({ generation: 2 });
    await venue.workUntil(LATER);
    expect(venue.verdicts.toSorted()).toEqual(['filled', 'nothing']);
    expect(held()).toBe('3');
  });

  it('remembers a later generation even if that arrived too late to be filled', async () => {
    await work({ generation: 2, expiresAt: '2020-03-12T10:40:00.000Z' });
    expect(await work({ generation: 1 })).toBe('superseded');
    expect(held()).toBe('4');
  });

  it.each([
    ['before', -1, 'working'],
    ['at', 0, 'expired'],
    ['after', 1, 'expired'],
  ])('$0 the expiry of a plan gives it the verdict $2', async (_, offsetMs, verdict) => {
    const expiresAt = '2020-03-12T10:45:01.000Z';
    expect(await hear({ expiresAt }, Date.parse(expiresAt) + offsetMs)).toBe(verdict);
  });

  it('does not work a plan that expires before its turn', async () => {
    expect(await work({ expiresAt: new Date(NOW + 1_000).toISOString() })).toBe('nothing');
    expect(held()).toBe('4');
  });

  it('stops when it is told that the case is over, before or after a plan', async () => {
    await hear({});
    expect(await venue.hear(over(), NOW)).toBeUndefined();
    await venue.workUntil(LATER);
    expect(venue.verdicts).toEqual(['nothing']);
    expect(await work({ generation: 2 })).toBe('over');
    expect(held()).toBe('4');
  });

  it('does not fill a plan that is only observed', async () => {
    expect(await work({ isObserved: true })).toBe('observed');
    expect(held()).toBe('4');
  });

  it('refuses a message that is not for it', async () => {
    const { plan, planId, generation, expiresAt, isObserved, ...alert } = planMessage({});
    const cured = JSON.stringify({ ...alert, type: 'margin-call.cured' });
    await expect(venue.hear(cured, NOW)).rejects.toThrow('margin-call.cured');
    await expect(venue.hear('{"type":"margin-call.cured"}', NOW)).rejects.toThrow();
  });
});

describe('a plan that the order book cannot fill', () => {
  it('is worked again as the book recovers, and ends as a part', async () => {
    open({ market: flatMarket({ depthUsd: 100 }) });
    await hear({ orders: [{ quantity: '4' }] });
    await venue.workUntil(LATER);
    const after = venue.trades.map(({ timeMs }) => timeMs);
    expect(after.length).toBeGreaterThan(2);
    expect((after[1] ?? 0) - (after[0] ?? 0)).toBe(RETRY_MS);
    await venue.workUntil(NOW + 600_000);
    expect(venue.verdicts).toEqual(['part']);
    expect(venue.trades.every(({ timeMs }) => timeMs < NOW + 300_000)).toBe(true);
  });

  it('gets nothing at a limit that the market does not reach', async () => {
    await hear({ orders: [{ limitPrice: '5000' }] });
    await venue.workUntil(NOW + 600_000);
    expect(venue.verdicts).toEqual(['nothing']);
    expect(held()).toBe('4');
  });
});

describe('orders that the venue refuses', () => {
  it('are rare, and the next generation continues', async () => {
    const accounts = Array.from({ length: 400 }, (_, index) => `long-${index}`);
    for (const each of accounts) await hear({ accountId: each });
    await venue.workUntil(LATER);
    const refused = venue.verdicts.filter((verdict) => verdict === 'refused').length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(400 * REFUSED_SHARE * 3);
  });
});

describe('messages about the fund', () => {
  const header = {
    ...{ version: 1, severity: 'critical', numeraire: 'USD' },
    ...{ checkId: '2020-03-12T00:00:00.000Z', asOf: '2020-03-12T00:00:00.000Z' },
  };
  const drawn = JSON.stringify({
    ...{ type: 'fund.drawn', id: 'd1', ...header, accountId, caseId: 'c', claimId: 'k' },
    ...{ shortfall: '7', drawn: '5', socialized: '0', uncovered: '2', fundBalance: '0' },
  });
  const loss = {
    ...{ type: 'loss.socialized', id: 's1', ...header, lossId: 'l', method: 'haircut' },
    ...{
      amount: '2',
      fraction: '0.1',
      accounts: 1,
      excluded: 0,
      sharesAt: { pk: 'loss#l', pages: 1 },
    },
    losses: [{ accountId, caseId: 'c', claimId: 'k', amount: '2' }],
  };
  const shared = JSON.stringify({ ...loss, shares: [{ accountId, amount: '2' }] });

  it('credit the whole shortfall and debit the shares, once per id', async () => {
    for (let time = 0; time < 2; time++) {
      await venue.hear(drawn, NOW);
      await venue.hear(shared, NOW);
    }
    expect(held('balance#USD', 'amount')).toBe('10005');
    expect(textOf(venue.covered)).toBe('7');
    expect(textOf(venue.absorbed)).toBe('2');
  });

  it('without shares have them in the margin table', async () => {
    open({ sharesOf: async () => [{ accountId, amount: '3' }] });
    await venue.hear(JSON.stringify(loss), NOW);
    expect(held('balance#USD', 'amount')).toBe('9997');
  });

  it('are refused if they are malformed', async () => {
    await expect(venue.hear('{"type":"fund.drawn","id":"d","drawn":"-5"}', NOW)).rejects.toThrow();
  });
});

describe('the total paid to the fund', () => {
  it('adds up over all fills, and is unchanged without a fee', async () => {
    open();
    const paid: string[] = [];
    for (const [index, order] of [
      { liquidationFee: '0.01' },
      {},
      { liquidationFee: '0.01' },
    ].entries()) {
      await work({ generation: index + 1, orders: [order] });
      paid.push(textOf(venue.fundPaid));
    }
    expect(paid).toEqual(['49.99', '49.99', '99.98']);
  });
});
