/** What is wrong with open cases. */
import type { Policy } from '../../lambda/margin/market/policy.ts';
import { type Amount, isPositive, sumOf, textOf } from '../../lambda/margin/number/decimal.ts';
import { groupBy } from '../../lambda/margin/number/group-by.ts';
import { nameOf } from '../cli/assess/format.ts';
import { counted, duration } from '../report/figures.ts';
import type { Finding } from './finding.ts';
import type { OpenNow, OpenReason } from './open-accounts.ts';
import type { CaseRow } from './open-cases.ts';

export interface CasesNow {
  readonly rows: readonly CaseRow[];
  readonly open: readonly OpenNow[];
  /** Undefined without a readable policy. */
  readonly policy?: Policy | undefined;
  /** Of the last check; 0 if it is not known. */
  readonly accounts: number;
  /** Since the oldest unpublished message was decided, at the last check. */
  readonly unpublishedSeconds: number;
  readonly now: number;
  readonly intervalSeconds: number;
}

export const caseFindings = (cases: CasesNow): Finding[] => [
  ...checkFailed(cases),
  ...unpublished(cases),
  ...unreadable(cases),
  ...withheld(cases),
  ...observed(cases),
  ...undecided(cases),
  ...overdueCapacity(cases),
  ...overdueCalls(cases),
  ...cascades(cases),
];

const shownOf = ({ accountId = '', position, feed, market, isFund }: CaseRow): string => {
  if (isFund) return 'the insurance fund';
  return feed ?? market ?? nameOf({ accountId, position });
};

const secondsSince = (time: string, now: number): number => (now - Date.parse(time)) / 1000;

/** Opened by a check that failed as a whole, which leaves no record; closed by the next sound one. */
function checkFailed({ rows }: CasesNow): Finding[] {
  const [row] = rows.filter(({ kind }) => kind === 'check failed');
  if (row === undefined) return [];
  return [
    {
      severity: 'CRITICAL',
      code: 'check-failed',
      what: `checks fail: said last at ${row.since ?? 'an unknown time'}, and no sound check since`,
      why: [],
      next: 'look at the function’s log: docs/runbook.md#checkfailed',
    },
  ];
}

/** A check may take a minute, however short the interval is. */
const PUBLISHED_SECONDS_MIN = 60;

/** Older than the interval: the check that decided it has had its time to publish. */
function unpublished({ rows, now, intervalSeconds, unpublishedSeconds }: CasesNow): Finding[] {
  const longest = Math.max(intervalSeconds, PUBLISHED_SECONDS_MIN);
  const isOld = (since: string) =>
    unpublishedSeconds > longest || !(secondsSince(since, now) <= longest);
  const waiting = rows.filter(
    ({ pending = 0, pendingSince }) =>
      pending > 0 && pendingSince !== undefined && isOld(pendingSince),
  );
  if (waiting.length === 0) return [];
  const messages = waiting.reduce((sum, { pending = 0 }) => sum + pending, 0);
  const oldest = waiting.map(({ pendingSince = '' }) => pendingSince).toSorted()[0] ?? '';
  const age = Math.max(secondsSince(oldest, now), unpublishedSeconds);
  const since = Number.isFinite(age) ? ` for ${duration(age)}` : '';
  return [
    {
      severity: 'CRITICAL',
      code: 'unpublished',
      what: `${counted(messages, 'message')} decided and not published${since}`,
      why: waiting.map((row) => `${shownOf(row)}: ${counted(row.pending ?? 0, 'message')}`),
      accounts: new Set(waiting.flatMap(({ accountId }) => accountId ?? [])).size,
      next: 'look at the topics and the function’s rights: docs/runbook.md#unpublishedmessages',
    },
  ];
}

function unreadable({ rows }: CasesNow): Finding[] {
  const faulty = rows.filter(({ kind }) => kind === 'unreadable');
  if (faulty.length === 0) return [];
  return [
    {
      severity: 'CRITICAL',
      code: 'item-unreadable',
      what: `${counted(faulty.length, 'open case')} cannot be read, and nothing about them is decided`,
      why: faulty.map((row) => `${shownOf(row)}: ${row.fault}`),
      accounts: faulty.length,
      next: 'restore their items in the margin table: docs/runbook.md#failedaccounts',
    },
  ];
}

const NEXT_OF_REASON: Readonly<Record<string, string>> = {
  halted: 'npx margin resume --reason "…", once you know why it was halted',
  'rows-changing': 'finish the change of its rows, and clear `changing` in the profile',
  'market-full': 'nothing yet: each check tries again, and who waits too long goes first',
  'nothing-to-close': 'npx margin fund: what is left is a claim on the insurance fund',
};

export const isHalted = ({ isWithheld, reasons }: OpenNow): boolean =>
  isWithheld && reasons[0]?.code === 'halted';

/** One finding for each kind of reason. */
function withheld({ open, policy }: CasesNow): Finding[] {
  const held = open.filter(({ isWithheld }) => isWithheld);
  const byCode = groupBy(held, ({ reasons }) => reasons[0]?.code ?? 'unknown');
  return [...byCode].map(([code, accounts]) => ({
    // Each check tries again; if that takes too long it is a finding of its own.
    severity: code === 'market-full' ? 'ATTENTION' : 'CRITICAL',
    code: 'liquidations-withheld',
    what:
      code === 'halted'
        ? `HALTED: ${counted(accounts.length, 'liquidation')} due, and no order plan goes out`
        : `${counted(accounts.length, 'liquidation')} withheld`,
    why: whyOf(accounts),
    accounts: accounts.length,
    money: shortOf(accounts, policy),
    next: NEXT_OF_REASON[code] ?? adviceOn(accounts[0]?.reasons[0], accounts[0]),
  }));
}

const whyOf = (accounts: readonly OpenNow[]): string[] =>
  accounts.map((each) => {
    const [reason] = each.reasons;
    return reason === undefined ? nameOf(each) : `${nameOf(each)}: ${reason.detail}`;
  });

function shortOf(accounts: readonly OpenNow[], policy: Policy | undefined): Finding['money'] {
  const short = sumOf(accounts.map(({ shortfall }) => shortfall));
  return isPositive(short)
    ? { amount: amountOf(short, policy), of: 'below the liquidation line' }
    : undefined;
}

const amountOf = (amount: Amount, policy: Policy | undefined): string =>
  `${Number(textOf(amount)).toLocaleString('en-US', { maximumFractionDigits: 2 })} ${policy?.numeraire ?? ''}`.trim();

const OF_A_FEED = /^(price-(?!uncertain)|sources-|option-price)/;

function adviceOn(reason: OpenReason | undefined, account: OpenNow | undefined): string {
  if (reason !== undefined && OF_A_FEED.test(reason.code)) {
    return `write a fresh quote of ${reason.subject} from a source that works: docs/runbook.md#feed-it`;
  }
  return `npx margin account ${account?.accountId ?? '<id>'}`;
}

function observed({ open, policy }: CasesNow): Finding[] {
  const due = open.filter(({ isObserved, isWithheld }) => isObserved && !isWithheld);
  if (due.length === 0) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'liquidations-observed',
      what: `${counted(due.length, 'liquidation')} decided in mode observe: no executor gets an order plan`,
      why: due.map(nameOf),
      accounts: due.length,
      money: shortOf(due, policy),
      next: 'npx margin enforce --reason "…", once executors listen',
    },
  ];
}

/** One finding for each feed, row or class that keeps accounts undecided. */
function undecided(cases: CasesNow): Finding[] {
  const unknown = cases.open.filter(({ isUndecided }) => isUndecided);
  const bySubject = groupBy(unknown, ({ reasons }) => reasons[0]?.subject ?? 'unknown');
  return [...bySubject].map(([subject, accounts]) => undecidedBy(subject, accounts, cases));
}

/** So many of all accounts undecided at once stop the business, whatever their cases. */
const MANY = 0.05;

function undecidedBy(
  subject: string,
  accounts: readonly OpenNow[],
  { policy, accounts: all }: Pick<CasesNow, 'policy' | 'accounts'>,
): Finding {
  const [reason] = accounts[0]?.reasons ?? [];
  const unseen = accounts.filter(({ state }) => state.open !== undefined).length;
  const isRow = reason?.code === 'row-malformed' && reason.detail.startsWith('accounts ');
  const known = isRow ? 'account-unreadable' : 'accounts-undecided';
  const whose = isRow ? 'cannot be read' : `undecided because of ${subject}`;
  const withCase = unseen === 0 ? '' : `, ${unseen} of them with an open case`;
  const isMany = accounts.length > Math.max(1, MANY * all);
  const equity = sumOf(accounts.flatMap((each) => each.equity ?? []));
  return {
    severity: unseen > 0 || isMany ? 'CRITICAL' : 'ATTENTION',
    code: unseen > 0 ? 'case-unseen' : known,
    what: `${counted(accounts.length, 'account')} ${whose}${withCase}`,
    why: [
      ...new Set(accounts.flatMap(({ reasons }) => reasons.map(({ detail }) => detail))),
      `accounts: ${accounts.map(nameOf).slice(0, NAMED).join(', ')}`,
    ],
    accounts: accounts.length,
    money: isPositive(equity)
      ? { amount: amountOf(equity, policy), of: 'of equity at the believed prices' }
      : undefined,
    next: isRow ? 'correct the row that is named here' : adviceOn(reason, accounts[0]),
  };
}

const NAMED = 10;

function overdueCapacity({ rows, policy, now }: CasesNow): Finding[] {
  const waiting = rows.filter(({ waitingSince }) => waitingSince !== undefined);
  const limit = policy?.liquidationWaitSeconds ?? 0;
  const overdue = waiting.filter(
    ({ waitingSince = '' }) => secondsSince(waitingSince, now) > limit,
  );
  if (overdue.length === 0) return [];
  return [
    {
      severity: 'CRITICAL',
      code: 'capacity-overdue',
      what:
        `${counted(overdue.length, 'liquidation')} waiting for market capacity for more than ` +
        duration(limit),
      why: overdue.map((row) => `${shownOf(row)}: since ${row.waitingSince}`),
      accounts: overdue.length,
      next: 'sell by hand, or raise liquidationDepthShare and liquidationVolumeShare: docs/liquidation.md',
    },
  ];
}

function overdueCalls({ rows }: CasesNow): Finding[] {
  const overdue = rows.filter(({ kind, isExpired }) => kind === 'call' && isExpired);
  if (overdue.length === 0) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'call-overdue',
      what: `${counted(overdue.length, 'margin call')} not paid by the deadline`,
      why: overdue.map((row) => `${shownOf(row)}: ${row.amountDue} due since ${row.deadline}`),
      accounts: overdue.length,
      next: 'call the owners; policy onCallExpiry decides whether the deadline liquidates',
    },
  ];
}

function cascades({ rows }: CasesNow): Finding[] {
  const warned = rows.filter(({ kind }) => kind === 'cascade');
  if (warned.length === 0) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'cascade',
      what: 'a move of 1 % would liquidate more than rests near the price',
      why: warned.map(shownOf),
      next: 'npx margin stress, and docs/runbook.md#cascadepossible',
    },
  ];
}
