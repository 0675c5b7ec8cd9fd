import { PolicyError } from '../../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../../analysis/document.ts';
import { OrderError, readOrders } from '../../analysis/orders.ts';
import { type WhatIf, whatIf } from '../../analysis/what-if.ts';
import { type AskedWithdrawal, type Withdrawal, withdrawal } from '../../analysis/withdrawal.ts';
import { InputError, placeOf, readJson } from '../input.ts';
import { takenOn } from '../venues.ts';

/** @throws InputError naming file and fault */
export async function whatIfOf(
  documentPath: string,
  ordersPath: string,
  venue?: string,
): Promise<WhatIf> {
  const document = await readJson(documentPath);
  const orders = await readJson(ordersPath);
  return named({ documentPath, ordersPath: placeOf(ordersPath) }, () =>
    whatIf(takenOn(venue, readDocument(document)), readOrders(orders)),
  );
}

/** @throws InputError naming file and fault */
export async function withdrawalOf(
  documentPath: string,
  asked: AskedWithdrawal,
  venue?: string,
): Promise<Withdrawal> {
  const document = await readJson(documentPath);
  return named({ documentPath, ordersPath: placeOf(documentPath) }, () =>
    withdrawal(takenOn(venue, readDocument(document)), asked),
  );
}

function named<T>(
  { documentPath, ordersPath }: { readonly documentPath: string; readonly ordersPath: string },
  compute: () => T,
): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof OrderError) throw new InputError(`${ordersPath}: ${error.message}`);
    if (!(error instanceof DocumentError || error instanceof PolicyError)) throw error;
    throw new InputError(`${placeOf(documentPath)}: ${error.message}`);
  }
}
