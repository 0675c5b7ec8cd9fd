/**
 * One source reports a price of ten times, or of a tenth, for one check or for two. The first print
 * moves nothing that depends on it; a newer one like it is believed.
 */
import { describe, expect, it } from 'vitest';
import { type AssessedSubAccount, assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { decideSubAccount } from '../../../lambda/accounts/decision.ts';
import { type CaseState, NO_CASE } from '../../../lambda/margin/case/case.ts';
import type { PreviousPrices } from '../../../lambda/margin/market/oracle.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { marketOf, NOW } from '../margin/build.ts';

const MINUTE = 60_000;

/** MM is 5 % of the notional and the call line 6.25 %, without a buffer. */
const terms = { type: 'perpetual', settlementAsset: 'USD', riskClass: 'C' };
const MARKET = {
  policy: { mode: 'enforce', maxAgeSeconds: '299', liquidationCooldownSeconds: '600' },
  risk: { C: { margin: { type: 'flat', initial: '0.1', maintenance: '0.05' }, volatility: '0.5' } },
  instruments: {
    A: { ...terms, underlying: 'A-USD' },
    LOTS: { ...terms, underlying: 'A-USD', lotSize: '1' },
    B: { ...terms, underlying: 'B-USD' },
  },
};

interface Holding {
  readonly cash: string;
  readonly positions: Readonly<Record<string, string>>;
  readonly entryPrice?: string;
  readonly profile?: Readonly<Record<string, string>>;
}

/** All at 100 at the first check. */
const HOLDINGS: Readonly<Record<string, Holding>> = {
  'healthy-long': { cash: '50', positions: { A: '1' } },
  'healthy-short': { cash: '50', positions: { A: '-1' } },
  'called-long': { cash: '6', positions: { A: '1' } },
  'called-short': { cash: '6', positions: { A: '-1' } },
  'expiring-long': { cash: '6', positions: { A: '1' }, profile: { callGraceSeconds: '60' } },
  'expiring-short': { cash: '6', positions: { A: '-1' }, profile: { callGraceSeconds: '60' } },
  'long-with-a-plan': { cash: '4', positions: { A: '1' } },
  'short-with-a-plan': { cash: '4', positions: { A: '-1' } },
  'long-in-deficit': { cash: '5', positions: { A: '1' }, entryPrice: '110' },
  'short-in-deficit': { cash: '5', positions: { A: '-1' }, entryPrice: '90' },
  // Less than a lot is left: it is used up, and the fund is asked for 5.
  'long-that-claims': { cash: '-5', positions: { LOTS: '0.1' } },
  'short-that-claims': { cash: '-5', positions: { LOTS: '-0.1' } },
  // Called by B at the second check.
  'beside-it': { cash: '7', positions: { B: '1' } },
  'beside-it-with-dust': { cash: '7', positions: { B: '1', A: '0.0001' } },
  'beside-it-short-of-dust': { cash: '7', positions: { B: '1', A: '-0.0001' } },
};
const NAMES = Object.keys(HOLDINGS);

const accountOf = (accountId: string) => {
  const { cash, positions, entryPrice = '100', profile } = HOLDINGS[accountId] as Holding;
  const rows = [
    { item: 'balance#USD', asset: 'USD', amount: cash },
    ...Object.entries(positions).map(([instrument, quantity]) => {
      return { item: `position#${instrument}`, instrument, quantity, entryPrice };
    }),
    ...(profile === undefined ? [] : [{ item: 'profile', marginModel: 'standard', ...profile }]),
  ];
  return { accountId, rows };
};

interface Print {
  readonly price: string;
  /** Minute in which it was published; by default that of the check. */
  readonly at?: number;
}

interface After {
  readonly said: readonly string[];
  readonly state: CaseState;
}

/** A check a minute, each with what the one before remembered. */
function follow(prints: readonly Print[]): ReadonlyMap<string, After>[] {
  let previousPrices: PreviousPrices = new Map();
  const states = new Map<string, CaseState>();
  return prints.map(({ price, at }, minute) => {
    const asOf = NOW + minute * MINUTE;
    const quotes = {
      'A-USD#only': { price, publishedAt: String(NOW + (at ?? minute) * MINUTE) },
      'B-USD#only': { price: minute === 0 ? '100' : '99', publishedAt: String(asOf) },
    };
    const market = marketOf({ ...MARKET, quotes });
    const snapshot = takeSnapshot({ market, asOf, gapSeconds: 60, previousPrices });
    const remembered = [...snapshot.feeds.values()].map(({ feed, memory }) => {
      return [feed, memory ?? null] as const;
    });
    previousPrices = new Map(remembered);
    const decide = (name: string): After => {
      const [assessed] = assessAccount(accountOf(name), snapshot) as [AssessedSubAccount];
      const state = states.get(name) ?? NO_CASE;
      const decision = decideSubAccount(assessed, state, { checkId: `check-${minute}`, snapshot });
      states.set(name, decision.next);
      return { said: decision.messages.map(({ type }) => type), state: decision.next };
    };
    return new Map(NAMES.map((name) => [name, decide(name)]));
  });
}

const flat = (...prices: readonly string[]): Print[] => prices.map((price) => ({ price }));
const sayings = (check: ReadonlyMap<string, After> | undefined) =>
  Object.fromEntries([...(check ?? [])].map(([name, { said }]) => [name, said]));

const UNKNOWN = ['account.indeterminate'];
const WITHHELD = ['liquidation.withheld'];
const EXPIRED = ['margin-call.expired', 'liquidation.ordered'];
const CALLED = ['margin-call.issued'];

const QUIET = Object.fromEntries(NAMES.map((name): [string, string[]] => [name, []]));

/** At the second check while the price stays at 100. */
const USUAL = {
  ...QUIET,
  'expiring-long': EXPIRED,
  'expiring-short': EXPIRED,
  'beside-it': CALLED,
  'beside-it-with-dust': CALLED,
  'beside-it-short-of-dust': CALLED,
};

/** What is said of those that lose by the print is true at every price of the doubt. */
const AT_TEN_TIMES = {
  ...USUAL,
  'healthy-short': UNKNOWN,
  'called-long': UNKNOWN,
  'called-short': WITHHELD,
  'expiring-long': UNKNOWN,
  'long-with-a-plan': UNKNOWN,
  'long-in-deficit': UNKNOWN,
  'long-that-claims': UNKNOWN,
};
const AT_A_TENTH = {
  ...USUAL,
  'healthy-long': UNKNOWN,
  'called-short': UNKNOWN,
  'called-long': WITHHELD,
  'expiring-short': UNKNOWN,
  'short-with-a-plan': UNKNOWN,
  'short-in-deficit': UNKNOWN,
  'short-that-claims': UNKNOWN,
};

it('has an account of each kind', () => {
  const [first, second, third] = follow(flat('100', '100', '100'));
  const ordered = ['liquidation.ordered'];
  const inDeficit = ['deficit.detected', ...ordered];
  expect(sayings(first)).toEqual({
    ...QUIET,
    'called-long': CALLED,
    'called-short': CALLED,
    'expiring-long': CALLED,
    'expiring-short': CALLED,
    'long-with-a-plan': ordered,
    'short-with-a-plan': ordered,
    'long-in-deficit': inDeficit,
    'short-in-deficit': inDeficit,
    'long-that-claims': ['deficit.detected'],
    'short-that-claims': ['deficit.detected'],
  });
  expect(claimsOf(first, 'long-that-claims')).toBe(1);
  expect(claimsOf(first, 'short-that-claims')).toBe(1);
  expect(sayings(second)).toEqual(USUAL);
  expect(sayings(third)).toEqual(QUIET);
});

const claimsOf = (check: ReadonlyMap<string, After> | undefined, name: string) =>
  check?.get(name)?.state.open?.fundClaims?.claims;

const openOf = (check: ReadonlyMap<string, After> | undefined, name: string) =>
  check?.get(name)?.state.open;

describe.each([
  ['ten times', '1000', '1010', AT_TEN_TIMES],
  ['a tenth', '10', '9.9', AT_A_TENTH],
])('A print of %s the price', (_, print, newer, atPrint) => {
  const waiting = NAMES.filter((name) => atPrint[name as keyof typeof atPrint] === UNKNOWN);

  it('moves nothing that depends on it, and leaves each case as it is', () => {
    const [before, at] = follow(flat('100', print));
    expect(sayings(at)).toEqual(atPrint);
    for (const name of waiting) {
      expect(openOf(at, name), name).toEqual(openOf(before, name));
      expect(at?.get(name)?.state.isIndeterminate, name).toBe(true);
    }
  });

  it('leaves a call as it is where only the liquidation depends on it', () => {
    const [before, at] = follow(flat('100', print));
    const name = print === '1000' ? 'called-short' : 'called-long';
    expect(openOf(at, name)).toEqual({ ...openOf(before, name), isWithheld: true });
  });

  it('stays without effect however often the same quote is read', () => {
    const same = { price: print, at: 1 };
    const [before, , again, once] = follow([{ price: '100' }, same, same, same]);
    for (const check of [again, once]) {
      expect(sayings(check)).toEqual(QUIET);
      for (const name of waiting) expect(openOf(check, name), name).toEqual(openOf(before, name));
    }
  });

  it('is as if it had never been when the price is back', () => {
    const back = follow(flat('100', print, '100', '100'));
    const never = follow(flat('100', '100', '100', '100'));
    const late = waiting.filter((name) => USUAL[name as keyof typeof USUAL] === EXPIRED);
    expect(sayings(back[2])).toEqual({
      ...QUIET,
      ...Object.fromEntries(waiting.map((name) => [name, ['account.determinate']])),
      ...Object.fromEntries(late.map((name) => [name, ['account.determinate', ...EXPIRED]])),
    });
    expect(late).toHaveLength(1);
    for (const name of NAMES.filter((each) => !late.includes(each))) {
      expect(back[2]?.get(name)?.state, name).toEqual(never[2]?.get(name)?.state);
    }
    expect(sayings(back[3])).toEqual(QUIET);
  });

  it('is believed and acted on when a newer one confirms it', () => {
    const [, , believed] = follow(flat('100', print, newer));
    const ordered = ['liquidation.ordered'];
    const [gains, loses] = print === '1000' ? ['long', 'short'] : ['short', 'long'];
    const known = ['account.determinate'];
    expect(sayings(believed)).toEqual({
      ...QUIET,
      [`healthy-${loses}`]: [...known, 'deficit.detected', ...ordered],
      [`called-${gains}`]: [...known, 'margin-call.cured'],
      [`called-${loses}`]: ['deficit.detected', ...ordered],
      [`expiring-${gains}`]: [...known, 'margin-call.cured'],
      [`expiring-${loses}`]: ['deficit.detected'],
      [`${gains}-with-a-plan`]: [...known, 'liquidation.completed'],
      [`${loses}-with-a-plan`]: ['deficit.detected'],
      [`${gains}-in-deficit`]: [...known, 'liquidation.completed'],
      [`${loses}-in-deficit`]: ['deficit.detected'],
      [`${gains}-that-claims`]: [...known, 'liquidation.completed'],
      [`${loses}-that-claims`]: ['deficit.detected'],
    });
  });
});
