/** The insurance fund, as the demo's venue has it: what liquidation fees have paid in, in all. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Amount, textOf } from '../../lambda/margin/decimal.ts';
import { put, writeRows } from '../rows.ts';
import type { VenueInput } from './venue.ts';

/** Whether the demo has a fund: without one the venue bears what isolated positions lose. */
const HAS_FUND: boolean = false;

/** What the venue does otherwise when there is a fund. */
export const fundSetup = (
  { dynamo, marketTable }: { readonly dynamo: DynamoDBClient; readonly marketTable: string },
  hasFund = HAS_FUND,
): Pick<VenueInput, 'isolatedLoss' | 'onFundPaid'> =>
  hasFund ? { isolatedLoss: 'account', onFundPaid: fundMeter(dynamo, marketTable) } : {};

/** Writes the whole of it each time: a meter that is lost once is right the next time. */
const fundMeter =
  (dynamo: DynamoDBClient, marketTable: string) =>
  (total: Amount): Promise<void> => {
    const row = { kind: 'fund', id: 'liquidation-fees', total: textOf(total) };
    return writeRows(dynamo, { table: marketTable, requests: [put(row)] });
  };
