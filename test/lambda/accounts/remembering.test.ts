/** Whether reading an account would decide anything, is known without reading it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountSubject,
  type CheckContext,
  caseStateOf,
  leavesAsItIs,
} from '../../../lambda/accounts/account-case.ts';
import {
  type AssessedSubAccount,
  assessSubAccount,
} from '../../../lambda/accounts/assess-account.ts';
import { decideSubAccount } from '../../../lambda/accounts/decision.ts';
import { LiquidationQueue } from '../../../lambda/accounts/liquidation-queue.ts';
import { MarketCapacity } from '../../../lambda/accounts/market-capacity.ts';
import { isAsListed } from '../../../lambda/accounts/remembering.ts';
import { NO_CASE } from '../../../lambda/margin/case/case.ts';
import {
  type Capacity,
  capacityKey,
  UNLIMITED,
} from '../../../lambda/margin/liquidation/capacity.ts';
import { NO_AMOUNT } from '../../../lambda/margin/number/decimal.ts';
import { type Snapshot, takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import type { StoredCase } from '../../../lambda/outbox/stored-case.ts';
import { writeCaseState } from '../../../lambda/record/case-state.ts';
import { wideContext } from '../../../local/bench/decide-all.ts';
import { crossOf, inputOf, type MarketRows, NOW } from '../margin/build.ts';
import { anyBook } from '../margin/random-book.ts';

const BOOKS = Number(process.env.REMEMBERED_BOOKS ?? 40);
const CHECKS = 12;
const MINUTE_MS = 60_000;

/** A check: how far all prices have moved since the first one, how long after the one before. */
const checks = fc.array(
  fc.record({
    move: fc.oneof(
      fc.constantFrom(0, 0, 0.2, -0.3),
      fc.double({ min: -0.03, max: 0.03, noNaN: true }),
    ),
    minutes: fc.constantFrom(1, 1, 1, 1, 9, 70),
    /** Of the quotes of the first feed; after some minutes its price is missing, or in doubt. */
    ageSeconds: fc.constantFrom(3, 3, 3, 3, 100, 100_000),
    halt: fc.constantFrom(false, false, false, true),
    callAt: fc.constantFrom('maintenance', 'maintenance', 'initial'),
    onCallExpiry: fc.constantFrom('liquidate', 'remind'),
    outageGrace: fc.constantFrom('none', 'moved'),
  }),
  { minLength: CHECKS, maxLength: CHECKS },
);

type Check = typeof checks extends fc.Arbitrary<(infer C)[]> ? C : never;

const placed = (value: number) => value.toPrecision(12);

function marketAt(rows: MarketRows, check: Check, asOf: number): MarketRows {
  const { move, ageSeconds, halt, callAt, onCallExpiry, outageGrace } = check;
  const quotes = Object.entries(rows.quotes ?? {}).map(([id, row], place) => {
    const publishedAt = String(asOf - 1000 * (place === 0 ? ageSeconds : 3));
    return [id, { ...row, price: placed(Number(row.price) * (1 + move)), publishedAt }] as const;
  });
  return {
    ...rows,
    asOf,
    quotes: Object.fromEntries(quotes),
    policy: { ...rows.policy, halt, callAt, onCallExpiry, outageGrace },
  };
}

const NONE_LEFT = new Map(
  ['BTC', 'ETH', 'SOL'].flatMap((name) =>
    (['buy', 'sell'] as const).flatMap((side) =>
      [name, `${name}-PERP`].map((market) => [capacityKey(market, side), NO_AMOUNT] as const),
    ),
  ),
);

const WIDE = wideContext('markets', 1);

const contextOf = (
  of: Pick<CheckContext, 'checkId' | 'snapshot'>,
  capacity: Capacity,
): CheckContext => ({
  ...WIDE,
  ...of,
  capacity: Object.assign(new MarketCapacity(UNLIMITED), { leftIn: () => capacity }),
});

const NO_ROWS = { accountId: 'account', rows: [] };

const unwritten: StoredCase = {
  ...{ key: { pk: 'account#account', sk: 'case' }, version: 1, checkId: '' },
  ...{ state: writeCaseState(NO_CASE), isActive: false, pending: [] },
};

function snapshotAt(market: MarketRows, check: Check, asOf: number): Snapshot {
  const since = asOf - check.minutes * MINUTE_MS;
  const input = inputOf(marketAt(market, check, asOf));
  return takeSnapshot(
    check.minutes > 2 ? { ...input, outage: { since, leastSeconds: 120 } } : input,
  );
}

/** Tells what a check that reads the account does with it. */
function expectNothingDecided(
  assessed: AssessedSubAccount,
  stored: StoredCase,
  at: Pick<CheckContext, 'checkId' | 'snapshot'>,
): void {
  // The fund and auto-deleveraging look at each deficit.
  const { outcome } = assessed;
  if (outcome.certainty !== 'indeterminate') expect(outcome.level).not.toBe('deficit');
  for (const capacity of [UNLIMITED, NONE_LEFT]) {
    const context = contextOf(at, capacity);
    const subject = { ...accountSubject(NO_ROWS, assessed, context), stored };
    expect(new LiquidationQueue(context).offer(subject)).toBe(false);
    expect(subject.decide(stored)).toBeUndefined();
  }
}

describe('an account whose case stays as it is', () => {
  it('gets no decision by reading it, and no plan, whatever capacity there is', () => {
    const found = { asItIs: 0, changed: 0 };
    const anyChecks = fc.property(
      anyBook({ shares: [-60, 160] }),
      checks,
      ({ market, account }, each) => {
        const subAccount = crossOf(account);
        let [stored, asOf] = [unwritten, NOW];
        for (const check of each) {
          asOf += check.minutes * MINUTE_MS;
          const at = {
            checkId: new Date(asOf).toISOString(),
            snapshot: snapshotAt(market, check, asOf),
          };
          const assessed = assessSubAccount(subAccount, at.snapshot);
          if (leavesAsItIs(assessed, stored, at)) {
            found.asItIs++;
            expectNothingDecided(assessed, stored, at);
            continue;
          }
          found.changed++;
          const { next } = decideSubAccount(assessed, caseStateOf(stored), at);
          stored = { ...stored, checkId: at.checkId, state: writeCaseState(next) };
        }
      },
    );
    fc.assert(anyChecks, { numRuns: BOOKS });
    // Both have to be common.
    expect(found.asItIs).toBeGreaterThan((BOOKS * CHECKS) / 4);
    expect(found.changed).toBeGreaterThan(BOOKS);
  });
});

describe('a case with an open call', () => {
  const market: MarketRows = {
    instruments: {
      'BTC-PERP': {
        ...{ type: 'perpetual', underlying: 'BTC-USD', riskClass: 'BTC', settlementAsset: 'USD' },
      },
    },
    risk: {
      BTC: { margin: { type: 'flat', initial: '0.1', maintenance: '0.05' }, volatility: '0.8' },
    },
    quotes: { 'BTC-USD#a': { price: '6000' } },
  };
  const account = {
    balances: [{ asset: 'USD', amount: '3500' }],
    positions: [{ instrument: 'BTC-PERP', quantity: '10', entryPrice: '6000' }],
  };
  const at = { checkId: new Date(NOW).toISOString(), snapshot: takeSnapshot(inputOf(market)) };
  const assessed = assessSubAccount(crossOf(account), at.snapshot);
  const { next } = decideSubAccount(assessed, NO_CASE, at);
  const called: StoredCase = { ...unwritten, state: writeCaseState(next), isActive: true };

  it.each<[string, Partial<StoredCase>, boolean]>([
    ['stays as it is', {}, true],
    ['was decided by this check', { checkId: at.checkId }, true],
    ['was decided by a later check', { checkId: '2100-01-01T00:00:00.000Z' }, false],
    ['has a message that is not published', { pending: [{ checkId: '', messages: [] }] }, false],
    ['cannot be read', { state: { open: 'yes' } }, false],
    ['was opened without the call', { state: writeCaseState(NO_CASE) }, false],
  ])('%s', (_name, different, isAsItIs) => {
    expect(leavesAsItIs(assessed, { ...called, ...different }, at)).toBe(isAsItIs);
  });
});

describe('remembered cases', () => {
  const casesOf = (versions: Readonly<Record<string, number>>) =>
    new Map(
      Object.entries(versions).map(([sk, version]) => [
        sk,
        {
          ...{ key: { pk: 'account#a', sk }, version, checkId: '', state: {} },
          ...{ isActive: true, pending: [] },
        },
      ]),
    );
  const account = { accountId: 'a', rows: [] };
  const remembered = { account, cases: casesOf({ case: 3, 'case#BTC-PERP': 1 }) };

  it.each([
    ['as they were', { case: 3, 'case#BTC-PERP': 1 }, true],
    ['one of them written since', { case: 4, 'case#BTC-PERP': 1 }, false],
    ['one of them closed since', { case: 3 }, false],
    ['one more opened since', { case: 3, 'case#BTC-PERP': 1, 'case#ETH-PERP': 1 }, false],
    ['another one instead', { case: 3, 'case#ETH-PERP': 1 }, false],
    ['one of an unknown version', { case: 3, 'case#BTC-PERP': undefined }, false],
  ])('%s', (_name, listed, isListed) => {
    expect(isAsListed(remembered, new Map(Object.entries(listed)))).toBe(isListed);
  });

  it('are not those of an account without any open case', () => {
    expect(isAsListed(remembered, undefined)).toBe(false);
  });
});
