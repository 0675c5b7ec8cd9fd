import * as z from 'zod';
import { faultText } from '../../lambda/rows/fault.ts';
import { counted, duration, percent } from '../report/figures.ts';
import { memoryFindings } from './certificate-findings.ts';
import type { Finding } from './finding.ts';
import { longestSilenceSeconds } from './silence.ts';

/** Loose: older versions recorded less. */
const checkRecord = z.looseObject({
  checkId: z.string(),
  asOf: z.iso.datetime(),
  lateSeconds: z.number(),
  gapSeconds: z.number().optional(),
  accounts: z.number(),
  assessed: z.number(),
  indeterminate: z.number(),
  failed: z.number(),
  unaccounted: z.number().default(0),
  unreached: z.number().default(0),
  largeAccounts: z.array(z.string()).default([]),
  levels: z.record(z.string(), z.number()),
  published: z.number(),
  publishFailures: z.number(),
  unpublishedSeconds: z.number().default(0),
  carriedOver: z
    .looseObject({
      accounts: z.number(),
      notional: z.string(),
      byMarket: z.record(z.string(), z.string()),
    })
    .optional(),
  cascade: z
    .record(
      z.string(),
      z.looseObject({
        notional1PctDown: z.string(),
        notional1PctUp: z.string(),
        depth: z.string().optional(),
        ratio: z.string().optional(),
      }),
    )
    .default({}),
  shock: z
    .looseObject({
      badDebtAtShock: z.string(),
      beyondFund: z.string(),
      liquidatedByBuffer: z.number(),
      uncovered: z.record(z.string(), z.string()),
    })
    .optional(),
  fund: z.looseObject({ balance: z.string() }).optional(),
  prices: z
    .looseObject({
      singleSource: z.looseObject({ count: z.number(), feeds: z.array(z.string()) }).optional(),
    })
    .optional(),
  certificates: z
    .looseObject({
      certified: z.number(),
      remembered: z.number().default(0),
      allRead: z.string().optional(),
      restoredFrom: z.string().optional(),
      checkpointFailure: z.string().optional(),
      lagSeconds: z.number().optional(),
    })
    .optional(),
  marketFaults: z.array(z.string()).default([]),
  errors: z.array(z.string()),
});

export type CheckRecord = z.output<typeof checkRecord>;

export interface LastCheck {
  /** Absent if unreadable. */
  readonly record?: CheckRecord | undefined;
  readonly ageSeconds?: number | undefined;
  readonly intervalSeconds: number;
  readonly findings: readonly Finding[];
}

/** A gap below a minute can be a cold start, whatever the interval. */
const LATE_SECONDS_MIN = 60;
const CHECKING = 'look at the schedule and the function’s log: docs/runbook.md#nocompletecheck';

export interface CheckTimes {
  readonly now: number;
  readonly intervalSeconds: number;
  /** Records before the last one, newest first. */
  readonly earlier?: readonly unknown[];
}

export function readLastCheck(stored: unknown, times: CheckTimes): LastCheck {
  const { now, intervalSeconds, earlier = [] } = times;
  const nothing = (what: string) => ({ intervalSeconds, findings: [nothingChecked(what)] });
  if (stored === undefined) return nothing('nothing is being checked: no check has ended yet');
  const parsed = checkRecord.safeParse(stored);
  if (!parsed.success) {
    return nothing(`the record of the last check cannot be read: ${faultText(parsed.error)}`);
  }
  const record = parsed.data;
  const ageSeconds = Math.max(0, now - Date.parse(record.asOf)) / 1000;
  const isOld = ageSeconds > longestSilenceSeconds(intervalSeconds);
  return {
    record,
    ageSeconds,
    intervalSeconds,
    findings: [
      ...(isOld ? [nothingChecked(oldLine(ageSeconds, intervalSeconds))] : []),
      ...failed(record),
      ...unreached(record),
      ...atShock(record),
      ...late(record, intervalSeconds),
      ...slow([stored, ...earlier], intervalSeconds),
      ...memoryFindings(record),
      ...large(record),
    ],
  };
}

export const nothingChecked = (what: string, next: string = CHECKING): Finding => ({
  severity: 'CRITICAL',
  code: 'nothing-checked',
  what,
  why: [],
  next,
});

const oldLine = (ageSeconds: number, intervalSeconds: number): string =>
  `nothing has been checked for ${agoText(ageSeconds, intervalSeconds)}, more than 3 intervals of ` +
  `${intervalSeconds} s`;

const MINUTE_SECONDS = 60;
const EXACT_SECONDS_MAX = 600;

/** Below a minute a minute is many checks, so minutes alone say too little. */
export const agoText = (seconds: number, intervalSeconds: number): string =>
  intervalSeconds < MINUTE_SECONDS && seconds < EXACT_SECONDS_MAX
    ? `${Math.floor(seconds)} s`
    : duration(seconds);

function failed(record: CheckRecord): Finding[] {
  const { errors, failed: accounts, unaccounted, publishFailures } = record;
  if (errors.length === 0) return [];
  const parts = [
    ...(accounts === 0 ? [] : [`${counted(accounts, 'account')} failed`]),
    ...(unaccounted === 0 ? [] : [`${counted(unaccounted, 'account')} unaccounted for`]),
    ...(publishFailures === 0 ? [] : [`${counted(publishFailures, 'message')} not published`]),
  ];
  const what = ['the last check failed in part', parts.join(', ')].filter(Boolean).join(': ');
  return [
    {
      severity: 'CRITICAL',
      code: 'check-failed',
      what,
      why: errors,
      accounts: accounts + unaccounted,
      next: 'the next check takes it up; if it fails again: docs/runbook.md#failedaccounts',
    },
  ];
}

function unreached({ unreached: accounts }: CheckRecord): Finding[] {
  if (accounts === 0) return [];
  return [
    {
      severity: 'CRITICAL',
      code: 'check-failed',
      what:
        `the last check had no time for ${counted(accounts, 'account')} that may not be safe; ` +
        'the next begins with them',
      why: [],
      accounts,
      next: 'docs/runbook.md#unreachedaccounts',
    },
  ];
}

function late({ lateSeconds, gapSeconds }: CheckRecord, intervalSeconds: number): Finding[] {
  const isLate = lateSeconds > Math.max(intervalSeconds, LATE_SECONDS_MIN);
  const isMissed =
    gapSeconds !== undefined && gapSeconds > Math.max(1.5 * intervalSeconds, LATE_SECONDS_MIN);
  if (!isLate && !isMissed) return [];
  const what = isMissed
    ? `the last check ran ${duration(gapSeconds)} after the one before`
    : `the last check ran ${duration(lateSeconds)} late`;
  return [
    {
      severity: 'ATTENTION',
      code: 'check-late',
      what,
      why: [],
      next: 'docs/runbook.md#missedchecks',
    },
  ];
}

/** Enough to tell checks that take too long from a cold start. */
export const RECORDS_READ = 6;
const SLOW_MIN = 4;
const GAP_INTERVALS = 1.5;

/** Below a minute slots are skipped while a check runs, and nothing else says how often. */
function slow(records: readonly unknown[], intervalSeconds: number): Finding[] {
  if (intervalSeconds >= MINUTE_SECONDS) return [];
  const gaps = records.flatMap((record) => {
    const { data } = checkRecord.safeParse(record);
    return data?.gapSeconds === undefined ? [] : [data.gapSeconds];
  });
  if (gaps.filter((gap) => gap > GAP_INTERVALS * intervalSeconds).length < SLOW_MIN) return [];
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return [
    {
      severity: 'ATTENTION',
      code: 'checks-slow',
      what: `the last ${gaps.length} checks came every ${Math.round(mean)} s, not every ${intervalSeconds} s`,
      why: ['a check that takes longer than the interval skips the slots meanwhile'],
      next: 'lengthen checkInterval, or switch certificates on: docs/runbook.md#below-a-minute',
    },
  ];
}

/** The fund would pay; beyond it the venue does. */
function atShock({ shock, fund }: CheckRecord): Finding[] {
  if (shock === undefined || Number(shock.beyondFund) <= 0) return [];
  const { badDebtAtShock, beyondFund, uncovered } = shock;
  return [
    {
      severity: 'ATTENTION',
      code: 'debt-at-shock',
      what:
        `if every price made its forecast move, accounts would owe ${badDebtAtShock}, and the ` +
        `insurance fund holds ${fund?.balance ?? '0'}`,
      why: Object.entries(uncovered).map(
        ([feed, share]) =>
          `${feed}: the forecast is ${percent(Number(share))} more than is charged`,
      ),
      money: { amount: beyondFund, of: 'beyond the fund' },
      next: 'docs/runbook.md#baddebtatshock',
    },
  ];
}

function large({ largeAccounts }: CheckRecord): Finding[] {
  if (largeAccounts.length === 0) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'account-large',
      what: 'accounts of very many rows are assessed last at each check',
      why: largeAccounts,
      accounts: largeAccounts.length,
      next: 'split them into several accounts',
    },
  ];
}
