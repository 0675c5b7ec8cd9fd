/** The insurance fund over the run: what came in, what claims drew, and who paid the rest. */
import { amount, approximately } from '../../../lambda/margin/number/decimal.ts';
import { groupBy } from '../../../lambda/margin/number/group-by.ts';
import { lines } from '../../report/charts/lines.ts';
import { clockText, dollars, whole } from '../../report/figures.ts';
import type { Chart, Section, Table } from '../../report/report.ts';
import { FUND_SEED_USD_PER_ACCOUNT } from '../book/figures.ts';
import { ofType } from '../message-counts.ts';
import type { DemoRun } from '../run.ts';

type Run = Pick<DemoRun, 'history' | 'messages' | 'options'>;

interface FundPoint {
  readonly timeMs: number;
  /** Sums since the start of the run, USD. */
  readonly paidIn: number;
  readonly drawn: number;
  readonly shared: number;
  readonly uncovered: number;
}

/** One point a check. */
export function fundPath({ history, messages }: Pick<Run, 'history' | 'messages'>): FundPoint[] {
  const claims = groupBy(ofType(messages, 'fund.drawn'), ({ asOf }) => Date.parse(asOf));
  const sums = { drawn: 0, shared: 0, uncovered: 0 };
  return history.checks.map(({ asOf: timeMs, fundPaid: paidIn }) => {
    for (const claim of claims.get(timeMs) ?? []) {
      sums.drawn += approximately(amount(claim.drawn));
      sums.shared += approximately(amount(claim.socialized));
      sums.uncovered += approximately(amount(claim.uncovered));
    }
    return { timeMs, paidIn, ...sums };
  });
}

const NOTHING: FundPoint = { timeMs: 0, paidIn: 0, drawn: 0, shared: 0, uncovered: 0 };

export function fundSection(run: Run): Section {
  const path = fundPath(run);
  const end = path.at(-1) ?? NOTHING;
  const seed = FUND_SEED_USD_PER_ACCOUNT * run.options.accounts;
  const left = seed + end.paidIn - end.drawn;
  return {
    title: 'The insurance fund',
    prose: [
      `The fund began with ${dollars(seed)}. Liquidation fees paid in ${dollars(end.paidIn)}. Claims drew ` +
        `${dollars(end.drawn)}, which left ${dollars(left)}. Other accounts paid ${dollars(end.shared)} of what ` +
        `the fund could not, and ${dollars(end.uncovered)} was not covered by anybody: that is the venue’s loss.`,
      'A claim is made when everything of an account is closed and its equity is below zero. The fund ' +
        'pays first. Then other accounts share the rest, as the policy says.',
    ],
    charts: [fundChart(path, seed)],
    tables: [hoursTable(path, seed)],
  };
}

function fundChart(path: readonly FundPoint[], seed: number): Chart {
  const balance = path.map(({ timeMs, paidIn, drawn }) => ({
    timeMs,
    value: seed + paidIn - drawn,
  }));
  const lowest = balance.reduce((low, each) => (each.value < low.value ? each : low), {
    timeMs: 0,
    value: Number.POSITIVE_INFINITY,
  });
  const sumOf = (label: string, of: (point: FundPoint) => number) => ({
    label,
    points: path.map((each) => ({ timeMs: each.timeMs, value: of(each) })),
  });
  return lines({
    title: 'The fund, and what others paid',
    reading:
      path.length === 0
        ? 'There was no check.'
        : `The fund was lowest at ${clockText(lowest.timeMs)} UTC, with ${dollars(lowest.value)}.`,
    measure: { name: 'Amount', unit: 'USD' },
    isStepped: true,
    lines: [
      { label: 'in the fund', points: balance },
      sumOf('paid by other accounts so far', ({ shared }) => shared),
      sumOf('uncovered so far', ({ uncovered }) => uncovered),
    ],
  });
}

function hoursTable(path: readonly FundPoint[], seed: number): Table {
  const hours = [...groupBy(path, ({ timeMs }) => new Date(timeMs).getUTCHours())];
  let before = NOTHING;
  const rows = hours.map(([hour, points]) => {
    const end = points.at(-1) ?? before;
    const change = (of: 'paidIn' | 'drawn' | 'shared' | 'uncovered') => whole(end[of] - before[of]);
    const row = [
      `${String(hour).padStart(2, '0')}:00`,
      ...(['paidIn', 'drawn', 'shared', 'uncovered'] as const).map(change),
      whole(seed + end.paidIn - end.drawn),
    ];
    before = end;
    return row;
  });
  return {
    caption: 'The fund, hour by hour',
    head: [
      'Hour, UTC',
      'Paid in, USD',
      'Drawn, USD',
      'Paid by other accounts, USD',
      'Uncovered, USD',
      'Left in the fund, USD',
    ],
    rows,
  };
}
