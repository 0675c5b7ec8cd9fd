import { count } from '../../report/figures.ts';
import type { Section } from '../../report/report.ts';
import type { DemoResult } from '../result.ts';

export function makingSection({ run, checks, gap, replays }: DemoResult): Section {
  const seconds = (value: number | undefined) => (value === undefined ? 'none' : value.toFixed(1));
  return {
    title: 'How it was made',
    prose: [
      `By the handler that is deployed, against DynamoDB, SNS and SQS embedded in one process; seed ${run.seed}. ` +
        'The same seed gives the same report. Accounts read are assessed, indeterminate or failed, and nothing else.',
    ],
    tables: [
      {
        caption: 'Checks',
        head: ['', 'Number'],
        rows: [
          ['Run', count(checks.checks)],
          ['Skipped: the event came again', count(checks.skipped)],
          ['Accounts read', count(checks.accounts)],
          ['Assessed', count(checks.assessed)],
          ['Indeterminate', count(checks.indeterminate)],
          ['Failed', count(checks.failed)],
          ['Decisions kept', count(replays.decisions)],
          ['The same when replayed', count(replays.identical)],
          ['Shortest gap between checks, s', seconds(gap.minSeconds)],
          ['Median gap, s', seconds(gap.medianSeconds)],
          ['Longest gap, s', seconds(gap.maxSeconds)],
        ],
      },
    ],
  };
}
