/** A document and a file of orders, compared. */
import { DocumentError, readDocument } from '../../lambda/contract/document.ts';
import { OrderError, readOrders } from '../../lambda/contract/orders.ts';
import { PolicyError } from '../../lambda/contract/read-market.ts';
import { type WhatIf, whatIf } from '../../lambda/what-if.ts';
import { InputError, readJson } from '../commands/input.ts';
import { takenOn } from '../commands/venues.ts';

/** @throws InputError naming the file, and what in it cannot be read or traded. */
export async function whatIfOf(
  documentPath: string,
  ordersPath: string,
  venue?: string,
): Promise<WhatIf> {
  const document = await readJson(documentPath);
  const orders = await readJson(ordersPath);
  try {
    return whatIf(takenOn(venue, readDocument(document)), readOrders(orders));
  } catch (error) {
    if (error instanceof OrderError) throw new InputError(`${ordersPath}: ${error.message}`);
    if (!(error instanceof DocumentError || error instanceof PolicyError)) throw error;
    throw new InputError(`${documentPath}: ${error.message}`);
  }
}
