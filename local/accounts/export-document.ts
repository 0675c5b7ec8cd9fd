/**
 * The deployed tables as one document that `margin assess` reads: what a check would read now, every
 * number with its digits. Yields the text in pieces, one account a line, so that no table is held
 * in memory.
 */

import { writeAccount, writeDocument } from '../../lambda/record/write-document.ts';
import { writeExactJson } from '../../lambda/rows/numeral.ts';
import { type AccountRows, keyText, type RawRow } from '../../lambda/rows/raw-row.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import type { DeployedMarket, StressBook } from '../stress/book.ts';

export interface Exported {
  readonly market: Pick<
    DeployedMarket,
    'rows' | 'asOf' | 'gapSeconds' | 'previousPrices' | 'volatilities'
  >;
  readonly accounts: StressBook['accounts'];
}

export async function* documentText({ market, accounts }: Exported): AsyncGenerator<string> {
  yield headText(market);
  let separator = '\n';
  for await (const lot of accounts) {
    let text = '';
    for (const account of lot) {
      text += separator + writeExactJson(accountOf(account));
      separator = ',\n';
    }
    yield text;
  }
  yield '\n]}\n';
}

/** Without the closing brackets of the list of accounts and of the document. */
function headText(market: Exported['market']): string {
  const { rows, asOf, gapSeconds, previousPrices, volatilities } = market;
  const { accounts: _none, ...head } = writeDocument({
    asOf,
    gapSeconds,
    previousPrices,
    volatilities,
    feedClasses: new Map(),
    marketRows: rows.filter(isPlain),
    accounts: [],
  });
  const { marketRows: quotes = [], ...known } = head;
  const others = [...(quotes as readonly RawRow[]), ...rows.filter((row) => !isPlain(row))];
  const document = others.length === 0 ? known : { ...known, marketRows: others };
  return `${writeExactJson(document).slice(0, -1)},\n"accounts":[`;
}

const KINDS = ['asset', 'location', 'instrument', 'risk', 'quote'];

/** Has a place of its own in a document; other rows are kept as they are. */
const isPlain = ({ kind, id }: RawRow): boolean =>
  kind === 'policy' ? id === 'default' : KINDS.includes(keyText(kind)) && typeof id === 'string';

/** An unreadable account keeps its rows as they are, so that it is refused again. */
function accountOf(account: AccountRows): Record<string, unknown> {
  const { ok } = readAccount(account.accountId, account.rows);
  return writeAccount({ ...account, isUnreadable: !ok });
}
