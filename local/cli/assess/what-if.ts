import { PolicyError } from '../../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../../analysis/document.ts';
import { OrderError, readOrders } from '../../analysis/orders.ts';
import { type WhatIf, whatIf } from '../../analysis/what-if.ts';
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
  try {
    return whatIf(takenOn(venue, readDocument(document)), readOrders(orders));
  } catch (error) {
    if (error instanceof OrderError)
      throw new InputError(`${placeOf(ordersPath)}: ${error.message}`);
    if (!(error instanceof DocumentError || error instanceof PolicyError)) throw error;
    throw new InputError(`${placeOf(documentPath)}: ${error.message}`);
  }
}
