/** One account as wide as a market: everything decided about it goes out, and replays. */

import { beforeAll, describe, expect, it } from 'vitest';
import { accountSubject, type CheckContext } from '../../../lambda/accounts/account-case.ts';
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { MarketCapacity } from '../../../lambda/accounts/market-capacity.ts';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { Topics } from '../../../lambda/aws/topics.ts';
import { UNLIMITED } from '../../../lambda/margin/liquidation/capacity.ts';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { LISTED_MAX, PLAN_ORDERS_MAX } from '../../../lambda/margin/number/limits.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import type { Message } from '../../../lambda/messages/messages.ts';
import { Outbox } from '../../../lambda/outbox/outbox.ts';
import { MarketRows } from '../../../lambda/record/evidence.ts';
import type { AccountRows, RawRow } from '../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { replay } from '../../../local/analysis/replay.ts';
import { STANDING } from '../../../local/aws/standing.ts';
import { recordBytes } from '../../../local/aws/stored-record.ts';
import { unpack } from '../../../local/cli/replay.ts';
import { ITEM_BYTES_MAX, MemoryTable, MemoryTopics, TOPIC_ARNS } from '../memory-aws.ts';

const FEEDS = Number(process.env.FEEDS ?? 5000);
const NOW = Date.parse('2025-10-10T21:20:00.000Z');
const CHECK_ID = '2025-10-10T21:20:00.000Z';

const marketRows: RawRow[] = [
  { kind: 'policy', id: 'default', mode: 'enforce' },
  {
    kind: 'risk',
    id: 'ALT',
    volatility: '0.9',
    margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
  },
  ...Array.from({ length: FEEDS }, (_, index) => [
    {
      kind: 'instrument',
      id: `COIN${index}-PERP`,
      type: 'perpetual',
      underlying: `COIN${index}-USD`,
      settlementAsset: 'USD',
      riskClass: 'ALT',
    },
    {
      kind: 'quote',
      id: `COIN${index}-USD#venue`,
      price: String(100 + (index % 97) / 7).slice(0, 8),
      publishedAt: String(NOW - 1000),
    },
  ]).flat(),
];

const snapshot = takeSnapshot({
  market: readMarket(marketRows).market,
  asOf: NOW,
  gapSeconds: 60,
  previousPrices: new Map(),
});

const newContext = (): CheckContext => ({
  checkId: CHECK_ID,
  snapshot,
  marketRows: new MarketRows({
    rows: marketRows,
    previousPrices: new Map(),
    volatilities: new Map(),
    gapSeconds: 60,
    snapshot,
  }),
  capacity: new MarketCapacity(UNLIMITED),
  deleveraging: { note: () => undefined, decide: async () => undefined, of: () => [] },
  stopwatch: STANDING,
});

const accountOf = (cash: string, positions: number, more: object = {}): AccountRows => ({
  accountId: 'wide',
  rows: [
    { item: 'balance#USD', asset: 'USD', amount: cash },
    ...Array.from({ length: positions }, (_, index) => ({
      item: `position#COIN${index}-PERP`,
      instrument: `COIN${index}-PERP`,
      quantity: String(1 + (index % 31)),
      entryPrice: '107',
      openBuyQuantity: '1',
      ...more,
    })),
  ],
});

async function decided(account: AccountRows) {
  const table = new MemoryTable();
  const topics = new MemoryTopics();
  const outbox = new Outbox({
    margin: new MarginTable({ dynamo: table.client, table: 'margin' }),
    topics: new Topics({ sns: topics.client, arns: TOPIC_ARNS }),
    checkId: CHECK_ID,
    fenceKey: { pk: 'check', sk: 'latest' },
    asOf: NOW,
    historyDays: 400,
    isHalted: false,
    isObserving: false,
  });
  const context = newContext();
  const subjects = assessAccount(account, snapshot).map((each) =>
    accountSubject(account, each, context),
  );
  const { subjects: read } = await outbox.read(subjects);
  const result = await outbox.process(read);
  return { table, topics, result };
}

type Decided = Awaited<ReturnType<typeof decided>>;

async function recordIn({ table }: Decided) {
  const [row] = table.rows('account#wide/decision#');
  if (row === undefined) throw new Error('no record');
  const key = { pk: 'account#wide', sk: String(row.sk) };
  const item = table.items.find(({ pk, sk }) => pk?.S === key.pk && sk?.S === key.sk);
  const bytes = await recordBytes(item, { dynamo: table.client, table: 'margin', key });
  return { row, record: unpack(bytes ?? new Uint8Array(), key.sk) };
}

/** Between the liquidation line and the call line. */
function cashForACall(): string {
  const [cross] = assessAccount(accountOf('0', FEEDS), snapshot);
  if (cross === undefined || cross.outcome.certainty === 'indeterminate')
    throw new Error('unknown');
  const { lines, marginBalance } = cross.outcome;
  const middle = (Number(textOf(lines.liquidation)) + Number(textOf(lines.call))) / 2;
  return (middle - Number(textOf(marginBalance.point))).toFixed(2);
}

describe.each([
  ['a margin call', cashForACall, 'margin-call.issued'],
  ['a deficit', () => '-100000000', 'liquidation.ordered'],
])(`an account of ${FEEDS} positions on ${FEEDS} feeds, at %s`, (_, cash, type) => {
  let done: Decided;
  let message: Message;
  beforeAll(async () => {
    done = await decided(accountOf(cash(), FEEDS));
    message = done.topics.alerts.find((each) => each.type === type) as Message;
  }, 120_000);

  it('publishes everything, and leaves nothing in the case', () => {
    expect(done.result).toMatchObject({ failures: [], publishFailures: [] });
    expect(message.type).toBe(type);
    expect(done.table.rows('account#wide/case')).toMatchObject([{ pending: [] }]);
    expect(done.table.largest).toBeLessThan(ITEM_BYTES_MAX);
  });

  it('names the prices that matter most, and counts the others', () => {
    if (!('figures' in message && message.figures)) throw new Error('no figures');
    expect(message.figures.prices).toHaveLength(LISTED_MAX);
    expect(message.omitted?.['figures.prices']).toBe(FEEDS - LISTED_MAX);
    // Positions have 1 to 31 contracts.
    const named = message.figures.prices.map(
      ({ feed }) => 1 + (Number(/\d+/.exec(feed)?.[0]) % 31),
    );
    expect(Math.min(...named)).toBeGreaterThan(20);
  });

  it('orders the largest positions first, and says that open orders are more than are named', () => {
    if (message.type !== 'liquidation.ordered') return;
    expect(message.plan.orders).toHaveLength(PLAN_ORDERS_MAX);
    expect(message.omitted?.['plan.cancelOpenOrders']).toBe(FEEDS - LISTED_MAX);
    expect(done.topics.orders).toEqual([message]);
  });

  it('keeps its record in parts, from which the decision replays', async () => {
    const { row, record } = await recordIn(done);
    expect(row).toMatchObject({ parts: done.table.rows('account#wide/part#').length });
    expect(row).not.toHaveProperty('record');
    expect(replay(record).matches).toBe(true);
    expect(Object.keys(record.evidence.instruments as object)).toHaveLength(FEEDS);
  }, 120_000);
});

describe('an account of 2,000 isolated positions', () => {
  it('orders each of them, with a record of its own row alone', async () => {
    const done = await decided(accountOf('0', 2000, { isolatedMargin: '1', entryPrice: '115' }));
    expect(done.result).toMatchObject({ failures: [], publishFailures: [] });
    const plans = done.topics.orders.filter(({ type }) => type === 'liquidation.ordered');
    expect(plans).toHaveLength(2000);
    expect(done.table.rows('account#wide/part#')).toEqual([]);
    const { record } = await recordIn(done);
    expect(record.evidence.accounts).toMatchObject([{ positions: [{}] }]);
    expect(replay(record).matches).toBe(true);
  }, 120_000);
});
