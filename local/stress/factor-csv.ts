import { csvText } from '../cli/csv-text.ts';
import type { FactorStressResult } from './factor-result.ts';

const COLUMNS = [
  'account',
  'position',
  'before',
  'after',
  'equity',
  'liquidationSurplus',
  'amountDue',
  'shortfall',
  'remark',
] as const;

/** One line an account that is not healthy after the moves, with every digit; worst first. */
export function factorStressCsv(result: FactorStressResult): string {
  const { deficits, liquidations, calls, indeterminate } = result;
  const breached = [...deficits, ...liquidations, ...calls].map((each) => [
    each.accountId,
    each.position ?? '',
    each.before,
    each.after,
    each.equity,
    each.liquidationSurplus,
    each.amountDue,
    each.shortfall,
    each.isLiquidationWithheld ? 'liquidation withheld' : each.certainty,
  ]);
  const undecided = indeterminate.map(({ accountId, position = '', before, reasons }) => [
    ...[accountId, position, before, 'indeterminate', '', '', '', ''],
    reasons.join('; '),
  ]);
  return csvText([COLUMNS, ...breached, ...undecided]);
}
