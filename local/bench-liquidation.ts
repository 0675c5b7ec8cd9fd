/**
 * `npm run bench:liquidation`: ten thousand accounts that one check finds below their liquidation line,
 * ranked and planned, worst first, in one process: with as much room as they need, and within that of the
 * markets. Rows are read beforehand; nothing is written.
 */
import Table from 'cli-table3';
import { readAccount } from '../lambda/contract/read-account.ts';
import { readMarket } from '../lambda/contract/read-market.ts';
import { type SubAccount, subAccounts } from '../lambda/margin/account.ts';
import { assess } from '../lambda/margin/assess.ts';
import { planLiquidation } from '../lambda/margin/plan.ts';
import { positionsNotional, type Rank, worstFirst } from '../lambda/margin/queue.ts';
import { type Room, RoomLeft, roomsOf, UNLIMITED } from '../lambda/margin/room.ts';
import { type Snapshot, takeSnapshot } from '../lambda/margin/snapshot.ts';
import { BENCH_START } from './bench-book.ts';
import { type RandomStream, randomStream } from './random.ts';
import type { AccountRow, MarketRow } from './rows.ts';

const ACCOUNTS = 10_000;
const KINDS = ['one position', 'two markets', 'hedge', 'collateral and loan'] as const;

const traded = { dailyVolume: '2e9', depth: '5e6' };

const breachedMarket = (): MarketRow[] => [
  { kind: 'policy', id: 'default', mode: 'enforce' },
  {
    kind: 'asset',
    id: 'USDC',
    feed: 'USDC-USD',
    collateralWeight: '0.98',
    liabilityWeight: '1.02',
  },
  {
    kind: 'asset',
    id: 'BTC',
    feed: 'BTC-USD',
    collateralWeight: '0.9',
    riskClass: 'BTC',
    ...traded,
  },
  { kind: 'risk', id: 'USDC', volatility: '0.03' },
  ...['BTC', 'ETH'].map((id) => ({
    kind: 'risk',
    id,
    volatility: '0.9',
    jumpFloor: '0.005',
    liquidity: { fee: '0.0005', slippage: '0.001', impact: '1', liquidationFee: '0.002' },
    margin: {
      type: 'tiered',
      tiers: [
        { floor: '0', initial: '0.06', maintenance: '0.03' },
        { floor: '1000000', initial: '0.1', maintenance: '0.05' },
      ],
    },
  })),
  ...['BTC', 'ETH'].flatMap((name) =>
    ['PERP', 'NEXT'].map((which) => ({
      kind: 'instrument',
      id: `${name}-${which}`,
      type: 'perpetual',
      underlying: `${name}-USD`,
      settlementAsset: 'USD',
      riskClass: name,
      lotSize: '0.001',
      ...traded,
    })),
  ),
  ...Object.entries({ BTC: '6000', ETH: '130', USDC: '1' }).map(([name, price]) => ({
    kind: 'quote',
    id: `${name}-USD#venue`,
    price,
    publishedAt: String(BENCH_START),
  })),
];

interface Drawn {
  readonly accountId: string;
  readonly random: RandomStream;
}

/** Short of its liquidation line by up to two fifths of the requirement. */
const cashOf = ({ random }: Drawn, notional: number) =>
  (notional * 0.03 * random.between(0.6, 1)).toFixed(2);

function rowsOf(index: number): AccountRow[] {
  const accountId = `account-${index}`;
  const drawn = { accountId, random: randomStream(1, accountId) };
  const notional = drawn.random.logNormal(60_000, 1.2);
  const balance = (asset: string, held: string) => ({
    accountId,
    item: `balance#${asset}`,
    asset,
    amount: held,
  });
  const position = (instrument: string, value: number) => ({
    accountId,
    item: `position#${instrument}`,
    instrument,
    quantity: (value / (instrument.startsWith('BTC') ? 6000 : 130)).toFixed(3),
    entryPrice: instrument.startsWith('BTC') ? '6000' : '130',
  });
  switch (KINDS[index % KINDS.length]) {
    case 'one position':
      return [balance('USD', cashOf(drawn, notional)), position('BTC-PERP', notional)];
    case 'two markets':
      return [
        balance('USD', cashOf(drawn, notional)),
        position('BTC-PERP', notional / 2),
        position('ETH-PERP', -notional / 2),
      ];
    case 'hedge':
      return [
        balance('USD', cashOf(drawn, notional)),
        position('BTC-PERP', notional * 0.6),
        position('BTC-NEXT', -notional * 0.4),
      ];
    default:
      return [
        balance('BTC', (notional / 6000).toFixed(6)),
        balance('USDC', (-notional * drawn.random.between(0.88, 0.95)).toFixed(2)),
      ];
  }
}

function subAccountOf(index: number): SubAccount {
  const read = readAccount(`account-${index}`, rowsOf(index));
  if (!read.ok) throw new Error(read.reasons[0]?.detail);
  return subAccounts(read.account)[0] as SubAccount;
}

function snapshot(): Snapshot {
  const { market } = readMarket(breachedMarket());
  return takeSnapshot({ market, asOf: BENCH_START, gapSeconds: 60, previousPrices: new Map() });
}

const GAP_SECONDS = 60;

interface Breached extends Rank {
  readonly subAccount: SubAccount;
}

/** Found below its line, with what it is ranked by. */
function breachedOf(subAccount: SubAccount, now: Snapshot): Breached[] {
  const outcome = assess(subAccount, now);
  if (outcome.certainty === 'indeterminate') throw new Error('every price is known');
  const { level, surplus, lines } = outcome;
  if (level !== 'liquidation' && level !== 'deficit') return [];
  const key = subAccount.account.accountId;
  const notional = positionsNotional(subAccount, now);
  return [
    { key, surplus: surplus.liquidation.point, line: lines.liquidation, notional, subAccount },
  ];
}

function plannedBy(ranked: readonly Breached[], { now, room }: { now: Snapshot; room: Room }) {
  const left = new RoomLeft(room);
  return ranked.map(({ subAccount }) => {
    const markets = [...subAccount.positions.map(({ instrument }) => instrument), 'BTC', 'USDC'];
    const limits = { generation: 1, room: left.within(markets) };
    const plan = planLiquidation(subAccount, now, limits);
    left.take(plan);
    return plan;
  });
}

const now = snapshot();
const held = Array.from({ length: ACCOUNTS }, (_, index) => subAccountOf(index));
const rows: string[][] = [];
for (const [name, room] of [
  ['unlimited', UNLIMITED],
  ['the throttle', roomsOf(now, GAP_SECONDS)],
] as const) {
  const started = performance.now();
  const breached = held.flatMap((subAccount) => breachedOf(subAccount, now));
  const assessed = performance.now();
  const ranked = worstFirst(breached, now);
  const plans = plannedBy(ranked, { now, room });
  const done = performance.now();
  const count = (scope: string) => plans.filter((plan) => plan.scope === scope).length;
  rows.push([
    name,
    String(breached.length),
    ((assessed - started) / 1000).toFixed(2),
    ((done - assessed) / 1000).toFixed(2),
    String(count('partial')),
    String(count('whole')),
    String(plans.filter(({ carriedOver }) => carriedOver.length > 0).length),
    String(Math.round(process.memoryUsage().rss / 2 ** 20)),
  ]);
}
const head = [
  'room',
  'breached',
  'assessed s',
  'ranked and planned s',
  'partial',
  'whole',
  'carried over',
  'MB',
];
const table = new Table({ head, style: { head: [], border: [] } });
table.push(...rows);
console.log(table.toString());
