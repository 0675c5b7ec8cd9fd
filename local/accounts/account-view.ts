/** One account of a deployment: figures, positions, open cases. */

import { caseKey } from '../../lambda/accounts/account-case.ts';
import { assessAccount } from '../../lambda/accounts/assess-account.ts';
import type { MarginTable } from '../../lambda/aws/margin-table.ts';
import type { Book } from '../../lambda/margin/book/book.ts';
import { isOpen } from '../../lambda/margin/case/case.ts';
import { isZero, textOf } from '../../lambda/margin/number/decimal.ts';
import { takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import {
  readCaseState,
  type StoredCaseState,
  writeCaseState,
} from '../../lambda/record/case-state.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { type Assessment, renderSubAccount } from '../analysis/assess-document.ts';
import type { DeployedMarket } from '../stress/book.ts';
import { accountFiguresOf } from './account-row.ts';

export interface SubAccountView {
  readonly assessment: Assessment;
  readonly positions: readonly HeldPosition[];
  readonly notional?: string | undefined;
  readonly leverage?: string | undefined;
  /** Absent without one. */
  readonly openCase?: StoredCaseState | undefined;
  /** Messages that no topic has taken yet. */
  readonly unpublished: number;
}

/** Netted over the rows of one instrument. */
export interface HeldPosition {
  readonly instrument: string;
  readonly quantity: string;
  readonly mark: string;
  readonly openBuyQuantity?: string | undefined;
  readonly openSellQuantity?: string | undefined;
}

export async function viewAccount(
  account: AccountRows,
  { market, margin }: { readonly market: DeployedMarket; readonly margin: MarginTable },
): Promise<SubAccountView[]> {
  const snapshot = takeSnapshot(market);
  const views: SubAccountView[] = [];
  for (const assessed of assessAccount(account, snapshot)) {
    const stored = await margin.read(caseKey(assessed.accountId, assessed.position));
    const state = stored && readCaseState(stored.state);
    const { book } = assessed;
    views.push({
      assessment: renderSubAccount(assessed, snapshot),
      positions: book === undefined ? [] : book.positions.map(heldPosition),
      ...accountFiguresOf(assessed),
      ...(state !== undefined && isOpen(state) ? { openCase: writeCaseState(state) } : {}),
      unpublished: (stored?.pending ?? []).flatMap(({ messages }) => messages).length,
    });
  }
  return views;
}

function heldPosition(position: Book['positions'][number]): HeldPosition {
  const { terms, quantity, openBuyQuantity, openSellQuantity } = position;
  return {
    instrument: terms.instrument,
    quantity: textOf(quantity),
    mark: textOf(terms.kind === 'settled' ? terms.settlementPrice : terms.quoted.price.price),
    ...(isZero(openBuyQuantity) ? {} : { openBuyQuantity: textOf(openBuyQuantity) }),
    ...(isZero(openSellQuantity) ? {} : { openSellQuantity: textOf(openSellQuantity) }),
  };
}
