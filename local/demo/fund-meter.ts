/** The insurance fund of the demo: what its sources have paid in, and who bears a loss. */
import type { MarginTable } from '../../lambda/aws/margin-table.ts';
import { type Amount, textOf } from '../../lambda/margin/number/decimal.ts';
import type { MarketRow } from '../aws/rows.ts';
import { FUND_SEED_USD_PER_ACCOUNT } from './book/figures.ts';
import type { LossShare } from './payments.ts';
import type { Haircut } from './venue.ts';

/** The whole of each meter every time: one that is lost once is right the next time. */
export const fundRows = (accounts: number, fees: Amount): MarketRow[] => [
  { kind: 'fund', id: 'seed', total: String(FUND_SEED_USD_PER_ACCOUNT * accounts) },
  { kind: 'fund', id: 'liquidation-fees', total: textOf(fees) },
];

/** All shares of a loss that is borne by more accounts than a message names. */
export async function sharesOf(margin: MarginTable, { sharesAt }: Haircut): Promise<LossShare[]> {
  const shares: LossShare[] = [];
  for await (const page of margin.rowsUnder({ pk: sharesAt.pk, sk: 'shares#' })) {
    shares.push(...(page.shares as LossShare[]));
  }
  return shares;
}
