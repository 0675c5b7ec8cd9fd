/** The Lambda function that puts the slots of checks ahead, for intervals below a minute. */
import { createDynamo } from './aws/clients.ts';
import { MarginTable } from './aws/margin-table.ts';
import { createSlotClient, SlotQueue } from './aws/slot-queue.ts';
import { putSlots, type SlotsDependencies } from './check/put-slots.ts';
import { readSlotsConfig } from './config.ts';

let deployed: SlotsDependencies | undefined;

/** The entry point for AWS. Its event says nothing: the clock and the margin table say all. */
export const handler = async (): Promise<void> => {
  deployed ??= deploy();
  await putSlots(deployed);
};

function deploy(): SlotsDependencies {
  const { marginTable: table, slotQueueUrl: url, checkIntervalSeconds } = readSlotsConfig();
  return {
    margin: new MarginTable({ dynamo: createDynamo(), table }),
    queue: new SlotQueue({ sqs: createSlotClient(), url }),
    intervalSeconds: checkIntervalSeconds,
    now: Date.now,
  };
}
