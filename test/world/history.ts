/**
 * A history: all that happens to a margin checker in some minutes, as plain data. One seed gives one
 * history, and a smaller one is found by leaving things out. The defaults of all choices come first,
 * so that a shrunk history is calm except for what matters.
 */
import fc from 'fast-check';

/** Contracts, coins and cash; see book.ts. */
export interface AccountPlan {
  readonly btc: number;
  readonly eth: number;
  readonly coins: number;
  /** What it holds beyond its loss, in multiples of its maintenance requirement. */
  readonly reserve: number;
  readonly isIsolated: boolean;
  /** It also holds a token that never had a price. */
  readonly hasDust: boolean;
}

export interface PolicyPlan {
  readonly mode: 'enforce' | 'observe';
  readonly callGraceSeconds: number;
  readonly onCallExpiry: 'liquidate' | 'remind';
  readonly liquidationCooldownSeconds: number;
  readonly planExpirySeconds: number;
  readonly uncertainty: 'standard' | 'none';
  readonly callAt: 'maintenance' | 'initial';
  readonly outageGrace: 'moved' | 'none';
  readonly lossSharing: 'none' | 'haircut';
  readonly maxAgeSeconds: number;
  readonly staleAfterSeconds: number;
  /** USD that the insurance fund begins with. */
  readonly fund: number;
}

export interface OwnerAction {
  readonly account: number;
  readonly kind: 'pays' | 'withdraws' | 'trades' | 'leaves';
  /** Milliseconds after the scheduled time of the minute's check. */
  readonly atMs: number;
  /** In multiples of a fifth of what the account began with. */
  readonly size: number;
}

const QUOTES = ['all', 'one source', 'none', 'one lies', 'all jump', 'old'] as const;
const VENUES = ['prompt', 'late', 'slow', 'in part', 'never', 'twice'] as const;
const TOPICS_STATES = ['up', 'alerts away', 'orders away', 'every second refused'] as const;
const CALL_FAULTS = [
  'unanswered',
  'unsent',
  'throttled',
  'killed before',
  'killed after',
  'frozen',
] as const;
const OPERATORS = [
  'nothing',
  'halt',
  'resume',
  'observe',
  'enforce',
  'raises maintenance',
  'deploys',
] as const;

export interface CheckPlan {
  /** After its scheduled time. */
  readonly delayMs: number;
  /** 0: the event is lost; 2: it comes twice. */
  readonly copies: number;
  /** Of the second copy. */
  readonly copyDelayMs: number;
}

export interface Minute {
  /** Moves of the prices, in percent. */
  readonly btc: number;
  readonly eth: number;
  readonly quotes: (typeof QUOTES)[number];
  readonly venue: (typeof VENUES)[number];
  readonly topics: (typeof TOPICS_STATES)[number];
  readonly operator: (typeof OPERATORS)[number];
  /** Instead of nothing, if messages did not get through in the minute before. */
  readonly inTrouble: 'nothing' | 'halt' | 'observe';
  readonly owners: readonly OwnerAction[];
  readonly check: CheckPlan;
  /** Eventually consistent reads and the index are so far behind. */
  readonly lagMs: number;
}

export type CallFaultKind = (typeof CALL_FAULTS)[number];

/** At one call of the check of a minute. */
export interface CallFault {
  readonly minute: number;
  readonly copy: number;
  /** The calls that are counted. */
  readonly of: 'all' | 'PutItem' | 'PublishBatch';
  readonly call: number;
  readonly kind: CallFaultKind;
  /** Of the five that the SDK makes; a process is frozen for as many times twelve seconds. */
  readonly attempts: number;
}

/** At one call of one event check, or of one start of the function that asks for them. */
export interface EventFault extends Pick<CallFault, 'kind' | 'attempts'> {
  readonly of: 'event' | 'told';
  /** Its place among them, from 1. */
  readonly number: number;
  readonly call: number;
}

/** From a minute on, until another comes. */
export interface StreamFault {
  readonly minute: number;
  /** Until a record of the accounts table's stream can be read. */
  readonly delayMs: number;
  /** Before the first record of every new iterator. */
  readonly emptyPages: number;
  /** A shard is closed, and two follow. */
  readonly isSplit: boolean;
}

export interface CertificatesPlan {
  readonly shards: number;
  readonly stream: readonly StreamFault[];
  /** A function that starts begins with what one before it stored. */
  readonly hasCheckpoints: boolean;
  /** Workers read what the check has to read; of so many answers one is faulty. Undefined: none do. */
  readonly workers: { readonly faultyOneIn: number } | undefined;
}

/** A fault of the message of one slot. */
export interface MessageFault {
  /** Its place among the slots, from 0. */
  readonly slot: number;
  readonly kind: 'lost' | 'doubled' | 'late';
  readonly delayMs: number;
}

/** The function that puts slots is killed once so many requests have reached the queue. */
export interface StartFault {
  readonly minute: number;
  readonly copy: number;
  readonly sends: number;
}

/** A check each ten seconds. The plan of a minute's check is then one of the start of this function. */
export interface SlotsPlan {
  readonly messages: readonly MessageFault[];
  readonly starts: readonly StartFault[];
}

export interface History {
  readonly accounts: readonly AccountPlan[];
  readonly policy: PolicyPlan;
  /** Until the faults stop. */
  readonly minutes: readonly Minute[];
  readonly faults: readonly CallFault[];
  /** 0: every call takes the same time. */
  readonly latencySeed: number;
  /** Undefined: the function reads every account. */
  readonly certificates: CertificatesPlan | undefined;
  /** Changed accounts and moved prices start checks. */
  readonly hasEvents: boolean;
  /** Absent: none. */
  readonly eventFaults?: readonly EventFault[];
  /** Absent: a check a minute. */
  readonly slots?: SlotsPlan;
}

/** The first choice by far the most often. */
function mostly<T>(usual: T, others: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: others },
  );
}

const oneOf = <T>(first: T, ...rest: readonly T[]) => fc.constantFrom(first, ...rest);

const account: fc.Arbitrary<AccountPlan> = fc.record({
  btc: fc.integer({ min: -5, max: 5 }),
  eth: mostly(0, fc.integer({ min: -40, max: 40 }), 1),
  coins: mostly(0, fc.integer({ min: 1, max: 6 }), 2),
  reserve: fc.integer({ min: 2, max: 40 }).map((tenths) => tenths / 10),
  isIsolated: mostly(false, fc.constant(true), 4),
  hasDust: mostly(false, fc.constant(true), 3),
});

/** A price without news is aged after one minute and stale after two, or later than any history. */
const ages = oneOf(
  { maxAgeSeconds: 120, staleAfterSeconds: 300 },
  { maxAgeSeconds: 60, staleAfterSeconds: 100 },
);

const otherPolicy = fc.record({
  mode: mostly<PolicyPlan['mode']>('enforce', fc.constant('observe'), 9),
  callGraceSeconds: oneOf(60, 120, 600),
  onCallExpiry: oneOf<PolicyPlan['onCallExpiry']>('liquidate', 'remind'),
  liquidationCooldownSeconds: oneOf(30, 90, 600),
  planExpirySeconds: oneOf(120, 300, 50),
  uncertainty: oneOf<PolicyPlan['uncertainty']>('standard', 'none'),
  callAt: oneOf<PolicyPlan['callAt']>('maintenance', 'initial'),
  outageGrace: oneOf<PolicyPlan['outageGrace']>('moved', 'none'),
  lossSharing: oneOf<PolicyPlan['lossSharing']>('none', 'haircut'),
  fund: oneOf(0, 300, 100_000),
});

const policy: fc.Arbitrary<PolicyPlan> = fc
  .tuple(otherPolicy, ages)
  .map(([other, age]) => ({ ...other, ...age }));

const SMALL = fc.integer({ min: -3, max: 3 });
const LARGE = fc.integer({ min: -45, max: 45 });

const move = fc.oneof(
  { withCrossShrink: true },
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: SMALL },
  { weight: 2, arbitrary: LARGE },
);

const owner = (accounts: number): fc.Arbitrary<OwnerAction> =>
  fc.record({
    account: fc.nat(accounts - 1),
    kind: oneOf<OwnerAction['kind']>('pays', 'withdraws', 'trades', 'leaves'),
    // Some in the middle of a check.
    atMs: oneOf(-25_000, -1_000, 300, 600, 1_100, 1_500),
    size: fc.integer({ min: 1, max: 6 }),
  });

const check: fc.Arbitrary<CheckPlan> = fc.record({
  delayMs: mostly(0, oneOf(1_000, 30_000, 50_000, 61_000, 130_000), 3),
  copies: mostly(1, oneOf(0, 2), 3),
  copyDelayMs: oneOf(0, 3, 200, 15_000, 70_000),
});

const minute = (accounts: number): fc.Arbitrary<Minute> =>
  fc.record({
    btc: move,
    eth: move,
    quotes: mostly<Minute['quotes']>('all', oneOf(...QUOTES), 2),
    venue: oneOf(...VENUES),
    topics: mostly<Minute['topics']>('up', oneOf(...TOPICS_STATES), 3),
    operator: mostly<Minute['operator']>('nothing', oneOf(...OPERATORS), 4),
    inTrouble: oneOf<Minute['inTrouble']>('nothing', 'halt', 'observe'),
    owners: mostly<readonly OwnerAction[]>(
      [],
      fc.array(owner(accounts), { minLength: 1, maxLength: 2 }),
      3,
    ),
    check,
    lagMs: mostly(0, oneOf(500, 4_000), 3),
  });

const fault = (minutes: number): fc.Arbitrary<CallFault> =>
  fc.record({
    minute: fc.nat(minutes - 1),
    copy: mostly(0, fc.constant(1), 5),
    of: oneOf<CallFault['of']>('all', 'PutItem', 'PublishBatch'),
    // The first calls are the fence and the feeds; few checks make more than forty, or write ten times.
    call: fc.oneof(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 45 }),
    ),
    kind: oneOf(...CALL_FAULTS),
    attempts: oneOf(1, 2, 5),
  });

/** A history has some twenty event checks, most of which make between eight and forty calls. */
const eventFault: fc.Arbitrary<EventFault> = fc.record({
  of: mostly<EventFault['of']>('event', fc.constant('told'), 3),
  number: fc.integer({ min: 1, max: 24 }),
  call: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 30 })),
  kind: oneOf(...CALL_FAULTS),
  attempts: oneOf(1, 2, 5),
});

/** Drawn last, so that a seed goes on giving the history that it gave. */
export const withEventFaults = (all: fc.Arbitrary<History>): fc.Arbitrary<History> =>
  fc
    .tuple(all, fc.array(eventFault, { maxLength: 6 }))
    .map(([history, eventFaults]) => (history.hasEvents ? { ...history, eventFaults } : history));

const streamFault = (minutes: number): fc.Arbitrary<StreamFault> =>
  fc.record({
    minute: fc.nat(minutes - 1),
    // Seen at once; within the patience of a check; after it; in the next check but one.
    delayMs: oneOf(0, 700, 1_500, 4_000, 100_000),
    emptyPages: mostly(0, oneOf(1, 4, 30), 2),
    isSplit: mostly(false, fc.constant(true), 2),
  });

const certificates = (minutes: number): fc.Arbitrary<CertificatesPlan> =>
  fc.record({
    shards: oneOf(1, 2, 5),
    stream: fc.array(streamFault(minutes), { maxLength: 3 }),
    hasCheckpoints: fc.boolean(),
    workers: fc.option(fc.record({ faultyOneIn: oneOf(1, 2, 5) }), { nil: undefined, freq: 2 }),
  });

/** @param minutes until the faults stop */
export function histories(minutes: number): fc.Arbitrary<History> {
  return fc.integer({ min: 1, max: 4 }).chain((accounts) =>
    fc.record({
      accounts: fc.array(account, { minLength: accounts, maxLength: accounts }),
      policy,
      minutes: fc.array(minute(accounts), { minLength: minutes, maxLength: minutes }),
      faults: fc.array(fault(minutes), { maxLength: 5 }),
      latencySeed: fc.nat(0xffff),
      certificates: fc.option(certificates(minutes), { nil: undefined, freq: 2 }),
      hasEvents: fc.boolean(),
    }),
  );
}

const SLOTS_A_MINUTE = 6;

/** Six checks a minute take six times as long. */
const MINUTES_OF_SLOTS_MAX = 2;

const slotsPlan = (minutes: number): fc.Arbitrary<SlotsPlan> =>
  fc.record({
    messages: fc.uniqueArray(
      fc.record({
        slot: fc.nat(minutes * SLOTS_A_MINUTE - 1),
        kind: oneOf<MessageFault['kind']>('lost', 'doubled', 'late'),
        // While the check runs; with the next slot; after several.
        delayMs: oneOf(0, 3, 200, 3_000, 9_900, 25_000),
      }),
      { selector: ({ slot }) => slot, maxLength: 6 },
    ),
    starts: fc.array(
      fc.record({ minute: fc.nat(minutes - 1), copy: fc.nat(1), sends: oneOf(1, 0, 2) }),
      { maxLength: 2 },
    ),
  });

/** @param minutes until the faults stop; two at most are used */
export function historiesOfSlots(minutes: number): fc.Arbitrary<History> {
  const least = Math.min(minutes, MINUTES_OF_SLOTS_MAX);
  return fc
    .tuple(histories(least), slotsPlan(least))
    .map(([history, slots]) => ({ ...history, slots }));
}
