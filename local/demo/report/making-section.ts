import { count } from '../../report/figures.ts';
import type { Section } from '../../report/report.ts';
import type { DemoResult } from '../result.ts';

export function makingSection({ run, checks, gap, replays }: DemoResult): Section {
  const seconds = (value: number | undefined) => (value === undefined ? 'none' : value.toFixed(1));
  return {
    title: 'How this report was made',
    prose: [
      `The deployed handler ran against DynamoDB, SNS and SQS inside one process, with seed ${run.seed}. ` +
        'The same seed gives the same report. Every account read is assessed, indeterminate or failed.',
    ],
    tables: [
      {
        caption: 'Checks',
        head: ['', 'Number'],
        rows: [
          ['Checks run', count(checks.checks)],
          ...(run.hasEvents ? [['Event checks', count(checks.eventChecks)]] : []),
          ['Skipped (repeated or late event)', count(checks.skipped)],
          ['Accounts read', count(checks.accounts)],
          ['Assessed', count(checks.assessed)],
          ['Indeterminate', count(checks.indeterminate)],
          ['Failed', count(checks.failed)],
          ['Decisions recorded', count(replays.decisions)],
          ['Identical when replayed', count(replays.identical)],
          ['Shortest gap between checks, s', seconds(gap.minSeconds)],
          ['Median gap, s', seconds(gap.medianSeconds)],
          ['Longest gap, s', seconds(gap.maxSeconds)],
        ],
      },
    ],
  };
}
