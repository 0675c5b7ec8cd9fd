import type { MarginTable } from '../../lambda/aws/margin-table.ts';
import { type Amount, textOf } from '../../lambda/margin/number/decimal.ts';
import type { MarketRow } from '../aws/rows.ts';
import { FUND_SEED_USD_PER_ACCOUNT } from './book/figures.ts';
import type { LossShare } from './payments.ts';
import type { Haircut } from './venue.ts';

/** Running totals, so the next write corrects a lost one. */
export const fundRows = (accounts: number, fees: Amount): MarketRow[] => [
  { kind: 'fund', id: 'seed', total: String(FUND_SEED_USD_PER_ACCOUNT * accounts) },
  { kind: 'fund', id: 'liquidation-fees', total: textOf(fees) },
];

/** Also the shares that the message does not list. */
export async function sharesOf(margin: MarginTable, { sharesAt }: Haircut): Promise<LossShare[]> {
  const shares: LossShare[] = [];
  for await (const page of margin.rowsUnder({ pk: sharesAt.pk, sk: 'shares#' })) {
    shares.push(...(page.shares as LossShare[]));
  }
  return shares;
}
