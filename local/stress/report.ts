import { nameOf } from '../cli/assess/format.ts';
import { badDebtByMove, type MovePoint } from '../report/charts/bad-debt-by-move.ts';
import { count, counted, whole } from '../report/figures.ts';
import type { Fact, Report, Section, Table, Verdict } from '../report/report.ts';
import { moveText } from './moves.ts';
import type { MoveResult, Point, StressResult } from './result.ts';
import { distance, fundText } from './tables.ts';

export function stressReport(result: StressResult): Report {
  const { accounts, assessed, indeterminate, asOf, numeraire } = result;
  return {
    title: 'Stress test: all prices move together',
    verdict: verdictOf(result),
    lead:
      `${counted(accounts, 'account')} as of ${asOf}: ${counted(assessed, 'sub-account')} assessed, ` +
      `${count(indeterminate.length)} indeterminate. Each isolated position counts as a sub-account. ` +
      `All amounts are in ${numeraire}. All prices move at once, before anybody can act.`,
    facts: factsOf(result),
    sections: [
      badDebtSection(result),
      owedSection(result),
      liquidationSection(result),
      ...(indeterminate.length === 0 ? [] : [indeterminateSection(result)]),
    ],
  };
}

function verdictOf(result: StressResult): Verdict {
  const { fund, moves, indeterminate, numeraire } = result;
  const open = indeterminate.length;
  const left =
    open === 0 ? '' : ` ${counted(open, 'account is', 'accounts are')} indeterminate and left out.`;
  const worst = moves.toSorted((one, other) => Number(other.badDebt) - Number(one.badDebt))[0];
  if (worst === undefined) return { tone: 'caution', text: `No move was asked for.${left}` };
  if (fund === undefined) {
    const text = `At ${moveText(worst.move)}, accounts would owe ${whole(worst.badDebt)} ${numeraire} more than they have.`;
    return { tone: worst.badDebt === '0' ? 'good' : 'caution', text: `${text}${left}` };
  }
  const beyond = moves.filter(({ beyondFund = '0' }) => beyondFund !== '0');
  const most = Math.max(0, ...beyond.map(({ beyondFund }) => Number(beyondFund)));
  const short =
    beyond.length === 0
      ? ''
      : ` At ${beyond.map(({ move }) => moveText(move)).join(', ')} up to ${whole(most)} ${numeraire} would be beyond it.`;
  const safe = beyond.length === 0 && open === 0 ? 'good' : 'caution';
  return {
    tone: fund.isEnoughNow ? safe : 'bad',
    text: `${fundText(fund, numeraire)}${short}${left}`,
  };
}

function factsOf(result: StressResult): Fact[] {
  const { fund, numeraire } = result;
  const facts: Fact[] = endsOf(result).map(({ move, badDebt, deficits }) => ({
    label: `Bad debt at ${moveText(move)}`,
    value: `${whole(badDebt)} ${numeraire}`,
    note: `${counted(deficits, 'account')} in deficit`,
  }));
  if (fund === undefined) return facts;
  const { largestFall: fall, largestRise: rise } = fund;
  const none = fund.isEnoughNow ? 'any' : 'none';
  return [
    ...facts,
    { label: 'Insurance fund', value: `${whole(fund.balance)} ${numeraire}` },
    { label: 'The fund covers a fall of up to', value: fall === undefined ? none : distance(fall) },
    { label: 'The fund covers a rise of up to', value: rise === undefined ? none : distance(rise) },
  ];
}

const placed = ({ move, badDebt }: Point): MovePoint => ({
  move: Number(move),
  badDebt: Number(badDebt),
});

function badDebtSection(result: StressResult): Section {
  const { moves, fund, bent, numeraire } = result;
  return {
    title: 'Bad debt',
    prose: [
      'Bad debt is the total of all negative equities: the amount that accounts owe and do not have. Each price ' +
        'changes by the move times the radius scale of its class, but never falls below zero.',
      bent === 0
        ? 'The curve is exact. It has a kink wherever the equity of an account crosses zero.'
        : 'The curve is exact at a hundred moves and approximate between them, because ' +
          `${counted(bent, 'sub-account holds', 'sub-accounts hold')} options, or profit in an asset ` +
          'whose price moves. Implied volatilities do not change.',
      ...(fund === undefined ? [] : [fundText(fund, numeraire)]),
    ],
    charts: [
      badDebtByMove({
        title: 'Bad debt by move of all prices',
        reading: readingOf(result),
        measure: { name: `Bad debt, ${numeraire}`, unit: '' },
        curve: result.curve.map(placed),
        marked: moves.map(placed),
        fund: fund && Number(fund.balance),
      }),
    ],
    tables: [movesTable(result)],
  };
}

function readingOf({ curve, numeraire }: StressResult): string {
  const shown = [curve[0], curve.find(({ move }) => move === '0'), curve.at(-1)];
  const points = [...new Set(shown)].filter((point) => point !== undefined);
  const texts = points.map(
    ({ move, badDebt }) => `${whole(badDebt)} ${numeraire} at ${moveText(move)}`,
  );
  return texts.length === 0 ? 'No price moves.' : `${texts.join(', ')}.`;
}

const movesTable = ({ moves, fund }: StressResult): Table => ({
  caption: 'Bad debt and liquidations at each move',
  head: [
    'All prices',
    'Bad debt',
    ...(fund === undefined ? [] : ['Beyond the fund']),
    'In deficit',
    'Largest shortfall',
    'Below the liquidation line',
    'Notional to liquidate',
  ],
  rows: moves.map((move) => [
    moveText(move.move),
    whole(move.badDebt),
    ...(fund === undefined ? [] : [whole(move.beyondFund ?? '0')]),
    count(move.deficits),
    whole(move.largest[0]?.shortfall ?? '0'),
    count(move.liquidations),
    whole(move.liquidatedNotional),
  ]),
});

/** Nearer moves leave less of the same. */
const endsOf = ({ moves }: StressResult): MoveResult[] => [
  ...new Set([moves[0], moves.at(-1)].filter((move) => move !== undefined)),
];

const owedSection = (result: StressResult): Section => ({
  title: 'Largest debtors',
  prose: ['The accounts with the largest shortfall.'],
  tables: endsOf(result).map(({ move, largest }) => ({
    caption: `At ${moveText(move)}`,
    head: ['Account', 'Shortfall'],
    rows: largest.map((each) => [nameOf(each), whole(each.shortfall)]),
  })),
});

const liquidationSection = (result: StressResult): Section => ({
  title: 'Positions to liquidate',
  prose: [
    'The positions of all accounts that would be below their liquidation line, at the moved prices ' +
      'and current volatilities.',
  ],
  tables: endsOf(result).map(({ move, instruments }) => ({
    caption: `At ${moveText(move)}`,
    head: ['Instrument', 'Notional'],
    rows: instruments.map(({ instrument, notional }) => [instrument, whole(notional)]),
  })),
});

const NAMED_MAX = 100;

const indeterminateSection = ({ indeterminate }: StressResult): Section => ({
  title: 'Indeterminate accounts, left out of all totals',
  prose: [
    `${counted(indeterminate.length, 'account')} cannot be assessed. Any bad debt of theirs would come ` +
      'on top.',
  ],
  tables: [
    {
      caption: indeterminate.length > NAMED_MAX ? `The first ${NAMED_MAX}` : 'Indeterminate',
      head: ['Account', 'Reason'],
      wordColumns: [1],
      rows: indeterminate
        .slice(0, NAMED_MAX)
        .map((each) => [nameOf(each), each.reasons.join('; ')]),
    },
  ],
});
