/** A random day of a venue in memory, from a seed: prices, accounts and every message. */

import { type RandomStream, randomStream } from '../../../local/analysis/random.ts';
import type { AccountRow } from '../../../local/aws/rows.ts';
import { DayMarket } from '../../../local/demo/book/day-market.ts';
import type { Prices } from '../../../local/demo/feeds.ts';
import { DEMO_INSTRUMENTS, type DemoInstrument } from '../../../local/demo/market.ts';
import type { Order, VenueMarket } from '../../../local/demo/venue-market.ts';
import { FLAT_PRICES } from './flat-market.ts';
import { planMessage } from './plan-message.ts';

export const START_MS = Date.parse('2020-03-12T00:00:00Z');
const MINUTES = 1440;
const MINUTE_MS = 60_000;

export interface RandomDay {
  readonly market: VenueMarket;
  readonly rows: readonly AccountRow[];
  readonly events: readonly DayEvent[];
}

export interface DayEvent {
  readonly timeMs: number;
  /** The body of a message on the orders topic. Undefined for a payment. */
  readonly body?: string;
  readonly payment?: { readonly accountId: string; readonly amount: string };
}

const INSTRUMENTS = Object.keys(DEMO_INSTRUMENTS) as DemoInstrument[];
const ACCOUNTS = ['a', 'b', 'c', 'd', 'e', 'f'];

export function randomDay(seed: number): RandomDay {
  const random = randomStream(seed, 'day');
  const path = pathOf(random);
  const accounts = random.wholeBetween(10, 2_000);
  return {
    market: new DayMarket(path, accounts),
    rows: ACCOUNTS.flatMap((accountId) => rowsOf(accountId, random)),
    events: eventsOf(random).toSorted((left, right) => left.timeMs - right.timeMs),
  };
}

/** One factor moves all prices alike, on a quiet day or one that loses most of its value. */
function pathOf(random: RandomStream): Prices[] {
  const deviation = random.between(0.0002, 0.02);
  let level = 1;
  return Array.from({ length: MINUTES }, () => {
    level = Math.min(5, Math.max(0.1, level * Math.exp(deviation * random.normal())));
    const moved = Object.entries(FLAT_PRICES).map(([feed, price]) => {
      return [feed, (Number(price) * level).toFixed(4)];
    });
    return Object.fromEntries(moved) as Prices;
  });
}

const digits = (value: number, random: RandomStream) => value.toFixed(random.wholeBetween(0, 8));

function rowsOf(accountId: string, random: RandomStream): AccountRow[] {
  const signed = () => random.logNormal(10, 1.5) * (random.uniform() < 0.5 ? -1 : 1);
  const position = (label: string, more: object) => (instrument: DemoInstrument) => ({
    ...{ accountId, item: `position#${instrument}${label}`, instrument, ...more },
    quantity: digits(signed(), random),
    entryPrice: digits(4_000 + random.between(0, 2_000), random),
  });
  const some = <T>(all: readonly T[]) => all.filter(() => random.uniform() < 0.6);
  const margin = { isolatedMargin: random.between(0, 5_000).toFixed(2) };
  return [
    { accountId, item: 'balance#USD', asset: 'USD', amount: digits(signed() * 1_000, random) },
    ...some(['BTC', 'ETH', 'USDC']).map((asset) => {
      return { accountId, item: `balance#${asset}`, asset, amount: digits(signed(), random) };
    }),
    ...some(INSTRUMENTS).map(position('', { openBuyQuantity: '1' })),
    ...some(INSTRUMENTS).map(position('#own', margin)),
  ];
}

function eventsOf(random: RandomStream): DayEvent[] {
  const timeMs = () => START_MS + random.wholeBetween(0, MINUTES * MINUTE_MS);
  const accountId = () => oneOf(ACCOUNTS, random);
  const repeated = <T>(times: number, make: (index: number) => T[]) =>
    Array.from({ length: times }, (_, index) => make(index)).flat();
  return [
    ...repeated(random.wholeBetween(8, 20), () => caseOf(accountId(), timeMs(), random)),
    ...repeated(random.wholeBetween(0, 6), () => [
      { timeMs: timeMs(), payment: { accountId: accountId(), amount: digits(500, random) } },
    ]),
    ...repeated(random.wholeBetween(0, 6), (index) => {
      const message = fundMessage(`fund-${index}`, accountId(), random);
      const sent = { timeMs: timeMs(), body: JSON.stringify(message) };
      return random.uniform() < 0.3 ? [sent, { ...sent, timeMs: timeMs() }] : [sent];
    }),
  ];
}

/** Repeated, late, out of order, or completed. */
function caseOf(accountId: string, atMs: number, random: RandomStream): DayEvent[] {
  const position = random.uniform() < 0.3 ? `${oneOf(INSTRUMENTS, random)}#own` : undefined;
  const plans = Array.from({ length: random.wholeBetween(1, 3) }, (_, index): DayEvent => {
    const madeMs = atMs + index * random.wholeBetween(0, 120_000);
    const plan = planMessage({
      accountId,
      ...(position === undefined ? {} : { position }),
      generation: index + 1,
      expiresAt: new Date(madeMs + 300_000).toISOString(),
      orders: Array.from({ length: random.wholeBetween(1, 4) }, () => orderOf(random)),
      cancelOpenOrders: random.uniform() < 0.5 ? ['BTC-PERP'] : [],
    });
    // Plans of one account on one day belong to different cases.
    const caseId = `${accountId}@${atMs}`;
    const body = JSON.stringify({ ...plan, caseId, planId: `${caseId}#${index + 1}` });
    return { timeMs: madeMs + oneOf([0, 0, 20_000, 299_999, 300_000], random), body };
  });
  const isRepeated = () => random.uniform() < 0.3;
  const again = plans.filter(isRepeated).map((each) => ({ ...each, timeMs: each.timeMs + 40_000 }));
  return [...plans, ...again];
}

function orderOf(random: RandomStream): Partial<Order> {
  const isPosition = random.uniform() < 0.7;
  const kind = isPosition ? 'position' : oneOf(['collateral', 'loan'] as const, random);
  const market = isPosition ? oneOf(INSTRUMENTS, random) : oneOf(['BTC', 'ETH', 'USDC'], random);
  const limit = random.uniform() < 0.3 ? { limitPrice: digits(5_000, random) } : {};
  const fee = random.uniform() < 0.5 ? { liquidationFee: '0.0075' } : {};
  const side = oneOf(['buy', 'sell'] as const, random);
  return { kind, market, side, quantity: digits(random.logNormal(8, 2), random), ...limit, ...fee };
}

function fundMessage(id: string, accountId: string, random: RandomStream) {
  const money = () => digits(random.between(0, 900), random);
  const checkId = new Date(START_MS).toISOString();
  const header = { id, version: 1, severity: 'critical', checkId, asOf: checkId, numeraire: 'USD' };
  const caseId = `${accountId}@${checkId}`;
  if (random.uniform() < 0.5) {
    const position = random.uniform() < 0.5 ? { position: 'BTC-PERP#own' } : {};
    const paid = { drawn: money(), socialized: money(), uncovered: money() };
    const claim = { caseId, claimId: `${caseId}/claim#1`, shortfall: '1', fundBalance: '0' };
    return { type: 'fund.drawn', ...header, accountId, ...position, ...claim, ...paid };
  }
  const shares = ACCOUNTS.map((each) => ({ accountId: each, amount: money() }));
  const losses = [{ accountId, caseId, claimId: `${caseId}/claim#1`, amount: '1' }];
  const loss = { lossId: id, method: 'haircut', amount: '1', fraction: '0.1', losses };
  const sharesAt = { pk: `loss#${id}`, pages: 1 };
  const counts = { accounts: shares.length, excluded: 0 };
  return { type: 'loss.socialized', ...header, ...loss, ...counts, shares, sharesAt };
}

const oneOf = <T>(all: readonly T[], random: RandomStream): T =>
  all[random.wholeBetween(0, all.length - 1)] as T;
