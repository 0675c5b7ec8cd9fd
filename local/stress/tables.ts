import { absolute, ratio, roundDown, textOf, times } from '../../lambda/margin/number/decimal.ts';
import { REASONS_MAX } from '../../lambda/margin/number/limits.ts';
import { money, NONE, nameOf } from '../cli/assess/format.ts';
import { tableOf } from '../cli/table.ts';
import { counted, whole } from '../report/figures.ts';
import { moveText } from './moves.ts';
import type { FundResult, MoveResult, StressResult } from './result.ts';

export function stressTables(result: StressResult): string {
  const { moves, fund, numeraire } = result;
  const head = [
    'all prices',
    'largest debtor',
    'bad debt',
    ...(fund === undefined ? [] : ['beyond the fund']),
    'in deficit',
    'largest shortfall',
    'below the liquidation line',
    'notional to liquidate',
  ];
  return [
    headOf(result),
    tableOf(
      head,
      moves.map((move) => rowOf(move, fund)),
      2,
    ),
    ...(fund === undefined ? [] : [fundText(fund, numeraire)]),
    ...nonLinearText(result),
    ...indeterminateText(result),
  ].join('\n');
}

const headOf = ({ accounts, assessed, indeterminate, asOf, numeraire }: StressResult): string =>
  `${counted(accounts, 'account')} as of ${asOf}: ${counted(assessed, 'sub-account')} assessed, ${indeterminate.length} indeterminate.\n` +
  `Each isolated position counts as a sub-account. Amounts are in ${numeraire}.`;

function rowOf(move: MoveResult, fund: FundResult | undefined): string[] {
  const [most] = move.largest;
  return [
    moveText(move.move),
    most === undefined ? NONE : nameOf(most),
    money(move.badDebt),
    ...(fund === undefined ? [] : [money(move.beyondFund ?? '0')]),
    String(move.deficits),
    most === undefined ? NONE : money(most.shortfall),
    String(move.liquidations),
    money(move.liquidatedNotional),
  ];
}

export function fundText(fund: FundResult, numeraire: string): string {
  const name = `A fund of ${whole(fund.balance)} ${numeraire}`;
  if (!fund.isEnoughNow) return `${name} does not cover the bad debt at current prices.`;
  const { largestFall: fall, largestRise: rise } = fund;
  const down = fall === undefined ? 'any fall' : `a fall of up to ${distance(fall)}`;
  const up = rise === undefined ? 'any rise up to 1,000 %' : `a rise of up to ${distance(rise)}`;
  return `${name} covers ${down} and ${up}.`;
}

const HUNDRED = ratio('100');
const PERCENT_PLACES = 4;

/** In percent, without sign, rounded down. */
export const distance = (move: string): string =>
  `${textOf(roundDown(times(absolute(ratio(move)), HUNDRED), PERCENT_PLACES))} %`;

const nonLinearText = ({ bent, fund }: StressResult): string[] =>
  bent === 0
    ? []
    : [
        `${counted(bent, 'sub-account holds', 'sub-accounts hold')} options, or profit in an asset whose price moves. ` +
          'The bad debt at each move is exact.' +
          (fund === undefined ? '' : ' The fund covers at least this range, found to 0.01 %.'),
      ];

function indeterminateText({ indeterminate }: StressResult): string[] {
  const named = indeterminate
    .slice(0, REASONS_MAX)
    .map(
      (each) =>
        `Indeterminate, and left out of all totals: ${nameOf(each)}: ${each.reasons.join('; ')}`,
    );
  const more = indeterminate.length - named.length;
  return more === 0
    ? named
    : [...named, `${counted(more, 'more is', 'more are')} indeterminate; --json lists all.`];
}
