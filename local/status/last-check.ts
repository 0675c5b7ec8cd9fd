import * as z from 'zod';
import { faultText } from '../../lambda/rows/fault.ts';
import { counted } from '../report/figures.ts';

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
  prices: z
    .looseObject({
      singleSource: z.looseObject({ count: z.number(), feeds: z.array(z.string()) }).optional(),
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
  /** Sentences; empty if all is well. */
  readonly findings: readonly string[];
}

const INTERVALS_MAX = 3;

export function readLastCheck(
  stored: unknown,
  { now, intervalSeconds }: { readonly now: number; readonly intervalSeconds: number },
): LastCheck {
  if (stored === undefined) {
    return { findings: ['no check has ended yet: check the schedule and the function’s errors'] };
  }
  const parsed = checkRecord.safeParse(stored);
  if (!parsed.success) {
    const fault = faultText(parsed.error);
    return { findings: [`the record of the last check cannot be read: ${fault}`] };
  }
  const record = parsed.data;
  const ageSeconds = Math.max(0, now - Date.parse(record.asOf)) / 1000;
  const isOld = ageSeconds > INTERVALS_MAX * intervalSeconds;
  const old = isOld ? [oldLine(ageSeconds, intervalSeconds)] : [];
  const findings = [...old, ...failureLines(record), ...unreachedLines(record)];
  return { record, ageSeconds, findings };
}

const oldLine = (ageSeconds: number, intervalSeconds: number): string =>
  `the last check ran ${Math.round(ageSeconds)} s ago, more than ${INTERVALS_MAX} intervals of ` +
  `${intervalSeconds} s: check the schedule and the function’s errors`;

function failureLines({ errors, failed, publishFailures }: CheckRecord): string[] {
  if (errors.length === 0) return [];
  return [
    `the last check failed in part: ${counted(failed, 'account')} failed, ` +
      `${counted(publishFailures, 'message')} not published (first error: ${errors[0]})`,
  ];
}

const unreachedLines = ({ unreached }: CheckRecord): string[] =>
  unreached === 0
    ? []
    : [
        `the last check had no time for ${counted(unreached, 'account')} that may not be safe; ` +
          'the next begins with them',
      ];
